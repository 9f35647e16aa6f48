"""`DiscordChat`, the ChatPort and the History: all that BotBeat does on Discord goes through it.

The rule: every message is created with its key as an enforced nonce, so a repeated attempt gives
the first one. A report's thread has the report's own id, so opening it twice is harmless too.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager

import discord

from adapters.discord.gateway import SILENCE, Gateway
from adapters.discord.history import MESSAGES, ONE, History
from adapters.discord.intent import Intent
from adapters.discord.kinds import WEEK, Kinds
from adapters.discord.needs import COMMENTS, LOOKING, REPORTS
from adapters.discord.render import Json, payload, thread_name
from adapters.discord.rest import (
    MISSING_PERMISSION,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    Rest,
    delivering,
)
from adapters.discord.starts import GAP
from adapters.discord.typed import typed
from bot.alone import SECONDS
from bot.bot import Bot
from bot.message import Message
from bot.model import Channel, MessageRef
from bot.ports import DeliveryError, Pace, Said

log = logging.getLogger(__name__)
THREAD_DELETED = "The thread under this report was deleted on Discord."
CLOSED = "The thread is locked on Discord, or BotBeat may not write in it."
NO_MESSAGES, ARCHIVED, THREAD_EXISTS = 50008, 50083, 160004


class DiscordChat:
    """One bot on Discord. `run` listens, in one process at a time; the rest works in all of them,
    without the gateway being up. `lease`, `silence` and `gap` are for `Gateway`.
    """

    platform = "discord"
    # 50 requests a second in all; the other limits come with each answer:
    # docs.discord.com/developers/topics/rate-limits.
    pace = Pace(channel=1.0, install=0.05, burst=100, reading=0.5)

    def __init__(
        self, token: str, *, lease: float = SECONDS, silence: float = SILENCE, gap: float = GAP
    ) -> None:
        self._rest = Rest(token)
        self._kinds = Kinds(self._rest)
        self._history = History(self._rest, self._kinds)
        self._intent = Intent(self._rest, self._kinds)
        self._gateway = Gateway(token, self._rest, lease, silence, gap)

    async def run(self, bot: Bot) -> None:
        """Listens until cancelled, or until Discord refuses the token for good."""
        try:
            await self._gateway.run(bot, self)
        finally:
            await self.close()

    def silent(self) -> float | None:
        """For how many seconds Discord has said nothing to this process; None if it does not
        listen."""
        return self._gateway.silent()

    async def close(self) -> None:
        """Ends the connections; a later call opens them again."""
        await self._rest.close()

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        body = payload(typed(await self._intent.invites(channel.id, message)), key)
        once = {"nonce": key, "enforce_nonce": True}
        labels = [label for card in message.cards for label in card.labels]
        async with self._delivering(channel, thread=thread is not None):
            if thread is None:
                return MessageRef(channel, await self._report(channel.id, body, once, labels))
            if await self._kinds.is_direct(channel.id):
                answered = {"message_reference": {"message_id": thread.id}}
                sent = await self._written(channel.id, body | once | answered)
                return MessageRef(channel, str(sent["id"]))
            sent = await self._comment(channel, thread.id, body | once)
            return MessageRef(channel, f"{thread.id}/{sent['id']}")

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        message = await self._intent.invites(ref.channel.id, message)
        async with self._delivering(ref.channel, thread="/" in ref.id):
            try:
                await self._change("PATCH", ref, payload(typed(message), key))
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL or "/" not in ref.id:
                    raise
                raise DeliveryError(THREAD_DELETED, permanent=True) from None

    async def delete(self, ref: MessageRef) -> None:
        async with self._delivering(ref.channel, thread="/" in ref.id):
            try:
                await self._change("DELETE", ref)
            except discord.NotFound as error:
                # A deleted thread or channel took the message with it.
                if error.code not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
                    raise

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        if thread:
            async with delivering(LOOKING, thread=True):
                if await self._kinds.is_direct(channel.id):
                    thread = None
        place = thread.id if thread else channel.id
        async for key, number in self._history.find(channel.id, place, keys, since):
            yield key, MessageRef(channel, f"{thread.id}/{number}" if thread else number)

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        return await self._history.threads(channel, since)

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        return await self._history.replies(thread, since)

    async def stands(self, ref: MessageRef) -> bool:
        return await self._history.stands(ref)

    async def _report(self, channel: str, body: Json, once: Json, labels: Sequence[str]) -> str:
        """The number of the report. A forum takes no messages and says so; it takes posts."""
        if not self._kinds.is_known_forum(channel):
            try:
                sent = await self._rest.ask("POST", MESSAGES, body | once, channel_id=channel)
                return str(sent["id"])
            except discord.HTTPException as error:
                if error.code != NO_MESSAGES or not await self._kinds.is_forum(channel):
                    raise
        return await self._kinds.post(channel, body, labels)

    async def _comment(self, channel: Channel, thread: str, body: Json) -> Json:
        """Posts into the thread; the first comment finds none there and opens it."""
        try:
            return await self._written(thread, body)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
        if await self._kinds.is_forum(channel.id):  # The thread was the report.
            raise DeliveryError(THREAD_DELETED, permanent=True)
        await self._open_thread(channel.id, thread)
        try:
            return await self._written(thread, body)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
            raise DeliveryError(THREAD_DELETED, permanent=True) from None

    async def _written(self, thread: str, body: Json) -> Json:
        sent: Json = await self._rest.ask("POST", MESSAGES, body, channel_id=thread)
        return sent

    async def _open_thread(self, channel: str, report: str) -> None:
        ids: Json = {"channel_id": channel, "message_id": report}
        form = {"name": thread_name(await self._rest.ask("GET", ONE, **ids))}
        try:
            await self._rest.ask(
                "POST", ONE + "/threads", {**form, "auto_archive_duration": WEEK}, **ids
            )
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                raise
        log.info("Opened the thread of report %s in Discord channel %s", report, channel)

    async def _change(self, method: str, ref: MessageRef, body: Json | None = None) -> None:
        """Edits or deletes a message; a thread that was put away is brought back for it."""
        ids = await self._kinds.where(ref)
        try:
            await self._rest.ask(method, ONE, body, **ids)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            await self._wake(ids["channel_id"])
            await self._rest.ask(method, ONE, body, **ids)

    async def _wake(self, thread: str) -> None:
        awake = {"archived": False}
        try:
            await self._rest.ask("PATCH", "/channels/{channel_id}", awake, channel_id=thread)
        except discord.Forbidden as error:
            if error.code != MISSING_PERMISSION:
                raise
            raise DeliveryError(CLOSED, permanent=True) from None

    def _delivering(self, channel: Channel, *, thread: bool) -> AbstractAsyncContextManager[None]:
        """Names the permissions that are missing, or all that it takes while we do not know."""
        needs = COMMENTS if thread else REPORTS
        return delivering(self._gateway.lacking(int(channel.id), needs) or needs, thread=thread)
