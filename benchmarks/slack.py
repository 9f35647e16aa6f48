"""How soon Slack gets its answers from a real `botbeat run slack`:
`python benchmarks/slack.py --database sqlite|postgres --articles 100000 --events 10000`.

The process delivers and listens by Socket Mode to the Slack of our tests, on this machine. Measured
are `/botbeat qwen`, from the command to the answer at its `response_url`, one after the other and
each with another page; and events, replies under a report at 50 a second, from when Slack hands one
over to its acknowledgement. Beside them in the same run: the database's round trip, the median of
as many small transactions as it has seconds, by another connection. Prints one line of JSON, and
fails if it took too long.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.articles import number_for, store_old
from bot.model import TYPES, Article, Sighting, Takeaway
from bot.store import Store
from storage.store import open_store
from tests.chaos.__main__ import database
from tests.chaos.newsroom import SYLLABLES
from tests.chaos.plan import Plan
from tests.processes import program
from tests.servers.slack import SlackServer
from tests.waiting import until

ANSWERED, LATE = 0.3, 2.5
"""Seconds: an answer to a search at the 99th percentile, and an acknowledgement at the latest."""
ROUND_TRIPS, MORE = 6, 0.05
"""An acknowledgement at the 99th percentile takes so many round trips, and so many seconds."""
COMPANIES = ("alibaba", "openai", "google", "anthropic", "mistral-ai", "nvidia", "meta", "")
BATCH = 1000


def article(number: int, now: float, chance: random.Random) -> Article:
    """One of many: every twentieth tells of Qwen."""
    name = "".join(chance.choices(SYLLABLES, k=3)).title()
    title = f"{'Qwen' if number % 20 == 0 else name} {number % 9} is released by {name} labs"
    company = chance.choice(COMPANIES)
    published = now - number * 60.0
    url = f"https://news.example/{number}"
    return Article(
        number_for(published, url),
        title,
        url,
        published,
        (company,) if company else (),
        chance.choice(TYPES),
        takeaways=(Takeaway(f"{name} has {number} parameters and costs less than others."),),
        summary=f"The company says that {name} is better at mathematics than what it had before.",
        sightings=(Sighting("Blog", url),),
    )


def fill(store: Store, count: int) -> None:
    chance, now = random.Random(1), time.time() - 3600
    for start in range(0, count, BATCH):
        some = [article(n, now, chance) for n in range(start, min(count, start + BATCH))]
        with store.write() as tx:
            tx.articles.lock_publishing()
            store_old(tx, [(one, [f"url:{one.url}"]) for one in some])


def percentile(times: list[float], part: float) -> float:
    ordered = sorted(times)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


async def searched(slack: SlackServer, lab: str, ada: str, times: int) -> list[float]:
    """Seconds from each command to its answer."""
    took = []
    for number in range(times):
        began = time.monotonic()
        gesture = slack.slash(lab, ada, f"qwen page:{number % 50 + 1}")
        answer = await gesture.first(30)
        took.append(time.monotonic() - began)
        assert "qwen" in (answer.text + str(answer.blocks)).lower(), answer.text
    return took


async def round_trips(store: Store, seconds: float, took: list[float]) -> None:
    """Small transactions that write, one a second."""

    def one() -> None:
        began = time.monotonic()
        with store.write() as tx:
            tx.desk.lease("benchmark", "benchmark", 60)
        took.append(time.monotonic() - began)

    for _ in range(max(5, int(seconds))):
        await asyncio.to_thread(one)
        await asyncio.sleep(1)


async def acknowledged(
    slack: SlackServer, lab: str, ada: str, events: int, rate: float
) -> list[float]:
    """Seconds until each reply under the only report was acknowledged."""
    slack.slash(lab, ada, "share " + str(await newest(slack, lab, ada)))
    await until(lambda: slack.state.channels[lab].living(), 30)
    root = slack.state.channels[lab].living()[0].ts
    await slack.settled()
    before, began = len(slack.attempts), time.monotonic()
    for number in range(events):
        slack.person_says(lab, ada, f"Reply {number}", root)
        await asyncio.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))
    await slack.settled()
    tried = [one for one in slack.attempts[before:] if one.event == "message"]
    assert len(tried) >= events
    return [one.took if one.ok else math.inf for one in tried]


async def newest(slack: SlackServer, lab: str, ada: str) -> int:
    """The number of the newest report, as it stands in the command of a button."""
    answer = await slack.slash(lab, ada, "latest limit:1").first(30)
    found = re.search(r"(?:why|share|show) (\d+)", json.dumps(answer.blocks))
    assert found, answer.text
    return int(found[1])


async def measured(address: str, folder: str, args: argparse.Namespace) -> dict[str, Any]:
    store = open_store(address)
    await asyncio.to_thread(fill, store, args.articles)
    async with SlackServer() as slack:
        ada = slack.adds_user("Ada")
        lab = slack.adds_channel("lab", members=[ada])
        variables = {
            "DATABASE_URL": address,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.url,
        }
        async with program(Path(folder), "run", "slack", **variables):
            await until(lambda: len(slack.sockets.sockets) >= 2, 60)
            await searched(slack, lab, ada, 5)
            answers = await searched(slack, lab, ada, args.searches)
            trips: list[float] = []
            beside = asyncio.create_task(round_trips(store, args.events / args.rate, trips))
            acks = await acknowledged(slack, lab, ada, args.events, args.rate)
            await beside
    store.close()
    trip = statistics.median(trips)
    return {
        "search_p50": round(percentile(answers, 0.5), 4),
        "search_p99": round(percentile(answers, 0.99), 4),
        "round_trip": round(trip, 5),
        "ack_p50": round(percentile(acks, 0.5), 4),
        "ack_p99": round(percentile(acks, 0.99), 4),
        "ack_max": round(max(acks), 4),
        "ack_may_take": round(ROUND_TRIPS * trip + MORE, 4),
        "late": sum(one > LATE for one in acks),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=500)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=50)
    args = parser.parse_args()
    with database(Plan(database=args.database)) as address, tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(measured(address, folder, args))
    print(json.dumps(vars(args) | told))
    met = told["search_p99"] < ANSWERED and told["ack_p99"] < told["ack_may_take"]
    return 0 if met and not told["late"] else 1


if __name__ == "__main__":
    sys.exit(main())
