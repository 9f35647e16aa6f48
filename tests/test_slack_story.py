"""A report and its comments in two Slack channels, with the real core, database and SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.slack import create
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Found, Page, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Pace, Source
from storage.store import open_store
from tests.servers import faults
from tests.servers.slack import Posted, SlackServer
from tests.servers.slack.rich_text import plain_text
from tests.slack_world import until

TITLE = "Qwen 4 released under Apache-2.0"


class Newsroom:
    """BotBeat as it runs, with two channels and Ada in both."""

    def __init__(self, slack: SlackServer, bot: Bot) -> None:
        self.slack, self.bot = slack, bot
        self.ada = slack.adds_user("Ada")
        self.lab, self.news = (slack.adds_channel(n, members=[self.ada]) for n in ("lab", "news"))

    async def subscribes(self, channel: str) -> None:
        answer = await self.slack.slash(channel, self.ada, "subscribe").first()
        await self.slack.press(answer, "Share comments", self.ada).first()

    async def publishes(self) -> None:
        """One article, as a source that was visited before offers it."""
        number = await self.bot.add_source(Source(0, "https://qwen.example/feed", "Qwen blog"))
        with self.bot.store.read() as tx:
            now, source = tx.now, next(one for one in tx.sources.all() if one.id == number)
        source = Source(number, source.url, source.name, baseline=True)
        found = Found("1", "https://qwen.example/4", TITLE, now - 60, "Qwen 4 is an open AI model.")
        await self.bot.offered(source, [found])
        (entry,) = await self.bot.open_entries(10)
        judgement = await self.bot.judged(entry, Page(found.url))
        assert judgement
        words = Written(TITLE, (Takeaway(found.text, found.text),), "")
        await self.bot.published(entry, judgement, words, ("guid 1",))

    def standing(self, channel: str, *, replies: bool = False) -> list[Posted]:
        """Our messages that stand in a channel."""
        living = self.slack.state.channels[channel].living()
        return [m for m in living if m.bot_id and m.is_reply == replies]

    def copies(self, channel: str) -> list[str]:
        return [plain_text(m.blocks[0]) for m in self.standing(channel, replies=True)]


@asynccontextmanager
async def newsroom(database: str) -> AsyncIterator[Newsroom]:
    async with SlackServer() as slack:
        store = open_store(database)
        bot = Bot(store, base_url="https://botbeat.example")
        chat = create(slack.bot_token, slack.app_token, api_url=slack.url)
        chat.pace = Pace()
        worker = Worker(store, {"slack": chat}, bot.base_url, Timing(settle=0.2))

        async def deliver() -> None:
            while True:
                await worker.deliver_due()
                await asyncio.sleep(0.02)

        tasks = [asyncio.create_task(chat.run(bot)), asyncio.create_task(deliver())]
        await slack.sockets.connected()
        try:
            yield Newsroom(slack, bot)
        finally:
            await slack.settled()
            for task in reversed(tasks):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            bot.close()
            store.close()


@pytest.fixture
async def room(sqlite_url: str) -> AsyncIterator[Newsroom]:
    async with newsroom(sqlite_url) as made:
        yield made


async def reads(room: Newsroom, channel: str, *copies: str) -> None:
    await until(lambda: room.copies(channel) == list(copies))


async def test_a_report_and_its_comments_live_in_both_channels(room: Newsroom) -> None:
    for channel in (room.lab, room.news):
        await room.subscribes(channel)
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab) and room.standing(room.news)))
    await room.slack.settled()
    report = room.standing(room.lab)[0]
    said = room.slack.person_says(room.lab, room.ada, "Impressive! <!channel>", report.ts)
    await reads(room, room.news, "Ada · from Slack\nImpressive! <!channel>")
    room.slack.person_edits(room.lab, said, "Impressive.")
    await reads(room, room.news, "Ada · from Slack\nImpressive.")
    room.slack.person_deletes(room.lab, said)
    await reads(room, room.news)
    assert room.copies(room.lab) == []
    assert not any(accepted.pings for accepted in room.slack.ledger)


async def test_a_copy_that_a_moderator_removed_stays_away(room: Newsroom) -> None:
    for channel in (room.lab, room.news):
        await room.subscribes(channel)
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
    await room.subscribes(room.lab)
    room.slack.faults.add(*[faults.accept_then_close()] * times, call="chat.postMessage")
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab)))
    await asyncio.sleep(0.6)
    assert len([a for a in room.slack.ledger if a.method == "chat.postMessage"]) == 1


async def test_the_buttons_of_a_report_are_answered(room: Newsroom) -> None:
    await room.subscribes(room.lab)
    await room.publishes()
    await until(lambda: bool(room.standing(room.lab)))
    report = room.standing(room.lab)[0]
    why = await room.slack.press(report, "Why here?", room.ada).first()
    assert why.visible_to == room.ada
    assert why.text
    found = await room.slack.slash(room.lab, room.ada, "qwen").first()
    assert TITLE in found.text
