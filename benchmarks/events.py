"""What becomes of what people say when events come several times, late, and in any order:
`python benchmarks/events.py --events 30000 --database sqlite|postgres --seed 1`.

Two processes of ours, with the real slack-bolt and discord.py, listen to the test servers. People
comment, edit and delete in a Slack and a Discord channel that share; a third channel reads. The
judge is what stands there in the end, and what the platforms were asked to do; the database only
tells whether the outbox is empty. Prints one line of JSON, and fails if anything was lost, came
back, was applied twice, or stood without words for a moment. With `--forget` the processes leave
something out, and it must fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sized
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.events_mix import LOTS, Mix
from benchmarks.events_worker import FORGETS, processes, published
from bot.bot import Bot
from tests.chaos import people
from tests.chaos.__main__ import database
from tests.chaos.ledgers import Post, posts
from tests.chaos.people import Crowd, Remark, Word
from tests.chaos.places import Spot
from tests.chaos.plan import Plan
from tests.chaos.verdict import NOTE, Judge, Verdict
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

REPORTS = 10
ECHO_FIRST = 0.01
RETRIES = (0.05, 3.0, 15.0)
"""Seconds after which Slack tries again what was not acknowledged: in use 1, 60, 300."""
BUSY, BACKLOG = 40, 300
"""People wait while so many events or copies are on their way: the machine is small."""
ACTS = {"comment": 5, "edit": 7, "delete": 1}
LATELY = 40  # comments ago, on average, was written what people change
QUIET, PATIENCE = 8.0, 240.0
SLOWEST = 40  # events in a second, else it is given up


@dataclass(slots=True)
class Place:
    """All that takes part but our processes."""

    slack: SlackServer
    discord: DiscordServer
    mix: Mix
    crowd: Crowd
    bot: Bot

    async def talk(self, events: int) -> None:
        """Until so many events were handed over. What is late, or comes again, comes on top."""
        ends, turns = time.monotonic() + 60 + events / SLOWEST, 0
        while self.mix.counts["events"] < events:
            if time.monotonic() > ends:
                raise TimeoutError("it is too slow")
            act = self.mix.chance.choices(list(ACTS), list(ACTS.values()))[0]
            self.slack.modes.echo_before_reply = self.mix.chance.random() < ECHO_FIRST
            self.mix.speaking = True
            getattr(self.crowd, act)()
            self.mix.speaking, turns = False, turns + 1
            await asyncio.sleep(0.002)
            while self.mix.busy > BUSY:  # noqa: ASYNC110 - what is waited for lies behind a socket
                await asyncio.sleep(0.005)
            if turns % 40 == 0 and await self.bot.waiting() > BACKLOG:
                await asyncio.sleep(1)

    async def quiet(self) -> None:
        """Until nothing goes on and nothing waits; not for ever."""
        signs: tuple[Sized, ...] = (self.slack.attempts, self.slack.answers, self.discord.answers)
        seen, since, ends = -1, time.monotonic(), time.monotonic() + PATIENCE
        while time.monotonic() - since < QUIET or await self.bot.waiting():
            if time.monotonic() > ends:
                return print("it does not become quiet", file=sys.stderr)
            if seen != (seen := sum(len(one) for one in signs)):
                since = time.monotonic()
            await asyncio.sleep(0.2)
        return None

    async def read_again(self) -> None:
        """Nobody listens for a moment, after which all that can be missed is read again."""
        slack, discord = len(self.slack.answers), len(self.discord.answers)
        self.slack.sockets.cut()
        self.discord.invalidates()
        await self.quiet()
        calls = {one.method for one in self.slack.answers[slack:]}
        calls |= {one.call for one in self.discord.answers[discord:]}
        if not calls >= {"conversations.replies", "GET /channels/{channel}/messages"}:
            print("nothing was read again in the end", file=sys.stderr)

    def repeats(self) -> list[str]:
        """Edits that say what stood there already, and deletions of what is gone."""
        said, again = dict[str | None, str](), list[str]()
        for one in self.slack.ledger:
            if one.method == "chat.update" and said.get(one.ts) == one.text:
                again.append(f"edited again: {one.text}")
            said[one.ts] = one.text
        for entry in self.discord.ledger.of("create", "edit"):
            if entry.verb == "edit" and said.get(entry.message) == entry.content:
                again.append(f"edited again: {entry.content}")
            said[entry.message] = entry.content
        answers = [(one.method, one.error) for one in self.slack.answers]
        answers += [(one.call[:6], str(one.code)) for one in self.discord.answers]
        gone = {("chat.delete", "message_not_found"), ("DELETE", "10008")}
        return again + [f"deleted again by {answer[0]}" for answer in answers if answer in gone]


def crowd_of(mix: Mix, spots: list[Spot]) -> Crowd:
    """People write mostly in Slack, and change what they wrote lately."""
    vars(people)["NEWCOMERS"] = 0.02
    often = [spots[0]] * 3 + spots[1:2]
    crowd = Crowd(mix.slack, mix.discord, often, mix.slack.adds_user("Ada"), mix.chance)

    def lately() -> Remark | None:
        back = 1 + int(mix.chance.expovariate(1 / LATELY))
        found = crowd.remarks[-back] if back <= len(crowd.remarks) else None
        return found if found and not found.deleted else None

    def told(remark: Remark) -> None:
        remark.words.append(Word(time.time()))

    vars(crowd).update(_living=lately, _told=told, reports_in=cache(crowd.reports_in))
    return crowd


async def measure(address: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    slack, discord, began = SlackServer(), DiscordServer(), time.monotonic()
    slack.modes.retry_delays = RETRIES
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slack)
        await discord.start()
        stack.push_async_callback(discord.stop)
        prepared = published(address, slack, discord, REPORTS, folder)
        spots, bot = await stack.enter_async_context(prepared)
        mix = Mix(slack, discord, random.Random(given.seed))
        place = Place(slack, discord, mix, crowd_of(mix, spots), bot)
        await stack.enter_async_context(processes(address, slack, discord, folder, given.forget))
        await place.quiet()
        mix.begin()
        await place.talk(given.events)
        await slack.deliveries.settled()
        await place.quiet()
        await place.read_again()
        made = list(posts(slack, discord, time.time() - time.monotonic()))
        verdict = Judge(spots, REPORTS, set(), place.crowd).judge(made, set())
    return figures(place, made, verdict) | {
        "seconds": round(time.monotonic() - began),
        "database": given.database,
        "seed": given.seed,
    }


def figures(place: Place, made: list[Post], verdict: Verdict) -> dict[str, Any]:
    """The figures of the last line, by what stands on the platforms."""
    mix, again, remarks = place.mix, place.repeats(), place.crowd.remarks
    print(*verdict.details[:9], *again[:9], sep="\n", file=sys.stderr)
    # Copies without words: their comment was deleted just before they were sent.
    blank = [one for one in made if not one.thing and not NOTE.search(one.text)]
    copies = verdict.duplicates_transient + verdict.duplicates_lasting + verdict.echoes
    return {
        "events": mix.counts["events"],
        "comments": len(remarks),
        "edits": sum(remark.version for remark in remarks),
        "deletes": sum(remark.deleted for remark in remarks),
        **{name: mix.counts[name] for name in LOTS[:-1]},
        "about_our_own": mix.counts["own"],
        "counted_by_a_note": verdict.summarised,
        "lost": verdict.lost + verdict.stale,
        "applied_twice": copies - len(blank) + len(again),
        "resurrected": verdict.undeleted + sum(one.alive for one in blank),
        "blank_for_a_moment": len(blank),
        **acknowledged(place.slack),
    }


def acknowledged(slack: SlackServer) -> dict[str, float]:
    """Seconds until Slack had its answer, which must come within three."""
    took = sorted(one.took for one in slack.attempts if one.ok)
    return {"ack_p99": round(took[len(took) * 99 // 100], 3), "ack_max": round(took[-1], 3)}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Tells of each event in every disorder.")
    parser.add_argument("--events", type=int, default=30000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forget", choices=FORGETS, nargs="?", const="events", default="")
    given = parser.parse_args(words)
    where = database(Plan(database=given.database))
    with tempfile.TemporaryDirectory(prefix="botbeat-events-") as folder, where as address:
        found = asyncio.run(measure(address, Path(folder), given))
    print(json.dumps(found))
    wrong = ("lost", "applied_twice", "resurrected", "blank_for_a_moment")
    return int(any(found[name] for name in wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
