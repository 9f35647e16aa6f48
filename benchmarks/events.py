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

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.bot import Bot
from storage.store import open_store
from tests.chaos import people
from tests.chaos.newsroom import Newsroom, collect
from tests.chaos.people import Crowd, Remark, Word
from tests.chaos.places import Spot, subscribe
from tests.discord_place import eventually
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
ACTS = ("comment", "edit", "delete")
SHARES = (5, 7, 1)
LATELY = 40
"""People change what they wrote lately: on average so many comments were written since."""
QUIET, PATIENCE = 8.0, 240.0
SLOWEST = 40
"""So many events a second are handed over at least, else it is given up."""


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


@dataclass(slots=True)
class Place:
    """All that takes part. `workers` are the processes of ours."""

    slack: SlackServer
    discord: DiscordServer
    bot: Bot
    spots: list[Spot]
    mix: Mix
    crowd: Crowd
    chance: random.Random
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)

    def acting(self) -> None:
        """Somebody does something."""
        act = self.chance.choices(ACTS, SHARES)[0]
        self.acts[act] += 1
        self.slack.modes.echo_before_reply = self.chance.random() < ECHO_FIRST
        self.mix.speaking = True
        getattr(self.crowd, act)()
        self.mix.speaking = False

    def signs(self) -> int:
        """Grows as long as anything goes on."""
        return sum(map(len, (self.slack.answers, self.slack.attempts, self.discord.answers)))

    async def quiet(self) -> None:
        """Until nothing goes on and nothing waits; not for ever."""
        seen, since, ends = -1, time.monotonic(), time.monotonic() + PATIENCE
        while time.monotonic() - since < QUIET or await self.bot.waiting():
            if time.monotonic() > ends:
                return print("it does not become quiet", file=sys.stderr)
            if seen != (seen := self.signs()):
                since = time.monotonic()
            await asyncio.sleep(0.2)
        return None

    async def read_again(self) -> None:
        """Nobody listens for a moment: all that can be missed is read again."""
        slack, discord = len(self.slack.answers), len(self.discord.answers)
        self.slack.sockets.cut()
        self.discord.invalidates()
        await self.quiet()
        read = any(one.method == "conversations.replies" for one in self.slack.answers[slack:])
        there = self.discord.answers[discord:]
        if not (read and any(one.call == "GET /channels/{channel}/messages" for one in there)):
            print("nothing was read again in the end", file=sys.stderr)


def crowd_of(
    slack: SlackServer, discord: DiscordServer, spots: list[Spot], chance: random.Random
) -> Crowd:
    """People who write mostly in Slack, and change what they wrote lately."""
    vars(people)["NEWCOMERS"] = 0.02
    often = [spots[0]] * 3 + spots[1:2]
    crowd = Crowd(slack, discord, often, slack.adds_user("Ada"), chance)

    def lately() -> Remark | None:
        back = min(len(crowd.remarks), 1 + int(chance.expovariate(1 / LATELY)))
        found = crowd.remarks[-back] if back else None
        return found if found and not found.deleted else None

    def told(remark: Remark) -> None:
        remark.words.append(Word(time.time()))

    vars(crowd).update(_living=lately, _told=told, reports_in=cache(crowd.reports_in))
    return crowd


@asynccontextmanager
async def newsroom(address: str, folder: Path, seed: int) -> AsyncIterator[Place]:
    """Reports are published, and wanted in each channel; no process of ours works yet."""
    slack, discord, chance = SlackServer(), DiscordServer(), random.Random(seed)
    slack.modes.retry_delays = RETRIES
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slack)
        await discord.start()
        stack.push_async_callback(discord.stop)
        store = open_store(address)
        stack.callback(store.close)
        bot = Bot(store)
        stack.callback(bot.close)
        spots = [
            Spot("slack", slack.adds_channel("lab")),
            Spot("discord", discord.adds_channel("news").id),
            Spot("slack", slack.adds_channel("readers"), "read"),
        ]
        await subscribe(bot, spots)
        room = Newsroom(bot, store, folder / "feed.jsonl", chance)
        await room.open()
        for _ in range(REPORTS):
            room.publish()
        collecting = asyncio.create_task(collect(bot, folder / "feed.jsonl"))
        await room.finish(60)
        collecting.cancel()
        crowd = crowd_of(slack, discord, spots, chance)
        yield Place(slack, discord, bot, spots, Mix(slack, discord, chance), crowd, chance)


@asynccontextmanager
async def processes(place: Place, address: str, folder: Path, forget: str) -> AsyncIterator[None]:
    """Two processes of ours, which have posted all reports and listen; their logs are in `folder`.

    Ends them by SIGTERM."""
    slack, discord = place.slack, place.discord
    orders = {"database": address, "forget": forget, "slack_url": slack.url}
    orders |= {"bot_token": slack.bot_token, "app_token": slack.app_token}
    orders |= {"discord_url": discord.url, "gateway_url": discord.gateway_url}
    program = str(Path(__file__).with_name("events_worker.py"))
    try:
        for name in ("one", "two"):
            words = json.dumps(orders | {"name": name, "discord_token": discord.token})
            with (folder / f"{name}.log").open("wb") as log:
                place.workers.append(
                    await asyncio.create_subprocess_exec(sys.executable, program, words, stderr=log)
                )
        await asyncio.wait_for(slack.sockets.connected(4), 60)
        await eventually(lambda: discord.gateway.sessions, 60)
        reported = [place.crowd.__class__.reports_in] * len(place.spots)
        await eventually(
            lambda: all(
                len(look(place.crowd, spot)) == REPORTS
                for look, spot in zip(reported, place.spots, strict=True)
            ),
            60,
        )
        await place.quiet()
        yield
    finally:
        for worker in place.workers:
            with suppress(ProcessLookupError):
                worker.terminate()
        await asyncio.gather(*(worker.wait() for worker in place.workers))
