"""What people wrote, changed and deleted while nobody listened, found by reading threads again.

Each difference is told to `bot.comments` like an event: it may be found twice, late, or while the
event itself comes, and has one effect. One process at a time reads a platform; another one goes
on where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bot import articles, comments
from bot.asking import Asking, TakenOver
from bot.comparing import Differences, compare
from bot.model import Channel, Comment, Comments, MessageRef
from bot.ports import DeliveryError, History, Said
from bot.store import Place, Store, Tx
from bot.threads import Thread

log = logging.getLogger(__name__)

_T = TypeVar("_T")

WINDOW = 7 * 86400.0
"""What was written within so many seconds is read again, where a report was posted or commented
within the same time; the documentation says so."""
ONE_BY_ONE = 10
"""So many missed comments of a thread are copied, the newest; a note stands for the others."""
FRESH = 60.0
"""What was written so many seconds before we read, or later, was not missed: it is copied."""
_AWAY = 1.0  # seconds between looks whether the role is free
_PATIENCE = 2 * comments.SOON
_TRIES = 20
_TOLD = 10  # threads between two lines in the log


@dataclass(slots=True)
class CatchUp:
    """One pass over the threads of one platform, oldest gap first; with `late` over those of
    reports alone that were found late. So many seconds of `patience` has one with what is just
    being posted: what is known later is found late."""

    store: Store
    history: History
    default: Comments
    patience: float = field(default_factory=lambda: _PATIENCE)
    late: bool = False
    closed: set[Channel] = field(default_factory=set)
    owed: list[MessageRef] = field(default_factory=list)
    asks: Asking = field(init=False)

    def __post_init__(self) -> None:
        role = f"catch-up {self.history.platform}"
        self.asks = Asking(self.store, self.history, role)

    async def run(self) -> None:
        """Returns when everything was read, by us or by another process since now. What is found
        late is left to whoever reads now, and to the next look."""
        begun = await self.asks.read(lambda tx: tx.believed)
        if self.late and not await self._owed():
            return
        while True:
            if await self._tried(begun) or self.late:
                return
            await asyncio.sleep(_AWAY)

    async def _tried(self, begun: float) -> bool:
        """False while another process reads."""
        try:
            if not await self.asks.take():
                return False
            await self._catch_up(begun)
        except TakenOver:
            log.warning("another process goes on catching up in %s", self.history.platform)
            return False
        finally:
            await self.asks.give_back()
        return True

    async def _catch_up(self, begun: float) -> None:
        platform, since = self.history.platform, begun - WINDOW
        if not self.late and await self.asks.read(lambda tx: tx.cursors.undecided(platform)):
            await self.asks.wait(self.patience)
        self.owed = await self._owed()
        threads = await self._listed(await self._channels(since), since)
        if self.late:
            threads = [thread for thread in threads if thread.report in self.owed]
        await self._read_all(threads, begun)

    async def _owed(self) -> list[MessageRef]:
        return await self.asks.read(lambda tx: tx.cursors.owed(self.history.platform))

    async def _pay(self, reports: list[MessageRef]) -> None:
        if reports:
            await self.asks.write(lambda tx: tx.cursors.pay(reports))

    async def _channels(self, since: float) -> list[Channel]:
        """The channels to be read."""

        def places(tx: Tx) -> list[Place]:
            if self.late:
                owing = dict.fromkeys(report.channel for report in self.owed)
                return [tx.channels.place(channel) for channel in owing]
            return tx.cursors.places(self.history.platform, since)

        found = await self.asks.read(places)
        on = [one.channel for one in found if comments.mode(one.settings, self.default) != "off"]
        if self.late:
            await self._pay([report for report in self.owed if report.channel not in on])
        return on

    async def _listed(self, channels: list[Channel], since: float) -> list[Thread]:
        """The threads where something was written since then."""
        threads: list[Thread] = []

        async def list_threads(channel: Channel) -> None:
            active = await self.asks.call(partial(self.history.threads, channel, since))
            here = await self.asks.read(lambda tx: tx.cursors.threads(channel, active, since))
            threads.extend(here)
            answered = {thread.report for thread in here}
            owed = [report for report in self.owed if report.channel == channel]
            await self._pay([report for report in owed if report not in answered])

        await self._each(channels, list_threads)
        return sorted(threads, key=lambda thread: thread.read)

    async def _read_all(self, threads: list[Thread], begun: float) -> None:
        done = 0

        async def read_again(thread: Thread) -> None:
            nonlocal done
            if thread.report.channel not in self.closed:
                await self._read_again(thread, begun)
            done += 1
            if done % _TOLD == 0 or done == len(threads):
                platform = self.history.platform
                log.info("caught up with %d of %d threads in %s", done, len(threads), platform)

        await self._each(threads, read_again)

    async def _each(self, jobs: Iterable[_T], work: Callable[[_T], Awaitable[None]]) -> None:
        """Do all; what the platform does not answer now is asked again after the others, or, of
        what was found late, at the next look."""
        queue = deque((job, 0) for job in jobs)
        while queue:
            job, tries = queue.popleft()
            try:
                await work(job)
            except DeliveryError as error:
                if error.permanent or self.late or tries == _TRIES:
                    await self._skip(job, error)
                else:
                    queue.append((job, tries + 1))
                    await self.asks.later(tries)

    async def _skip(self, job: object, error: DeliveryError) -> None:
        place = job.report if isinstance(job, Thread) else job
        assert isinstance(place, Channel | MessageRef)
        channel = place if isinstance(place, Channel) else place.channel
        if channel not in self.closed:
            log.warning("what was missed in %s is not caught up: %s", channel, error.reason)
        if error.scope != "message":
            self.closed.add(channel)
        if error.permanent:
            await self._pay([report for report in self.owed if place in (report, report.channel)])

    async def _read_again(self, thread: Thread, begun: float) -> None:
        """Read one thread, make up for what differs, and note that it was read."""
        now, read = await self.asks.read(lambda tx: (tx.believed, tx.cursors.read(thread.report)))
        # By somebody else, since; what lies ahead was written while the clock was wrong.
        if begun <= read <= now:
            return
        since = now - WINDOW
        listed = await self.asks.call(partial(self.history.replies, thread.report, since))
        found = await self.asks.read(lambda tx: _compared(tx, thread, listed, since, now))
        await self._make_up(thread, found, begun)
        for ref in found.lacking:
            if not await self.asks.call(partial(self.history.stands, ref)):
                await self.asks.write(partial(comments.deleted, ref=ref, reply_to=thread.report))
        await self.asks.write(lambda tx: tx.cursors.move(thread.report, now))

    async def _make_up(self, thread: Thread, found: Differences, begun: float) -> None:
        for said in found.ours:
            await self.asks.write(
                partial(comments.received, key=said.key, ref=said.ref, default=self.default)
            )
        missed = [said for said in found.written if said.written < begun - FRESH]
        many = len(missed) - ONE_BY_ONE
        for nth, said in enumerate(found.written):
            await self.asks.write(
                partial(
                    comments.posted,
                    said=_comment(said),
                    reply_to=thread.report,
                    default=self.default,
                    counted=nth < many,
                    gesture=said.gesture,
                )
            )
        for said in found.edited:
            await self.asks.write(
                partial(
                    comments.edited,
                    ref=said.ref,
                    text=articles.clean(said.text),
                    moment=said.edited,
                    reply_to=thread.report,
                    default=self.default,
                )
            )


def _compared(
    tx: Tx, thread: Thread, listed: list[Said], since: float, until: float
) -> Differences:
    channel, article = thread.report.channel, thread.article
    known = tx.comments.written(channel, article)
    copies = [
        copy
        for copy in tx.deliveries.of_article(article, channel)
        if copy.kind != "report" and copy.message
    ]
    return compare(listed, known, copies, since, until)


def _comment(said: Said) -> Comment:
    assert said.author is not None
    text = articles.clean(said.text)
    return Comment(0, 0, said.ref, said.author, text, said.written, said.edited)
