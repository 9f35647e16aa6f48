"""The feeds that a web page names as its own (`<link rel="alternate">` in its head)."""

from __future__ import annotations

from html.parser import HTMLParser

from adapters.feeds.plain import web_link

_KINDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
# The head of a page is at its start; the rest could only make us slow.
_HEAD = 60_000


class _Links(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        kind = told.get("type", "").partition(";")[0].strip().lower()
        if tag == "link" and "alternate" in told.get("rel", "").lower() and kind in _KINDS:
            link = web_link(told.get("href", ""), self._base)
            if link and link not in self.found:
                self.found.append(link)


def feed_links(html: str, url: str) -> tuple[str, ...]:
    """Absolute addresses, at most five, in the order of the page."""
    links = _Links(url)
    links.feed(html[:_HEAD])
    return tuple(links.found[:5])
