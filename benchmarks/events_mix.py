"""What happens to events on their way to us, for `benchmarks/events.py`: they come again, late, in
another order, to both processes, or while the socket ends.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.servers.discord import DiscordServer
from tests.servers.discord.platform import Event
from tests.servers.slack import SlackServer
from tests.servers.slack.delivery import Outcome, Parcel

LOTS = ("repeated", "reordered", "by_retry_only", "to_two_workers", "sockets_cut", "plain")
SHARES = (15, 10, 5, 3, 2, 65)  # in a hundred events
LATE = 30.0  # seconds within which events change their order
AGAIN = (0.0, 6.0, 30.0)
"""Seconds after which an event comes once more: in use 0, 60, 300."""


@dataclass(slots=True)
class Mix:
    """Stands between the servers and us. In `events` only those about people count; those about
    our own messages come the same way in Slack."""

    slack: SlackServer
    discord: DiscordServer
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    speaking: bool = False
    _seen: dict[str, int] = field(default_factory=dict)  # The first try that reaches us.

    def begin(self) -> None:
        self.slack.deliveries.door = self
        self.discord.platform.listeners[:] = [self.dispatch]

    def _draw(self) -> str:
        return self.chance.choices(LOTS, SHARES)[0]

    def _count(self, parcel: Parcel) -> None:
        self.counts["own" if "bot_id" in str(parcel.payload) else "events"] += 1

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        """Slack's door."""
        lot = "plain"
        if parcel.kind == "events_api" and parcel.id not in self._seen:
            lot, self._seen[parcel.id] = self._draw(), 0
        if lot == "by_retry_only":
            self._seen[parcel.id] = self.chance.choice((2, 3))
        if number < self._seen.get(parcel.id, 0):
            self.counts["by_retry_only"] += not number
            return Outcome(False, "none", "timeout")
        if lot == "reordered":
            self.counts[lot] += 1
            await asyncio.sleep(self.chance.uniform(0, LATE))
        if lot == "repeated":
            for _ in range(self.chance.randint(1, 3)):
                self.slack.deliveries.spawn(self._again(parcel.id))
        ways = {"to_two_workers": self._to_both, "sockets_cut": self._cut}
        self.busy += 1
        outcome = await ways.get(lot, self.slack.hand_over)(parcel, number, reason)
        self.busy -= 1
        if outcome.via != "none":
            self._count(parcel)
        return outcome

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
        self._count(parcel)
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

    def dispatch(self, event: Event) -> None:
        """Discord's gateway, which has one listener and repeats only what a resume asks for."""
        if not self.speaking or not event.name.startswith("MESSAGE_"):
            self.counts["own"] += event.name.startswith("MESSAGE_")
            self.discord.gateway.dispatch(event)
            return
        lot, later = self._draw(), asyncio.get_running_loop().call_later
        self.counts[lot] += lot in ("reordered", "sockets_cut")
        later(self.chance.uniform(0, LATE) if lot == "reordered" else 0, self._dispatch, event)
        if lot == "repeated":
            for _ in range(self.chance.randint(1, 3)):
                self.counts[lot] += 1
                later(self.chance.choice(AGAIN), self._dispatch, event)
        if lot == "sockets_cut":
            later(0, self.discord.drops)

    def _dispatch(self, event: Event) -> None:
        self.counts["events"] += 1
        self.discord.gateway.dispatch(event)
