"""The worker processes: started, killed, stopped for longer than a lease, drained, started again.

Now and then one of them is doomed: it dies, or falls asleep, at the first of the places that are
still wanted. A watch finds who was struck and puts another one in its place.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.chaos.plan import Orders
from tests.chaos.points import places, store_calls
from tests.chaos.worker import born

SLEEPS = ("post.before", "post.after", "deliveries.claim.after_commit")
"""Where being stopped is worst: between what was written down and what was sent."""
EVEN = ("die.deliveries.expire.", "die.deliveries.expire_backlog.")
"""Passed only while no clock was seen to jump, as nothing is taken for old after that."""
YOUNG = 2.0
"""A process takes so many seconds to start; it is spared meanwhile."""
BETWEEN = 1.5
"""So many seconds are at least between two dooms, lest nobody is left to work."""
EXIT = 25.0
_ASKING = threading.Lock()
"""A start asks how all others ended, too; of two who ask at once one is told 255."""
OVERHEAD = 4.0
"""Seconds, not scaled: the interpreter's own end on a busy machine."""


@dataclass(slots=True, eq=False)
class Running:
    """One process, and the pipe on which it is told things."""

    process: BaseProcess
    orders: Connection
    diary: Path
    started: float
    asleep: bool = False
    leaving: bool = False

    def tell(self, **words: object) -> None:
        with suppress(OSError):  # It is gone.
            self.orders.send(words)

    @property
    def pid(self) -> int:
        assert self.process.pid
        return self.process.pid

    @property
    def code(self) -> int | None:
        """How it ended: negative for a signal, None while it has not."""
        with _ASKING:
            return self.process.exitcode

    async def ended(self) -> int:
        while (code := self.code) is None:  # noqa: ASYNC110 - processes announce it to nobody
            await asyncio.sleep(0.02)
        return code

    def struck(self) -> str:
        """The last thing that it noted."""
        noted = self.diary.read_text().split() if self.diary.exists() else []
        return noted[-1] if noted else ""


_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", "tests.chaos.worker"])
"""Each is a process of its own, forked from one that has imported everything: else two cores would
spend half of a storm on importing."""


