"""The words of the story tests: a whole deployment with platforms that a test can play.

Core and storage are real; time passes only when `settle` lets it pass.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot import reading
from bot.bot import Bot
from bot.delivery import Worker
from bot.message import Message
from bot.model import PAGE, Channel, Found, MessageRef, Page, Person, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Source, Unreadable
from bot.query import parse
from storage.store import SqlStore, open_store
from tests.chats import FakeChat, Words

START = 1_777_000_000.0  # 24 April 2026
_NAMES = [first + second for first in "abcdef" for second in ("ori", "ulu", "enta", "isko", "ynd")]
TITLES = [f"Alibaba releases the {name} AI model" for name in _NAMES]
"""Thirty headlines of as many events."""


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


class ChatSide:
    """One channel on one platform, as its people see it."""

    def __init__(
        self, world: World, platform: str, channel: str, chat: FakeChat | None = None
    ) -> None:
        self.world = world
        self.platform = platform
        self.chat = chat or FakeChat(platform, clock=world.real)
        self.channel = Channel(platform, channel)
        self.listens = True
        self._numbers = itertools.count(1)

    async def types(self, text: str, by: str = "Ada", *, manages: bool = True) -> Message:
        """Somebody types a command; the answer."""
        answer = await self.world.bot.command(self.channel, self._person(by), text, manages=manages)
        await self.world.settle()
        return answer

    async def presses(self, message: Message, label: str) -> Message:
        """Somebody presses the button that starts with this label."""
        buttons = [*message.buttons, *(b for card in message.cards for b in card.buttons)]
        chosen = next(button for button in buttons if button.label.startswith(label))
        return await self.types(chosen.command)

    async def has_a_thousand_subscriptions(self) -> None:
        """The first by a command, to `company:alibaba`; the others to `word0` and so on."""
        await self.types("subscribe company:alibaba")
        with self.world.store.write() as tx:
            (first,) = tx.subscriptions.of(self.channel)
            for number in range(999):
                query = parse(f"word{number}", tx.now)
                one = replace(first, id=0, query=str(query))
                tx.subscriptions.add(one, query.anchors())

    def reports(self) -> list[str]:
        """The headlines that stand in the channel, oldest first."""
        return [message.cards[0].title for _, message in self.chat.standing(self.channel.id)]

    def messages(self) -> list[Message]:
        """What stands in the channel itself, in the order it was posted."""
        return [message for _, message in self.chat.standing(self.channel.id)]

    def card_of(self, title: str) -> MessageRef:
        for number, message in self.chat.standing(self.channel.id):
            if message.cards[0].title == title:
                return MessageRef(self.channel, number)
        raise AssertionError(f"{title!r} is not in {self.platform}: {self.reports()}")

    def thread(self, title: str) -> list[str]:
        """The copies under a report, as `Ada (slack): Impressive!`."""
        return [
            f"{message.author.name} ({message.author.platform}): {message.text}"
            for _, message in self.chat.standing(self.channel.id, self.card_of(title).id)
            if message.author
        ]

    def copy_of(self, text: str) -> MessageRef:
        """The copy of a comment with this text."""
        for number, post in self.chat.posts.items():
            if post.channel == self.channel and post.message.text == text:
                return MessageRef(self.channel, number)
        raise AssertionError(f"no copy of {text!r} in {self.platform}")

    async def says(
        self, text: str, *, under: str, by: str = "Ada", settle: bool = True, gesture: str = ""
    ) -> MessageRef:
        """Somebody writes a comment under a report."""
        number = f"{self.platform}-{self.channel.id}-human-{next(self._numbers)}"
        ref, report, now = MessageRef(self.channel, number), self.card_of(under), self.world.real()
        author = self._person(by)
        words = Words(self.channel, report.id, author, text, now, gesture=gesture)
        self.chat.said[number] = words
        if self.listens:
            await self.world.bot.comment_posted(ref, report, author, text, now, gesture)
            await self._settle(settle)
        return ref

    async def edits(self, ref: MessageRef, text: str, *, settle: bool = True) -> None:
        self.world.clock.now += 1
        if words := self.chat.said.get(ref.id):
            words.text, words.edited = text, self.world.clock.now
        if self.listens:
            await self.world.bot.comment_edited(ref, text, self.world.clock.now)
            await self._settle(settle)

    async def deletes(self, ref: MessageRef, *, settle: bool = True) -> None:
        """Somebody deletes their words; or, who manages the channel, a message of ours."""
        if there := self.chat.said.get(ref.id) or self.chat.posts.get(ref.id):
            there.deleted = True
        if self.listens:
            await self.world.bot.comment_deleted(ref)
            await self._settle(settle)

    def goes_away(self) -> None:
        """From now on nobody tells BotBeat what people do here."""
        self.listens = False

    async def comes_back(self) -> None:
        """BotBeat listens again, and makes up for what it missed."""
        self.listens = True
        self.world.clock.now += 1
        await self.world.bot.catch_up(self.chat)
        await self.world.settle()

    async def _settle(self, wanted: bool) -> None:
        if wanted:
            await self.world.settle()

    def _person(self, name: str) -> Person:
        return Person(self.platform, name.lower(), name)


class WebSide:
    """The report's page."""

    def __init__(self, world: World) -> None:
        self.world = world

    def comments(self, title: str) -> list[str]:
        view = reading.report(self.world.store, self.world.number(title), self.world.bot.default)
        assert view is not None
        return [f"{one.author.name}: {one.text}" for one in view.comments]

    async def says(self, text: str, *, under: str, by: str = "Ada") -> MessageRef:
        ref = MessageRef(PAGE, f"form-{text}")
        await self.world.bot.comment_posted(
            ref,
            MessageRef(PAGE, str(self.world.number(under))),
            Person("web", by.lower(), by),
            text,
            self.world.clock.now,
        )
        await self.world.settle()
        return ref


