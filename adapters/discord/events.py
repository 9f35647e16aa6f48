"""What happens on Discord, told to the core: comments, their edits and deletions, our own echoes,
and channels that come, change and go.

Discord's gateway has no acknowledgement and never repeats an event. The rule: events of one
place are told in their order, and told again while the core cannot store them; what it never
could is found again by catching up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from weakref import WeakValueDictionary

import discord

from adapters.discord.markdown import from_discord, quiet
from adapters.discord.render import key_of
from adapters.discord.rest import Rest, delivering
from bot.bot import Bot
from bot.model import Channel, MessageRef, Person, Visibility
from bot.ports import DeliveryError
from bot.store import StoreAway

log = logging.getLogger(__name__)
PAUSES = (1, 3)  # Seconds before the core is told again what it could not store.
GONE = "BotBeat was removed from the server, or the channel was. Invite it again."
KEY_LENGTH = 24
THREADS = (10, 11, 12)
WRITTEN = (discord.MessageType.default, discord.MessageType.reply)
PLACES = (discord.TextChannel, discord.ForumChannel)


class Events:
    """Listens on one client from now on. `missed` is called when an event could not be stored,
    and when what was hidden can be read."""

    def __init__(
        self, client: discord.Client, bot: Bot, rest: Rest, missed: Callable[[], None]
    ) -> None:
        self._client = client
        self._bot = bot
        self._rest = rest
        self._missed = missed
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        for name in dir(self):
            if name.startswith("on_"):
                client.event(getattr(self, name))

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

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """At a start, or after an outage: we are in it, even if we were removed before that."""
        here = {Channel("discord", str(place.id)): described(place) for place in places(guild)}
        await self._in_turn(guild.id, lambda: self._bot.channels_stand(here))

    async def on_ready(self) -> None:
        """All servers were told of. What we had and none of them has went while nobody listened;
        but a server that is out of order has not told its channels."""
        guilds = self._client.guilds
        here = {place.id for guild in guilds for place in guild.channels}
        try:
            known = await self._bot.channels_standing("discord")
            for place in (int(channel.id) for channel in known):
                missing = place not in here and not any(guild.unavailable for guild in guilds)
                if missing and await self._is_gone(place):
                    await self._remove(place, GONE)
        except (StoreAway, DeliveryError) as error:
            log.warning("Which Discord channels went is seen at the next start: %s", error)

    async def _is_gone(self, channel: int) -> bool:
        """Not so are direct messages, and what we were invited to a moment ago."""
        try:
            async with delivering():
                await self._rest.ask("GET", "/channels/{channel_id}", channel_id=channel)
        except DeliveryError as error:
            if error.permanent and error.scope == "channel":
                return True
            raise
        return False

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Only of a server that is new to us, which an outage or a start is not."""
        await self.on_guild_available(guild)
        await self._opened(guild)
        first = [guild.system_channel] if guild.system_channel else []
        welcoming = next(filter(can_post, [*first, *guild.text_channels]), None)
        if welcoming is None:
            log.info("BotBeat may write in no channel of the new Discord server %s", guild.id)
            return
        place = Channel("discord", str(welcoming.id))
        await self._in_turn(welcoming.id, lambda: self._bot.channel_joined(place))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        for channel in places(guild):
            await self._remove(channel.id, "BotBeat was removed from the server. Invite it again.")

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            await self.on_guild_available(after.guild)  # Others may read its channels now.
            await self._opened(after.guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if isinstance(channel, PLACES):
            await self._remove(channel.id, "The channel was deleted on Discord.")

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        if isinstance(after, PLACES):
            place, (name, seen) = Channel("discord", str(after.id)), described(after)
            await self._in_turn(after.id, lambda: self._bot.channel_seen(place, name, seen))
            if can_post(after) and (not can_post(before) or tags(before) != tags(after)):
                await self._resume(after.id)
            if not can_read(before) and can_read(after):
                self._missed()

    async def _echo(self, message: discord.Message) -> None:
        key = str(message.nonce)
        if message.id == message.channel.id:  # A post in a forum has no nonce.
            key = key_of({"components": [row.to_dict() for row in message.components]})
        if len(key) == KEY_LENGTH:
            parent = None if _is_direct(message) else await self._parent(message.channel.id)
            await self._bot.delivered(key, ref_of(parent, message.channel.id, message.id))

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
            parent = await self._parent(place)
            answered = place if parent else None
        if answered is None:
            return None
        return ref_of(parent, place, message.id), ref_of(None, parent or place, answered)

    async def _deleted(self, place: int, number: int) -> None:
        """Discord does not say who deleted it; the core knows whose message it was."""
        parent = await self._parent(place)
        ref = ref_of(parent, place, number)
        if parent is None or number == place:
            await self._report_gone(ref)
        else:
            await self._bot.comment_deleted(ref, ref_of(None, parent, place))

    async def _report_gone(self, ref: MessageRef) -> None:
        if await self._bot.is_ours(ref):  # What else people delete there is not our business.
            await self._bot.comment_deleted(ref)

    async def _parent(self, place: int) -> int | None:
        """The channel a thread is in; None for what is no thread, or is gone."""
        known = self._client.get_channel(place)
        if known is not None:
            return known.parent_id if isinstance(known, discord.Thread) else None
        # Threads that were put away before we connected are not among those we know.
        try:
            async with delivering():
                found = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=place)
        except DeliveryError as error:
            if error.permanent:
                return None
            raise
        return int(found["parent_id"]) if found["type"] in THREADS else None

    async def _opened(self, guild: discord.Guild) -> None:
        self._missed()  # What was written while nothing could be read here.
        for channel in places(guild):
            if can_post(channel):
                await self._resume(channel.id)

    async def _remove(self, channel: int, reason: str) -> None:
        place = Channel("discord", str(channel))
        await self._in_turn(channel, lambda: self._bot.channel_removed(place, reason))

    async def _resume(self, channel: int) -> None:
        place = Channel("discord", str(channel))
        await self._in_turn(channel, lambda: self._bot.channel_resumed(place))

    async def _in_turn(self, place: int, tell: Callable[[], Awaitable[None]]) -> None:
        async with self._turns.setdefault(place, asyncio.Lock()):
            for pause in (*PAUSES, None):
                try:
                    await tell()
                except (StoreAway, DeliveryError) as error:
                    if pause is None:
                        log.error("An event in Discord channel %s waits for a catch-up", place)
                        return self._missed()
                    log.warning("Told again in %s s: %s", pause, error)
                    await asyncio.sleep(pause)
                except Exception as error:
                    if pause is None:
                        log.exception("An event in Discord channel %s is lost", place)
                        return None
                    log.warning("Told again in %s s: %s", pause, type(error).__name__)
                    await asyncio.sleep(pause)
                else:
                    return None
            return None


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


