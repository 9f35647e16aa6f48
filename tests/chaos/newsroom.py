"""The news of a run. A feed lies in a file; the workers collect it and publish, as the collector
does, in the same storm: they may die at any of it.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

from bot.bot import Bot
from bot.model import Found, Page, Takeaway, Written
from bot.ports import Source, Visit
from bot.store import Store, StoreAway
from tests.chaos.places import COMPANY, FADING

SYLLABLES = ("ba", "dor", "fex", "gul", "hiv", "jem", "kro", "lun", "mip", "nar", "pox", "quil")
FEED = "https://blog.example/feed"
NEWEST = 200
"""So many items a feed lists. At a worker's death they are offered again by the next visit."""
REVISED = 12
"""Of so many articles one gets a new headline, which begins like the old one and ends so:"""
ADDED = "now faster"
OTHER, GARDEN = 5, "How to prune roses"
"""After so many articles comes one that is no AI news, which nobody may get. It has no mark."""
BETWEEN = 0.5
"""Seconds between two visits of the feed."""
OFTEN, BACK_SOON = 0.03, 0.15
"""How likely a worker looks whether all is quiet, and adds what was given up, at each visit."""
T = TypeVar("T")


async def surely(work: Callable[[], Awaitable[T]]) -> T:
    """Again and again while the database is away."""
    while True:
        try:
            return await work()
        except StoreAway:
            await asyncio.sleep(0.2)


class Newsroom:
    """Each article has a mark `zr<number>z` in its headline, by which the judge knows it."""

    def __init__(self, bot: Bot, store: Store, feed: Path, chance: random.Random) -> None:
        self._bot, self._store, self._feed, self._chance = bot, store, feed, chance
        self._last: deque[Found] = deque(maxlen=REVISED)
        self.offered = 0
        self.revised: set[int] = set()

    async def open(self) -> None:
        """The feed is known, and has been visited: what comes now is news."""
        self._feed.touch()
        await self._bot.add_source(Source(0, FEED, "Blog"))
        for source in await self._bot.due_sources(2):
            await self._bot.visited(source, Visit(0))

    def publish(self) -> None:
        """One more article stands in the feed; now and then one of before has a new headline."""
        number, self.offered = self.offered, self.offered + 1
        word = "".join(self._chance.choices(SYLLABLES, k=4)).title()
        title = f"Alibaba releases the AI model {word} zr{number:05d}z"
        text = f"{title}. It is an AI model."
        self._last.append(Found(_url(number), _url(number), title, time.time(), text))
        self._print(self._last[-1])
        if self.offered % OTHER == 0:
            other = f"https://blog.example/garden/{number}"
            self._print(Found(other, other, f"{GARDEN} in {word}", time.time(), "Roses bloom."))
        if self.offered % REVISED == 0:
            older = self._last.popleft()
            self.revised.add(self.offered - len(self._last) - 1)
            self._print(replace(older, title=f"{older.title} {ADDED}"))

    def _print(self, found: Found) -> None:
        with self._feed.open("a") as feed:
            feed.write(json.dumps(asdict(found)) + "\n")

    def articles(self) -> dict[int, int]:
        """The numbers of those that are published, as BotBeat calls them."""
        with self._store.read() as tx:
            keyed = {n: tx.articles.keyed([f"url:{_url(n)}"]) for n in range(self.offered)}
        found = {number: article for number, article in keyed.items() if article is not None}
        if len(set(found.values())) < len(found):
            raise RuntimeError("an article was taken for another one")
        return found

    async def finish(self, longest: float) -> None:
        """Wait until all are published, but not for ever. The fading source stays as it is."""
        _calm(self._feed).touch()
        ends = time.monotonic() + longest
        while time.monotonic() < ends:
            if len(await surely(lambda: asyncio.to_thread(self.articles))) == self.offered:
                return
            await asyncio.sleep(0.5)


async def collect(bot: Bot, feed: Path) -> None:
    """A worker's part: visit the feed when it is due, publish what it offered; until cancelled."""
    while True:
        try:
            for source in await bot.due_sources(2):
                if source.url == FADING.url:
                    await _fade(bot, source, feed)
                    continue
                await bot.offered(source, _newest(feed))
                await bot.visited(source, Visit(BETWEEN))
            if random.random() < OFTEN:
                await bot.look_whether_quiet()
            if random.random() < BACK_SOON and not _calm(feed).exists():
                await bot.add_source(FADING)
            while await _written(bot):
                continue
        except StoreAway:
            pass
        await asyncio.sleep(BETWEEN / 2)


async def _fade(bot: Bot, source: Source, feed: Path) -> None:
    """What was given up and is visited again answers once; then it is gone for good again."""
    gone = not source.failures and not _calm(feed).exists()
    await bot.visited(source, Visit(BETWEEN, "gone", disabled=True) if gone else Visit(8 * BETWEEN))


async def _written(bot: Bot) -> int:
    entries = await bot.open_entries(5)
    for entry in entries:
        judgement = await bot.judged(entry, Page(entry.found.url))
        if judgement is None and entry.found.title.startswith(GARDEN):
            continue
        if judgement is None:
            raise RuntimeError(f"{entry.found.title!r} is taken for no AI news")
        words = Written(entry.found.title, (Takeaway("It is a model."),), "")
        judgement = replace(judgement, companies=(COMPANY,))
        await bot.published(entry, judgement, words, [f"url:{entry.found.url}"])
    return len(entries)


def _newest(feed: Path) -> list[Found]:
    lines = feed.read_text().splitlines(keepends=True)[-NEWEST:]
    return [Found(**json.loads(line)) for line in lines if line.endswith("\n")]


def _calm(feed: Path) -> Path:
    return feed.with_suffix(".calm")


def _url(number: int) -> str:
    return f"https://blog.example/{number}"
