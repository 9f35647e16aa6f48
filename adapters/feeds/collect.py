"""The newsroom's legs: visits the sources that are due, reads what they offered, has it written,
and hands it to the core, which decides what is news and for whom.

Every source and every entry is a task of its own with a deadline: what goes wrong with one is
told and does not touch the others. Nothing is lost by stopping anywhere, as the core's leases
bring back what was not finished.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from adapters.feeds.canonical import canonical, keys
from adapters.feeds.fetch import Fetcher, FetchError
from adapters.feeds.reader import Reader
from adapters.feeds.visit import INTERVAL, Visitor
from bot.bot import Bot
from bot.model import Page
from bot.ports import Adviser, Entry, Source, Writer

log = logging.getLogger(__name__)

# Both end before the core's lease does, after which somebody else would do the same once more.
_VISIT_DEADLINE = 100.0
_ENTRY_DEADLINE = 100.0
_PAGE_DEADLINE = 45.0
# A feed that tells as much as this has told the story.
_ENOUGH_TEXT = 1500
# What is older is stored to be found, and not worth a visit of its page.
_RECENT = 7 * 86400.0


class Collector:
    """`old_writer` writes what is posted to nobody (it may be cheaper); `adviser` decides what the
    rules leave in doubt; `on_progress` is told one line for each thing that people may want to see;
    `rest` is the pause in seconds when nothing is due. Without `pages` reports are written from
    what the feeds say alone."""

    def __init__(
        self,
        bot: Bot,
        fetcher: Fetcher,
        reader: Reader,
        writer: Writer,
        *,
        old_writer: Writer | None = None,
        adviser: Adviser | None = None,
        visits_at_once: int = 16,
        entries_at_once: int = 4,
        interval: float = INTERVAL,
        rest: float = 5.0,
        pages: bool = True,
        clock: Callable[[], float] = time.time,
        on_progress: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._bot = bot
        self._reader = reader
        self._visitor = Visitor(fetcher, reader, interval)
        self._writer = writer
        self._old_writer = old_writer or writer
        self._adviser = adviser
        self._visits_at_once = visits_at_once
        self._entries_at_once = entries_at_once
        self._rest = rest
        self._pages = pages
        self._clock = clock
        self._tell = on_progress

    async def run(self) -> None:
        """Collect until cancelled. News is written while other sources are still visited."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self._visit_due))
            group.create_task(self._repeat(self._write_open))

    async def once(self) -> None:
        """Visit all that is due now, and write all that is open then."""
        while await self._visit_due():
            continue
        while await self._write_open():
            continue

    async def _repeat(self, step: Callable[[], Awaitable[int]]) -> None:
        while True:
            (outcome,) = await asyncio.gather(step(), return_exceptions=True)
            if isinstance(outcome, BaseException):
                # The database may be away for a while; the next round finds everything again.
                log.error("collecting failed and goes on", exc_info=outcome)
            if not isinstance(outcome, int) or outcome == 0:
                await asyncio.sleep(self._rest)

    async def _visit_due(self) -> int:
        sources = await self._bot.due_sources(self._visits_at_once)
        await _all([self._visit(source) for source in sources])
        return len(sources)

    async def _write_open(self) -> int:
        entries = await self._bot.open_entries(self._entries_at_once)
        await _all([self._write(entry) for entry in entries])
        return len(entries)

    async def _visit(self, source: Source) -> None:
        try:
            async with asyncio.timeout(_VISIT_DEADLINE):
                offer = await self._visitor.visit(source)
        except TimeoutError:
            offer = self._visitor.failed(source, "the visit took too long")
        new = await self._bot.offered(source, offer.entries) if offer.entries else 0
        if await self._bot.visited(source, offer.visit):
            last = f"{source.name} is not visited any more: {offer.visit.reason}"
            offer = replace(offer, news=last)
        if offer.news:
            log.info("%s", offer.news)
            self._tell(offer.news)
        elif new:
            self._tell(f"{source.name}: {new} new" if source.baseline else
                       f"{source.name}: {new} from before, posted to nobody")  # fmt: skip

    async def _write(self, entry: Entry) -> None:
        async with asyncio.timeout(_ENTRY_DEADLINE):
            page = await self._page(entry)
            # What is posted to nobody need not be asked about.
            adviser = self._adviser if entry.fresh else None
            judgement = await self._bot.judged(entry, page, adviser)
            if judgement is None:
                return
            writer = self._writer if entry.fresh else self._old_writer
            written = await writer.write(entry.found, page, judgement.companies)
        known = keys(entry.found, entry.source.url, page.url)
        await self._bot.published(entry, judgement, written, known)
        if entry.fresh:
            self._tell(f"{entry.source.name}: {written.title}")

    async def _page(self, entry: Entry) -> Page:
        """The article's page, or what the feed says where the page gives less."""
        found = entry.found
        told = Page(found.url, found.title, found.text, found.author, found.published)
        if not self._is_worth_reading(entry):
            return told
        try:
            async with asyncio.timeout(_PAGE_DEADLINE):
                page = await self._reader.read(found.url)
        except (FetchError, TimeoutError) as error:
            reason = error.reason if isinstance(error, FetchError) else "it took too long"
            log.info("%s: written from the feed alone: %s", entry.source.name, reason)
            return told
        return page if len(page.text) > len(told.text) else replace(told, url=page.url)

    def _is_worth_reading(self, entry: Entry) -> bool:
        found = entry.found
        recent = entry.fresh or found.published > self._clock() - _RECENT
        # A fragment names a part of a page that tells of other things besides, and a discussion
        # is not an article.
        whole = not urlsplit(canonical(found.url)).fragment and found.url != found.discussion
        return (
            self._pages and bool(found.url) and recent and whole and len(found.text) < _ENOUGH_TEXT
        )


async def _all(tasks: Sequence[Awaitable[None]]) -> None:
    """Do all of them; one that fails is a bug, told with its traceback, and stops no other."""
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            log.error("an entry or a source failed; it comes again later", exc_info=outcome)
