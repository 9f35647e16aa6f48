"""Servers on Discord and their channels, which come, change and go, told to the core.

Discord does not say which channels a removal or an outage takes with it but by what it no longer
tells; and of a channel that we may not view it tells no more than that there is one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

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


class Servers:
    """Listens on one client from now on. `missed` is called when what was hidden can be read."""

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
