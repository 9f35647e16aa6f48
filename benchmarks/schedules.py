"""Whether everything that matched is shown, once, whatever the schedule:
`python benchmarks/schedules.py --schedules 2000 --database sqlite|postgres --seed 1`.

Each schedule is one channel with a random zone, quiet hours, cap, and one to three subscriptions of
random modes. A simulated year passes: news comes at random moments, more of it in the nights when
clocks are set; the database is opened anew now and then, time stands still for days as if nobody
ran, and people change their minds. What each channel shows in the end is compared with what it
should have got, by articles' numbers alone. Prints one line of JSON and fails if they differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot import sharing
from bot.message import Message
from bot.model import Article, Channel, MessageRef, Person
from bot.ports import Pace
from bot.schedule import DAYS
from tests.chaos.__main__ import database
from tests.chaos.plan import Plan
from tests.chats import FakeChat
from tests.world import START, World

YEAR = 365 * 86400.0
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati", "Africa/Cairo"),
    *("America/Santiago", "Asia/Kathmandu", "Pacific/Chatham", "America/Los_Angeles"),
)
COMPANIES = ("alibaba", "openai", "mistral")
ADA = Person("slack", "U1", "Ada")


class Ledger(FakeChat):
    """Keeps what each message showed when it was posted, and nothing else, so that a year fits."""

    def __init__(self, world: World) -> None:
        super().__init__("slack", clock=world.real)
        self.pace = Pace(0.0)
        self.shown: Counter[tuple[str, int]] = Counter()
        self.messages = 0

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        self.messages += 1
        self.shown.update((channel.id, card.article) for card in message.cards)
        return MessageRef(channel, f"m{self.messages}")


def typed(chance: random.Random) -> str:
    """A random subscription with its schedule."""
    words = [chance.choice(["", "company:alibaba", "company:openai,mistral", "-company:mistral"])]
    mode = chance.choice(["instant", "digest", "digest", "hourly", "daily", "weekly"])
    words.append(f"mode:{mode}")
    if mode not in ("instant", "hourly"):
        # Half past two, which one night of the year lacks and another has twice, in any case often.
        times = [chance.choice(["02:30", "00:00", "09:00", f"{chance.randrange(24)}:15"])]
        times += ["17:45"] * (chance.random() < 0.3)
        words.append(f"at:{','.join(times)}")
        if mode == "digest" and chance.random() < 0.5:
            words.append(f"days:{','.join(chance.sample(DAYS, chance.randint(1, 5)))}")
    return " ".join(words)


def settings(chance: random.Random) -> str:
    words = [f"tz:{chance.choice(ZONES)}"]
    if chance.random() < 0.5:
        begins, ends = chance.sample(range(24), 2)
        words.append(f"quiet:{begins}:{chance.choice(['00', '30'])}-{ends}:00")
    words.append(f"max:{chance.choice(['1', '3', '20', 'all'])}")
    return " ".join(words)


class Year:
    def __init__(self, world: World, schedules: int, seed: int) -> None:
        self._world, self._chance = world, random.Random(f"{seed} year")
        self._channels = [Channel("slack", f"C{number}") for number in range(schedules)]
        self.expected: Counter[tuple[str, int]] = Counter()
        self.restarts = self.articles = self.changes = 0
        self.ledger = Ledger(world)
        world.slack.chat = self.ledger
        world.restarts()

    async def people_subscribe(self) -> None:
        for channel in self._channels:
            await self._says(channel, f"settings {settings(self._chance)}")
            for _ in range(self._chance.randint(1, 3)):
                await self._says(channel, f"subscribe {typed(self._chance)}")

    async def passes(self, articles: int) -> None:
        world, chance = self._world, self._chance
        moments = sorted(START + chance.random() * YEAR for _ in range(articles))
        for number, moment in enumerate(moments):
            # Often nobody runs for a while, and much is due at once afterwards.
            if chance.random() < 0.2:
                while world.clock.now < moment:
                    world.clock.now = min(moment, world.clock.now + chance.choice([600, 7200]))
                    await self._works()
            world.clock.now = max(world.clock.now, moment)
            self._publish(number)
            if chance.random() < 0.3:
                world.restarts()
                self.restarts += 1
            if chance.random() < 0.3:
                await self._changes_mind()
            await self._works()
        world.clock.now += 8 * 86400
        for _ in range(20):
            await self._works()
            world.clock.now += 86400

    def _publish(self, number: int) -> None:
        company = self._chance.choice(COMPANIES)
        now = self._world.clock.now
        article = Article(
            (int(now) << 20) + number, f"News {number}", "https://x.example", now, (company,)
        )
        with self._world.store.write() as tx:
            kept = tx.articles.add(article, [f"n{number}"])
            assert kept
            sharing.share(tx, article)
            for channel in self._channels:
                if any(_wants(one.query, company) for one in tx.subscriptions.of(channel)):
                    self.expected[(channel.id, kept)] += 1
        self.articles += 1

    async def _changes_mind(self) -> None:
        channel = self._chance.choice(self._channels)
        with self._world.store.read() as tx:
            (one, *_) = tx.subscriptions.of(channel)
        _, _, mode = typed(self._chance).partition("mode:")
        await self._says(channel, f"set {one.id} mode:{mode}")
        await self._says(channel, f"settings {settings(self._chance)}")
        self.changes += 1

    async def _says(self, channel: Channel, text: str) -> None:
        answer = await self._world.bot.command(channel, ADA, text)
        assert "Nothing was changed" not in answer.text, (text, answer.text)

    async def _works(self) -> None:
        while await self._world.worker.deliver_due():
            pass


def _wants(query: str, company: str) -> bool:
    """What the few queries of this script mean, said without the product's matcher."""
    names = query.partition("company:")[2].split(",")
    if not query:
        return True
    return (company not in names) if query.startswith("-") else (company in names)


async def run(schedules: int, articles: int, seed: int, address: str) -> dict[str, object]:
    began = time.monotonic()
    world = World(address)
    year = Year(world, schedules, seed)
    await year.people_subscribe()
    await year.passes(articles)
    world.close()
    missing = year.expected - year.ledger.shown
    more = year.ledger.shown - year.expected
    return {
        "schedules": schedules,
        "articles": articles,
        "matched": year.expected.total(),
        "shown": year.ledger.shown.total(),
        "missing": missing.total(),
        "twice_or_unwanted": more.total(),
        "messages": year.ledger.messages,
        "restarts": year.restarts,
        "changes": year.changes,
        "seed": seed,
        "seconds": round(time.monotonic() - began),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=2000)
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with database(Plan(database=args.database)) as address:
        result = asyncio.run(run(args.schedules, args.articles, args.seed, address))
    print(json.dumps(result | {"database": args.database}))
    return 1 if result["missing"] or result["twice_or_unwanted"] else 0


if __name__ == "__main__":
    sys.exit(main())
