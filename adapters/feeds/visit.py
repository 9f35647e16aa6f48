"""One visit of a source: ask whether anything changed, read it if so, and say when to come again.

Nobody is asked more often than each quarter of an hour, or than they wish; who fails is asked
less and less often, down to once a day.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from adapters.feeds import hackernews, stories
from adapters.feeds.feed import NotAFeed
from adapters.feeds.fetch import Fetched, Fetcher, FetchError
from adapters.feeds.reader import Reader
from bot.model import Found
from bot.ports import Source, Visit

log = logging.getLogger(__name__)

INTERVAL = 900.0
_DAY = 86400.0
_HOUR = 3600.0
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, application/json;q=0.9, text/xml;q=0.8, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a visit brought: entries to offer to the core (none if nothing changed), the visit
    to record, and a line for people (empty if there is nothing to tell)."""

    entries: tuple[Found, ...]
    visit: Visit
    news: str = ""


class Visitor:
    """`interval` is the least time in seconds between two visits of a source."""

    def __init__(self, fetcher: Fetcher, reader: Reader, interval: float) -> None:
        self._fetcher = fetcher
        self._reader = reader
        self._interval = interval

    async def visit(self, source: Source) -> Offer:
        """Never raises for what a source does: the visit says why it failed."""
        try:
            got = await self._fetcher.fetch(
                source.url, etag=source.etag, modified=source.modified, accept=_ACCEPT
            )
            if got.permanent_redirect:
                log.info("%s has moved for good to %s", source.name, got.permanent_redirect)
            if got.status == 410:
                gone = "the source is gone for good (410)"
                return Offer((), Visit(_DAY, gone, disabled=True))
            if got.status not in (200, 304):
                told = f"{urlsplit(got.url).hostname} answered with status {got.status}"
                raise FetchError(told, retry_after=got.retry_after)
            return await self._read(source, got)
        except FetchError as error:
            return self.failed(source, error.reason, error.retry_after)
        except NotAFeed as error:
            return self.failed(source, error.reason)

    def failed(self, source: Source, reason: str, wait: float = 0) -> Offer:
        """What becomes of a visit that failed; `wait` is what the source asked for, in seconds."""
        doubled = self._interval * 2 ** min(source.failures, 16)
        later = max(min(doubled, _DAY), self._interval, wait)
        visit = Visit(_spread(later), reason)
        return Offer((), visit, f"{source.name}: {reason}; next try in {_span(later)}")

    async def _read(self, source: Source, got: Fetched) -> Offer:
        if got.status == 304:
            return Offer((), self._done(got, source.etag, source.modified, source.body_hash))
        digest = sha256(got.body).hexdigest()
        if digest == source.body_hash:
            return Offer((), self._done(got, got.etag, got.modified, digest))
        if hackernews.is_list(source.url):
            found = await stories.read(self._fetcher, got, source.url, hackernews.MOST_ITEMS)
            return Offer(found, self._done(got, "", "", ""))
        if source.kind == "hackernews" or hackernews.is_search(source.url):
            return Offer(_searched(got), self._done(got, got.etag, got.modified, digest))
        try:
            feed = await self._reader.feed(got.body, got.url, got.content_type)
        except NotAFeed as error:
            if not error.feeds:
                raise
            return await self._read_named(error.feeds[0])
        return Offer(feed.entries, self._done(got, got.etag, got.modified, digest, feed.ttl))

    async def _read_named(self, url: str) -> Offer:
        """The feed that a page names as its own. The page's validators say nothing about it."""
        got = await self._fetcher.fetch(url, accept=_ACCEPT)
        if got.status != 200:
            raise FetchError(f"{urlsplit(got.url).hostname} answered with status {got.status}")
        feed = await self._reader.feed(got.body, got.url, got.content_type)
        return Offer(feed.entries, self._done(got, "", "", "", feed.ttl))

    def _done(
        self, got: Fetched, etag: str, modified: str, body_hash: str, ttl: float = 0
    ) -> Visit:
        # A server's wish for more than an hour is meant for caches of pages, not for news.
        wait = max(self._interval, min(max(got.max_age, ttl), _HOUR), got.retry_after)
        return Visit(_spread(wait), "", etag, modified, body_hash)


def _searched(got: Fetched) -> tuple[Found, ...]:
    try:
        return tuple(hackernews.search(got.body, got.url))
    except ValueError as error:
        raise NotAFeed(str(error)) from error


def _spread(seconds: float) -> float:
    """A little later, so that sources added together are not visited together for ever."""
    return seconds * random.uniform(1.0, 1.1)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} h"
