"""A chat platform in memory, with a ledger of what it accepted and ways to misbehave."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.bot import Bot
from bot.model import Channel, Message, MessageRef
from bot.ports import DeliveryError, Pace


@dataclass
class Post:
    """One message as it stands now; `edits` counts how often it was changed."""

    channel: Channel
    message: Message
    thread: str
    key: str
    edits: int = 0
    deleted: bool = False


@dataclass
class FakeChat:
    """A `ChatPort` that keeps what it is given."""

    platform: str
    pace: Pace = field(default_factory=Pace)
    posts: dict[str, Post] = field(default_factory=dict)
    faults: list[tuple[DeliveryError, bool]] = field(default_factory=list)
    blind: str = ""
    breaks_on: str = ""
    forgets_next: bool = False
    after_post: Callable[[], None] = lambda: None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, bot: Bot) -> None:
        """Nothing happens here unless a test makes it happen."""

    def fails_next(self, error: DeliveryError, *, accepted: bool = False) -> None:
        """The next call fails like this; `accepted` says whether it was carried out first."""
        self.faults.append((error, accepted))

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        if self.breaks_on and self.breaks_on in message.cards[0].title:
            raise ValueError("this cannot be rendered")
        number = f"{self.platform}-{next(self._numbers)}"
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault[1]:
            self.posts[number] = Post(channel, message, thread.id if thread else "", key)
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
        self.posts[ref.id].deleted = True

    async def find(
        self, channel: Channel, thread: MessageRef | None, key: str, since: float
    ) -> MessageRef | None:
        if self.blind:
            raise DeliveryError(self.blind, permanent=True)
        for number, post in self.posts.items():
            if post.key == key and not post.deleted:
                return MessageRef(channel, number)
        return None

    def standing(self, channel: str, thread: str = "") -> list[tuple[str, Message]]:
        """What one sees in a channel, or in a thread of it, oldest first."""
        return [
            (number, post.message)
            for number, post in self.posts.items()
            if post.channel.id == channel and post.thread == thread and not post.deleted
        ]
