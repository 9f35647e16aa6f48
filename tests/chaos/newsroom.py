"""Publishes the articles of a run through the core, as the collector would."""

from __future__ import annotations

import random
import time
from dataclasses import replace

from bot.bot import Bot
from bot.model import Found, Judgement, Page, Takeaway, Written
from bot.ports import Entry, Source
from tests.chaos.places import COMPANY

SYLLABLES = ("ba", "dor", "fex", "gul", "hiv", "jem", "kro", "lun", "mip", "nar", "pox", "quil")


class Newsroom:
    """Each article has a mark `zr<number>z` in its headline, by which the judge knows it."""

    def __init__(self, bot: Bot, chance: random.Random) -> None:
        self._bot, self._chance = bot, chance
        self._source = Source(0, "https://blog.example/feed", "Blog", baseline=True)
        self.numbers: list[int] = []

    async def open(self) -> None:
        number = await self._bot.add_source(replace(self._source, baseline=False))
        self._source = replace(self._source, id=number)

    async def publish(self) -> int:
        """One more article; its number."""
        number = len(self.numbers)
        word = "".join(self._chance.choices(SYLLABLES, k=4)).title()
        url = f"https://blog.example/{number}"
        title = f"Alibaba ships {word} zr{number:04d}z"
        found = Found(url, url, title, time.time(), f"{title}. It is an AI model.")
        await self._bot.offered(self._source, [found])
        [entry] = await self._bot.open_entries(5)
        article = await self._written(entry)
        if article in self.numbers:
            raise RuntimeError(f"{title!r} was taken for an article that was there before")
        self.numbers.append(article)
        return number

    async def _written(self, entry: Entry) -> int:
        judgement = await self._bot.judged(entry, Page(entry.found.url))
        judgement = judgement or Judgement(True, (), "UPDATE", ())
        words = Written(entry.found.title, (Takeaway("It is a model."),), "")
        judgement = replace(judgement, companies=(COMPANY,))
        return await self._bot.published(entry, judgement, words, [f"url:{entry.found.url}"])
