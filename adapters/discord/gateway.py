"""Stays connected to Discord's gateway, whatever the connection does.

discord.py resumes dropped connections by itself, but ends on a first connection that fails, on an
event it cannot read and on a refused intent; then we start anew. The rule: one process listens at
a time, starts are counted (`starts`), and each start that resumes nothing is followed by a
catch-up: https://docs.discord.com/developers/events/gateway#resuming.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from time import monotonic
from typing import Any

import discord

from adapters.discord import commands
from adapters.discord.events import Events
from adapters.discord.needs import lacking
from adapters.discord.rest import TOKEN_REFUSED, Rest, trace
from adapters.discord.servers import Servers
from adapters.discord.starts import Starts
from bot.alone import alone
from bot.bot import Bot
from bot.missed import Missed
from bot.ports import DeliveryError, History
from bot.store import StoreAway
from bot.turns import Turns

log = logging.getLogger(__name__)

ROLE = "discord gateway"
"""One process has it at a time: each start of a connection is one of a thousand a day."""
SILENCE = 60.0
"""After so many seconds without a word from Discord, which answers a heartbeat each 41, the
connection is taken for dead."""
AGAIN = 60.0  # Seconds until a catch-up that failed is tried again.
LONGEST_INSIDE = 45.0
"""discord.py gives up opening a connection after 60 s, so inside that we wait less."""
FATAL = (4004, 4010, 4011, 4012, 4013)
"""Close codes after which Discord wants no other attempt: a bad token, shard, version, intent."""


class Listener(discord.Client):
    """discord.py's client with nothing remembered but servers and channels: what people wrote
    and edited comes as raw events, also for messages older than this process."""

    def __init__(
        self,
        rest: Rest,
        silence: float,
        admit: Callable[[], Awaitable[None]],
        heard: Callable[[], None],
        *,
        content: bool,
    ) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = content
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            heartbeat_timeout=silence,
            # Else the library tells of no answer to a heartbeat, which is all that comes at night.
            enable_debug_events=True,
            http_trace=trace(rest.breaker),
        )
        self._admit, self._heard = admit, heard

    def dispatch(self, event: str, /, *args: Any, **named: Any) -> None:
        """That something was said at all is noted at once: a task for each word might be left
        over when the connection ends. What comes after that is for the next one, which reads it
        again; the library's client has no loop for it any more."""
        if event == "socket_raw_receive":
            self._heard()
        elif event != "socket_raw_send" and not self.is_closed():
            super().dispatch(event, *args, **named)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """A session that could not be resumed counts as a start, too."""
        if not initial:
            await self._admit()


class Gateway:
    """Listens in one process at a time. `lease`, `silence` and `gap` are seconds."""

    def __init__(self, token: str, rest: Rest, lease: float, silence: float, gap: float) -> None:
        self._token = token
        self._rest = rest
        self._client: Listener | None = None
        self._starts = Starts(rest, gap)
        self._lease = lease
        self._silence = silence
        self._missed = Missed()
        self._heard: float | None = None

    def silent(self) -> float | None:
        """For how many seconds Discord has said nothing, or has let us open no connection; None
        while another process listens."""
        return None if self._heard is None else monotonic() - self._heard

    async def run(self, bot: Bot, history: History) -> None:
        """Returns only when starting again cannot help; the log says why."""
        await alone(bot, ROLE, lambda: self._stay(bot, history), self._lease)

    async def _stay(self, bot: Bot, history: History) -> None:
        content: bool | None = True
        self._heard = monotonic()
        try:
            async with self._missed.made_up(bot, history, again=AGAIN):
                while content is not None:
                    content = await self._session(bot, content)
        finally:
            self._heard = None

    async def _session(self, bot: Bot, content: bool) -> bool | None:
        """Listens until something ends it. Whether to ask for what people write the next time;
        None if there is to be no next time."""
        try:
            await self._starts.wait(bot)
            await self._listen(bot, content)
        except (discord.LoginFailure, DeliveryError) as error:
            if isinstance(error, discord.LoginFailure) or error.permanent:
                log.error("Discord: %s", TOKEN_REFUSED)
                return None
            log.warning("Discord's gateway cannot be started: %s", error)
        except discord.PrivilegedIntentsRequired:
            content = False
            log.error(
                "Discord does not allow the Message Content intent: comments written on "
                "Discord are not seen. Switch it on in the developer portal and restart."
            )
        except discord.ConnectionClosed as error:
            if error.code in FATAL:
                log.error("Discord refuses to connect this bot (gateway code %s)", error.code)
                return None
            log.warning("Discord's gateway closed with %s; connecting again", error.code)
        except StoreAway as error:
            log.warning("Discord's gateway waits for the database: %s", error)
        except Exception as error:  # discord.py ends on any event it cannot read.
            # Not the error's own words, which may quote a message.
            log.warning("%s ended Discord's connection; connecting again", type(error).__name__)
        return content

    def lacking(self, channel: int, needs: Sequence[str]) -> list[str] | None:
        """Which permissions, called as in Discord's settings, we lack; None while unknown."""
        place = self._client.get_channel(channel) if self._client else None
        if not isinstance(place, discord.abc.GuildChannel) or place.guild.me is None:
            return None
        return lacking(place.permissions_for(place.guild.me), needs)

    async def _listen(self, bot: Bot, content: bool) -> None:
        def admit() -> Coroutine[Any, Any, None]:
            return self._starts.wait(bot, LONGEST_INSIDE)

        client = Listener(self._rest, self._silence, admit, self._hear, content=content)
        self._client = client
        client.event(self.on_connect)
        turns = Turns("discord", self._missed.note)
        Events(client, bot, self._rest, turns)
        Servers(client, bot, self._rest, turns, self._missed.note)
        commands.Commands(client, bot, self._rest)
        try:
            async with client:
                await client.login(self._token)
                await commands.offer(self._rest, client.application_id or 0)
                await client.connect()
        finally:
            self._client = None

    def _hear(self) -> None:
        if self._heard is not None:
            self._heard = monotonic()

    async def on_connect(self) -> None:
        """A session has begun, not resumed: Discord repeats nothing from before it."""
        self._missed.note()
