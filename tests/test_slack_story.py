"""A report and its comments in two Slack channels, with the real core, database and SDK.

`newsroom` is one process of BotBeat; what Slack accepted is the judge.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field, replace

import pytest

from adapters.slack import SlackChat, create
from adapters.slack.sockets import SOCKETS, Times
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Channel, Found, Page, Person, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Pace, Source
from bot.store import StoreAway, Tx
from storage.store import SqlStore, open_store
from tests.servers import faults
from tests.servers.slack import Posted, SlackServer
from tests.servers.slack.rich_text import plain_text
from tests.slack_world import QUICK
from tests.waiting import until

TITLE = "Qwen 4 released under Apache-2.0"


@dataclass
class Unsteady:
    """The real store, which can be `away`, or take `latency` seconds to commit."""

    inner: SqlStore
    away: bool = False
    latency: float = 0

    def read(self) -> AbstractContextManager[Tx]:
        if self.away:
            raise StoreAway("the database does not answer")
        return self.inner.read()

    def write(self) -> AbstractContextManager[Tx]:
        time.sleep(self.latency)
        if self.away:
            raise StoreAway("the database does not answer")
        return self.inner.write()

    def version(self) -> int:
        return self.inner.version()


@dataclass
class Newsroom:
    """One process of BotBeat, with the real core, and Ada in two channels that share comments."""

    slack: SlackServer
    file: str
    store: Unsteady
    bot: Bot
    chat: SlackChat
    worker: Worker
    ada: str = ""
    lab: str = ""
    news: str = ""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def listens(self, sockets: int = SOCKETS) -> None:
        self.tasks.append(asyncio.create_task(self.chat.run(self.bot)))
        async with asyncio.timeout(20):
            await self.slack.sockets.connected(sockets)

    def works(self) -> None:
        """Deliver by itself from now on."""

        async def deliver() -> None:
            while True:
                await self.worker.deliver_due()
                await asyncio.sleep(0.02)

        self.tasks.append(asyncio.create_task(deliver()))

    async def leaves(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def shares(self, *channels: str) -> None:
        for channel in channels or (self.lab, self.news):
            place, ada = Channel("slack", channel), Person("slack", self.ada, "Ada")
            await self.bot.command(place, ada, "subscribe comments:share", manages=True)

    async def publishes(self, title: str = TITLE) -> None:
        """One article, as a source that was visited before offers it."""
        number = await self.bot.add_source(Source(0, "https://qwen.example/feed", "Qwen blog"))
        with self.store.read() as tx:
            now, source = tx.now, next(one for one in tx.sources.all() if one.id == number)
        url = f"https://qwen.example/{abs(hash(title))}"
        found = Found(title, url, title, now - 60, f"{title}. It is an open AI model.")
        await self.bot.offered(replace(source, baseline=True), [found])
        for entry in await self.bot.open_entries(10):
            judgement = await self.bot.judged(entry, Page(found.url))
            assert judgement
            words = Written(title, (Takeaway(found.text, found.text),), "")
            await self.bot.published(entry, judgement, words, [title])

    async def delivers(self, seconds: float = 10) -> None:
        """Until the outbox has nothing left to do."""
        async with asyncio.timeout(seconds):
            while await self.bot.waiting():
                await self.worker.deliver_due()
                await asyncio.sleep(0.01)

    async def report(self, *titles: str) -> str:
        """Reports in both channels; the newest in the lab."""
        await self.shares()
        for title in titles or (TITLE,):
            await self.publishes(title)
        await self.delivers()
        await self.slack.settled()
        return self.standing(self.lab)[-1].ts

    def standing(self, channel: str, *, replies: bool = False) -> list[Posted]:
        """Our messages that stand in a channel, but for answers to commands."""
        living = self.slack.state.channels[channel].living()
        ours = [m for m in living if m.bot_id and m.is_reply == replies]
        return [m for m in ours if "changed what BotBeat does here" not in m.text]

    def copies(self, channel: str) -> list[str]:
        """What our copies in a channel say, without the line of their author."""
        texts = [plain_text(m.blocks[0]) for m in self.standing(channel, replies=True)]
        return [text.partition("\n")[2] or text for text in texts]

    def posts(self) -> int:
        """How many posts took effect, whatever we were told."""
        return sum(accepted.method == "chat.postMessage" for accepted in self.slack.ledger)

    def comments(self) -> dict[str, str]:
        """The words of each comment that the core knows."""
        asked = "select message, text from comment where not deleted and not hidden"
        return dict(self._asked(f"{asked} order by written"))

    def states(self) -> list[str]:
        """The state of each delivery and why it is so."""
        rows = self._asked("select state, reason from delivery order by id")
        return [": ".join(filter(None, row)) for row in rows]

    def _asked(self, sql: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchall()


@asynccontextmanager
async def newsroom(
    database: str,
    slack: SlackServer,
    *,
    like: Newsroom | None = None,
    times: Times = QUICK,
    settle: float = 0.2,
) -> AsyncIterator[Newsroom]:
    """A process that does not listen yet; `like` is another one of the same BotBeat."""
    store = Unsteady(open_store(database))
    bot = Bot(store, base_url="https://botbeat.example")
    chat = create(slack.bot_token, slack.app_token, api_url=slack.url)
    chat.pace, chat.times = Pace(), times
    worker = Worker(store, {"slack": chat}, bot.base_url, Timing(settle=settle))
    made = Newsroom(slack, database.removeprefix("sqlite:///"), store, bot, chat, worker)
    if like:
        made.ada, made.lab, made.news = like.ada, like.lab, like.news
    else:
        made.ada = slack.adds_user("Ada")
        made.lab, made.news = (slack.adds_channel(n, members=[made.ada]) for n in ("lab", "news"))
    try:
        yield made
    finally:
        await made.leaves()
        await chat.close()
        bot.close()
        store.inner.close()


@pytest.fixture
async def room(sqlite_url: str) -> AsyncIterator[Newsroom]:
    """It listens, and delivers whenever something is due."""
    async with SlackServer() as slack, newsroom(sqlite_url, slack) as made:
        await made.listens()
        made.works()
        yield made
        await slack.settled()


async def subscribes(room: Newsroom, channel: str) -> None:
    answer = await room.slack.slash(channel, room.ada, "subscribe").first()
    await room.slack.press(answer, "Share comments", room.ada).first()


async def reads(room: Newsroom, channel: str, *copies: str) -> None:
    await until(lambda: room.copies(channel) == list(copies))


async def test_a_report_and_its_comments_live_in_both_channels(room: Newsroom) -> None:
    for channel in (room.lab, room.news):
        await subscribes(room, channel)
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab) and room.standing(room.news)))
    await room.slack.settled()
    report = room.standing(room.lab)[0]
    said = room.slack.person_says(room.lab, room.ada, "Impressive! <!channel>", report.ts)
    await reads(room, room.news, "Impressive! <!channel>")
    (copy,) = room.standing(room.news, replies=True)
    assert plain_text(copy.blocks[0]).startswith("Ada · from Slack\n")
    room.slack.person_edits(room.lab, said, "Impressive.")
    await reads(room, room.news, "Impressive.")
    room.slack.person_deletes(room.lab, said)
    await reads(room, room.news)
    assert room.copies(room.lab) == []
    assert not any(accepted.pings for accepted in room.slack.ledger)


async def test_a_copy_that_a_moderator_removed_stays_away(room: Newsroom) -> None:
    for channel in (room.lab, room.news):
        await subscribes(room, channel)
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab) and room.standing(room.news)))
    await room.slack.settled()
    report = room.standing(room.lab)[0]
    said = room.slack.person_says(room.lab, room.ada, "Buy this", report.ts)
    await until(lambda: bool(room.copies(room.news)))
    room.slack.moderator_deletes(room.news, room.standing(room.news, replies=True)[0].ts)
    await room.slack.settled()
    room.slack.person_edits(room.lab, said, "Buy this now")
    await room.slack.settled()
    await asyncio.sleep(0.3)
    assert room.copies(room.news) == []


@pytest.mark.parametrize("times", [1, 3])
async def test_a_report_is_posted_once_whatever_breaks(room: Newsroom, times: int) -> None:
    await subscribes(room, room.lab)
    room.slack.faults.add(*[faults.accept_then_close()] * times, call="chat.postMessage")
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab)))
    await asyncio.sleep(0.6)
    assert len([a for a in room.slack.ledger if a.method == "chat.postMessage"]) == 1


async def test_the_buttons_of_a_report_are_answered(room: Newsroom) -> None:
    await subscribes(room, room.lab)
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab)))
    report = room.standing(room.lab)[0]
    why = await room.slack.press(report, "Why here?", room.ada).first()
    assert why.visible_to == room.ada
    assert why.text
    found = await room.slack.slash(room.lab, room.ada, "qwen").first()
    assert TITLE in found.text
