"""Every contract between the core and the outside, on one page.

Adapters implement `ChatPort` and `Writer`, and call `Bot` (in `bot.bot`); storage implements
`Store`. Calls into the core and the store are plain functions; a transaction is never open
across a network call, because no call of `Tx` can wait for one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from bot.message import Message
from bot.model import Channel, Found, Judgement, MessageRef, Page, Person, Written

if TYPE_CHECKING:
    from bot.bot import Bot


Scope = Literal["message", "channel", "install"]
LONGEST_NAME = 80
"""Characters of a source's name, whatever it calls itself."""


class DeliveryError(Exception):
    """A platform did not do what we asked: the whole error taxonomy of the outside world.

    `permanent`: asking again cannot help. `retry_after`: not before so many seconds; with a
    wider scope than the message nothing else goes there before that either.
    `unsure`: the platform may have accepted it. `scope` says what is refused: this message,
    everything in this channel, or everything of this installation (a revoked token).
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: float = 0,
        unsure: bool = False,
        scope: Scope = "message",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.unsure = unsure
        self.scope = scope


class ThreadGone(DeliveryError):
    """The message under which this belongs is gone, and all that stood under it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a platform likes to be called, in seconds.

    `channel` is the least time between two messages in one channel. `install` is the average
    time between two messages of one workspace, of which `burst` may go at once. `reading` is
    the least time between two reads of history.
    """

    channel: float = 0
    install: float = 0
    burst: int = 1
    reading: float = 0


class ChatPort(Protocol):
    """One platform. `key` marks a message for `find`; `thread` is the report it stands under."""

    platform: str
    pace: Pace

    async def run(self, bot: Bot) -> None:
        """Listen and tell `bot` what people do, until cancelled."""

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef: ...

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None: ...

    async def delete(self, ref: MessageRef) -> None:
        """Remove our message; already gone is success."""

    def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        """Our messages with these keys that were sent at `since` or later, as they are found.

        Ends without an error only if the others surely are not there. Raises `ThreadGone` where
        they never can be, and a permanent `DeliveryError` where we are not let look.
        """


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread, as the platform lists it. Ours has a `key` and no `author`. Two
    of one person with the same `gesture` were said once."""

    ref: MessageRef
    written: float
    author: Person | None = None
    text: str = ""
    edited: float = 0
    key: str = ""
    gesture: str = ""


class History(Protocol):
    """What a platform lets us read again, to catch up on what was said while nobody listened.

    Each call is one read or a few; it raises a permanent `DeliveryError` where we may not look.
    """

    platform: str
    pace: Pace

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        """The messages of a channel under which something was written at `since` or later."""

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        """All that stands under a message, written at `since` or later, oldest first."""

    async def stands(self, ref: MessageRef) -> bool:
        """Whether this message is still there; False only if it surely is not."""


class Unreadable(Exception):
    """What was named gave nothing; says why, in words that follow its name."""


Finder = Callable[[str], Awaitable["Source"]]
"""Looks up which source is behind an address of a feed or a page. Raises `Unreadable`."""


class Writer(Protocol):
    """Writes a report from a page; never raises: what fails is written by extraction."""

    async def write(self, found: Found, page: Page, companies: Sequence[str]) -> Written: ...


class Adviser(Protocol):
    """Decides what plain rules leave in doubt; never raises: then it is as they say."""

    async def advise(self, found: Found, page: Page, judgement: Judgement) -> Judgement: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles are found, and how its last visits went. `kind` names its reader. A source
    with a `channel` was added there, and is for those alone who follow it."""

    id: int
    url: str
    name: str
    kind: str = "feed"
    company: str = ""
    channel: Channel | None = None
    etag: str = ""
    modified: str = ""
    body_hash: str = ""
    baseline: bool = False
    next_visit: float = 0
    last_success: float = 0
    failures: int = 0
    reason: str = ""
    disabled: bool = False
    claims: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """How one visit of a source went. `wait` are the seconds until the next one, by the database's
    clock; `reason` is empty on success."""

    wait: float
    reason: str = ""
    etag: str = ""
    modified: str = ""
    body_hash: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What a source offered and what became of it. `fresh` entries are news; the others are the
    baseline of a new source, stored and searchable but posted to nobody."""

    id: int
    source: Source
    found: Found
    fresh: bool
    claims: int = 0
    tries: int = 0


class KeptOut(NamedTuple):
    """Something that a source offered and that became no report: when it was found, and why."""

    at: float
    source: str
    title: str
    url: str
    reason: str
