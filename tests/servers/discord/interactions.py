"""An interaction: what a person did with a command, button or form, and what the bot made of it.

Tests hold these records: they wait for the answer and read it. Source:
docs.discord.com/developers/interactions/receiving-and-responding.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.discord.platform import Event, Platform
from tests.servers.discord.posting import text_of
from tests.servers.discord.shapes import channel_json, member_json, user_json
from tests.servers.discord.state import EPHEMERAL, LOADING, Channel, Json, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class NoAnswerError(AssertionError):
    """What a person sees as "The application did not respond"."""


@dataclass(slots=True)
class Interaction:
    """`began` is on the platform's clock; `callback` is the type of the first answer."""

    id: str
    token: str
    kind: int
    channel: Channel
    user: User
    data: Json
    began: float
    message: Message | None = None
    callback: int | None = None
    acknowledged_after: float | None = None
    answer_message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None
    edits: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # What a person sees

    @property
    def ephemeral(self) -> bool:
        return bool(self.answer_message and self.answer_message.flags & EPHEMERAL)

    @property
    def thinking(self) -> bool:
        return bool(self.answer_message and self.answer_message.flags & LOADING)

    @property
    def text(self) -> str:
        """All that the answer shows: content, embeds, texts of components."""
        return text_of(self.answer_message) if self.answer_message else ""

    # Waiting, for tests

    async def acknowledged(self, timeout: float = 20) -> int:
        """Waits for the first answer of any kind and returns its callback type."""
        await self.until(lambda: self.callback is not None, timeout)
        return self.callback or 0

    async def answer(self, timeout: float = 20) -> Message:
        """Waits until something is to be read instead of "thinking …" and returns it."""
        await self.until(lambda: bool(self.answer_message and not self.thinking), timeout)
        if self.answer_message is None:
            raise NoAnswerError(f"{self.data.get('name')}: the answer was taken back")
        return self.answer_message

    async def suggestions(self, timeout: float = 20) -> list[Json]:
        """Waits for the choices of an autocomplete."""
        await self.until(lambda: self.choices is not None, timeout)
        return self.choices or []

    async def form(self, timeout: float = 20) -> Json:
        """Waits for the modal."""
        await self.until(lambda: self.modal is not None, timeout)
        return self.modal or {}

    async def until(self, arrived: Callable[[], bool], timeout: float = 20) -> None:
        """Waits for a condition on this record; raises NoAnswerError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not arrived():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            what = self.data.get("name") or self.data.get("custom_id")
            raise NoAnswerError(f"the application did not respond to {what}") from None

    def changed(self) -> None:
        self._changed.set()


class Interactions:
    """All interactions, by token; makes new ones and sends them to the bot."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.by_token: dict[str, Interaction] = {}

    def begin(
        self, kind: int, channel: Channel, user: User, data: Json, message: Message | None = None
    ) -> Interaction:
        made = Interaction(
            id=self.platform.ids.next(),
            token=secrets.token_urlsafe(60),
            kind=kind,
            channel=channel,
            user=user,
            data=data,
            began=self.platform.now(),
            message=message,
        )
        self.by_token[made.token] = made
        event = Event("INTERACTION_CREATE", self._payload(made), channel.guild)
        self.platform.emit(event)
        return made

    def _payload(self, made: Interaction) -> Json:
        platform, channel = self.platform, made.channel
        payload: Json = {
            "id": made.id,
            "application_id": platform.bot.id,
            "type": made.kind,
            "data": made.data,
            "channel_id": channel.id,
            "channel": channel_json(channel, platform.bot.id),
            "token": made.token,
            "version": 1,
            "app_permissions": self._bits(channel, platform.bot),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": channel.guild or "0"},
            "attachment_size_limit": 10 * 1024 * 1024,
            **self._whose(channel, made.user),
        }
        if made.message:
            payload["message"] = platform.message_json(made.message)
        return payload

    def _whose(self, channel: Channel, user: User) -> Json:
        """A member in a guild, a mere user in direct messages."""
        if not channel.guild:
            return {"user": user_json(user), "context": 1}
        member = member_json(self.platform.guilds[channel.guild].members[user.id])
        return {
            "guild_id": channel.guild,
            "guild": {"id": channel.guild, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**member, "permissions": self._bits(channel, user)},
            "context": 0,
        }

    def _bits(self, channel: Channel, user: User) -> str:
        return str(self.platform.bits(channel, user))
