"""How long a report is on its way when nothing is wrong, and after a kill:
`python benchmarks/calm.py --database sqlite|postgres --articles 40 --channels 100 [--recovery]`.

A real `botbeat run slack discord`, a process of its own with the times in use, delivers to the
test servers on this machine, which keep the platforms' limits. This process publishes through the
core into the same database. Measured is from the commit of an article to the platform's ledger,
above what the platforms' paces impose: the time at which a sender that knows nothing else would
have sent. Articles come as far apart as the slower install takes for one of them in all channels
(0.2 s a message in Slack: 10 s for 50), and up to a second more, drawn at random, lest they keep
step with our looks at the database. So the paces hold up nobody, and what is taken off is 0.

With `--recovery` the worker is then killed with a post on its way on each platform, accepted and
not answered; measured is from there until all is settled. Prints one line of JSON in the end, and
fails if it took too long, or if anything was lost or said twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.discord import DiscordChat
from adapters.slack import SlackChat
from bot.bot import Bot
from bot.model import Found, Judgement, Page, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Pace, Source, Visit
from bot.store import Tx
from storage.store import SqlStore, open_store
from tests.chaos.__main__ import database
from tests.chaos.ledgers import Post, posts
from tests.chaos.newsroom import FEED, SYLLABLES
from tests.chaos.places import COMPANY, Spot, subscribe
from tests.chaos.plan import Plan
from tests.processes import Program, program
from tests.servers.discord import DiscordServer, Settings
from tests.servers.faults import hang
from tests.servers.slack import SlackServer
from tests.waiting import until

Platform = Literal["slack", "discord"]
PACES: dict[Platform, Pace] = {"slack": SlackChat.pace, "discord": DiscordChat.pace}
SLOWEST = 1.0
"""Seconds: the 99th percentile must stay below."""
MARGIN = 10.0
"""Seconds that recovery may take beyond the lease."""
RETRIES = (0.0, 60.0, 300.0)
"""When Slack sends an event again that was not acknowledged: docs.slack.dev/apis/events-api."""
PATIENCE = 60.0
CREATE = "POST /channels/{channel_id}/messages"


class Stamped:
    """A Store that knows when its last transaction was committed, whoever gets a turn then."""

    def __init__(self, inner: SqlStore) -> None:
        self.read, self.version = inner.read, inner.version
        self._inner = inner
        self.committed = 0.0

    @contextmanager
    def write(self) -> Iterator[Tx]:
        with self._inner.write() as tx:
            yield tx
        self.committed = time.time()


@dataclass(slots=True)
class Desk:
    """Publishes, and knows what must stand where: `committed` has each article's time."""

    database: str
    folder: Path
    store: Stamped
    slack: SlackServer
    discord: DiscordServer
    spots: list[Spot]
    bot: Bot
    chance: random.Random
    committed: list[float] = field(default_factory=list)

    async def open(self) -> None:
        """All channels are subscribed, and the feed was visited: what comes now is news."""
        await subscribe(self.bot, self.spots)
        await self.bot.add_source(Source(0, FEED, "Blog"))
        [claimed] = await self.bot.due_sources(1)
        await self.bot.visited(claimed, Visit(0))

    async def publish(self) -> None:
        number = len(self.committed)
        word = "".join(self.chance.choices(SYLLABLES, k=4)).title()
        address = f"https://blog.example/{number}"
        title = f"Alibaba ships {word} zr{number:05d}z"
        found = Found(address, address, title, time.time(), "An AI model.")
        [source] = await self.bot.due_sources(1)
        await self.bot.offered(source, [found])
        await self.bot.visited(source, Visit(0))
        [entry] = await self.bot.open_entries(1)
        judged = await self.bot.judged(entry, Page(address)) or Judgement(True, (), "UPDATE", ())
        judged = replace(judged, companies=(COMPANY,))
        words = Written(title, (Takeaway("It is a model."),), "")
        await self.bot.published(entry, judged, words, [f"url:{address}"])
        self.committed.append(self.store.committed)

    def posts(self) -> list[Post]:
        """What the platforms accepted, in this order."""
        made = posts(self.slack, self.discord, time.time() - time.monotonic())
        return sorted(made, key=lambda one: one.at)

    def faults(self) -> tuple[int, int]:
        """How many reports the platforms lack, and how many they accepted too often."""
        here = Counter(one.thing for one in self.posts())
        numbers = range(len(self.committed))
        expected = {("report", number, spot.id) for number in numbers for spot in self.spots}
        return len(expected - here.keys()), here.total() - len(here)

    def limited(self) -> dict[str, int]:
        """How many calls the platforms refused because they came too fast."""
        refused = [one.method for one in self.slack.answers if one.status == 429]
        return Counter(refused + [one.call for one in self.discord.answers if one.status == 429])

    async def settles(self, longest: float) -> None:
        """Wait until nothing is to be done any more, but not for ever."""
        ends = time.monotonic() + longest
        # What is looked at is no event of this process.
        while time.monotonic() < ends and (await self.bot.waiting() or self.faults()[0]):  # noqa: ASYNC110
            await asyncio.sleep(0.2)

    def worker(self) -> AbstractAsyncContextManager[Program]:
        """A whole process, with the times and paces in use."""
        variables = {
            "DATABASE_URL": self.database,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.url,
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
        }
        return program(self.folder, "run", "slack", "discord", **variables)

    async def connected(self, worker: Program) -> None:
        await until(lambda: self.slack.sockets.sockets and self.discord.gateway.sessions, PATIENCE)
        await asyncio.sleep(3)  # What it reads at its start is no part of being calm.
        assert worker.process.returncode is None, worker.logged


