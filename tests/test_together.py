"""Everything at once, as it runs: a feed, both platforms and the page, over real sockets.

One report is one card on each platform; one comment goes all ways round; BotBeat is restarted in
between. The platforms' own ledgers say what was accepted.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import formatdate
from html import unescape

import aiohttp
import pytest

from adapters import discord, slack, web, writer
from adapters.feeds.collect import Collector
from adapters.feeds.fetch import Fetcher
from adapters.feeds.reader import Reader
from bot import reading
from bot.bot import Bot
from bot.delivery import Worker
from bot.outcomes import Timing
from bot.ports import ChatPort, Pace, Source
from storage.store import open_store
from tests.servers.discord import DiscordServer
from tests.servers.feeds import FeedServer
from tests.servers.slack import SlackServer
from tests.servers.slack.rich_text import plain_text
from tests.waiting import until

TITLE = "Alibaba releases the Qwen 4 AI model"
BETTER = "Alibaba releases the open Qwen 4 AI model"


def _feed(*titles: str) -> str:
    items = "".join(
        f"<item><guid>q{n}</guid><title>{title}</title><link>https://qwen.example/{n}</link>"
        f"<description>{title}. It has 27 billion parameters. Its license is Apache 2.0."
        f"</description><pubDate>{formatdate()}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f'<rss version="2.0"><channel><title>Qwen blog</title>{items}</channel></rss>'


class Deployment:
    """Slack, Discord and a blog, and BotBeat between them, which can be restarted."""

    def __init__(
        self, database: str, feeds: FeedServer, slackd: SlackServer, discd: DiscordServer
    ) -> None:
        self._database = database
        self.feeds, self.slack, self.discord = feeds, slackd, discd
        self.ada = slackd.adds_user("Ada")
        self.lab = slackd.adds_channel("lab", members=[self.ada])
        self.grace = discd.adds_person("Grace")
        self.address = ""
        self.bot: Bot
        self._collector: Collector

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """BotBeat runs while the block lasts; afterwards only the database is left of it."""
        store = open_store(self._database)
        self.bot = Bot(store, base_url="https://botbeat.example")
        in_slack = slack.create(self.slack.bot_token, self.slack.app_token, api_url=self.slack.url)
        in_discord = discord.create(self.discord.token, self.discord.url, self.discord.gateway_url)
        in_slack.pace = in_discord.pace = Pace()
        chats: dict[str, ChatPort] = {"slack": in_slack, "discord": in_discord}
        worker = Worker(store, chats, self.bot.base_url, Timing(settle=0.3))
        identified = len(self.discord.gateway.identifies)
        async with AsyncExitStack() as stack:
            allow = frozenset({self.feeds.address})
            fetcher = await stack.enter_async_context(Fetcher("test", allow=allow, spacing=0))
            reader = await stack.enter_async_context(Reader(fetcher))
            pages = web.serve(web.create(self.bot), "127.0.0.1", 0)
            self.address = await stack.enter_async_context(pages)
            self._collector = Collector(self.bot, fetcher, reader, writer.Extractor(), pages=False)
            jobs = (in_slack.run(self.bot), in_discord.run(self.bot),
                    self.bot.changed.run(), worker.run(self.bot.changed))  # fmt: skip
            tasks = [asyncio.create_task(job) for job in jobs]
            await self.slack.sockets.connected()
            await until(lambda: len(self.discord.gateway.identifies) > identified)
            try:
                yield
            finally:
                await self.slack.settled()
                worker.stop()
                # What is being sent gets its outcome, as at a real end.
                await asyncio.wait(tasks[-1:], timeout=20)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self.bot.close()
                store.close()

    async def publishes(self, *titles: str) -> None:
        """The blog has these articles now, and BotBeat comes to look."""
        address = self.feeds.serve("/feed", _feed(*titles))
        number = await self.bot.add_source(Source(0, address, "Qwen blog"))
        # Due again at once, whatever the last visit said.
        with self.bot.store.write() as tx:
            tx.sources.remove(number)
            tx.sources.add(Source(0, address, "Qwen blog"))
        await self._collector.once()

    def in_slack(self, *, replies: bool = False) -> list[str]:
        living = self.slack.state.channels[self.lab].living()
        ours = [m for m in living if m.metadata and m.is_reply == replies]
        return [f"{m.username} {plain_text(m.blocks[0])}" if replies else m.text for m in ours]

    def in_discord(self, place: str = "") -> list[str]:
        try:
            written = self.discord.messages(place or self.discord.channel)
        except LookupError:
            return []  # the thread is not there yet
        ours = [m.content for m in written if m.author is self.discord.bot and m.content]
        return [said for said in ours if "changed what BotBeat does here" not in said]

    async def on_the_page(self) -> str:
        number = reading.front(self.bot.store, "qwen", 1).articles[0].id
        address = f"{self.address}/reports/{number}"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            text = await answer.text()
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
async def deployment(database: str) -> AsyncIterator[Deployment]:
    async with FeedServer() as feeds, SlackServer() as slackd:
        discd = DiscordServer()
        await discd.start()
        try:
            yield Deployment(database, feeds, slackd, discd)
        finally:
            await discd.stop()


async def _reads(look: Callable[[], list[str]], *parts: str) -> None:
    """Wait until what stands there is these lines, each at least in part."""
    try:
        await until(
            lambda: (
                len(look()) == len(parts)
                and all(part in line for part, line in zip(parts, look(), strict=True))
            )
        )
    except TimeoutError:
        raise AssertionError(f"{look()} is not {parts}") from None


async def test_one_report_and_one_conversation_in_three_places(deployment: Deployment) -> None:
    place = deployment
    async with place.running():
        await place.publishes()
        await place.slack.slash(
            place.lab, place.ada, "subscribe company:alibaba comments:share page:on"
        ).first()
        told = place.discord.slash(
            place.discord.channel,
            place.grace,
            "botbeat",
            {"query": "subscribe company:alibaba comments:share page:on"},
        )
        await told.answer()
        await place.publishes(TITLE)
        await _reads(place.in_slack, TITLE)
        await _reads(place.in_discord, TITLE)
    async with place.running():
        await place.publishes(BETTER)
        await _reads(place.in_slack, BETTER)
        await _reads(place.in_discord, BETTER)
        card = next(m for m in place.slack.state.channels[place.lab].living() if m.metadata)
        said = place.slack.person_says(place.lab, place.ada, "Impressive! <!channel>", card.ts)
        report = next(m for m in place.discord.messages(place.discord.channel) if m.embeds)
        await _reads(lambda: place.in_discord(report.id), "Impressive!")
    async with place.running():
        place.discord.person_says(report.id, place.grace, "Is it @everyone's?")
        await _reads(lambda: place.in_slack(replies=True), "Grace")
        page = await place.on_the_page()
        assert "Impressive!" in page
        assert "Is it" in page
        place.slack.person_edits(place.lab, said, "Impressive indeed")
        await _reads(lambda: place.in_discord(report.id), "Impressive indeed")
        place.slack.person_deletes(place.lab, said)
        await _reads(lambda: place.in_discord(report.id))
        assert "Impressive" not in await place.on_the_page()
    posts = [a for a in place.slack.ledger if a.method == "chat.postMessage"]
    assert len(posts) == 2
    assert not any(accepted.pings for accepted in place.slack.ledger)
    assert not any(accepted.pings for accepted in place.discord.ledger)


async def test_a_subscription_of_ones_own_by_direct_message(deployment: Deployment) -> None:
    place, ours = deployment, deployment.discord.bot
    direct = place.discord.direct(place.grace)

    def received() -> list[str]:
        return [one.content for one in place.discord.messages(direct) if one.author is ours]

    async with place.running():
        await place.publishes()
        wish = "subscribe company:alibaba comments:share"
        await place.slack.slash(place.lab, place.ada, wish).first()
        told = place.discord.slash(direct, place.grace, "botbeat", {"query": wish})
        assert "Subscription" in str(await told.answer())
        await place.publishes(TITLE)
        await _reads(received, TITLE)
        await _reads(place.in_slack, TITLE)
        card = next(m for m in place.slack.state.channels[place.lab].living() if m.metadata)
        place.slack.person_says(place.lab, place.ada, "What is it?", card.ts)
        await _reads(received, TITLE, "What is it?")
        report, copy = (one for one in place.discord.messages(direct) if one.author is ours)
        assert copy.reply_to == report.id
    first = place.discord.person_says(direct, place.grace, "A model", reply_to=report.id)
    async with place.running():
        await _reads(lambda: place.in_slack(replies=True), "A model")
        place.discord.person_says(direct, place.grace, "An open one", reply_to=first)
        await _reads(lambda: place.in_slack(replies=True), "A model", "An open one")
        place.discord.person_says(direct, place.grace, "Not Qwen 3", reply_to=copy.id)
        place.discord.person_deletes(first)
        await _reads(lambda: place.in_slack(replies=True), "An open one", "Not Qwen 3")
    assert len(received()) == 2


async def test_a_search_is_answered_on_both_platforms(deployment: Deployment) -> None:
    place = deployment
    async with place.running():
        await place.publishes(TITLE)
        answer = await place.slack.slash(place.lab, place.ada, "qwen").first()
        assert TITLE in str(answer)
        told = place.discord.slash(place.discord.channel, place.grace, "botbeat", {"query": "qwen"})
        assert TITLE in str(await told.answer())
    assert place.in_slack() == []
    assert place.in_discord() == []
