"""What people wrote, changed and deleted while nobody listened, found by reading threads again.

Each difference is told to `bot.comments` like an event: it may be found twice, late, or while the
event itself comes, and has one effect. One process at a time reads a platform; another one goes
on where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bot import articles, comments
from bot.comparing import Differences, compare
from bot.model import Channel, Comment, Comments
from bot.ports import DeliveryError, History, Said
from bot.store import Store, StoreAway, Tx
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
_LEASE, _RENEWED = 60.0, 15.0  # seconds
_READ = 120.0  # seconds within which a platform answers one read
_AWAY, _SLOWEST = 1.0, 60.0  # seconds between tries
_PATIENCE = 30.0
_TRIES = 20
_LOOKS = 20
_TOLD = 10  # threads between two lines in the log


class TakenOver(Exception):
    """This process slept, and another one reads what is left."""


@dataclass(slots=True)
class CatchUp:
    """One pass over the threads of one platform, oldest gap first. `patience` are the seconds
    between looks whether reports that may stand there have been found."""

    store: Store
    history: History
    default: Comments
    patience: float = field(default_factory=lambda: _PATIENCE)
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    renewed: float = float("-inf")
    read: float = float("-inf")
    closed: set[Channel] = field(default_factory=set)

    async def run(self) -> None:
        """Returns when everything was read, by us or by another process since now."""
        begun = await self._ask(lambda tx: tx.believed)
        while True:
            if await self._tried(begun):
                return
            await asyncio.sleep(_AWAY)

    async def _tried(self, begun: float) -> bool:
        """False while another process reads."""
        try:
            if not await self._lease():
                return False
            await self._catch_up(begun)
        except TakenOver:
            log.warning("another process goes on catching up in %s", self.history.platform)
            return False
        finally:
            await self._do(lambda tx: tx.desk.release(self._role, self.owner))
        return True

    async def _catch_up(self, begun: float) -> None:
        platform, since = self.history.platform, begun - WINDOW
        places = await self._ask(lambda tx: tx.cursors.places(platform, since))
        channels = [
            one.channel for one in places if comments.mode(one.settings, self.default) != "off"
        ]
        # People may have answered a report that we do not know to stand there yet.
        waiting = await self._ask(lambda tx: tx.cursors.undecided(platform))
        await self._read_channels(channels, begun)
        for _ in range(_LOOKS):
            if not waiting:
                return
            await self._wait(self.patience)
            still = await self._ask(lambda tx: tx.cursors.undecided(platform))
            await self._read_channels([one for one in channels if one in waiting - still], begun)
            waiting &= still

    async def _read_channels(self, channels: list[Channel], begun: float) -> None:
        threads: list[Thread] = []

        async def list_threads(channel: Channel) -> None:
            since = begun - WINDOW
            active = await self._call(partial(self.history.threads, channel, since))
            threads.extend(await self._ask(lambda tx: tx.cursors.threads(channel, active, since)))

        await self._each(channels, list_threads)
        threads.sort(key=lambda thread: thread.read)
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
        """Do all; what the platform does not answer now is asked again after the others."""
        queue = deque((job, 0) for job in jobs)
        while queue:
            job, tries = queue.popleft()
            try:
                await work(job)
            except DeliveryError as error:
                if error.permanent or tries == _TRIES:
                    self._skip(job, error)
                else:
                    queue.append((job, tries + 1))
                    await self._wait(min(_SLOWEST, 2.0**tries))

    def _skip(self, job: object, error: DeliveryError) -> None:
        channel = job.report.channel if isinstance(job, Thread) else job
        if isinstance(channel, Channel) and channel not in self.closed:
            log.warning("what was missed in %s is not caught up: %s", channel, error.reason)
            if error.scope != "message":
                self.closed.add(channel)

    async def _read_again(self, thread: Thread, begun: float) -> None:
        """Read one thread, make up for what differs, and note that it was read."""
        now, read = await self._ask(lambda tx: (tx.believed, tx.cursors.read(thread.report)))
        # By somebody else, since; what lies ahead was written while the clock was wrong.
        if begun <= read <= now:
            return
        since = now - WINDOW
        listed = await self._call(partial(self.history.replies, thread.report, since))
        found = await self._ask(lambda tx: _compared(tx, thread, listed, since, now))
        await self._make_up(thread, found, begun)
        for ref in found.lacking:
            if not await self._call(partial(self.history.stands, ref)):
                await self._do(partial(comments.deleted, ref=ref, reply_to=thread.report))
        await self._do(lambda tx: tx.cursors.move(thread.report, now))

    async def _make_up(self, thread: Thread, found: Differences, begun: float) -> None:
        for said in found.ours:
            await self._do(
                partial(comments.received, key=said.key, ref=said.ref, default=self.default)
            )
        missed = [said for said in found.written if said.written < begun - FRESH]
        many = len(missed) - ONE_BY_ONE
        for nth, said in enumerate(found.written):
            await self._do(
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
            await self._do(
                partial(
                    comments.edited,
                    ref=said.ref,
                    text=articles.clean(said.text),
                    moment=said.edited,
                    reply_to=thread.report,
                    default=self.default,
                )
            )

    # How the platform and the database are asked.

    async def _call(self, read: Callable[[], Awaitable[_T]]) -> _T:
        """One read, at the platform's pace; it waits for as long as the platform says."""
        while True:
            await self._wait(self.read + self.history.pace.reading - time.monotonic())
            self.read = time.monotonic()
            try:
                async with asyncio.timeout(_READ):
                    return await read()
            except TimeoutError:
                raise DeliveryError("The platform did not answer in time") from None
            except DeliveryError as error:
                if error.permanent or not error.retry_after:
                    raise
                log.info("reading %s waits: %s", self.history.platform, error.reason)
                await self._wait(error.retry_after)
            except Exception as error:
                log.exception("reading again failed inside BotBeat")
                raise DeliveryError("BotBeat could not read it", permanent=True) from error

    async def _wait(self, seconds: float) -> None:
        """Let time pass, and keep the lease."""
        ends = time.monotonic() + seconds
        while True:
            if time.monotonic() - self.renewed > _RENEWED and not await self._lease():
                raise TakenOver
            left = ends - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _RENEWED))

    async def _lease(self) -> bool:
        self.renewed = time.monotonic()
        return await self._do(lambda tx: tx.desk.lease(self._role, self.owner, _LEASE))

    async def _ask(self, question: Callable[[Tx], _T]) -> _T:
        return await self._patiently(self.store.read, question)

    async def _do(self, effect: Callable[[Tx], _T]) -> _T:
        return await self._patiently(self.store.write, effect)

    async def _patiently(
        self, begin: Callable[[], AbstractContextManager[Tx]], work: Callable[[Tx], _T]
    ) -> _T:
        """One transaction, tried until the database takes it: each may be made twice."""

        def run() -> _T:
            with begin() as tx:
                return work(tx)

        pause = _AWAY
        while True:
            try:
                return await _to_its_end(run)
            except StoreAway as error:
                log.warning("catching up in %s waits: %s", self.history.platform, error)
            await asyncio.sleep(pause)
            pause = min(_SLOWEST, 2 * pause)

    @property
    def _role(self) -> str:
        return f"catch-up {self.history.platform}"


async def _to_its_end(run: Callable[[], _T]) -> _T:
    """In a thread. Who is cancelled meanwhile waits for its end: what was begun cannot be taken
    back, and a role that was not given back is nobody's for a minute."""
    running = asyncio.create_task(asyncio.to_thread(run))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


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
