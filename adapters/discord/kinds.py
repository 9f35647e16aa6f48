"""Channels that take no messages, or have no threads: forums, and direct messages.

In a forum or media channel each report is a post, a thread and its first message in one. The rule:
the message has the number of its thread, so a report has one number wherever it stands. A post has
no nonce, so it is created by a single attempt, and on doubt looked for:
https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel.
Under a direct message a comment is a reply to it.
"""

from __future__ import annotations

from typing import Any

import discord

from adapters.discord.render import Json, thread_name
from adapters.discord.rest import UNKNOWN_CHANNEL, Rest
from bot.model import MessageRef

FORUMS = (15, 16)
"""The types of channels that have posts instead of messages."""
DIRECT = 1
"""The type of what one person and the bot write to each other."""
WEEK = 10080  # Minutes after which a silent thread is put away; a new comment brings it back.


class Kinds:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, int] = {}

    def is_known_forum(self, channel: str) -> bool:
        """Whether we found out already that this is a forum."""
        return self._known.get(channel) in FORUMS

    async def is_forum(self, channel: str) -> bool:
        """Whether this is a forum; a channel never becomes one or ceases to be one."""
        return await self._type(channel) in FORUMS

    async def is_direct(self, channel: str) -> bool:
        """Whether these are direct messages."""
        return await self._type(channel) == DIRECT

    async def _type(self, channel: str) -> int | None:
        """None for a channel that was deleted, which the next call there will be told."""
        if channel not in self._known:
            try:
                path = "/channels/{channel_id}"
                found = await self._rest.ask("GET", path, channel_id=channel)
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
                return None
            self._known[channel] = int(found["type"])
        return self._known[channel]

    async def where(self, ref: MessageRef) -> dict[str, Any]:
        """What fills the path of a call about this message."""
        thread, _, message = ref.id.rpartition("/")
        if not thread and await self.is_forum(ref.channel.id):
            thread = message
        return {"channel_id": thread or ref.channel.id, "message_id": message}

    async def post(self, forum: str, message: Json) -> str:
        """Creates a post and answers with its number."""
        form = {"name": thread_name(message), "message": message, "auto_archive_duration": WEEK}
        path = "/channels/{channel_id}/threads"
        made = await self._rest.ask("POST", path, form, once=True, channel_id=forum)
        return str(made["id"])
