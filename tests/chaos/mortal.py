"""Where a worker dies or falls asleep: around each call of a ChatPort and of the store.

The parts are wrapped from outside, nothing in the product knows. A doom is a set of places; the
process is struck at the first of them that it passes. A stopped one is woken by the runner after
more than a lease.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from bot.bot import Bot
from bot.message import Message
from bot.model import Channel, MessageRef
from bot.ports import ChatPort, DeliveryError, Pace
from bot.store import Store, Tx
from tests.chaos.points import parts

LONGEST_NAMED = 3.0
"""No test platform names a longer Retry-After, so a longer wait is the adapter's own choice."""
PARTS = frozenset(parts())


class Doom:
    """`arm` names the places; what happened is told in one line before it happens."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._places: frozenset[str] = frozenset()
        self._kills = True
        self._lock = threading.Lock()

    def arm(self, places: list[str], *, kills: bool) -> None:
        with self._lock:
            self._places, self._kills = frozenset(places), kills

    def at(self, place: str) -> None:
        if place not in self._places:
            return
        with self._lock:
            if place not in self._places:
                return  # Another thread was struck a moment ago, and woke up.
            self._places = frozenset()
            self._tell(f"{'die' if self._kills else 'sleep'}.{place}")
            os.kill(os.getpid(), signal.SIGKILL if self._kills else signal.SIGSTOP)


@dataclass(slots=True)
class MortalPort:
    """A ChatPort that may die around its calls, and whose own waits are as short as the run's."""

    inner: ChatPort
    doom: Doom
    scale: float
    platform: str = field(init=False)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.platform, self.pace = self.inner.platform, self.inner.pace

    async def run(self, bot: Bot) -> None:
        await self.inner.run(bot)

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        with self._around("post"):
            return await self.inner.post(channel, message, thread, key)

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        with self._around("edit"):
            await self.inner.edit(ref, message, key)

    async def delete(self, ref: MessageRef) -> None:
        with self._around("delete"):
            await self.inner.delete(ref)

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        with self._around("find"):
            async for found in self.inner.find(channel, thread, keys, since):
                yield found

    @contextmanager
    def _around(self, call: str) -> Iterator[None]:
        self.doom.at(f"{call}.before")
        try:
            yield
        except DeliveryError as error:
            if error.retry_after > LONGEST_NAMED:
                error.retry_after *= self.scale
            raise
        finally:
            self.doom.at(f"{call}.after")


class MortalStore:
    """A Store that may die before each call, and before or after the end of a transaction."""

    def __init__(self, inner: Store, doom: Doom) -> None:
        self._inner, self._doom = inner, doom

    @contextmanager
    def read(self) -> Iterator[Tx]:
        told: list[str] = []
        with self._inner.read() as tx:
            yield cast(Tx, Told(tx, "", told, self._doom))
            self._strike(told, "before_commit")
        self._strike(told, "after_commit")

    @contextmanager
    def write(self) -> Iterator[Tx]:
        told: list[str] = []
        with self._inner.write() as tx:
            yield cast(Tx, Told(tx, "", told, self._doom))
            self._strike(told, "before_commit")
        self._strike(told, "after_commit")

    def version(self) -> int:
        return self._inner.version()

    def _strike(self, told: list[str], when: str) -> None:
        for name in dict.fromkeys(told):
            self._doom.at(f"{name}.{when}")


class Told:
    """Passes everything on; notes the calls by name, and may die before each."""

    def __init__(self, inner: object, name: str, told: list[str], doom: Doom) -> None:
        self._inner, self._name, self._told, self._doom = inner, name, told, doom

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not self._name:
            return Told(found, name, self._told, self._doom) if name in PARTS else found
        full = f"{self._name}.{name}"
        self._told.append(full)
        self._doom.at(f"{full}.before")
        return found
