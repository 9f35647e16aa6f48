"""What one new report costs against many subscriptions:
`python benchmarks/subscriptions.py --subscriptions 100000 --database sqlite|postgres`.

Side by side in one run: deciding by the stored terms against loading all subscriptions and asking
each; storing the deliveries against a bare insert of the same rows into the same table. Of each,
the median of some rounds, each in a transaction that is rolled back. 70 % ask for a company, 20 %
for a word, 10 % for everything. Prints one line of JSON, and fails if a measure is not met.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import insert, select

from bot import catalogue, sharing
from bot.model import Article, Takeaway
from bot.outbox import Wanted
from bot.query import looked_at, parse
from bot.store import Tx
from storage import schema as t
from storage.rows import new_key
from storage.store import SqlStore, open_store
from storage.store import Tx as StoredTx
from tests.chaos.__main__ import database
from tests.chaos.plan import Plan

FASTER, DEARER, GROWN = 20.0, 1.5, 1.3
ROUNDS = 7
NOW = 1_777_000_000.0
WORDS = [first + second for first in "bcdfghjklmnprstvz" for second in ("oria", "ulum", "enta")]
REPORT = Article(
    (int(NOW) << 20) + 1,
    "Alibaba releases the Qwen 4 AI model with boria and open weights",
    "https://news.example/qwen",
    NOW,
    ("alibaba",),
    takeaways=(Takeaway("It is the largest open model of the company so far, by denta."),),
    summary="The company says that it beats others at mathematics, and costs less to run.",
)


class RolledBack(Exception):
    """The round is over."""


def query(chance: random.Random, companies: list[str]) -> str:
    kind = chance.random()
    if kind < 0.7:
        return f"company:{chance.choice(companies)}"
    return chance.choice(WORDS) if kind < 0.9 else ""


def fill(store: SqlStore, count: int, seed: int) -> None:
    """One channel for each subscription, which is the dearest case for what is stored."""
    chance = random.Random(seed)
    companies = [one.slug for one in catalogue.companies()]
    with store.write() as tx:
        assert isinstance(tx, StoredTx)
        run = tx._session.connection.execute
        run(insert(t.person), [{"id": 1, "platform": "slack", "external": "U1"}])
        for start in range(0, count, 5000):
            numbers = range(start + 1, min(count, start + 5000) + 1)
            asked = [query(chance, companies) for _ in numbers]
            run(
                insert(t.channel),
                [
                    {"id": n, "platform": "slack", "external": f"C{n}", "team_id": 1}
                    for n in numbers
                ],
            )
            run(
                insert(t.subscription),
                [
                    {"id": n, "channel_id": n, "query": text, "options": {}, "person_id": 1}
                    for n, text in zip(numbers, asked, strict=True)
                ],
            )
            run(
                insert(t.subscription_term),
                [
                    {"subscription_id": n, "channel_id": n, "kind": kind, "value": value}
                    for n, text in zip(numbers, asked, strict=True)
                    for kind, value in parse(text, NOW).anchors()
                ],
            )


def rounds(store: SqlStore, work: Callable[[Tx], object], count: int = ROUNDS) -> float:
    """The median of seconds."""
    took = []
    for _ in range(count):
        try:
            with store.write() as tx:
                began = time.perf_counter()
                work(tx)
                took.append(time.perf_counter() - began)
                raise RolledBack
        except RolledBack:
            pass
    return statistics.median(took)


def decide(tx: Tx) -> list[Wanted]:
    return [one for _, wanted in sharing.decided(tx, REPORT) for one in wanted]


def loop(tx: Tx) -> list[int]:
    """What one would write without the stored terms."""
    assert isinstance(tx, StoredTx)
    looked = looked_at(REPORT)
    chosen = (
        select(t.subscription.c.id, t.subscription.c.query, t.channel.c.platform)
        .add_columns(t.channel.c.external, t.channel.c.quiet, t.channel.c.zone)
        .join(t.channel, t.channel.c.id == t.subscription.c.channel_id)
        .where(t.subscription.c.removed == 0, t.subscription.c.paused_until <= tx.now)
    )
    rows = tx._session.connection.execute(chosen).all()
    return [row.id for row in rows if parse(row.query, NOW).matches(looked)]


def rows_of(wanted: list[Wanted]) -> list[dict[str, Any]]:
    """What `want_all` stores of them, made before the clock runs."""
    return [
        {
            "channel_id": one.place,
            "kind": "report",
            "subject": REPORT.id,
            "article_id": REPORT.id,
            "key": new_key(),
            "wanted": 1,
            "created": NOW,
            "due": NOW,
            "state": "pending",
            "subscription": 0,
            "reason": "",
        }
        for one in wanted
    ]


def bare(tx: Tx, rows: list[dict[str, Any]]) -> None:
    assert isinstance(tx, StoredTx)
    tx._session.connection.execute(insert(t.delivery), rows)


def peak(store: SqlStore, share_of: Article) -> int:
    """The most bytes that sharing it holds at once."""
    tracemalloc.start()
    rounds(store, lambda tx: sharing.share(tx, share_of), 1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def measured(store: SqlStore) -> dict[str, object]:
    with store.read() as tx:
        wanted, asked = decide(tx), loop(tx)
    assert len(wanted) == len(asked), (len(wanted), len(asked))

    deciding, looping = rounds(store, decide), rounds(store, loop, 3)
    stored = rounds(store, lambda tx: tx.deliveries.want_all(REPORT.id, 1, wanted))
    rows = rows_of(wanted)
    inserted = rounds(store, lambda tx: bare(tx, rows))
    return {
        "matching": len(wanted),
        "deciding_ms": round(1000 * deciding, 1),
        "looping_ms": round(1000 * looping, 1),
        "times_as_fast": round(looping / deciding, 1),
        "storing_ms": round(1000 * stored, 1),
        "bare_insert_ms": round(1000 * inserted, 1),
        "times_as_dear": round(stored / inserted, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    peaks = []
    for count in (args.subscriptions // 4, args.subscriptions):
        with database(Plan(database=args.database)) as address:
            store = open_store(address, lambda: NOW + 60)
            fill(store, count, args.seed)
            peaks.append(peak(store, REPORT))
            result = measured(store)
            store.close()
    result |= {"peak_mb": [round(one / 1e6, 1) for one in peaks]}
    print(json.dumps({"subscriptions": args.subscriptions, "database": args.database} | result))
    grown = peaks[1] / peaks[0]
    met = result["times_as_fast"] >= FASTER and result["times_as_dear"] <= DEARER  # type: ignore[operator]  # numbers
    return 0 if met and grown <= GROWN else 1


if __name__ == "__main__":
    sys.exit(main())
