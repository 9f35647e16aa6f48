"""`DiscordChat`, the ChatPort: posts, edits, deletes and finds messages over REST.

The rule: every create carries its key as an enforced nonce, so a repeated attempt gives the first
message. A report's thread has the report's own id, so opening it twice is harmless too.
"""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from typing import Any

import discord

from adapters.discord.gateway import Gateway
from adapters.discord.render import carries, payload, thread_name
from adapters.discord.rest import UNKNOWN_MESSAGE, Rest, delivering
from bot.bot import Bot
from bot.model import Channel, Message, MessageRef
from bot.ports import DeliveryError, Pace

log = logging.getLogger(__name__)
MESSAGES = "/channels/{channel_id}/messages"
ONE = MESSAGES + "/{message_id}"
SINCE = MESSAGES + "?after={after}&limit=100"
LOOKING = ("View Channel", "Read Message History")
REPORTS = ("View Channel", "Send Messages", "Embed Links")
COMMENTS = (*LOOKING, "Create Public Threads", "Send Messages in Threads")
UNKNOWN_CHANNEL, ARCHIVED, THREAD_EXISTS = 10003, 50083, 160004
ORDINARY = (0, 19)  # The types of messages that somebody wrote; others are Discord's notices.
PAGE, PAGES = 100, 10
WEEK = 10080  # Minutes after which a silent thread is put away; a new comment brings it back.


class DiscordChat:
    """One bot on Discord. `run` listens; the rest works without the gateway being up."""

    platform = "discord"
    # 50 requests a second in all; the other limits come with each answer:
    # docs.discord.com/developers/topics/rate-limits.
    pace = Pace(channel=1.0, install=0.05, burst=100, reading=0.5)

    def __init__(self, token: str) -> None:
        self._rest = Rest(token)
        self._gateway = Gateway(token, self._rest)

    async def run(self, bot: Bot) -> None:
        """Listens until cancelled, or until Discord refuses the token for good."""
        try:
            await self._gateway.run(bot)
        finally:
            await self.close()

    async def close(self) -> None:
        """Ends the connections; a later call opens them again."""
        await self._rest.close()

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        body = {**payload(message, key), "nonce": key, "enforce_nonce": True}
        async with self._delivering(channel, thread=thread is not None):
            if thread is None:
                sent = await self._rest.ask("POST", MESSAGES, body, channel_id=channel.id)
                return MessageRef(channel, sent["id"])
            sent = await self._comment(channel, thread.id, body)
            return MessageRef(channel, f"{thread.id}/{sent['id']}")

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        async with self._delivering(ref.channel, thread="/" in ref.id):
            try:
                await self._change("PATCH", ref, payload(message, key))
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL or "/" not in ref.id:
                    raise
                raise DeliveryError("The thread was deleted on Discord.", permanent=True) from None

    async def delete(self, ref: MessageRef) -> None:
        async with self._delivering(ref.channel, thread="/" in ref.id):
            try:
                await self._change("DELETE", ref)
            except discord.NotFound as error:
                # A deleted thread or channel took the message with it.
                if error.code not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
                    raise

    async def find(
        self, channel: Channel, thread: MessageRef | None, key: str, since: float
    ) -> MessageRef | None:
        """Where history cannot be read Discord shows an empty list, so we look only if we may."""
        lacking = self._gateway.lacking(int(channel.id), LOOKING)
        if lacking is None:
            reason = "Not connected to Discord yet, so its permissions are unknown."
            raise DeliveryError(reason, retry_after=15)
        if lacking:
            reason = f"BotBeat cannot look for its message: it lacks {', '.join(lacking)}. "
            reason += "Give it to BotBeat's role in the channel's settings."
            raise DeliveryError(reason, permanent=True)
        async with delivering(thread=thread is not None):
            found = await self._search(thread.id if thread else channel.id, key, since)
        if found is None:
            return None
        return MessageRef(channel, f"{thread.id}/{found}" if thread else found)

    async def _comment(self, channel: Channel, thread: str, body: Any) -> Any:
        """Posts into the thread; the first comment finds none there and opens it."""
        try:
            return await self._rest.ask("POST", MESSAGES, body, channel_id=thread)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
        await self._open_thread(channel.id, thread)
        return await self._rest.ask("POST", MESSAGES, body, channel_id=thread)

    async def _open_thread(self, channel: str, report: str) -> None:
        ids = {"channel_id": channel, "message_id": report}
        form = {"name": thread_name(await self._rest.ask("GET", ONE, **ids))}
        try:
            await self._rest.ask(
                "POST", ONE + "/threads", {**form, "auto_archive_duration": WEEK}, **ids
            )
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                raise
        log.info("Opened the thread of report %s in Discord channel %s", report, channel)

    async def _change(self, method: str, ref: MessageRef, body: Any = None) -> None:
        """Edits or deletes a message; a thread that was put away is brought back for it."""
        thread, _, message = ref.id.rpartition("/")
        ids = {"channel_id": thread or ref.channel.id, "message_id": message}
        try:
            await self._rest.ask(method, ONE, body, **ids)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            await self._rest.ask("PATCH", "/channels/{channel_id}", {"archived": False}, **ids)
            await self._rest.ask(method, ONE, body, **ids)

    async def _search(self, place: str, key: str, since: float) -> str | None:
        after = snowflake(since - 5)
        unclear = False
        for _ in range(PAGES):
            page = await self._page(place, after)
            for sent in page:
                if int(sent["author"]["id"]) == self._rest.me and sent["type"] in ORDINARY:
                    carried = carries(sent, key)
                    if carried:
                        return str(sent["id"])
                    unclear = unclear or carried is None
            if len(page) < PAGE:
                break
            after = max(int(sent["id"]) for sent in page)
        else:
            raise DeliveryError("Too much was written since to find the message.", retry_after=60)
        if unclear:
            reason = "A message of ours there has no key, so we cannot tell whether it is this one."
            raise DeliveryError(reason, permanent=True)
        return None

    async def _page(self, place: str, after: int) -> list[dict[str, Any]]:
        try:
            page = await self._rest.ask("GET", SINCE, channel_id=place, after=after)
        except discord.NotFound as error:
            if error.code == UNKNOWN_CHANNEL:
                return []  # Never opened, or deleted: nothing of ours is in it.
            raise
        if not isinstance(page, list):
            raise ValueError("no list of messages in the answer")
        return page

    def _delivering(self, channel: Channel, *, thread: bool) -> AbstractAsyncContextManager[None]:
        """Names the permissions that are missing, or all that it takes while we do not know."""
        needs = COMMENTS if thread else REPORTS
        return delivering(self._gateway.lacking(int(channel.id), needs) or needs, thread=thread)


def snowflake(seconds: float) -> int:
    """The smallest id made at this time: docs.discord.com/developers/reference#snowflakes."""
    return max(0, int(seconds * 1000) - 1_420_070_400_000) << 22