class World:
    """A deployment: one database, one worker, Slack and Discord with a channel each, and one more
    in Slack that some stories use."""

    def __init__(self, database: str) -> None:
        self._database = database
        self.clock = Clock()
        self.wrong = 0.0
        self.slack = ChatSide(self, "slack", "C1")
        self.discord = ChatSide(self, "discord", "900")
        self.lounge = ChatSide(self, "slack", "C2", self.slack.chat)
        self.web = WebSide(self)
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        self._opened()

    def _opened(self) -> None:
        self.store: SqlStore = open_store(self._database, self.clock, self.real)
        self.bot = Bot(self.store, base_url="https://botbeat.example", finder=self._finds)
        chats = {side.platform: side.chat for side in (self.slack, self.discord)}
        self.worker = Worker(self.store, chats, self.bot.base_url, Timing(), clock=self.clock)

    async def _finds(self, address: str) -> Source:
        """The sources that `pages` names, by their addresses; their feeds stand beside them."""
        self.asked.append(address)
        if address not in self.pages:
            raise Unreadable("it is a web page, not a feed, and it names no feed")
        name = self.pages[address]
        return Source(0, f"https://{name.replace(' ', '-')}.example/feed", name)

    def close(self) -> None:
        self.bot.close()
        self.store.close()

    def real(self) -> float:
        """The time that platforms have."""
        return self.clock.now - self.wrong

    def clock_jumps(self, seconds: float) -> None:
        """Somebody sets the machine's clock wrong."""
        self.clock.now += seconds
        self.wrong += seconds

    def becomes(self, text: str) -> None:
        """The next `09:00`, in UTC, is there."""
        hour, minute = map(int, text.split(":"))
        now = datetime.fromtimestamp(self.clock.now, UTC)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.clock.now = (then + timedelta(days=then <= now)).timestamp()

    def restarts(self) -> None:
        """Everything in memory is gone; only the database stays."""
        self.close()
        self._opened()

    def state(self, title: str) -> str:
        """How the delivery of a report to Slack stands, and why."""
        with self.store.read() as tx:
            (delivery,) = tx.deliveries.of_article(self.number(title), self.slack.channel)
        return f"{delivery.state}: {delivery.reason}"

    async def channels(self, count: int) -> list[Channel]:
        """So many more channels in Slack that want everything."""
        made = [Channel("slack", f"D{number}") for number in range(count)]
        for channel in made:
            await self.bot.command(channel, Person("slack", "U1", "Ada"), "subscribe")
        return made

    async def settle(self, seconds: int = 200) -> None:
        """Let the worker work, and time pass, until nothing is left to do."""
        for _ in range(seconds):
            while await self.worker.deliver_due():
                pass
            if not await self.bot.waiting():
                return
            self.clock.now += 1

    async def news(
        self,
        title: str,
        *,
        source: str = "Qwen blog",
        key: str = "",
        url: str = "",
        text: str = "",
        ago: float = 60,
        settle: bool = True,
        company: str = "",
    ) -> str:
        """A source offers an article; it is written, published and delivered."""
        found = Found(
            key=key or title,
            url=url or f"https://news.example/{abs(hash(key or title))}",
            title=title,
            published=self.clock.now - ago,
            text=text or f"{title}. The AI model was announced today in a long post.",
        )
        await self.offer(source, [found], company=company)
        if settle:
            await self.settle()
        return title

    async def offer(
        self, source: str, found: list[Found], *, company: str = "", first: bool = False
    ) -> None:
        """A source that was visited before (unless `first`) offers these."""
        number = await self.bot.add_source(
            Source(0, f"https://{source.replace(' ', '-')}.example/feed", source, company=company)
        )
        with self.store.read() as tx:
            known = next(one for one in tx.sources.all() if one.id == number)
        await self.bot.offered(replace(known, baseline=not first), found)
        while entries := await self.bot.open_entries(10):
            for entry in entries:
                page = Page(entry.found.url)
                judgement = await self.bot.judged(entry, page)
                if judgement:
                    offered = entry.found
                    written = Written(offered.title, (Takeaway(offered.text, offered.text),), "")
                    keys = (f"{source} {offered.key}", f"url:{offered.url}")
                    await self.bot.published(entry, judgement, written, keys)

    def number(self, title: str) -> int:
        """The number of the article with this headline."""
        front = reading.front(self.store, "", 1, 200)
        return next(one.id for one in front.articles if one.title == title)
