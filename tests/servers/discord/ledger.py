"""The two lists a test judges by: what the platform accepted, and what it answered.

They are separate since the failures worth testing are those where the two differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.discord.state import Json

Verb = Literal[
    "create",  # A message by POST /channels/…/messages.
    "edit",
    "delete",
    "thread",  # A thread or forum post was made; the starter of a post is part of it.
    "channel",  # A channel or thread was changed (archived, locked, renamed).
    "respond",  # The first answer to an interaction.
    "followup",
    "commands",  # The application's commands were changed.
]


@dataclass(frozen=True, slots=True)
class Pings:
    """Whom a message would have notified, were every permission given and every id real."""

    everyone: bool = False
    here: bool = False
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.everyone or self.here or self.users or self.roles)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing the platform did for the bot. `allowed_mentions` is None when it was not sent."""

    verb: Verb
    channel: str
    at: float
    message: str | None = None
    nonce: str | int | None = None
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    allowed_mentions: Json | None = None
    pings: Pings = Pings()
    flags: int = 0
    details: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What went back over the wire: status 0 is a connection that ended without an answer."""

    call: str
    path: str
    status: int
    code: int | None
    at: float
    user_agent: str


class Ledger:
    """An append-only list of what was accepted."""

    def __init__(self) -> None:
        self._entries: list[Accepted] = []

    def append(self, entry: Accepted) -> None:
        self._entries.append(entry)

    def of(self, *verbs: Verb) -> list[Accepted]:
        return [entry for entry in self._entries if entry.verb in verbs]

    def __iter__(self) -> Iterator[Accepted]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Accepted:
        return self._entries[place]
