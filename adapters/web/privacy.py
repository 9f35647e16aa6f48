"""The privacy page, which is `docs/privacy.md`: there is no other text that could say otherwise.

It is read once, at the start, which fails if the file is missing. What comes after its mark for
tests is for those who read the code.
"""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web
from markdown_it import MarkdownIt
from markupsafe import Markup

from adapters.web.site import Site, draw

FILE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
_TESTS = "<!-- tests -->"
_KEEP = re.compile(r"<!-- keep -->.*?<!-- /keep -->", re.S)
"""How long comments are kept, which each installation may choose."""


def add(app: web.Application, site: Site) -> None:
    """Serve the page. Raises OSError where its text cannot be read."""
    text = words(FILE.read_text(encoding="utf-8"), site.keep_days)

    async def page(request: web.Request) -> web.Response:
        return draw(request, "privacy.html", {"text": text})

    app.router.add_get("/privacy", page)


def words(markdown: str, keep_days: int) -> Markup:
    """The page's text as HTML. It is our own, and still no HTML is taken from it."""
    kept = f"kept for {keep_days} days" if keep_days else "kept until they are deleted"
    shown = _KEEP.sub(kept, markdown.partition(_TESTS)[0])
    return Markup(MarkdownIt("commonmark", {"html": False}).render(shown))
