"""Text on its way to a page: Markdown, dates, addresses and marked words.

Everything from outside is escaped; HTML leaves here only through one allow-list.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

from bot import catalogue, wording

_BARE_LINK = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}]")
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}


def _link_bare_addresses(state: StateCore) -> None:
    """Make addresses written as plain text clickable, but not inside another link or code."""
    for block in state.tokens:
        linked = 0
        children: list[Token] = []
        for token in block.children or ():
            linked += (token.type == "link_open") - (token.type == "link_close")
            children += [token] if linked or token.type != "text" else _parted(token.content)
        block.children = children if block.children else block.children


def _parted(text: str) -> list[Token]:
    parts: list[Token] = []
    at = 0
    for found in _BARE_LINK.finditer(text):
        parts.append(Token("text", "", 0, content=text[at : found.start()]))
        parts.append(Token("link_open", "a", 1, attrs={"href": found[0]}))
        parts.append(Token("text", "", 0, content=found[0]))
        parts.append(Token("link_close", "a", -1))
        at = found.end()
    parts.append(Token("text", "", 0, content=text[at:]))
    return parts


def _reader() -> MarkdownIt:
    reader = MarkdownIt("js-default", {"html": False, "breaks": True})
    # A remark is no document: `# 1 priority` stays what it says, and nothing loads a picture.
    reader.disable(["heading", "lheading", "table", "image", "hr", "reference"])
    reader.core.ruler.push("bare_addresses", _link_bare_addresses)
    return reader


_markdown = _reader()


def comment_html(text: str) -> Markup:
    """Somebody's Markdown as HTML that cannot do anything but be read and followed."""
    return Markup(
        nh3.clean(
            _markdown.render(text),
            tags=_TAGS,
            attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https"},
            url_relative="deny",
            link_rel="nofollow noopener ugc",
        )
    )


def outward(url: str) -> str:
    """An address that may be a link, or an empty text: only http and https with a host."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return ""
    return url if usable else ""


def host(url: str) -> str:
    """The site an address leads to, as people say it."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.")


def evidence(url: str, quoted: str) -> str:
    """The original's address, opened at the quoted sentence by browsers that can.

    Text fragments: https://developer.mozilla.org/docs/Web/URI/Reference/Fragment/Text_fragments
    """
    words = quoted.split()
    if not outward(url) or "#" in url or not words:
        return outward(url)
    ends = [words] if len(words) <= 10 else [words[:5], words[-5:]]
    parts = [quote(" ".join(end), safe="").replace("-", "%2D") for end in ends]
    return f"{url}#:~:text={','.join(parts)}"


def machine_day(when: float) -> str:
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d}"


def machine_time(when: float) -> str:
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}"


class Tile(NamedTuple):
    """A company's monogram: its letters, the ground they stand on, and their own colour."""

    letters: str
    ground: str
    ink: str


def tile(name: str) -> Tile:
    """The monogram of a company by its slug; unknown companies have a colour of their own too."""
    company = catalogue.company(name)
    letters = company.monogram if company else initials(wording.company(name))
    ground = company.color if company else ""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", ground):
        shade = hashlib.sha256(name.encode()).digest()
        ground = "#" + "".join(f"{70 + byte % 90:02x}" for byte in shade[:3])
    return Tile(letters[:3], ground, "#ffffff" if _brightness(ground) < 0.4 else "#16181b")


def initials(name: str) -> str:
    """At most two letters that stand for a name."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(word[0] for word in words[:2]).upper() or "·"


def _brightness(color: str) -> float:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue
