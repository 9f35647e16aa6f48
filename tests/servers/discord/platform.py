"""The platform's memory and its clock; every other part of the server works on this one object.

It looks things up (refusing as Discord refuses what the bot may not see) and passes events to
whoever listens, the gateway.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.discord import permissions, shapes
from tests.servers.discord.ledger import Answer, Ledger
from tests.servers.discord.refusals import Refusal
from tests.servers.discord.settings import MESSAGE_CONTENT, Settings
from tests.servers.discord.snowflake import Snowflakes
from tests.servers.discord.state import (
    THREAD_STARTER,
    Channel,
    Guild,
    Json,
    Message,
    User,
)
from tests.servers.faults import Faults, no_faults


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatch. `guild` is None when it goes to shard 0; `private` needs MESSAGE_CONTENT."""

    name: str
    data: Json
    guild: str | None = None
    channel: str | None = None
    private: bool = False


@dataclass(slots=True)
class Platform:
    settings: Settings = field(default_factory=Settings)
    ids: Snowflakes = field(default_factory=Snowflakes)
    ledger: Ledger = field(default_factory=Ledger)
    answers: list[Answer] = field(default_factory=list)
    faults: Faults = field(default_factory=no_faults)
    users: dict[str, User] = field(default_factory=dict)
    guilds: dict[str, Guild] = field(default_factory=dict)
    # The direct messages with each person, by their channel: as if in a guild for two.
    directs: dict[str, Guild] = field(default_factory=dict)
    commands: dict[str | None, dict[str, Json]] = field(default_factory=dict)
    # Who sent which nonce: (author, nonce) to (channel, message, when).
    nonces: dict[tuple[str, str], tuple[str, str, float]] = field(default_factory=dict)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    skipped: float = 0.0
    bot: User = field(init=False)

    def __post_init__(self) -> None:
        self.bot = User(self.ids.next(), "BotBeat", bot=True)
        self.users[self.bot.id] = self.bot

    def now(self) -> float:
        """Unix seconds on the platform's clock, which tests may move ahead."""
        return time.time() + self.skipped

    def emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    # Looking up, for the bot

    def guild(self, guild_id: str) -> Guild:
        found = self.guilds.get(guild_id)
        if found is None or not found.present:
            raise Refusal(10004)
        return found

    def channel(self, channel_id: str) -> Channel:
        """A channel the bot can see: else 10003 when it is not, 50001 when it is hidden."""
        found = self.any_channel(channel_id)
        if found is None:
            raise Refusal(10003)
        guild = self.home(found)
        if not guild.present or not self.allowed(found, "VIEW_CHANNEL"):
            raise Refusal(50001)
        return found

    def home(self, channel: Channel) -> Guild:
        return self.guilds[channel.guild] if channel.guild else self.directs[channel.id]

    def any_channel(self, channel_id: str) -> Channel | None:
        for guild in (*self.guilds.values(), *self.directs.values()):
            if channel_id in guild.channels:
                return guild.channels[channel_id]
        return None

    def message(self, channel: Channel, message_id: str) -> Message:
        if message_id not in channel.messages:
            raise Refusal(10008)
        return channel.messages[message_id]

    # Who may do what

    def bits(self, channel: Channel, user: User) -> int:
        guild = self.home(channel)
        return permissions.effective(guild, user.id, channel) if user.id in guild.members else 0

    def allowed(self, channel: Channel, *names: str, user: User | None = None) -> bool:
        wanted = permissions.bits(*names)
        return self.bits(channel, user or self.bot) & wanted == wanted

    def require(self, channel: Channel, *names: str) -> None:
        if not self.allowed(channel, *names):
            raise Refusal(50013)

    # What the bot is shown of a channel, and of a message

    def is_hidden(self, channel: Channel) -> bool:
        """True when the bot is told no more of a channel than that there is one."""
        if channel.thread or self.bot.id not in self.home(channel).members:
            return False
        return self.settings.hides_channels and not self.allowed(channel, "VIEW_CHANNEL")

    def channel_json(self, channel: Channel) -> Json:
        """A channel as the gateway tells of it; REST does not tell of one that is hidden."""
        if self.is_hidden(channel):
            return shapes.hidden_json(channel)
        return shapes.channel_json(channel, self.bot.id)

    def guild_create_json(self, guild: Guild) -> Json:
        return shapes.guild_create_json(guild, self.bot.id, self.channel_json)

    def private(self, message: Message) -> bool:
        """True when its content may only be shown to an app with MESSAGE_CONTENT; what is said to
        the app itself always is."""
        if message.channel in self.directs:
            return False
        mentioned = any(user.id == self.bot.id for user in message.mentions)
        return message.author.id != self.bot.id and not mentioned

    def message_json(self, message: Message) -> Json:
        """A message with what needs looking up: its thread, what it replies to."""
        shape = shapes.message_json(message)
        channel = self.any_channel(message.channel)
        if message.thread and (thread := self.any_channel(message.thread)):
            shape["thread"] = shapes.channel_json(thread, self.bot.id)
        if message.kind == THREAD_STARTER and channel and channel.parent:
            shape["message_reference"]["channel_id"] = channel.parent
            shape["message_reference"]["guild_id"] = channel.guild
        elif message.reply_to and channel:
            if channel.guild:
                shape["message_reference"]["guild_id"] = channel.guild
            original = channel.messages.get(message.reply_to)
            shape["referenced_message"] = shapes.message_json(original) if original else None
        if message.interaction:
            shape["application_id"] = shape["webhook_id"] = self.bot.id
        return shape

    def fetched_json(self, message: Message) -> Json:
        """A message as REST shows it to the bot, whatever the gateway session asked for."""
        shape = self.message_json(message)
        if message.nonce is not None and self.settings.nonce_when_fetched:
            shape["nonce"] = message.nonce
        if not self.settings.components_when_fetched:
            shape["components"] = []
        if self.private(message) and not self.settings.privileged & MESSAGE_CONTENT:
            return shapes.redacted(shape)
        return shape