@asynccontextmanager
async def desk(database: str, folder: str, channels: int, seed: int) -> AsyncIterator[Desk]:
    slack, discord = SlackServer(), DiscordServer(Settings(rate_limits=True))
    slack.modes.retry_delays, slack.modes.rate_limits = RETRIES, True
    names = [f"lab-{number}" for number in range(channels // 2)]
    spots = [Spot("slack", slack.adds_channel(name), "off") for name in names]
    spots += [Spot("discord", discord.adds_channel(name).id, "off") for name in names]
    async with slack:
        await discord.start()
        inner = open_store(database)
        store = Stamped(inner)
        bot, chance = Bot(store), random.Random(seed)
        made = Desk(database, Path(folder), store, slack, discord, spots, bot, chance)
        try:
            await made.open()
            yield made
        finally:
            bot.close()
            inner.close()
            await discord.stop()


def gap(spots: list[Spot]) -> float:
    """So many seconds an article takes in all its channels, where that takes longest."""
    counted = Counter(spot.platform for spot in spots)
    return max(
        *(counted[name] * pace.install for name, pace in PACES.items()),
        *(pace.channel for pace in PACES.values()),
    )


def waits(here: Desk) -> list[float]:
    """Seconds from when each delivery could have been sent at best to when it was accepted."""
    platforms = {spot.id: spot.platform for spot in here.spots}
    free = dict.fromkeys(platforms, 0.0)
    install: dict[str, float] = dict.fromkeys(PACES, 0.0)
    numbered = {one.thing: one for one in reversed(here.posts()) if one.thing}
    found = []
    # Of one article the perfect sender takes the channels in the same order as we did.
    for thing, post in sorted(numbered.items(), key=lambda one: (one[0][1], one[1].at)):
        platform = platforms[post.channel]
        pace = PACES[platform]
        # An install may run ahead of its pace by a burst.
        ahead = (pace.burst - 1) * pace.install
        best = max(here.committed[thing[1]], free[post.channel], install[platform] - ahead)
        free[post.channel] = best + pace.channel
        install[platform] = max(best, install[platform]) + pace.install
        found.append(post.at - best)
    return sorted(found)


def percentile(ordered: list[float], part: float) -> float:
    """The smallest value that so large a part of all does not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


async def calm(here: Desk, articles: int, *, recovery: bool) -> dict[str, Any]:
    apart = gap(here.spots)
    async with here.worker() as worker:
        await here.connected(worker)
        for _ in range(articles):
            await here.publish()
            await asyncio.sleep(apart + here.chance.random())
        await here.settles(PATIENCE)
        ordered = waits(here)
        if ordered[-1] > 10 * SLOWEST or here.faults()[0]:
            print(*(line for line in worker.logged if "INFO" not in line), sep="\n")
        recovered = await recover(here, worker) if recovery else None
    lost, twice = here.faults()
    told = {f"p{part}": round(percentile(ordered, part / 100), 3) for part in (50, 95, 99)}
    return {
        "articles": articles,
        "channels": len(here.spots),
        "deliveries": len(ordered),
        **told,
        "max": round(ordered[-1], 3),
        "lost": lost,
        "duplicates": twice,
        "recovery_seconds": recovered,
    }


async def recover(here: Desk, worker: Program) -> float:
    """Seconds from the kill until another worker, started at once, has settled everything."""
    here.slack.faults.add(hang(accepted=True), call="chat.postMessage")
    here.discord.faults.add(hang(accepted=True), call=CREATE)
    in_slack, on_discord = len(here.slack.ledger), len(here.discord.ledger)
    await here.publish()
    # The first post on each hangs.
    await until(lambda: len(here.slack.ledger) > in_slack, PATIENCE)
    await until(lambda: len(here.discord.ledger) > on_discord, PATIENCE)
    worker.process.kill()
    killed = time.monotonic()
    async with here.worker():
        await here.settles(Timing().lease + PATIENCE)
        return round(time.monotonic() - killed, 1)


async def measure(address: str, folder: str, given: argparse.Namespace) -> dict[str, Any]:
    async with desk(address, folder, given.channels, given.seed) as here:
        longest = given.articles * (gap(here.spots) + 2) + Timing().lease + 5 * PATIENCE
        async with asyncio.timeout(longest):
            found = await calm(here, given.articles, recovery=given.recovery)
        print(*(f"{name} {found[name]} s" for name in ("p50", "p95", "p99", "max")), sep=", ")
        print(f"too fast for their platform: {dict(here.limited())}")
        return found


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measures the way of a report when all is well.")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recovery", action="store_true", help="kill the worker, in the end")
    given = parser.parse_args(words)
    folders = tempfile.TemporaryDirectory(prefix="botbeat-calm-")
    with folders as folder, database(Plan(database=given.database)) as address:
        found = asyncio.run(measure(address, folder, given))
    print(json.dumps({"database": given.database, **found, "cores": os.cpu_count()}))
    late = found["p99"] >= SLOWEST or (found["recovery_seconds"] or 0) > Timing().lease + MARGIN
    return int(bool(late or found["lost"] or found["duplicates"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
