"""The channels of this machine: a chat platform whose messages exist only as deliveries.

`post` has no outside effect. What a channel shows is drawn from the store by `chat`, so a report
is there when its delivery is, and is never there twice.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.message import Message
from bot.model import Channel, MessageRef, Person
from bot.ports import Pace

if TYPE_CHECKING:
    from bot.bot import Bot

PLATFORM = "local"
_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Room:
    """One local channel: its address, the name people see, and what it is for."""

    channel: Channel
    purpose: str = ""

    @property
    def name(self) -> str:
        return self.channel.id

    @property
    def person(self) -> Person:
        """Whoever sits at this machine, as this channel knows them."""
        return Person(PLATFORM, f"you-{self.name}", f"You in #{self.name}")


class LocalChat:
    """The `ChatPort` of the local channels."""

    platform = PLATFORM
    pace = Pace()

    def __init__(self, rooms: dict[str, str] | None = None) -> None:
        """`rooms` maps channel names to what they are for."""
        rooms = rooms or {
            "ai-news": "everything this team follows",
            "research": "papers and open source",
        }
        self.rooms = {
            name: Room(Channel(PLATFORM, name), purpose) for name, purpose in rooms.items()
        }
        self._said: dict[str, deque[tuple[float, Message]]] = {
            name: deque(maxlen=_MOST_SAID) for name in rooms
        }

    async def run(self, bot: Bot) -> None:
        """Make the channels known, then wait: people act through the pages."""
        for room in self.rooms.values():
            await bot.channel_seen(room.channel, f"#{room.name}", "public")
        await asyncio.Event().wait()

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        return MessageRef(channel, key)

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        """Nothing to do: the page draws the newest revision that was delivered."""

    async def delete(self, ref: MessageRef) -> None:
        """Nothing to do: what is not wanted is not drawn."""

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        """Nothing: a post that was not recorded was never shown, so it may be posted again."""
        nothing: list[tuple[str, MessageRef]] = []
        for found in nothing:
            yield found

    def say(self, name: str, message: Message) -> None:
        """Show an answer to everybody in the channel. Only this process remembers it."""
        self._said[name].append((time.time(), message))

    def said(self, name: str) -> list[tuple[float, Message]]:
        return list(self._said[name])
