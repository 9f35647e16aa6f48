"""Publishes the articles of a run through the core, as the collector would, and through the same
faults of the database: what was not confirmed is done again."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from bot.bot import Bot
from bot.model import Found, Judgement, Page, Takeaway, Written
from bot.ports import Entry, Source
from bot.store import StoreAway
from tests.chaos.people import REPORT
from tests.chaos.places import COMPANY

SYLLABLES = ("ba", "dor", "fex", "gul", "hiv", "jem", "kro", "lun", "mip", "nar", "pox", "quil")
T = TypeVar("T")


async def surely(work: Callable[[], Awaitable[T]]) -> T:
    """Again and again while the database is away."""
    while True:
        try:
            return await work()
        except StoreAway:
            await asyncio.sleep(0.2)


class Newsroom:
    """Each article has a mark `zr<number>z` in its headline, by which the judge knows it.

    `articles` are the numbers of those that are surely published, as BotBeat calls them.
    """

    def __init__(self, bot: Bot, chance: random.Random) -> None:
        self._bot, self._chance = bot, chance
        self._source = Source(0, "https://blog.example/feed", "Blog", baseline=True)
        self.articles: dict[int, int] = {}
        self.offered = 0

    async def open(self) -> None:
        number = await self._bot.add_source(replace(self._source, baseline=False))
        self._source = replace(self._source, id=number)

    async def publish(self) -> None:
        """Offer one more article, and publish what is there to be published."""
        number, self.offered = self.offered, self.offered + 1
        word = "".join(self._chance.choices(SYLLABLES, k=4)).title()
        url = f"https://blog.example/{number}"
        title = f"Alibaba ships {word} zr{number:05d}z"
        found = Found(url, url, title, time.time(), f"{title}. It is an AI model.")
        await surely(lambda: self._bot.offered(self._source, [found]))
        await self.work()

    async def work(self) -> None:
        for entry in await surely(lambda: self._bot.open_entries(5)):
            mark = re.search(REPORT, entry.found.title)
            assert mark
            article = await self._written(entry)
            if self.articles.get(int(mark[1]), article) != article:
                raise RuntimeError(f"{entry.found.title!r} was taken for another article")
            self.articles[int(mark[1])] = article

    async def finish(self) -> None:
        """Entries whose claim was committed but not confirmed come back when it is over."""
        while len(self.articles) < self.offered:
            await self.work()
            await asyncio.sleep(0.5)

    async def _written(self, entry: Entry) -> int:
        judgement = await self._bot.judged(entry, Page(entry.found.url))
        judgement = judgement or Judgement(True, (), "UPDATE", ())
        words = Written(entry.found.title, (Takeaway("It is a model."),), "")
        judgement = replace(judgement, companies=(COMPANY,))
        keys = [f"url:{entry.found.url}"]
        return await surely(lambda: self._bot.published(entry, judgement, words, keys))