def places(guild: discord.Guild) -> list[discord.abc.GuildChannel]:
    """The channels of a server that may have reports."""
    return [*guild.text_channels, *guild.forums]


def described(channel: discord.abc.GuildChannel) -> tuple[str, Visibility]:
    """Its name, and who reads it. Of what we may not view Discord tells neither:
    https://docs.discord.com/developers/resources/channel#channel-object-obfuscated-channels."""
    if not channel.permissions_for(channel.guild.me).view_channel:
        return "", "private"
    everyone = channel.permissions_for(channel.guild.default_role)
    return channel.name, "public" if everyone.view_channel else "private"


def can_post(channel: discord.abc.GuildChannel) -> bool:
    mine = channel.permissions_for(channel.guild.me)
    return mine.view_channel and mine.send_messages and mine.embed_links


def tags(channel: discord.abc.GuildChannel) -> list[object]:
    """What a forum wants of its posts; a report may be refused for it."""
    if not isinstance(channel, discord.ForumChannel):
        return []
    offered = [(tag.id, tag.name, tag.moderated) for tag in channel.available_tags]
    return [*offered, channel.flags.require_tag]


def can_read(channel: discord.abc.GuildChannel) -> bool:
    mine = channel.permissions_for(channel.guild.me)
    return mine.view_channel and mine.read_message_history


def _is_direct(message: discord.Message) -> bool:
    return isinstance(message.channel, discord.DMChannel)


def _by_person(message: discord.Message) -> bool:
    return not message.author.bot and not message.webhook_id and message.type in WRITTEN
