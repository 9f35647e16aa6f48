"""The text of an article, from the page that it stands on.

Only the sandbox loads this module: the libraries for it are large, were seen to crash in
threads, and read what strangers wrote.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from trafilatura import bare_extraction
from trafilatura.settings import Document
from w3lib.encoding import html_to_unicode

from adapters.feeds.plain import clean, plain_title, shorten, web_link
from bot.model import Page

_TEXT = 100_000


def extract(html: bytes, url: str, content_type: str = "") -> Page:
    """What the page says, without its menus; empty `text` if it says nothing.

    `url` of the page is the address it gives itself on its own host, else the one given.
    """
    _, text = html_to_unicode(content_type or None, html)
    known = bare_extraction(clean(text), url=url, include_comments=False, with_metadata=True)
    if not isinstance(known, Document):
        return Page(url)
    return Page(
        url=_own_address(url, known.url),
        title=plain_title(known.title or ""),
        text=shorten(clean(known.text or "").strip(), _TEXT),
        author=shorten(plain_title(known.author or ""), 200),
        published=_midnight(known.date),
    )


def _own_address(url: str, told: str | None) -> str:
    """A page may name another address for itself, but neither another site's nor a front page."""
    here, there = urlsplit(url), urlsplit(web_link(told))
    same = _bare(here.hostname) == _bare(there.hostname) and there.path.strip("/")
    return there.geturl() if same else url


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")


def _midnight(date: str | None) -> float:
    try:
        return max(0.0, datetime.fromisoformat(date or "").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return 0
