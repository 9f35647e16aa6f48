"""Channels that take no messages, or have no threads: forums, and direct messages.

In a forum or media channel each report is a post, a thread and its first message in one. The rule:
the message has the number of its thread, so a report has one number wherever it stands. A post has
no nonce, so it is created by a single attempt, and on doubt looked for:
https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel.
Under a direct message a comment is a reply to it.

A post gets those tags of its forum that say what a report is about. People change the tags:
they are known for a minute, and asked for again when Discord refuses what we know.
https://docs.discord.com/developers/resources/channel#forum-tag-object
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import discord

from adapters.discord.render import Json, thread_name
from adapters.discord.rest import UNKNOWN_CHANNEL, Rest
from bot.freshness import steady
from bot.model import MessageRef

FORUMS = (15, 16)
"""The types of channels that have posts instead of messages."""
DIRECT = 1
"""The type of what one person and the bot write to each other."""
WEEK = 10080  # Minutes after which a silent thread is put away; a new comment brings it back.
MOST_TAGS = 5
REQUIRES_TAG = 1 << 4
UNKNOWN_TAG, TAG_REQUIRED = 10087, 40067
TAGS_KEPT = 60.0  # Seconds.
OTHERWISE = ("other", "news")
"""Tags for what fits none."""


class Tags(NamedTuple):
    """What a forum offers, as of a moment of the steady clock: (plain name, id) of those that may
    be set without the permission Manage Threads."""

    at: float
    offered: dict[str, str]
    required: bool


class Kinds:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, int] = {}
        self._tags: dict[str, Tags] = {}

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
                found = await self._shown(channel)
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
                return None
            self._known[channel] = int(found["type"])
        return self._known[channel]

    async def _shown(self, channel: str) -> Json:
        """The channel as Discord shows it now."""
        found: Json = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=channel)
        if found["type"] in FORUMS:
            self._tags[channel] = _tags_of(found)
        return found

    async def where(self, ref: MessageRef) -> dict[str, Any]:
        """What fills the path of a call about this message."""
        thread, _, message = ref.id.rpartition("/")
        if not thread and await self.is_forum(ref.channel.id):
            thread = message
        return {"channel_id": thread or ref.channel.id, "message_id": message}

    async def post(self, forum: str, message: Json, labels: Sequence[str]) -> str:
        """Creates a post and answers with its number."""
        form = {"name": thread_name(message), "message": message, "auto_archive_duration": WEEK}
        known = self._tags.get(forum)
        if known and steady() - known.at <= TAGS_KEPT:
            try:
                return await self._posted(forum, form, fitting(known, labels))
            except discord.HTTPException as error:
                if error.code not in (UNKNOWN_TAG, TAG_REQUIRED):
                    raise
                # Refused, so nothing stands there. Perhaps people have changed the tags since.
        known = _tags_of(await self._shown(forum))
        return await self._posted(forum, form, fitting(known, labels))

    async def _posted(self, forum: str, form: Json, applied: list[str]) -> str:
        form = form | ({"applied_tags": applied} if applied else {})
        path = "/channels/{channel_id}/threads"
        made = await self._rest.ask("POST", path, form, once=True, channel_id=forum)
        return str(made["id"])


def fitting(tags: Tags, labels: Sequence[str]) -> list[str]:
    """The tags for what has these labels, the most telling first. What has none, as a digest,
    takes any tag where it must have one: it keeps no report from its place."""
    named = dict.fromkeys(tags.offered.get(_plain(label), "") for label in labels)
    found = [tag for tag in named if tag][:MOST_TAGS]
    others = [tags.offered[name] for name in OTHERWISE if name in tags.offered]
    if not labels and tags.required:
        others += tags.offered.values()
    return found or others[:1]


def _tags_of(forum: Json) -> Tags:
    offered: dict[str, str] = {}
    for tag in forum.get("available_tags") or []:
        if not tag.get("moderated"):
            offered.setdefault(_plain(tag["name"]), str(tag["id"]))
    return Tags(steady(), offered, bool(int(forum.get("flags") or 0) & REQUIRES_TAG))


def _plain(name: str) -> str:
    """`Open Source`, `OPEN SOURCE` and `open-source` are one name."""
    return re.sub(r"[\W_]+", "", str(name).casefold())
