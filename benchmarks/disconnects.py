"""What becomes of comments while Discord's gateway breaks again and again:
`python benchmarks/disconnects.py --disconnects 1000`.

A whole process of ours, with the real discord.py, listens to the test server, which ends the
connection in each way there is, while people comment, edit and delete. In the end what Discord
holds is compared with what the core knows and with the copies in a second channel. All times that
only wait are a thousandth of those in use. Prints one line of JSON, and fails if anything was
lost or applied twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import discord.client
from discord.backoff import ExponentialBackoff

from adapters.discord import gateway, starts
from bot import catchup
from tests.discord_process import TITLES, Process, process
from tests.servers.discord import Channel, DiscordServer, Settings, User
from tests.waiting import until

SCALE = 0.001
REPORTS = 5
TALKS, EDITS, DELETES = 2, 1, 0.5
"""So many comments, edits and deletions go with each disconnect, on average."""
NUMBER = re.compile(r"No-\d+")


class Quick(ExponentialBackoff[Any]):
    """The library's own pauses, scaled like ours."""

    def delay(self) -> Any:
        return super().delay() * SCALE


@dataclass
class Crowd:
    """People in the threads of the first channel. `standing` is what they left there."""

    server: DiscordServer
    person: User
    threads: list[Channel]
    chance: random.Random
    standing: dict[str, str] = field(default_factory=dict)
    said: int = 0

    def acts(self) -> None:
        for _ in range(TALKS):
            self.said += 1
            words = f"No-{self.said}"
            thread = self.chance.choice(self.threads)
            number = self.server.person_says(thread, self.person, words)
            self.standing[number] = words
        number = self.chance.choice(list(self.standing))
        self.standing[number] = NUMBER.findall(self.standing[number])[0] + f" edited {time.time()}"
        self.server.person_edits(number, self.standing[number])
        if self.chance.random() < DELETES:
            number = self.chance.choice(list(self.standing))
            del self.standing[number]
            self.server.person_deletes(number)


def endings(server: DiscordServer) -> dict[str, Callable[[], None]]:
    """Each way in which a connection ends: after some the session is lost."""
    closes = {str(code): lambda code=code: server.drops(code) for code in (1000, 1001, 4000)}
    lost = {str(code): lambda code=code: server.drops(code) for code in (4007, 4009)}
    return {
        **closes,
        **lost,
        "1006": server.drops,
        "op 7": server.asks_to_reconnect,
        "op 9 true": lambda: server.invalidates(resumable=True),
        "op 9 false": server.invalidates,
    }


async def storm(crowd: Crowd, disconnects: int) -> Counter[str]:
    """Ends the connection so often, each time as soon as it is up again."""
    server, ended = crowd.server, Counter[str]()
    ways = endings(server)
    for turn in range(disconnects):
        await until(lambda: any(link.session for link in server.gateway.links), 120)
        before = list(server.gateway.links)
        way = list(ways)[turn % len(ways)]
        if crowd.chance.random() < 0.5:  # Words on the way when the connection ends, or after.
            crowd.acts()
        ways[way]()
        ended[way] += 1
        if crowd.chance.random() < 0.75:
            crowd.acts()
        await until(lambda: server.gateway.links != before, 120)  # noqa: B023 - waited for here
    return ended


async def delivering(here: Process) -> None:
    while True:
        await here.worker.deliver_due()
        await asyncio.sleep(0.02)


def differences(here: Process, crowd: Crowd, other: Channel) -> tuple[set[str], int]:
    """Whose words are not everywhere as they stand on Discord, and how many copies are too many.

    Of a flood of missed comments the outbox copies only the newest, and a note counts the others.
    """
    known = {ref.partition("/")[2]: text for ref, text in here.comments().items()}
    wrong = {number for number, text in crowd.standing.items() if known.get(number) != text}
    wrong |= known.keys() - crowd.standing.keys()
    copies = [copy for report in here.server.messages(other) for copy in here.reports(report.id)]
    shown = Counter(copy.partition("): ")[2] for copy in copies)
    counted = here.counted()
    right = {text for number, text in crowd.standing.items() if number not in counted}
    wrong |= right - shown.keys() | {text for text in shown if NUMBER.match(text)} - set(
        crowd.standing.values()
    )
    created = Counter(
        NUMBER.findall(entry.content.partition("): ")[2])[0]
        for entry in here.server.ledger.of("create")
        if "): No-" in entry.content
    )
    return wrong, sum(count - 1 for count in created.values())


async def settled(here: Process, crowd: Crowd, other: Channel) -> tuple[set[str], int]:
    """The differences that are left when nothing changes any more."""
    with suppress(TimeoutError):
        await until(lambda: not here.pending() and not differences(here, crowd, other)[0], 300)
    return differences(here, crowd, other)


async def measure(folder: str, disconnects: int, seed: int) -> dict[str, Any]:
    server = DiscordServer(Settings(session_starts=100 * disconnects))
    await server.start()
    other, began = server.adds_channel("second"), time.monotonic()
    async with process(f"sqlite:///{folder}/botbeat.db", server, gap=starts.GAP * SCALE) as here:
        await here.subscribes(server.channel.id, other.id)
        for title in TITLES[:REPORTS]:
            await here.publishes(title)
        await here.delivers(120)
        ada = server.adds_person("Ada")
        threads = [server.starts_thread(one, ada) for one in server.messages(server.channel)]
        crowd = Crowd(server, ada, threads, random.Random(seed))
        await here.listens()
        working = asyncio.create_task(delivering(here))
        ended = await storm(crowd, disconnects)
        wrong, twice = await settled(here, crowd, other)
        working.cancel()
        counted, waiting = len(here.counted()), here.pending()
    await server.stop()
    for one in sorted(wrong)[:5]:
        print(f"not the same everywhere: {one}", file=sys.stderr)
    return {
        "disconnects": dict(sorted(ended.items())),
        "comments": crowd.said,
        "counted_by_a_note": counted,
        "still_to_be_copied": waiting,
        "lost": len(wrong),
        "applied_twice": twice,
        "identifies": len(server.gateway.identifies),
        "resumes": len(server.gateway.resumes),
        "seconds": round(time.monotonic() - began),
        "seed": seed,
    }


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Ends Discord's connection in each way.")
    parser.add_argument("--disconnects", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    logging.disable(logging.WARNING)
    for module, name in ((starts, "HOUR"), (starts, "LONGEST_PAUSE"), (starts, "EVERY")):
        setattr(module, name, getattr(module, name) * SCALE)
    vars(gateway)["AGAIN"] = gateway.AGAIN * SCALE * 10
    vars(catchup)["FRESH"] = catchup.FRESH * SCALE
    vars(discord.client)["ExponentialBackoff"] = Quick
    with tempfile.TemporaryDirectory(prefix="botbeat-disconnects-") as folder:
        found = asyncio.run(measure(folder, given.disconnects, given.seed))
    print(json.dumps(found))
    return int(bool(found["lost"] or found["applied_twice"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
