"""The words of the tests of our Discord: a local Discord with our bot in it.

The real library talks to it over real sockets. The core is replaced by a recorder of what it is
told; what Discord accepted is in the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from adapters.discord import DiscordChat, create
from bot.bot import Bot
from bot.message import Author, Button, Card, Message
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, History
from bot.store import StoreAway
from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.state import User
from tests.waiting import until

CREATE = "POST /channels/{channel}/messages"
THREAD = "POST /channels/{channel}/messages/{message}/threads"
KEY, COPY = "r" * 24, "c" * 24
WHY = Button("Why here?", "why 7")
REPORT = Message(cards=(Card("Qwen 4 released", "https://a.example/", 7, buttons=(WHY,)),))
PINGS = "@everyone @here <@1> <@&2>"


def copy_of(text: str, key: str = COPY) -> Message:
    return Message(
        text, author=Author("Ann", "slack", f"https://b.example/reports/7?copy={key}#c-k")
    )


@dataclass
class Core:
    """Stands for the core: keeps what it is told, and answers what a test gives it."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)  # Of all that it was told, in order.
    answer: Callable[[str], Message] = lambda text: Message(f"You asked: {text}")
    ours: set[MessageRef] = field(default_factory=set)
    standing: dict[Channel, tuple[str, str]] = field(default_factory=dict)
    known: list[Channel] = field(default_factory=list)
    failures: int = 0
    slowness: float = 0
    suggestions: list[tuple[str, str]] = field(default_factory=list)
    owner: str = ""
    rationed: float = 0
    catch_ups: int = 0

    def _note(self, *what: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreAway("the database does not answer")
        self.told.append(what)
        self.kinds.append(what[0])

    async def command(
        self, channel: Channel, person: Person, text: str, *, manages: bool
    ) -> Message:
        await asyncio.sleep(self.slowness)
        self._note("command", channel, person.name, text, manages)
        return self.answer(text)

    async def completions(self, channel: Channel, text: str) -> list[tuple[str, str]]:
        return [(text, text), *self.suggestions]

    async def comment_posted(
        self, ref: MessageRef, reply_to: MessageRef, author: Person, text: str, written: float
    ) -> None:
        self._note("posted", ref, reply_to, author, text)

    async def comment_edited(
        self, ref: MessageRef, text: str, edited: float, reply_to: MessageRef | None = None
    ) -> None:
        self._note("edited", ref, text, reply_to)

    async def comment_deleted(self, ref: MessageRef, reply_to: MessageRef | None = None) -> None:
        self._note("deleted", ref, reply_to)

    async def delivered(self, key: str, ref: MessageRef) -> None:
        self._note("delivered", key, ref)

    async def is_ours(self, ref: MessageRef) -> bool:
        return ref in self.ours

    async def channel_seen(self, channel: Channel, name: str, visibility: str) -> None:
        self._note("seen", channel, name, visibility)

    async def channel_paused(self, channel: Channel, reason: str) -> None:
        self._note("paused", channel, reason)

    async def channel_removed(self, channel: Channel, reason: str) -> None:
        await asyncio.sleep(self.slowness)
        self._note("removed", channel, reason)

    async def channel_joined(self, channel: Channel) -> None:
        self._note("joined", channel)

    async def channels_stand(self, seen: Mapping[Channel, tuple[str, str]]) -> None:
        await asyncio.sleep(self.slowness)
        self.standing |= seen
        self.kinds.append("stand")

    async def channels_standing(self, platform: str) -> list[Channel]:
        return list(self.known)

    async def channel_resumed(self, channel: Channel) -> None:
        self._note("resumed", channel)

    async def lease(self, role: str, owner: str, seconds: float) -> bool:
        self.owner = self.owner or owner
        return self.owner == owner

    async def release(self, role: str, owner: str) -> None:
        self.owner = "" if self.owner == owner else self.owner

    async def ration(self, name: str, every: float, burst: int) -> float:
        return self.rationed

    async def catch_up(self, history: History, *, late: bool = False) -> None:
        self.catch_ups += not late

    def heard(self, kind: str) -> list[tuple[Any, ...]]:
        return [what[1:] for what in self.told if what[0] == kind]

    async def hears(self, kind: str, count: int = 1) -> list[tuple[Any, ...]]:
        await until(lambda: len(self.heard(kind)) >= count)
        return self.heard(kind)


@dataclass
class Place:
    """A local Discord with our bot in it."""

    server: DiscordServer
    chat: DiscordChat
    core: Core
    ada: User

    @property
    def channel(self) -> Channel:
        return Channel("discord", self.server.channel.id)

    async def report(self) -> MessageRef:
        return await self.chat.post(self.channel, REPORT, None, KEY)

    async def comment(self, report: MessageRef, text: str = "Impressive!") -> MessageRef:
        return await self.chat.post(self.channel, copy_of(text), report, COPY)

    def shown(self, place: str = "") -> list[str]:
        """What stands of ours in the channel or a thread; Discord's own notices are empty."""
        written = self.server.messages(place or self.server.channel)
        ours = [message for message in written if message.author is self.server.bot]
        return [message.content for message in ours if message.content]

    async def refusal(self, call: Awaitable[object]) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            await call
        return caught.value

    def ref(self, report: MessageRef, message: str) -> MessageRef:
        return MessageRef(self.channel, f"{report.id}/{message}")


@asynccontextmanager
async def listening(place: Place) -> AsyncIterator[None]:
    """The bot runs; events sent from now on reach it."""
    before = len(place.server.gateway.identifies)
    task = asyncio.create_task(place.chat.run(cast(Bot, place.core)))
    try:
        await until(lambda: len(place.server.gateway.identifies) > before or task.done())
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def serving(settings: Settings | None = None) -> AsyncIterator[DiscordServer]:
    """A local Discord that answers while the block lasts."""
    server = DiscordServer(settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[Place]:
    async with serving(settings) as server:
        create(server.token, server.url, server.gateway_url)  # Sets the addresses.
        chat = DiscordChat(server.token, gap=0.1)
        try:
            yield Place(server, chat, Core(), server.adds_person("Ada"))
        finally:
            await chat.close()
