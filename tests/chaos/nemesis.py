"""What breaks besides single calls, in lanes that run side by side: processes, database, platforms.

In each lane every trouble is dealt from a shuffled deck, so each happens at least once, and in an
order that depends on the seed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.chaos.plan import Plan
from tests.chaos.processes import Workers

Trouble = Callable[[], Awaitable[None]]
DAY = 86400.0
JUMPS = (300.0, 7200.0, -7200.0, 400 * DAY, -400 * DAY)


class Nemesis:
    """`lanes` are troubles by name, in groups of which one happens at a time."""

    def __init__(self, plan: Plan, lanes: list[dict[str, Trouble]], chance: random.Random) -> None:
        self._chance = chance
        self._lanes = [
            {
                name: trouble
                for name, trouble in lane.items()
                if name not in plan.without and (not plan.only or name in plan.only)
            }
            for lane in lanes
        ]
        self.fired: Counter[str] = Counter({name: 0 for lane in self._lanes for name in lane})
        self.active: set[str] = set()
        self.spans: list[tuple[str, float, float]] = []

    def away(self) -> list[tuple[float, float]]:
        """When the database was in trouble, by the steady clock."""
        return [(began, over) for name, began, over in self.spans if name.startswith("database.")]

    async def rage(self, until: Callable[[], bool]) -> None:
        """One trouble after the other until told that it is enough and each has been."""
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes:
                lanes.create_task(self._rage(lane, until))

    async def _rage(self, lane: dict[str, Trouble], until: Callable[[], bool]) -> None:
        deck: list[str] = []
        while lane and not (until() and all(self.fired[name] for name in lane)):
            if not deck:
                deck = list(lane)
                self._chance.shuffle(deck)
            name = deck.pop()
            self.active.add(name)
            began = time.monotonic()
            await lane[name]()
            self.spans.append((name, began, time.monotonic()))
            self.active.remove(name)
            self.fired[name] += 1
            await asyncio.sleep(self._chance.uniform(0.2, 1.5))


class ProcessTroubles:
    def __init__(self, plan: Plan, workers: Workers, chance: random.Random) -> None:
        self._plan, self._workers, self._chance = plan, workers, chance
        self._jumps: list[float] = []
        self._began = time.monotonic()

    def all(self) -> dict[str, Trouble]:
        return {
            "kill": self._kill,
            "freeze": self._workers.freeze,
            "drain": self._workers.drain,
            "overlap": self._overlap,
            "clock_jump": self._jump,
        }

    async def _kill(self) -> None:
        await self._workers.kill()
        # A process takes its time to start; meanwhile the others are left alone.
        await asyncio.sleep(1.5)

    async def _overlap(self) -> None:
        await self._workers.overlap(60 * self._plan.scale)

    async def _jump(self) -> None:
        """The machine's clock is wrong for a while; then it is set right. Until it is so for the
        first time, what needs a clock that never jumped has half of the storm to happen."""
        while self._workers.even() and time.monotonic() < self._began + self._plan.storm / 2:
            others = self._kill, self._overlap, self._workers.freeze, self._workers.drain
            await self._chance.choice(others)()
            await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        if not self._jumps:
            self._jumps = list(JUMPS)
            self._chance.shuffle(self._jumps)
        ahead = self._jumps.pop()
        for wrong in (ahead, 0.0):
            self._workers.set_clocks(wrong)
            await asyncio.sleep(self._chance.uniform(2, 4))
