"""The worker processes: started, killed, stopped for longer than a lease, and started again.

Each is started with a doom of its own, so that processes die and sleep at every place there is;
a watch finds who was struck.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tests.chaos.mortal import PLACES
from tests.chaos.plan import Orders

ROOT = Path(__file__).parent.parent.parent
OFTEN = ("post.before", "post.after", "deliveries.claim.after_commit")
"""Where being stopped is worst: between what was written down and what was sent."""


@dataclass(slots=True, eq=False)
class Running:
    process: asyncio.subprocess.Process
    doom: str
    asleep: bool = False


class Workers:
    """So many processes, each with a log in `folder`. `sleep` is longer than a lease."""

    def __init__(
        self, orders: Orders, count: int, folder: Path, sleep: float, chance: random.Random
    ) -> None:
        self._orders, self._count, self._folder = orders, count, folder
        self._sleep, self._chance = sleep, chance
        self._running: list[Running] = []
        self._dooms: list[tuple[str, bool]] = []
        self.started = 0
        self.kills = 0
        self.calm = False
        self.fired: Counter[str] = Counter()

    async def start(self) -> None:
        while len(self._running) < self._count:
            self._running.append(await self._one())

    async def _one(self) -> Running:
        self.started += 1
        place, kills = self._doom()
        passes = self._chance.randint(2, 10)
        orders = replace(self._orders, place=place, passes=passes, kills=kills)
        with (self._folder / f"worker-{self.started}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.chaos.worker", json.dumps(orders.words())),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        return Running(process, f"{'die' if kills else 'sleep'}.{place}")

    def _doom(self) -> tuple[str, bool]:
        # One of three is spared, lest nobody listens: what is said then is lost without catch-up.
        if self.calm or self.started % 3 == 1:
            return "", True
        if not self._dooms:
            self._dooms = [(place, True) for place in PLACES]
            self._dooms += [(place, False) for place in OFTEN]
            self._chance.shuffle(self._dooms)
        return self._dooms.pop()

    async def watch(self) -> None:
        """See to those who were struck by their doom, until cancelled."""
        tasks: set[asyncio.Task[None]] = set()
        while True:
            for one in list(self._running):
                if one.process.returncode is not None:
                    self._running.remove(one)
                    died = one.process.returncode == -signal.SIGKILL
                    self.kills += died
                    self.fired[one.doom if died else "ended"] += 1
                elif not one.asleep and _stopped(one.process.pid):
                    self.fired[one.doom] += 1
                    one.asleep = True
                    tasks.add(asyncio.create_task(self._wake(one)))
            await self.start()
            await asyncio.sleep(0.05)

    async def _wake(self, one: Running) -> None:
        await asyncio.sleep(self._sleep)
        _signal(one, signal.SIGCONT)
        one.asleep = False

    async def kill(self, number: int) -> None:
        """kill -9, and another one in its place."""
        victim = self._running.pop(number % len(self._running))
        _signal(victim, signal.SIGKILL)
        await victim.process.wait()
        self.kills += 1
        await self.start()

    async def freeze(self, number: int) -> None:
        """SIGSTOP, and SIGCONT later: it wakes up and believes that no time has passed."""
        frozen = self._running[number % len(self._running)]
        if not frozen.asleep:
            frozen.asleep = True
            _signal(frozen, signal.SIGSTOP)
            await self._wake(frozen)

    async def stop(self) -> None:
        for one in self._running:
            _signal(one, signal.SIGKILL)
        await asyncio.gather(*(one.process.wait() for one in self._running))
        self._running.clear()


def _signal(one: Running, number: signal.Signals) -> None:
    if one.process.returncode is None:
        one.process.send_signal(number)


def _stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False
