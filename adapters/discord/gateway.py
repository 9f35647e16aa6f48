"""Stays connected to Discord's gateway, whatever the connection does.

discord.py resumes dropped connections by itself, but ends on a first connection that fails, on an
event it cannot read and on a refused intent; then we start anew. The rule: a new start may cost an
IDENTIFY, of which a day has a thousand (then Discord resets the token), so starts are rationed:
https://docs.discord.com/developers/events/gateway#identifying.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Sequence

import discord

from adapters.discord import commands
from adapters.discord.events import Events
from adapters.discord.rest import TOKEN_REFUSED, Rest
from bot.bot import Bot

log = logging.getLogger(__name__)

HOUR, LONGEST_PAUSE = 3600.0, 600.0
LONGEST_INSIDE = 45.0
"""discord.py gives up opening a connection after 60 s, so inside that we wait less."""
FATAL = (4004, 4010, 4011, 4012, 4013)
"""Close codes after which Discord wants no other attempt: a bad token, shard, version, intent."""


class Ration:
    """When the next start may be: soon after the first; after many, at most 15 in an hour."""

    def __init__(self) -> None:
        self._starts: deque[float] = deque(maxlen=20)

    def take(self) -> float:
        """Counts a start and tells how many seconds to wait before it."""
        now = time.monotonic()
        recent = sum(now - start < HOUR for start in self._starts)
        self._starts.append(now)
        # Jitter, so that many bots do not come back in the same second.
        return min(LONGEST_PAUSE, 2.0**recent) * random.uniform(0.5, 1) if recent else 0


class Listener(discord.Client):
    """discord.py's client with nothing remembered but servers and channels: what people wrote
    and edited comes as raw events, also for messages older than this process."""

    def __init__(self, ration: Ration, *, content: bool) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = True
        intents.message_content = content
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._ration = ration

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """A session that could not be resumed counts as a start, too."""
        if initial:
            return
        if (pause := self._ration.take()) > LONGEST_INSIDE:
            raise ConnectionRefusedError("too many sessions were lost")
        await asyncio.sleep(pause)


class Gateway:
    def __init__(self, token: str, rest: Rest) -> None:
        self._token = token
        self._rest = rest
        self._client: Listener | None = None
        self._ration = Ration()

    async def run(self, bot: Bot) -> None:
        """Returns only when starting again cannot help; the log says why."""
        content = True
        while True:
            await asyncio.sleep(self._ration.take())
            try:
                await self._listen(bot, content)
            except discord.LoginFailure:
                log.error("Discord: %s", TOKEN_REFUSED)
                return
            except discord.PrivilegedIntentsRequired:
                content = False
                log.error(
                    "Discord does not allow the Message Content intent: comments written on "
                    "Discord are not seen. Switch it on in the developer portal and restart."
                )
            except discord.ConnectionClosed as error:
                if error.code in FATAL:
                    log.error("Discord refuses to connect this bot (gateway code %s)", error.code)
                    return
                log.warning("Discord's gateway closed with %s; connecting again", error.code)
            except Exception as error:  # discord.py ends on any event it cannot read.
                # Not the error's own words, which may quote a message.
                log.warning("%s ended Discord's connection; connecting again", type(error).__name__)

    def lacking(self, channel: int, needs: Sequence[str]) -> list[str] | None:
        """Which permissions, called as in Discord's settings, we lack; None while unknown."""
        place = self._client.get_channel(channel) if self._client else None
        if not isinstance(place, discord.abc.GuildChannel) or place.guild.me is None:
            return None
        mine = place.permissions_for(place.guild.me)
        return [need for need in needs if not getattr(mine, need.lower().replace(" ", "_"))]

    async def _listen(self, bot: Bot, content: bool) -> None:
        client = self._client = Listener(self._ration, content=content)
        Events(client, bot)
        commands.Commands(client, bot, self._rest)
        try:
            async with client:
                await client.login(self._token)
                await commands.offer(self._rest, client.application_id or 0)
                await client.connect()
        finally:
            self._client = None
