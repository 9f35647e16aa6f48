"""What breaks besides single calls: processes, sockets, platforms, the database, permissions.

Every trouble is dealt from a shuffled deck, so each happens at least once, and in an order that
depends on the seed.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from tests.chaos.people import Crowd
from tests.chaos.places import Spot
from tests.chaos.plan import Plan
from tests.chaos.processes import Workers
from tests.chaos.proxy import Proxy
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

Trouble = Callable[[], Awaitable[None]]


class Nemesis:
    def __init__(
        self,
        plan: Plan,
        workers: Workers,
        slack: SlackServer,
        discord: DiscordServer,
        spots: list[Spot],
        crowd: Crowd,
        database: Proxy | Path,
        chance: random.Random,
    ) -> None:
        self._plan, self._workers, self._chance = plan, workers, chance
        self._slack, self._discord, self._crowd = slack, discord, crowd
        self._spots, self._database = spots, database
        self._troubles: dict[str, Trouble] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "slack.restart": self._slack_restarts,
            "slack.socket_cut": self._cut_sockets,
            "slack.event_again": self._repeat_events,
            "slack.events_reordered": self._reorder_events,
            "slack.archived": self._archive,
            "discord.restart": self._discord_restarts,
            "discord.gateway_cut": self._cut_gateway,
            "discord.forbidden": self._forbid,
        }
        if isinstance(database, Proxy):
            self._troubles |= {"database.cut": self._cut, "database.slow": self._slow}
        else:
            self._troubles |= {"database.locked": self._lock}
        for name in plan.without:
            self._troubles.pop(name, None)
        if plan.only:
            self._troubles = {n: t for n, t in self._troubles.items() if n in plan.only}
        self.fired: Counter[str] = Counter(dict.fromkeys(self._troubles, 0))

    async def rage(self, until: Callable[[], bool]) -> None:
        """One trouble after the other until told that it is enough and each has been."""
        deck: list[str] = []
        while not (until() and all(self.fired.values())):
            if not deck:
                deck = [
                    *self._troubles,
                    *(["kill", "kill", "freeze"] if not self._plan.only else []),
                ]
                self._chance.shuffle(deck)
            name = deck.pop()
            self.fired[name] += 1
            await self._troubles[name]()
            await asyncio.sleep(self._chance.uniform(0.2, 1.0))

    async def _kill(self) -> None:
        await self._workers.kill(self._chance.randrange(100))
        # A process takes its time to start; meanwhile the others are left alone.
        await asyncio.sleep(1.5)

    async def _freeze(self) -> None:
        await self._workers.freeze(self._chance.randrange(100))

    async def _slack_restarts(self) -> None:
        await self._slack.stop()
        await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        await self._slack.start()

    async def _discord_restarts(self) -> None:
        await self._discord.stop()
        await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        await self._discord.start()

    async def _cut_sockets(self) -> None:
        self._slack.sockets.cut()

    async def _cut_gateway(self) -> None:
        self._discord.drops(self._chance.choice((None, 4000)))

    async def _repeat_events(self) -> None:
        sent = [p for p in self._slack.deliveries.sent.values() if p.kind == "events_api"]
        for parcel in self._chance.sample(sent, min(10, len(sent))):
            self._slack.deliveries.again(parcel.id, self._chance.randint(1, 3))

    async def _reorder_events(self) -> None:
        """What comes within a second is held back and then delivered in another order."""
        self._slack.deliveries.hold()
        await asyncio.sleep(1.0)
        places = list(range(len(self._slack.deliveries.held)))
        self._chance.shuffle(places)
        await self._slack.deliveries.release(*places)
        self._slack.deliveries.holding = False
        await self._slack.deliveries.release()

    async def _archive(self) -> None:
        spot = self._chance.choice([s for s in self._spots if s.platform == "slack"])
        self._crowd.away.add(spot.id)
        self._slack.archives(spot.id)
        await asyncio.sleep(self._chance.uniform(0.5, 2))
        self._slack.unarchives(spot.id)
        self._crowd.away.discard(spot.id)

    async def _forbid(self) -> None:
        spot = self._chance.choice([s for s in self._spots if s.platform == "discord"])
        self._crowd.away.add(spot.id)
        self._discord.revokes("SEND_MESSAGES", channel=spot.id)
        await asyncio.sleep(self._chance.uniform(0.5, 2))
        self._discord.grants("SEND_MESSAGES", channel=spot.id)
        self._crowd.away.discard(spot.id)

    async def _cut(self) -> None:
        assert isinstance(self._database, Proxy)
        for _ in range(5):
            self._database.cut()
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    async def _slow(self) -> None:
        assert isinstance(self._database, Proxy)
        self._database.delay = 0.1
        await asyncio.sleep(2)
        self._database.delay = 0.0

    async def _lock(self) -> None:
        """Somebody else writes in the file, for longer than a worker's attempt lasts."""
        assert isinstance(self._database, Path)
        with closing(_second_hand(self._database)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(4.0)
            other.execute("ROLLBACK")


def _second_hand(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=20, isolation_level=None, check_same_thread=False)
