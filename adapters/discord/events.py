"""What people write on Discord, told to the core: comments, their edits and deletions, and our own
echoes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import discord

from adapters.discord.markdown import from_discord, quiet
from adapters.discord.render import key_of
from adapters.discord.rest import UNKNOWN_CHANNEL, Rest, delivering
from bot.bot import Bot
from bot.model import Channel, MessageRef, Person
from bot.turns import Turns

log = logging.getLogger(__name__)
KEY_LENGTH = 24
THREADS = (10, 11, 12)
KNOWN = (discord.Thread, discord.abc.GuildChannel)
WRITTEN = (discord.MessageType.default, discord.MessageType.reply)


class Events:
    """Listens on one client from now on."""

    def __init__(self, client: discord.Client, bot: Bot, rest: Rest, turns: Turns) -> None:
        self._client, self._bot, self._rest = client, bot, rest
        self._in_turn = turns.take
        hear(client, self)

    async def on_message(self, message: discord.Message) -> None:
        if self._client.user and message.author.id == self._client.user.id:
            await self._in_turn(message.channel.id, lambda: self._echo(message))
        elif _by_person(message):
            await self._in_turn(message.channel.id, lambda: self._told(message))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        # Links that get their previews change a message as well, but nobody edited it then.
        if event.message.edited_at and _by_person(event.message):
            await self._in_turn(event.channel_id, lambda: self._told(event.message))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        place, number = event.channel_id, event.message_id
        if event.guild_id is None:
            direct = ref_of(None, place, number)
            await self._in_turn(place, lambda: self._bot.comment_deleted(direct))
            return
        await self._in_turn(place, lambda: self._deleted(place, number))

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        async def all_of_them() -> None:
            for number in sorted(event.message_ids):
                await self._deleted(event.channel_id, number)

        await self._in_turn(event.channel_id, all_of_them)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        parent, thread = event.parent_id, event.thread_id
        if isinstance(self._client.get_channel(parent), discord.ForumChannel):
            await self._in_turn(thread, lambda: self._report_gone(ref_of(parent, thread, thread)))
        else:
            log.info("Thread %s was deleted on Discord; a new comment opens it again", thread)

    async def _echo(self, message: discord.Message) -> None:
        key = str(message.nonce)
        if message.id == message.channel.id:  # A post in a forum has no nonce.
            key = key_of({"components": [row.to_dict() for row in message.components]})
        if len(key) == KEY_LENGTH:
            place = message.channel
            parent = None if _is_direct(message) else await self._parent(place.id, place)
            if parent != 0:
                await self._bot.delivered(key, ref_of(parent, place.id, message.id))

    async def _told(self, message: discord.Message) -> None:
        # Without the Message Content intent Discord shows us empty messages.
        if not (text := words(message)) or (above := await self._above(message)) is None:
            return
        ref, answered = above
        if message.edited_at:
            edited = message.edited_at.timestamp()
            await self._bot.comment_edited(ref, text, edited, reply_to=answered)
        else:
            who = message.author
            picture = who.display_avatar.url
            author = Person("discord", str(who.id), who.display_name, picture)
            written = message.created_at.timestamp()
            await self._bot.comment_posted(ref, answered, author, text, written)

    async def _above(self, message: discord.Message) -> tuple[MessageRef, MessageRef] | None:
        """The message, and what it answers: the report above its thread, or what a direct message
        is a reply to. None for what answers nothing."""
        place, parent = message.channel.id, None
        if _is_direct(message):
            answered = message.reference.message_id if message.reference else None
        elif message.id == place:  # Somebody's own post in a forum is no comment.
            return None
        else:
            parent = await self._parent(place, message.channel)
            answered = place if parent else None
        if answered is None:
            return None
        return ref_of(parent, place, message.id), ref_of(None, parent or place, answered)

    async def _deleted(self, place: int, number: int) -> None:
        """Discord does not say who deleted it; the core knows whose message it was."""
        parent = await self._parent(place) or None
        ref = ref_of(parent, place, number)
        if parent is None or number == place:
            await self._report_gone(ref)
        else:
            await self._bot.comment_deleted(ref, ref_of(None, parent, place))

    async def _report_gone(self, ref: MessageRef) -> None:
        if await self._bot.is_ours(ref):  # What else people delete there is not our business.
            await self._bot.comment_deleted(ref)

    async def _parent(self, place: int, seen: object = None) -> int | None:
        """The channel a thread is in; None for what is no thread, 0 for what is gone. `seen` is the
        place as an event had it: we may know it no more."""
        known = seen if isinstance(seen, KNOWN) else self._client.get_channel(place)
        if known is not None:
            return known.parent_id if isinstance(known, discord.Thread) else None
        # Threads that were put away before we connected are not among those we know.
        async with delivering():
            try:
                found = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=place)
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
                return 0
        return int(found["parent_id"]) if found["type"] in THREADS else None


def hear(client: discord.Client, handlers: object) -> None:
    """Have the client call each `on_…` of them from now on."""
    for name in dir(handlers):
        if name.startswith("on_"):
            client.event(getattr(handlers, name))


def ref_of(parent: int | None, place: int, message: int) -> MessageRef:
    """A message in a thread when `parent` is its channel, else one in the channel `place`. The
    first message of a forum's thread has the thread's number, and is the report."""
    if parent is None or place == message:
        return MessageRef(Channel("discord", str(parent or place)), str(message))
    return MessageRef(Channel("discord", str(parent)), f"{place}/{message}")


def words(message: discord.Message) -> str:
    """What somebody wrote, as neutral Markdown."""
    names = {f"@{person.id}": person.display_name for person in message.mentions}
    names |= {f"&{role.id}": role.name for role in message.role_mentions}
    names |= {f"#{place.id}": place.name for place in message.channel_mentions}
    files = [file.filename for file in message.attachments]
    files += [sticker.name for sticker in message.stickers]
    return neutral(message.content, names, files, message.jump_url)


def neutral(text: str, names: Mapping[str, str], files: Iterable[str], link: str) -> str:
    """Discord's Markdown in the words of the core. Files are links to the message: Discord's own
    addresses of files are signed and expire."""
    links = [f"[{quiet(name)}]({link})" for name in files]
    return "\n".join(part for part in (from_discord(text, names), *links) if part)


def _is_direct(message: discord.Message) -> bool:
    return isinstance(message.channel, discord.DMChannel)


def _by_person(message: discord.Message) -> bool:
    return not message.author.bot and not message.webhook_id and message.type in WRITTEN
