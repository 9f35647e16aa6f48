"""Whole processes of BotBeat on one database, with Discord alone: for stories in which the outbox,
the core and the real library must agree. What Discord accepted is the judge.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord import DiscordChat, create
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Channel, Found, Page, Person, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Pace, Source
from storage.store import SqlStore, open_store
from tests.servers.discord import DiscordServer
from tests.waiting import until

TITLES = (
    "Qwen 4 model released by Alibaba",
    "Mistral AI opens an office in Tokyo",
    "OpenAI cuts the price of its smallest LLM",
    "Anthropic explains how its language model plans",
    "DeepSeek publishes the weights of a coding model",
)
PAGES = "https://botbeat.example"


@dataclass
class Process:
    """One process: `worker` is told to deliver by the test, or runs if `works`."""

    server: DiscordServer
    file: str
    store: SqlStore
    bot: Bot
    chat: DiscordChat
    worker: Worker
    listener: asyncio.Task[None] | None = None

    async def publishes(self, title: str) -> None:
        """A source offers an article, and each subscribed channel wants it."""
        number = await self.bot.add_source(Source(0, "https://lab.example/feed", "Lab"))
        with self.store.read() as tx:
            known = next(one for one in tx.sources.all() if one.id == number)
            now = tx.now
        text = f"{title}. The AI model was announced today in a long post."
        found = Found(title, f"https://lab.example/{hash(title)}", title, now - 60, text=text)
        await self.bot.offered(replace(known, baseline=True), [found])
        for entry in await self.bot.open_entries(10):
            judgement = await self.bot.judged(entry, Page(entry.found.url))
            assert judgement
            written = Written(title, (Takeaway(text, text),), "")
            await self.bot.published(entry, judgement, written, [title])

    async def subscribes(self, *places: str, comments: str = "share") -> None:
        for place in places:
            channel, ada = Channel("discord", place), Person("discord", "1", "Ada")
            await self.bot.command(channel, ada, f"subscribe comments:{comments}", manages=True)

    async def delivers(self, seconds: float = 20) -> None:
        """Until the outbox has nothing left to do."""
        async with asyncio.timeout(seconds):
            while await self.bot.waiting():
                await self.worker.deliver_due()
                await asyncio.sleep(0.02)

    def states(self) -> list[str]:
        """The state of each delivery of a report, and why it is so."""
        rows = self._asked("select state, reason from delivery where kind = 'report' order by id")
        return [": ".join(filter(None, row)) for row in rows]

    def told(self, kind: str) -> int:
        """How many deliveries of a kind there are."""
        ((count,),) = self._asked(f"select count(*) from delivery where kind = '{kind}'")
        return int(count)

    def subscribed(self) -> list[str]:
        """The channel of each subscription."""
        asked = "select external from channel c join subscription s on s.channel_id = c.id"
        return [row[0] for row in self._asked(asked)]

    def comments(self) -> dict[str, str]:
        """What the core knows of comments: the number of each message, and its words."""
        rows = self._asked("select message, text from comment where not deleted and not hidden")
        return dict(rows)

    def counted(self) -> set[str]:
        """The numbers of the missed comments that are not copied: a note counts them."""
        sql = "select c.message from comment c join delivery d on d.subject = c.id "
        rows = self._asked(sql + "where d.kind = 'comment' and d.state = 'expired'")
        return {row[0].partition("/")[2] for row in rows}

    def held(self) -> dict[str, str]:
        """The channels to which nothing is sent for now, and why."""
        return dict(self._asked("select external, paused from channel where paused != ''"))

    def pending(self) -> int:
        """How many deliveries are still to be done."""
        with self.store.read() as tx:
            return tx.deliveries.pending()

    def caught_up(self) -> float:
        """When a thread was read again the last time."""
        ((at,),) = self._asked("select coalesce(max(at), 0) from cursor")
        return float(at)

    def _asked(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchall()

    def reports(self, place: str) -> list[str]:
        """The headlines of ours that stand in a channel."""
        ours = [m for m in self.server.messages(place) if m.author is self.server.bot]
        return [message.content for message in ours if message.content]

    async def listens(self) -> None:
        self.listener = asyncio.create_task(self.chat.run(self.bot))

    async def leaves(self) -> None:
        """Stops listening, as at SIGTERM."""
        if self.listener:
            self.listener.cancel()
            await asyncio.gather(self.listener, return_exceptions=True)


@asynccontextmanager
async def process(
    database: str,
    server: DiscordServer,
    *,
    timing: Timing | None = None,
    lease: float = 10,
    silence: float = 60,
    gap: float = 0.1,
) -> AsyncIterator[Process]:
    store = open_store(database)
    bot = Bot(store, base_url=PAGES)
    create(server.token, server.url, server.gateway_url)  # Sets the addresses.
    chat = DiscordChat(server.token, lease=lease, silence=silence, gap=gap)
    chat.pace = Pace()
    worker = Worker(store, {"discord": chat}, PAGES, timing or Timing(settle=0.2))
    made = Process(server, database.removeprefix("sqlite:///"), store, bot, chat, worker)
    try:
        yield made
    finally:
        await made.leaves()
        await chat.close()
        bot.close()
        store.close()


async def identified(server: DiscordServer, count: int = 1) -> None:
    await until(lambda: len(server.gateway.identifies) >= count)
