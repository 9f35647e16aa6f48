"""A chat platform in memory, with a ledger of what it accepted and ways to misbehave."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field

from bot.bot import Bot
from bot.message import Message
from bot.model import Channel, MessageRef, Person
from bot.ports import ChatPort, DeliveryError, Pace, Said


@dataclass
class Post:
    """One message as it stands now; `edits` counts how often it was changed."""

    channel: Channel
    message: Message
    thread: str
    key: str
    edits: int = 0
    deleted: bool = False
    written: float = 0


@dataclass
class Words:
    """What a person wrote, as it stands now."""

    channel: Channel
    thread: str
    author: Person
    text: str
    written: float
    edited: float = 0
    deleted: bool = False
    gesture: str = ""


async def looked_for(
    chat: ChatPort, channel: Channel, thread: MessageRef | None, key: str, since: float
) -> MessageRef | None:
    """What a look for one key finds."""
    found = [one async for one in chat.find(channel, thread, [key], since)]
    assert [name for name, _ in found] == [key] * len(found)
    return found[0][1] if found else None


async def _nothing() -> None:
    """Nothing happens while somebody reads."""


@dataclass
class FakeChat:
    """A `ChatPort` that keeps what it is given, and a `History` of what people wrote.

    `reads` names what was read; `hides` are messages that a listing leaves out although they stand.
    """

    platform: str
    pace: Pace = field(default_factory=Pace)
    posts: dict[str, Post] = field(default_factory=dict)
    faults: list[tuple[DeliveryError, bool]] = field(default_factory=list)
    blind: str = ""
    closed: DeliveryError | None = None
    breaks_on: str = ""
    forgets_next: bool = False
    after_post: Callable[[], None] = lambda: None
    after_look: Callable[[], None] = lambda: None
    while_looking: Callable[[], Awaitable[object]] = _nothing
    looks: int = 0
    clock: Callable[[], float] = time.time
    said: dict[str, Words] = field(default_factory=dict)
    deletions: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    read_faults: list[DeliveryError] = field(default_factory=list)
    hides: set[str] = field(default_factory=set)
    after_read: Callable[[], Awaitable[None]] = _nothing
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, bot: Bot) -> None:
        """Nothing happens here unless a test makes it happen."""

    def fails_next(self, error: DeliveryError, *, accepted: bool = False) -> None:
        """The next call fails like this; `accepted` says whether it was carried out first."""
        self.faults.append((error, accepted))

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        if self.closed:
            raise self.closed
        if self.breaks_on and self.breaks_on in message.cards[0].title:
            raise ValueError("this cannot be rendered")
        number = f"{self.platform}-{next(self._numbers)}"
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault[1]:
            under = thread.id if thread else ""
            self.posts[number] = Post(channel, message, under, key, written=self.clock())
        if fault:
            raise fault[0]
        self.after_post()
        if self.forgets_next:
            self.forgets_next = False
            raise sqlite3.OperationalError("database is locked")
        return MessageRef(channel, number)

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault[1]:
            assert self.posts[ref.id].key == key
            self.posts[ref.id].message = message
            self.posts[ref.id].edits += 1
        if fault:
            raise fault[0]

    async def delete(self, ref: MessageRef) -> None:
        self.deletions.append(ref.id)
        self.posts[ref.id].deleted = True

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        self.looks += 1
        if self.closed:
            raise self.closed
        if self.blind:
            raise DeliveryError(self.blind, permanent=True)
        await self.while_looking()
        for number, post in list(self.posts.items()):
            here = (post.channel, post.thread) == (channel, thread.id if thread else "")
            if here and post.key in keys and not post.deleted and post.written >= since:
                yield post.key, MessageRef(channel, number)
        self.after_look()

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        self._reading(channel.id)
        written: list[Post | Words] = [*self.said.values(), *self.posts.values()]
        active = {
            one.thread
            for one in written
            if one.channel == channel and one.thread and one.written >= since
        }
        return [MessageRef(channel, thread) for thread in sorted(active)]

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        self._reading(thread.id)
        listed = [
            Said(MessageRef(one.channel, number), one.written, None, key=one.key)
            for number, one in self.posts.items()
            if one.thread == thread.id and not one.deleted
        ]
        listed += [
            Said(
                MessageRef(one.channel, number),
                one.written,
                one.author,
                one.text,
                one.edited,
                gesture=one.gesture,
            )
            for number, one in self.said.items()
            if one.thread == thread.id and not one.deleted
        ]
        within = [one for one in listed if one.written >= since and one.ref.id not in self.hides]
        await self.after_read()
        return sorted(within, key=lambda one: one.written)

    async def stands(self, ref: MessageRef) -> bool:
        self._reading(f"whether {ref.id} stands")
        there: Post | Words | None = self.posts.get(ref.id) or self.said.get(ref.id)
        return there is not None and not there.deleted

    def _reading(self, what: str) -> None:
        self.reads.append(what)
        if self.read_faults:
            raise self.read_faults.pop(0)

    def standing(self, channel: str, thread: str = "") -> list[tuple[str, Message]]:
        """What one sees in a channel, or in a thread of it, oldest first."""
        return [
            (number, post.message)
            for number, post in self.posts.items()
            if post.channel.id == channel and post.thread == thread and not post.deleted
        ]