class Workers:
    """So many processes, each with a log in `folder`. `sleep` is longer than a lease."""

    def __init__(
        self, orders: Orders, count: int, folder: Path, sleep: float, chance: random.Random
    ) -> None:
        self._orders, self._count, self._folder = orders, count, folder
        self._sleep, self._chance = sleep, chance
        self.running: list[Running] = []
        self.wanted: list[str] = []
        self.started = self.kills = self.slow_exits = self.bad_exits = 0
        self.calm = self.dooming = False
        self._ahead = 0.0
        self._made: list[Running] = []
        self.absences: list[tuple[float, float]] = []
        """From when to when somebody was stopped, by the steady clock; the dead come no more."""
        self.fired: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, most: int, unreached: set[str]) -> None:
        """The places of this run: all, or as many as it is long enough for, drawn by the seed."""
        calls = set(store_calls())
        assert unreached <= calls, unreached - calls
        everywhere = [f"die.{place}" for place in places(calls - unreached)]
        drawn = self._chance.sample(everywhere, min(most, len(everywhere)))
        self.wanted = [*drawn, *(f"sleep.{place}" for place in SLEEPS)]
        self.fired = Counter(dict.fromkeys(self.wanted, 0))

    async def start(self) -> None:
        while len(self.running) < self._count:
            self.running.append(await self.one())

    async def one(self) -> Running:
        self.started += 1
        diary = self._folder / f"worker-{self.started}.diary"
        orders = replace(self._orders, diary=str(diary))
        theirs, ours = _FORKS.Pipe(duplex=False)
        log = self._folder / f"worker-{self.started}.log"
        process = _FORKS.Process(target=born, args=(orders.words(), str(log), theirs), daemon=True)
        await asyncio.to_thread(begin, process)
        theirs.close()
        self._made.append(Running(process, ours, diary, time.monotonic()))
        self._made[-1].tell(ahead=self._ahead)
        if self.dooming:
            # Some of these are passed at a start, and then not for a minute.
            self._made[-1].tell(places=self.even(), kills=True)
        return self._made[-1]

    def even(self) -> list[str]:
        """The places still to come that need a clock which never jumped."""
        return [name.partition(".")[2] for name in self.wanted if name.startswith(EVEN)]

    def set_clocks(self, ahead: float) -> None:
        """The clock of all is wrong by so many seconds, also of those that start meanwhile."""
        self._ahead = ahead
        for one in self._made:
            one.tell(ahead=ahead)

    def awake(self) -> list[Running]:
        """Those that have been at work for a while."""
        old = time.monotonic() - YOUNG
        return [
            one for one in self.running if one.started < old and not one.asleep and one.code is None
        ]

    async def doom(self, storm: float) -> None:
        """Spread the dooms over the storm, until cancelled. What is left after it is rare, and
        then all may die of it."""
        gap = max(BETWEEN, 0.7 * storm / max(1, len(self.wanted)))
        over, self.dooming = time.monotonic() + storm, True
        while True:
            await asyncio.sleep(gap)
            old = self.awake()
            if self.calm or not self.wanted or len(old) < 2:
                continue
            kind = self._chance.choice(self.wanted).partition(".")[0]
            here = [name.partition(".")[2] for name in self.wanted if name.startswith(kind)]
            rare = kind == "die" and time.monotonic() > over
            if (even := self.even()) and self._chance.random() < 0.5:
                kind, here, rare = "die", even, True
            for one in self.running if rare else [self._chance.choice(old)]:
                one.tell(places=here, kills=kind == "die")

    async def watch(self) -> None:
        """See to those who were struck by their doom, until cancelled."""
        while True:
            for one in list(self.running):
                if one.code is not None:
                    self.running.remove(one)
                    self._ended(one)
                elif not one.asleep and _stopped(one.pid):
                    self._struck(one)
                    one.asleep = True
                    task = asyncio.create_task(self.wake(one))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            await self.start()
            await asyncio.sleep(0.05)

    def _ended(self, one: Running) -> None:
        if one.code == -signal.SIGKILL:
            self._died()
            self._struck(one)
        else:
            self._bad(one)

    def _bad(self, one: Running) -> None:
        self.bad_exits += 1
        print(f"{one.diary.stem} ended with {one.code}", file=sys.stderr)

    def _struck(self, one: Running) -> None:
        name = one.struck()
        self.fired[name] += 1
        if name in self.wanted:
            self.wanted.remove(name)

    def _died(self) -> None:
        self.kills += 1
        now = time.monotonic()
        self.absences.append((now, now))

    async def wake(self, one: Running) -> None:
        began = time.monotonic()
        await asyncio.sleep(self._sleep)
        signal_to(one, signal.SIGCONT)
        self.absences.append((began, time.monotonic()))
        one.asleep = False

    async def kill(self) -> None:
        """kill -9, and another one in its place."""
        victim = self._chance.choice(self.awake() or self.running)
        self.running.remove(victim)
        signal_to(victim, signal.SIGKILL)
        await victim.ended()
        self._died()
        await self.start()

    async def freeze(self) -> None:
        """SIGSTOP, and SIGCONT later: it wakes up and believes that no time has passed."""
        for frozen in self.awake()[:1]:
            frozen.asleep = True
            signal_to(frozen, signal.SIGSTOP)
            await self.wake(frozen)

    async def drain(self) -> None:
        """SIGTERM, more than once; it ends by itself, while another one works already."""
        for leaving in self.awake()[:1]:
            self.running.remove(leaving)
            await self.start()
            await self._leave(leaving)

    async def overlap(self, together: float) -> None:
        """A whole second generation starts; after a while the first one is told to go."""
        old = list(self.running)
        new = [await self.one() for _ in old]
        await asyncio.sleep(YOUNG + together)
        self.running = [one for one in self.running if one not in old] + new
        await asyncio.gather(*(self._leave(one) for one in old))

    async def _leave(self, one: Running) -> None:
        limit = EXIT * self._orders.scale + OVERHEAD
        try:
            async with asyncio.timeout(limit):
                for _ in range(3):
                    signal_to(one, signal.SIGCONT)
                    signal_to(one, signal.SIGTERM)
                    await asyncio.sleep(0.02)
                while one.code is None:
                    # Its doom may have put it to sleep meanwhile, and nobody else wakes it now.
                    signal_to(one, signal.SIGCONT)
                    await asyncio.sleep(0.05)
                code = await one.ended()
        except TimeoutError:
            self.slow_exits += 1
            signal_to(one, signal.SIGKILL)
            code = await one.ended()
        if code == -signal.SIGKILL:
            self._struck(one)
        elif code and code != -signal.SIGTERM:  # Told before it had begun to listen.
            self._bad(one)

    async def stop(self) -> None:
        for one in self.running:
            signal_to(one, signal.SIGKILL)
        await asyncio.gather(*(one.ended() for one in self.running))
        self.running.clear()


def begin(process: BaseProcess) -> None:
    with _ASKING:
        process.start()


def signal_to(one: Running, number: signal.Signals) -> None:
    if one.code is None:
        # Not by its own method, which may take the end of a process from under asyncio.
        with suppress(ProcessLookupError):
            os.kill(one.pid, number)


def _stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (FileNotFoundError, ProcessLookupError):
        return False
