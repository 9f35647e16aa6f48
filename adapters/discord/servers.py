"""Servers on Discord and their channels, which come, change and go, told to the core.

Discord does not say which channels a removal or an outage takes with it but by what it no longer
tells; and of a channel that we may not view it tells no more than that there is one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

import discord

from adapters.discord.events import hear
from adapters.discord.needs import LOOKING, REPORTS, lacking
from adapters.discord.rest import Rest, delivering
from bot.bot import Bot
from bot.model import Channel, Visibility
from bot.ports import DeliveryError
from bot.store import StoreAway
from bot.turns import Turns

log = logging.getLogger(__name__)
GONE = "BotBeat was removed from the server, or the channel was. Invite it again."
PLACES = (discord.TextChannel, discord.ForumChannel)
Standing = dict[Channel, tuple[str, Visibility]]


class Servers:
    """Listens on one client from now on. `missed` is called when what was hidden can be read.

    What is told of one server has one turn, with all its channels: the last word of Discord counts.
    """

    def __init__(
        self,
        client: discord.Client,
        bot: Bot,
        rest: Rest,
        turns: Turns,
        missed: Callable[[], None],
    ) -> None:
        self._client, self._bot, self._rest = client, bot, rest
        self._in_turn, self._missed = turns.take, missed
        hear(client, self)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """At a start, or after an outage: we are in it, even if we were removed before that."""
        here = _standing(guild)
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
                # Of which server it was is not known any more, so that it has a turn by itself.
                if missing and await self._is_gone(place):
                    await self._in_turn(place, partial(self._removed, [place], GONE))
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
        await self._in_turn(guild.id, partial(self._joined, guild, _standing(guild)))

    async def _joined(self, guild: discord.Guild, here: Standing) -> None:
        await self._opened(guild, here)
        first = [guild.system_channel] if guild.system_channel else []
        welcoming = next(filter(can_post, [*first, *guild.text_channels]), None)
        if welcoming is None:
            log.info("BotBeat may write in no channel of the new Discord server %s", guild.id)
            return
        await self._bot.channel_joined(_channel(welcoming.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        went = [channel.id for channel in places(guild)]
        reason = "BotBeat was removed from the server. Invite it again."
        await self._in_turn(guild.id, partial(self._removed, went, reason))

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            guild = after.guild  # Others may read its channels now.
            await self._in_turn(guild.id, partial(self._opened, guild, _standing(guild)))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if isinstance(channel, PLACES):
            reason = "The channel was deleted on Discord."
            await self._in_turn(channel.guild.id, partial(self._removed, [channel.id], reason))

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        if isinstance(after, PLACES):
            heals = can_post(after) and (not can_post(before) or tags(before) != tags(after))
            seen = partial(self._seen, after.id, *described(after), heals)
            await self._in_turn(after.guild.id, seen)
            if not can_read(before) and can_read(after):
                self._missed()

    async def _seen(self, channel: int, name: str, seen: Visibility, heals: bool) -> None:
        await self._bot.channel_seen(_channel(channel), name, seen)
        if heals:
            await self._bot.channel_resumed(_channel(channel))

    async def _opened(self, guild: discord.Guild, here: Standing) -> None:
        await self._bot.channels_stand(here)
        self._missed()  # What was written while nothing could be read here.
        for channel in places(guild):
            if can_post(channel):
                await self._bot.channel_resumed(_channel(channel.id))

    async def _removed(self, channels: Sequence[int], reason: str) -> None:
        for channel in channels:
            await self._bot.channel_removed(_channel(channel), reason)


def _channel(number: int) -> Channel:
    return Channel("discord", str(number))


def _standing(guild: discord.Guild) -> Standing:
    return {_channel(place.id): described(place) for place in places(guild)}


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
    return not lacking(channel.permissions_for(channel.guild.me), REPORTS)


def tags(channel: discord.abc.GuildChannel) -> list[object]:
    """What a forum wants of its posts; a report may be refused for it."""
    if not isinstance(channel, discord.ForumChannel):
        return []
    offered = [(tag.id, tag.name, tag.moderated) for tag in channel.available_tags]
    return [*offered, channel.flags.require_tag]


def can_read(channel: discord.abc.GuildChannel) -> bool:
    return not lacking(channel.permissions_for(channel.guild.me), LOOKING)
