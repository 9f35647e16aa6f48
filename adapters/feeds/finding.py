"""Which source is behind an address: a feed, a search of Hacker News, or a page that names one."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.feeds import hackernews, services, stories
from adapters.feeds.feed import Feed, NotAFeed
from adapters.feeds.fetch import Fetcher, FetchError
from adapters.feeds.reader import Reader
from bot.model import Found
from bot.ports import LONGEST_NAME, Source, Unreadable

_PEEKED = 5  # stories of a list that are looked at while somebody waits


async def find(fetcher: Fetcher, reader: Reader, url: str) -> tuple[Source, int]:
    """The source behind an address, with its number of entries; a page's first readable feed.

    Unreadable says why the address itself gives none.
    """
    url = services.better(url)
    try:
        source, feed = await visit(fetcher, reader, url)
        return source, len(feed.entries)
    except FetchError as error:
        raise Unreadable(error.reason) from None
    except NotAFeed as error:
        refused = error
    for named in refused.feeds:
        try:
            source, feed = await visit(fetcher, reader, named)
            return source, len(feed.entries)
        except (FetchError, NotAFeed):
            continue
    none = "none of the feeds that it names can be read" if refused.feeds else "it names no feed"
    raise Unreadable(f"{refused.reason}, and {none}")


async def visit(fetcher: Fetcher, reader: Reader, url: str) -> tuple[Source, Feed]:
    """What the feed at an address is called and offers. Raises FetchError and NotAFeed."""
    got = await fetcher.fetch(url)
    host = (urlsplit(got.url).hostname or "").removeprefix("www.")
    if got.status != 200:
        raise FetchError(f"{host} answered with status {got.status}")
    if hackernews.is_list(url):
        return _hacker_news(url, await stories.read(fetcher, got, url, _PEEKED))
    if hackernews.is_search(got.url):
        try:
            return _hacker_news(url, tuple(hackernews.search(got.body, got.url)))
        except ValueError as error:
            raise NotAFeed(str(error)) from error
    feed = await reader.feed(got.body, got.url, got.content_type)
    return Source(0, got.permanent_redirect or url, _named(feed.title) or host), feed


def _hacker_news(url: str, found: tuple[Found, ...]) -> tuple[Source, Feed]:
    return Source(0, url, "Hacker News", "hackernews"), Feed("Hacker News", "", "", found)


def _named(title: str) -> str:
    """What a feed calls itself, in one line of letters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in title)
    return " ".join(shown.split())[:LONGEST_NAME].strip()
