"""The workspaces, people, channels and messages of the Slack of our tests.

Plain data and the few questions asked of it; who may do what is decided in `refusals`.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.slack.ledger import Accepted, Answer, Attempt, Json

Kind = Literal["public", "private", "im"]
CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im"}
APP_ID = "A0BOTBEAT"


@dataclass(slots=True)
class Team:
    """A workspace in which the app is installed, with its bot user there."""

    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str


@dataclass(slots=True)
class User:
    id: str
    team: str
    name: str
    display_name: str
    real_name: str
    image: str
    is_bot: bool = False
    hidden: bool = False  # A stranger of another organisation whose profile we may not see.


@dataclass(slots=True)
class Token:
    value: str
    kind: Literal["bot", "app", "user"]
    team: str
    user: str
    scopes: frozenset[str]
    state: Literal["live", "revoked", "inactive", "expired"] = "live"


@dataclass(slots=True)
class Posted:
    """A message. `visible_to` is a user's id when only that person sees it (ephemeral)."""

    channel: str
    ts: str
    team: str
    text: str
    user: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str = ""
    bot_id: str = ""
    username: str | None = None
    icon_url: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    client_msg_id: str = ""
    edited: Json | None = None
    visible_to: str = ""
    alive: bool = True

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    team: str
    kind: Kind
    members: set[str]
    archived: bool = False
    shared_with: set[str] = field(default_factory=set)  # Teams of other organisations.
    read_only: bool = False
    messages: dict[str, Posted] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    """The messages by which each is answered, gone ones included."""

    def keep(self, message: Posted) -> None:
        self.messages[message.ts] = message
        if message.is_reply and message.thread_ts:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)

    def living(self) -> list[Posted]:
        """The messages that are there, oldest first."""
        return sorted((m for m in self.messages.values() if m.alive), key=lambda m: ts_key(m.ts))

    def replies(self, ts: str) -> list[Posted]:
        written = (self.messages[one] for one in self.threads.get(ts, ()))
        return sorted((m for m in written if m.alive and m.is_reply), key=lambda m: ts_key(m.ts))


@dataclass(slots=True)
class View:
    """A modal, or the app's home page of one person."""

    id: str
    kind: Literal["modal", "home"]
    user: str
    team: str
    view: Json


@dataclass(slots=True)
class Modes:
    """What Slack's documents leave open, or what a test wants otherwise.

    Seconds everywhere. Retries are quick so that tests are; Slack waits 0, 60 and 300 s.
    """

    client_msg_id: Literal["ignore", "dedupe", "dedupe_and_refuse"] = "ignore"
    echo_metadata: Literal["full", "event_type", "none"] = "full"
    echo_before_reply: bool = False
    echo_delay: float = 0.01
    missing_parent: Literal["unthread", "post", "refuse"] = "unthread"
    replays_replies: bool = True  # Deleting a parent replays its replies as changes.
    # The pages do not say whether a bot's own token is enough to read metadata:
    # https://docs.slack.dev/messaging/message-metadata.
    history_metadata: bool = True
    replies_metadata: bool = True
    read_delay: float = 0  # After so many seconds a message stands in history.
    refuse_replies: str = ""  # The error conversations.replies gives bots, empty for none.
    edit_window: float | None = None
    rate_limits: bool = False
    post_burst: int = 4
    history_per_minute: int = 50  # 1, with history_page 15, outside the Marketplace.
    history_page: int = 999
    minute: float = 60.0  # How long the minute of the limits on calls lasts.
    drops_metadata: bool = False  # As with an event type that it does not like, with a warning.
    retry_delays: tuple[float, ...] = (0.05, 0.2, 0.5)
    ack_timeout: float = 3.0
    ping_interval: float = 5.0
    max_sockets: int = 10


@dataclass(slots=True)
class State:
    """All that survives a stop and a start. `shift` moves the platform's clock, in seconds."""

    modes: Modes = field(default_factory=Modes)
    address: str = ""  # Host and port, known once the server listens.
    tickets: set[str] = field(default_factory=set)  # Each opens one socket, once.
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    ephemerals: list[Posted] = field(default_factory=list)
    ledger: list[Accepted] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    client_msg_ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    shift: float = 0
    wrote: asyncio.Event = field(default_factory=asyncio.Event)
    _last: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def write(self, accepted: Accepted) -> None:
        """Note a write in the ledger and wake who waits for it."""
        self.ledger.append(accepted)
        self.wrote.set()

    def now(self) -> float:
        return time.time() + self.shift

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A moment in Slack's form, later than every one before it."""
        self._last = max(self._last + 1, int(self.now() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def bot_of(self, team: str) -> User:
        return self.users[self.teams[team].bot_user]

    def find(self, channel: str, ts: str) -> Posted | None:
        place = self.channels.get(channel)
        message = place.messages.get(ts) if place else None
        return message if message and message.alive else None

    def teams_in(self, channel: Channel) -> list[Team]:
        """The workspaces whose bot is a member, which are those that get its events."""
        return [team for team in self.teams.values() if team.bot_user in channel.members]

    def bot_token(self, team: str) -> Token | None:
        return next((t for t in self.tokens.values() if t.kind == "bot" and t.team == team), None)


def ts_key(ts: str) -> tuple[int, int]:
    """A message's place in time; raises ValueError when it is not of Slack's form."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds), int(fraction.ljust(6, "0") or 0)
