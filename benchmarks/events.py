"""What becomes of what people say when each event comes several times, late, and in any order:
`python benchmarks/events.py --events 30000 --database sqlite|postgres --seed 1`.

Two processes of ours, with the real slack-bolt and discord.py, listen to the test servers. People
comment, edit and delete in a Slack and a Discord channel that share; a third channel reads. The
servers hand each event over as the mix below says. In the end what stands on the platforms, and
what they were asked to do, is compared with what people wrote; the database is asked only whether
the outbox is empty. Prints one line of JSON, and fails if anything was lost, came back, or was
applied twice. With `--forget` the processes leave something out, and it must fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg

from bot.bot import Bot
from storage.store import open_store
from tests.chaos.ledgers import posts
from tests.chaos.newsroom import Newsroom, collect
from tests.chaos.people import REMARK, REPORT, VERSION
from tests.chaos.places import Spot, subscribe
from tests.postgres import running_postgres
from tests.servers.discord import DiscordServer
from tests.servers.discord.platform import Event
from tests.servers.slack import SlackServer
from tests.servers.slack.delivery import Outcome, Parcel

REPORTS = 10
LOTS = {"repeated": 0.15, "reordered": 0.10, "by_retry_only": 0.05, "to_two_workers": 0.03}
CUT, ECHO_FIRST = 0.02, 0.01
LATE = 30.0
"""Within so many seconds events change their order."""
AGAIN, RETRIES = (0.0, 6.0, 30.0), (0.05, 3.0, 15.0)
"""Seconds after which an event comes once more, and after which Slack tries again what was not
acknowledged: scaled from 0, 60, 300 and 1, 60, 300."""
BUSY, BACKLOG = 40, 300
"""People wait while so many events or copies are on their way, as the machine is small."""
QUIET = 8.0
SLOWEST = 20
"""So many events a second are handed over at least, else it is given up."""
NOTE = re.compile(r"^(\d+) more comments? (?:was|were) written")


@dataclass(slots=True, eq=False)
class Remark:
    """A comment as the person left it; `deaths` counts nothing else than that it was deleted."""

    number: int
    spot: Spot
    report: int
    id: str
    version: int = 0
    deleted: bool = False

    @property
    def text(self) -> str:
        return f"Remark zc{self.number:05d}z, version {self.version}"


@dataclass(slots=True)
class Mix:
    """Stands where the servers hand events over: the Slack server's door, and the Discord
    gateway's listener. `told` are the ids of Slack events about people; those about our own
    messages go through the same mix, but are counted apart."""

    slack: SlackServer
    discord: DiscordServer
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    busy: int = 0
    speaking: bool = False
    _lots: dict[str, tuple[str, int]] = field(default_factory=dict)

    def begin(self) -> None:
        tell = self.slack.people.tell

        def noted(happening: Any) -> object:
            parcel = tell(happening)
            self.told |= {parcel.id} if isinstance(parcel, Parcel) else set()
            return parcel

        self.slack.people.tell = noted
        self.slack.deliveries.door = self
        self.discord.platform.listeners[:] = [self.dispatch]

    def _draw(self) -> str:
        names = [*LOTS, "sockets_cut", "plain"]
        shares = [*LOTS.values(), CUT]
        return self.chance.choices(names, [*shares, 1 - sum(shares)])[0]

    # Slack

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        lot, until = "plain", 0
        if parcel.kind == "events_api" and parcel.id not in self._lots:
            self._lots[parcel.id] = self._draw(), self.chance.choice((2, 3))
            lot, until = self._lots[parcel.id]
        elif parcel.kind == "events_api" and number:
            lot, until = self._lots[parcel.id]
            lot = lot if lot == "by_retry_only" else "plain"
        if lot == "by_retry_only" and number < until:
            self.counts[lot] += not number
            return Outcome(False, "none", "timeout")
        if lot == "reordered":
            self.counts[lot] += 1
            await asyncio.sleep(self.chance.uniform(0, LATE))
        if lot == "repeated":
            for _ in range(self.chance.randint(1, 3)):
                self.slack.deliveries.spawn(self._again(parcel.id))
        return await self._counted(parcel, number, reason, lot)

    async def _counted(self, parcel: Parcel, number: int, reason: str, lot: str) -> Outcome:
        self.busy += 1
        try:
            if lot == "to_two_workers":
                outcome = await self._to_both(parcel, number, reason)
            elif lot == "sockets_cut":
                outcome = await self._cut(parcel, number, reason)
            else:
                outcome = await self.slack.hand_over(parcel, number, reason)
        finally:
            self.busy -= 1
        if outcome.via != "none":
            self._count(parcel.id in self.told)
        return outcome

    def _count(self, of_people: bool) -> None:
        self.counts["events" if of_people else "own"] += 1

    async def _again(self, id: str) -> None:
        await asyncio.sleep(self.chance.choice(AGAIN))
        self.counts["repeated"] += 1
        self.slack.deliveries.again(id)

    async def _to_both(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        """At once to a socket of each process."""
        door = self.slack.sockets
        sockets = {one.request.query["worker"]: one for one in door.sockets}
        if len(sockets) < 2:
            return await self.slack.hand_over(parcel, number, reason)
        self.counts["to_two_workers"] += 1
        self._count(parcel.id in self.told)
        for socket in sockets.values():
            parcel.tried.append(socket.number)
            await door.push(socket, parcel, number, reason)
        await asyncio.wait({parcel.acked}, timeout=self.slack.modes.ack_timeout)
        return Outcome(parcel.acked.done(), "both", "timeout")

    async def _cut(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        """The socket ends after the event was sent and before it is acknowledged."""
        handing = asyncio.ensure_future(self.slack.hand_over(parcel, number, reason))
        await asyncio.sleep(self.chance.uniform(0, 0.01))
        if parcel.tried and not parcel.acked.done():
            self.counts["sockets_cut"] += 1
            self.slack.sockets.cut(only=parcel.tried[-1])
        return await handing

    # Discord, which acknowledges nothing and has one listener

    def dispatch(self, event: Event) -> None:
        if not self.speaking or not event.name.startswith("MESSAGE_"):
            self.counts["own"] += event.name.startswith("MESSAGE_")
            return self.discord.gateway.dispatch(event)
        lot, later = self._draw(), asyncio.get_running_loop().call_later
        if lot == "reordered":
            self.counts[lot] += 1
            later(self.chance.uniform(0, LATE), self._dispatch, event)
            return None
        self._dispatch(event)
        if lot == "repeated":
            for _ in range(self.chance.randint(1, 3)):
                self.counts[lot] += 1
                later(self.chance.choice(AGAIN), self._dispatch, event)
        if lot == "sockets_cut":
            self.counts[lot] += 1
            self.discord.drops()
        return None

    def _dispatch(self, event: Event) -> None:
        self._count(of_people=True)
        self.discord.gateway.dispatch(event)
