"""How soon people on Discord get their answers from a real `botbeat run discord`:
`python benchmarks/discord_answers.py --database sqlite|postgres --articles 100000`.

The process listens with the real discord.py to the Discord of our tests, on this machine. Measured
is `/botbeat qwen`, one after the other and each with another page: from when Discord hands it over
until the first answer, which it must have within 3 seconds, and until what was asked for stands
there. Prints one line of JSON, and fails if the first answer took too long.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.slack import fill, percentile
from storage.store import open_store
from tests.chaos.__main__ import database
from tests.chaos.plan import Plan
from tests.processes import program
from tests.servers.discord import DiscordServer, User
from tests.waiting import until

FIRST = 0.3
"""Seconds that a first answer may take at the 99th percentile."""
WARM_UP, PAUSE = 5, 0.05


async def searched(
    discord: DiscordServer, ada: User, times: int
) -> tuple[list[float], list[float]]:
    """Seconds from each command to its first answer, and to its last."""
    first: list[float] = []
    last: list[float] = []
    for number in range(times):
        began = time.monotonic()
        typed = {"query": f"qwen page:{number % 50 + 1}"}
        asked = discord.slash(discord.channel, ada, "botbeat", typed)
        await asked.acknowledged(30)
        first.append(time.monotonic() - began)
        await asked.answer(30)
        last.append(time.monotonic() - began)
        assert "qwen" in asked.text.lower(), asked.text
        await asyncio.sleep(PAUSE)
    return first, last


async def measured(address: str, folder: str, args: argparse.Namespace) -> dict[str, Any]:
    store = open_store(address)
    await asyncio.to_thread(fill, store, args.articles)
    store.close()
    discord = DiscordServer()
    await discord.start()
    ada = discord.adds_person("Ada")
    variables = {
        "DATABASE_URL": address,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
    }
    try:
        async with program(Path(folder), "run", "discord", **variables):
            await until(lambda: any(link.session for link in discord.gateway.links), 60)
            await searched(discord, ada, WARM_UP)
            first, last = await searched(discord, ada, args.searches)
    finally:
        await discord.stop()
    return {
        "first_p50": round(percentile(first, 0.5), 4),
        "first_p99": round(percentile(first, 0.99), 4),
        "answer_p50": round(percentile(last, 0.5), 4),
        "answer_p99": round(percentile(last, 0.99), 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=500)
    args = parser.parse_args()
    with database(Plan(database=args.database)) as address, tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(measured(address, folder, args))
    print(json.dumps(vars(args) | told))
    return 0 if told["first_p99"] <= FIRST else 1


if __name__ == "__main__":
    sys.exit(main())
