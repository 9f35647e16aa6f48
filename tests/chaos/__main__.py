"""`python -m tests.chaos --deliveries N --seed S --database sqlite|postgres [--sender naive]`.

The last line is one JSON object; the exit code is 1 if a promise was broken, or a trouble that
was planned never came. What was broken where goes to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.chaos.plan import Plan
from tests.chaos.run import run
from tests.postgres import running_postgres


def planned(words: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--deliveries", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--sender", choices=("botbeat", "naive"), default="botbeat")
    parser.add_argument("--time-scale", type=float, default=0.05)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--rate", type=float, default=Plan().rate, help="deliveries in a second")
    parser.add_argument("--remarks", type=int, default=0, help="how many comments people write")
    parser.add_argument("--only", default="", help="the troubles to make, parted by commas")
    parser.add_argument("--without", default="", help="the troubles not to make")
    parser.add_argument("--logs", default="", help="a folder in which the workers' logs stay")
    given = parser.parse_args(words)
    return Plan(
        deliveries=given.deliveries,
        seed=given.seed,
        database=given.database,
        naive=given.sender == "naive",
        scale=given.time_scale,
        workers=given.workers,
        rate=given.rate,
        remarks=given.remarks,
        logs=given.logs,
        only=tuple(name for name in given.only.split(",") if name),
        without=tuple(given.without.split(",")),
    )


@contextmanager
def database(plan: Plan) -> Iterator[str]:
    """A new database of the wanted kind."""
    if plan.database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="botbeat-chaos-") as folder:
            yield f"sqlite:///{Path(plan.logs or folder).absolute() / 'botbeat.db'}"
        return
    with running_postgres() as address:
        with psycopg.connect(address, autocommit=True) as server:
            server.execute("CREATE DATABASE chaos")
        yield address.rsplit("/", 1)[0] + "/chaos"


def main(words: list[str]) -> int:
    plan = planned(words)
    if plan.logs:
        Path(plan.logs).mkdir(parents=True, exist_ok=True)
    with database(plan) as address:
        result, verdict = asyncio.run(run(plan, address))
    for line in verdict.details:
        print(line, file=sys.stderr)
    faults = result["faults"]
    assert isinstance(faults, dict)
    missing = [name for name, count in faults.items() if not count]
    for complaint in (*verdict.broken, *(f"{name} never fired" for name in missing)):
        print(f"NOT HELD: {complaint}", file=sys.stderr)
    print(json.dumps(result))
    return 1 if verdict.broken or missing or not result["quiet"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
