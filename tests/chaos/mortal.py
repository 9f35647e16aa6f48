"""Places where a worker dies or falls asleep: around each call of a ChatPort and each commit.

The parts are wrapped from outside, nothing in the product knows. A doom is a place, how often it
is passed before it strikes, and whether the process is killed or stopped there; a stopped one is
woken by the runner after more than a lease.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from bot.bot import Bot
from bot.model import Channel, Message, MessageRef
from bot.ports import ChatPort, DeliveryError, Pace
from bot.store import Store, Tx

CALLS = ("post", "edit", "find")
COMMITS = ("deliveries.claim", "deliveries.receipt", "deliveries.postpone", "comments.add")
PLACES = (
    *(f"{call}.{when}" for call in CALLS for when in ("before", "after")),
    *(f"{name}.{when}_commit" for name in COMMITS for when in ("before", "after")),
)
"""Where a worker can be struck, in a run of any length."""
LONGEST_NAMED = 2.0
"""No test platform names a longer Retry-After, so a longer wait is the adapter's own choice."""


@dataclass(slots=True)
class Doom:
    """`passes` is counted down at `place`; then this process is struck, once."""

    place: str = ""
    passes: int = 1
    kills: bool = True

    def at(self, place: str) -> None:
        if place != self.place:
            return
        self.passes -= 1
        if self.passes == 0:
            os.kill(os.getpid(), signal.SIGKILL if self.kills else signal.SIGSTOP)


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
        self, channel: Channel, thread: MessageRef | None, key: str, since: float
    ) -> MessageRef | None:
        with self._around("find"):
            return await self.inner.find(channel, thread, key, since)

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
    """A Store that may die before or after a commit, named by the last call inside it."""

    def __init__(self, inner: Store, doom: Doom) -> None:
        self._inner, self._doom = inner, doom

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with self._inner.read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        told: list[str] = []
        with self._inner.write() as tx:
            yield cast(Tx, Told(tx, "", told))
            self._strike(told, "before_commit")
        self._strike(told, "after_commit")

    def version(self) -> int:
        return self._inner.version()

    def _strike(self, told: list[str], when: str) -> None:
        for name in dict.fromkeys(told):
            self._doom.at(f"{name}.{when}")


class Told:
    """Passes everything on, and notes the calls by name."""

    def __init__(self, inner: object, name: str, told: list[str]) -> None:
        self._inner, self._name, self._told = inner, name, told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        full = f"{self._name}.{name}" if self._name else name
        if callable(found):
            self._told.append(full)
            return found
        return found if isinstance(found, float) else Told(found, full, self._told)
