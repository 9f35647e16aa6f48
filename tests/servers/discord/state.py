"""What the platform holds: guilds, channels, threads, messages, commands and interactions.

Plain records without behaviour; everything that changes them is in the files named after the
subject. Ids are Discord's strings of digits throughout.
"""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEXT, DIRECT, CATEGORY, ANNOUNCEMENT, FORUM, MEDIA = 0, 1, 4, 5, 15, 16
POSTS_ONLY = (FORUM, MEDIA)
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREAD_KINDS = (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)

HAS_THREAD, EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 5, 1 << 6, 1 << 7, 1 << 15

DEFAULT, REPLY, COMMAND_ANSWER, THREAD_STARTER, CONTEXT_ANSWER = 0, 19, 20, 21, 23


@dataclass(slots=True)
class User:
    id: str
    name: str
    bot: bool = False


@dataclass(slots=True)
class Role:
    id: str
    name: str
    permissions: int
    mentionable: bool = False


@dataclass(slots=True)
class Member:
    user: User
    joined: float
    roles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Overwrite:
    allow: int = 0
    deny: int = 0
    member: bool = False


@dataclass(slots=True)
class Thread:
    """What a channel has besides when it is a thread; times are Unix seconds."""

    owner: str
    created: float
    archive_changed: float
    auto_archive: int = 1440
    archived: bool = False
    locked: bool = False
    members: dict[str, float] = field(default_factory=dict)
    applied_tags: list[str] = field(default_factory=list)
    message_count: int = 0
    total_sent: int = 0


@dataclass(slots=True)
class Message:
    id: str
    channel: str
    author: User
    at: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    edited: float | None = None
    nonce: str | int | None = None
    flags: int = 0
    kind: int = DEFAULT
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    reply_to: str | None = None
    thread: str | None = None
    interaction: str | None = None

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)


@dataclass(slots=True)
class Channel:
    """`guild` is empty for direct messages, which are with `person`; `closed`: they take none."""

    id: str
    guild: str
    name: str
    kind: int = TEXT
    parent: str | None = None
    topic: str | None = None
    tags: list[Json] = field(default_factory=list)
    requires_tag: bool = False
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    thread: Thread | None = None
    person: User | None = None
    closed: bool = False


@dataclass(slots=True)
class Guild:
    """`present`: the bot is in it. `available`: it has no outage. `system`: its system channel."""

    id: str
    name: str
    owner: str
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    present: bool = True
    available: bool = True
    system: str | None = None


Place = Channel | Message | Guild | User | Role | str | int


def id_of(thing: Place) -> str:
    """Verbs take a record, a string of digits or a number; this is the id in each."""
    return str(thing) if isinstance(thing, str | int) else thing.id
