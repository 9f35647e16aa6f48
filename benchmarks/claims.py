"""What it costs to take what is due, on the first day and beside a backlog:
`python benchmarks/claims.py --waiting 13000 --database sqlite|postgres`.

Side by side in one run: a look at the outbox of 150 channels on their first day, with one report
waiting for each, and later, with 42,000 that were posted and a backlog, half of which are comments.
Of each the median of some rounds, each in a transaction that is rolled back. Prints one line of
JSON, and fails where a look is more than twice as dear later.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import insert, text

from benchmarks.subscriptions import rounds
from bot.ports import Pace
from bot.store import Tx
from storage import schema as t
from storage.rows import new_key
from storage.store import SqlStore, open_store
from storage.store import Tx as StoredTx
from tests.chaos.__main__ import database
from tests.chaos.plan import Plan

CHANNELS, POSTED, ROOM, ROUNDS = 150, 42_000, 20, 41
DEARER = 2.0
NOW = 1_777_000_000.0
PACES = {"slack": Pace()}


def delivery(number: int, state: str) -> dict[str, Any]:
    """Each channel has its turn; half of what waits are comments under what was posted."""
    comment = number >= POSTED and number // CHANNELS % 2 == 0
    return {
        "channel_id": 1 + number % CHANNELS,
        "kind": "comment" if comment else "report",
        "subject": number,
        "article_id": number % POSTED if comment else number,
        "key": new_key(),
        "state": state,
        "wanted": 1,
        "shown": int(state == "shown"),
        "message": f"{number}.1" if state == "shown" else None,
        "rank": NOW + number / 1000,
        "created": NOW,
        "due": NOW,
    }


def add(store: SqlStore, first: int, last: int, state: str) -> None:
    with store.write() as tx:
        assert isinstance(tx, StoredTx)
        run = tx._session.connection.execute
        for start in range(first, last, 5000):
            run(
                insert(t.delivery),
                [delivery(number, state) for number in range(start, min(last, start + 5000))],
            )
        run(text("ANALYZE"))


def fill(store: SqlStore) -> None:
    places = [
        {"id": n, "platform": "slack", "external": f"C{n}", "team_id": 1}
        for n in range(1, CHANNELS + 1)
    ]
    with store.write() as tx:
        assert isinstance(tx, StoredTx)
        tx._session.connection.execute(insert(t.channel), places)


def look(store: SqlStore) -> float:
    """Milliseconds that it takes to claim as much as there is room for."""

    def claim(tx: Tx) -> None:
        claimed = tx.deliveries.claim(PACES, 90, ROOM)
        assert len({one.channel for one in claimed}) == ROOM

    return 1000 * rounds(store, claim, ROUNDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=13_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    args = parser.parse_args()
    with database(Plan(database=args.database)) as address:
        store = open_store(address, lambda: NOW + 60)
        fill(store)
        add(store, 0, CHANNELS, "pending")
        first_day = look(store)
        add(store, CHANNELS, POSTED, "shown")
        add(store, POSTED, POSTED + args.waiting - CHANNELS, "pending")
        later = look(store)
        store.close()
    dearer = round(later / first_day, 2)
    print(
        json.dumps(
            {
                "database": args.database,
                "waiting": args.waiting,
                "first_day_ms": round(first_day, 2),
                "later_ms": round(later, 2),
                "times_as_dear": dearer,
            }
        )
    )
    return int(dearer > DEARER)


if __name__ == "__main__":
    sys.exit(main())
