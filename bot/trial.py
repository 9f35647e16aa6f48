"""What BotBeat counts on in a platform, and can try out in a channel that somebody names.

The rule: what is posted for it says what it is and mentions nobody, and whoever carries trials
out knows of each message before its first byte, so that nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.freshness import steady
from bot.message import Message

NOTE = Message("BotBeat tries something out; this goes in a moment.")


class Posted(NamedTuple):
    key: str
    id: str


class Desk(Protocol):
    """What a trial may do. Without a `key` the message has a new one; `under` is the id of the
    message whose thread it goes into."""

    async def post(self, key: str = "", under: str = "") -> Posted: ...

    async def rest(self, seconds: float) -> None: ...


class Seen(NamedTuple):
    so: bool
    detail: str = ""


Look = Callable[[Desk], Awaitable[Seen]]


@dataclass(frozen=True, slots=True)
class Trial:
    """`fact` is a sentence that is so or not; `assumed` says which, None if either will do.

    `look` raises DeliveryError where it cannot be tried.
    """

    fact: str
    assumed: bool | None
    look: Look


class Ground(Protocol):
    """One channel of a platform. Calls that create are made once. They raise DeliveryError.

    `messages`: how many the trials post that send nothing again. `patient`: after which seconds a
    message is worth sending again for those who have time.
    """

    messages: int
    patient: Sequence[float]

    async def open(self) -> None:
        """Find out what `link` needs; it is the first call."""

    def trials(self, waits: Sequence[float]) -> list[Trial]: ...

    async def post(self, key: str, under: str) -> str: ...

    async def find(self, keys: Collection[str]) -> Mapping[str, str]:
        """The newest message with each of these keys that stands there: its id."""

    async def delete(self, message: str) -> None: ...

    def link(self, message: str = "") -> str:
        """Where a person sees it, or the channel."""

    async def close(self) -> None: ...


def sent_again(seconds: float) -> Look:
    """Is a message that is sent again under the same key, so much later, the first one?"""

    async def look(desk: Desk) -> Seen:
        first = await desk.post()
        answered = steady()
        await desk.rest(seconds)
        later = steady() - answered
        second = await desk.post(first.key)
        told = "one message" if second == first else "two messages"
        return Seen(second == first, f"{told}, {later:.1f} s later")

    return look
