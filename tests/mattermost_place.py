"""The words of the tests of the example: a Mattermost, a channel of this machine, and BotBeat
between them, with the real core, worker and database.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace

import pytest

from adapters.web.local import LocalChat
from bot import reading
from bot.bot import Bot
from bot.delivery import Worker
from bot.message import Message
from bot.model import (
    Channel,
    Comments,
    Found,
    Judgement,
    MessageRef,
    Person,
    Takeaway,
    Written,
)
from bot.outcomes import Timing
from bot.ports import ChatPort, DeliveryError, Pace, Source
from examples.mattermost import MattermostChat, create
from storage.store import SqlStore, open_store
from tests.servers.mattermost import MattermostServer
from tests.test_slack_story import Unsteady
from tests.waiting import until

HERE = Channel("local", "ai-news")
YOU = Person("local", "you", "Grace")


@dataclass
class Place:
    """`lab` is a channel in Mattermost in which Ada is; `away` is for the database."""

    server: MattermostServer
    store: SqlStore
    chat: MattermostChat
    bot: Bot
    unsteady: Unsteady
    ada: str
    lab: str
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def channel(self) -> Channel:
        return Channel("mattermost", self.lab)

    async def subscribes(self, wish: str = "subscribe comments:share") -> None:
        """Both channels want everything."""
        for channel in (self.channel, HERE):
            await self.bot.command(channel, YOU, wish)

    async def publishes(self, title: str) -> int:
        """The number of a report with this headline."""
        address = "https://blog.example/feed"
        source = Source(0, address, "Blog", baseline=True)
        source = replace(source, id=await self.bot.add_source(source))
        found = Found(title, f"https://blog.example/{len(title)}", title, time.time(), "It is out.")
        await self.bot.offered(source, [found])
        (entry,) = await self.bot.open_entries(1)
        judged = Judgement(True, ("alibaba",), "UPDATE", ())
        words = Written(title, (Takeaway("It is a model."),), "")
        number = await self.bot.published(entry, judged, words, [f"url:{found.url}{title}"])
        assert number
        return number

    async def report(self, title: str) -> str:
        """The id of its post, once it stands in the lab."""
        await self.sees(lambda: self.reports(title), 1)
        (post,) = self.reports(title)
        return post

    def reports(self, title: str) -> list[str]:
        standing = self.server.state.standing(self.lab)
        return [one["id"] for one in standing if title in one["message"] and not one["root_id"]]

    def under(self, report: str) -> list[str]:
        return self.server.state.under(self.lab, report)

    async def says_here(self, text: str, title: str) -> MessageRef:
        """Somebody writes under the report in the channel of this machine."""
        ref, now = MessageRef(HERE, f"words-{next(self._numbers)}"), time.time()
        await self.bot.comment_posted(ref, MessageRef(HERE, self._key(title)), YOU, text, now)
        return ref

    def here(self) -> list[str]:
        """The copies that one sees in the channel of this machine."""
        view = reading.channel_view(self.store, HERE)
        lines = [line for report in view.reports for line in report.thread if line.kind == "copy"]
        return [f"{line.comment.author.name}: {line.comment.text}" for line in lines
                if not line.comment.deleted]  # fmt: skip

    def _key(self, title: str) -> str:
        view = reading.channel_view(self.store, HERE)
        return next(one.delivery.message for one in view.reports if one.article.title == title)

    async def sees(self, look: Callable[[], list[str]], *wanted: object) -> None:
        """Waits for so many lines, or for lines that have these words in them."""

        def true() -> bool:
            seen = look()
            if wanted and isinstance(wanted[0], int):
                return len(seen) == wanted[0]
            pairs = zip(seen, map(str, wanted), strict=False)
            return len(seen) == len(wanted) and all(part in line for line, part in pairs)

        try:
            await until(true)
        except TimeoutError:
            raise AssertionError(f"{look()} is not {wanted}") from None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.chat.run(self.bot))
        try:
            await until(lambda: self.server.is_listened_to() or task.done())
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settles(self) -> None:
        """Waits until nothing is left to be delivered."""
        async with asyncio.timeout(8):
            while await self.bot.waiting():  # noqa: ASYNC110 - it is another task's doing
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def running(self, *, listens: bool = True) -> AsyncIterator[None]:
        """BotBeat delivers, and listens, while the block lasts."""
        chats: dict[str, ChatPort] = {"mattermost": self.chat, "local": LocalChat()}
        worker = Worker(self.store, chats, "", Timing(settle=0.3), self.bot.default)
        jobs = (self.bot.changed.run(), worker.run(self.bot.changed))
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            async with self.listening() if listens else nullcontext():
                yield
        finally:
            worker.stop()
            # What is being sent gets its outcome, as at a real end.
            await asyncio.wait(tasks[1:], timeout=20)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def opened(database: str, default: Comments = "read") -> AsyncIterator[Place]:
    async with MattermostServer() as server:
        store = open_store(database)
        unsteady = Unsteady(store)
        bot = Bot(unsteady, default=default)
        chat = create(server.url, server.token)
        chat.rest, chat.pace = 0.05, Pace()
        ada = server.state.adds_person("Ada")
        lab = server.state.adds_channel("O", ada)
        try:
            yield Place(server, store, chat, bot, unsteady, ada, lab)
        finally:
            await chat.close()
            bot.close()
            store.close()


async def refusal_of(chat: ChatPort, channel: str, root: str = "", text: str = "") -> DeliveryError:
    """How a post is refused there."""
    place = Channel("mattermost", channel)
    with pytest.raises(DeliveryError) as caught:
        await chat.post(place, Message(text or "News"), MessageRef(place, root) if root else None,
                        "k" * 24)  # fmt: skip
    return caught.value
