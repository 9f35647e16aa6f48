"""Calls to Discord's REST interface, and what its refusals mean.

The rule: an attempt without a definite answer is *unsure*, however the call ended. discord.py
repeats a call by itself after some server errors, so we note the answer of every attempt; it may
do so because each create carries a nonce that Discord enforces.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.ports import DeliveryError

SECONDS = 20.0
"""The longest that one delivery may take, all attempts of the library included."""
LONGEST_WAIT = 10.0  # A worker sleeps no longer for a rate limit, but puts the delivery off.
TOKEN_REFUSED = "Discord does not accept the bot's token. Put a new one into DISCORD_TOKEN."

UNKNOWN_MESSAGE, MISSING_PERMISSION = 10008, 50013

_answers: ContextVar[list[int]] = ContextVar("_answers")
"""Each attempt of the present call: 0 while nobody answered it, else the status."""


CHANNEL: dict[str, Any] = {"permanent": True, "scope": "channel"}
MESSAGE: dict[str, Any] = {"permanent": True}
MINUTE: dict[str, Any] = {"retry_after": 60, "scope": "channel"}
HOUR: dict[str, Any] = {"retry_after": 3600}
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
MEANINGS: dict[int, tuple[str, dict[str, Any]]] = {
    10003: ("This Discord channel no longer exists.", CHANNEL),
    10004: ("BotBeat is not in this Discord server. Invite it again.", CHANNEL),
    10008: ("Somebody deleted this message on Discord; it is not posted again.", MESSAGE),
    20016: ("The channel is in slow mode.", MINUTE),
    20028: ("Discord limits how much is written in this channel.", MINUTE),
    30046: ("Discord limits edits of messages older than an hour.", HOUR),
    50001: ("BotBeat cannot see this channel. Give it the permission View Channel.", CHANNEL),
    50008: ("Discord takes no messages in this kind of channel.", CHANNEL),
    50024: ("Discord takes no messages in this kind of channel.", CHANNEL),
    130000: ("Discord is overloaded.", MINUTE),
    160005: ("The thread is locked on Discord. Unlock it to show comments there.", MESSAGE),
    160006: ("The server has as many active threads as Discord allows.", HOUR),
    200000: ("The server's AutoMod blocked this message.", MESSAGE),
    240000: ("Discord blocked this message because of a link in it.", MESSAGE),
}


class Rest:
    """discord.py's HTTP client, logged in at the first call; it works without the gateway."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._http: HTTPClient | None = None
        self._lock = asyncio.Lock()
        self._refused = False
        self.me = 0

    async def ask(self, method: str, path: str, json: Any = None, **ids: Any) -> Any:
        """One call; `ids` fill the path. Raises what discord.py raises: use `delivering`."""
        http = await self._logged_in()
        _answers.set([])
        try:
            body = {"json": json} if json is not None else {}
            return await http.request(Route(method, path, **ids), **body)
        except discord.HTTPException as error:
            # Asking on with a refused token gets the whole address banned.
            self._refused = error.status == 401 and "webhook_token" not in ids
            raise

    async def close(self) -> None:
        http, self._http = self._http, None
        if http:
            await http.close()

    async def _logged_in(self) -> HTTPClient:
        async with self._lock:
            if self._refused:
                raise discord.LoginFailure
            if self._http is None:
                self._http = await self._log_in()
            return self._http

    async def _log_in(self) -> HTTPClient:
        loop = asyncio.get_running_loop()
        http = HTTPClient(loop, max_ratelimit_timeout=30, http_trace=_trace())
        # The constructor takes no less than 30 s, so that nobody asks again blindly; we do keep
        # to the time that Discord names, but in the outbox and not in a sleeping worker.
        http.max_ratelimit_timeout = LONGEST_WAIT
        try:
            me = await http.static_login(self._token)
            self.me = int(me["id"])
        except BaseException as error:
            self._refused = isinstance(error, discord.LoginFailure)
            _answers.set([])  # Nothing that could be unsure was sent yet.
            await http.close()
            raise
        return http


@asynccontextmanager
async def delivering(needs: Sequence[str] = (), *, thread: bool = False) -> AsyncIterator[None]:
    """Calls inside raise nothing but `DeliveryError`. `needs` names the permissions they take.

    A permission that is missing only for threads does not stop the channel's reports.
    """
    _answers.set([])
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except discord.LoginFailure:
        raise DeliveryError(TOKEN_REFUSED, permanent=True, scope="install") from None
    except discord.RateLimited as error:
        reason = "Discord asks us to wait."
        wait = error.retry_after
        raise DeliveryError(reason, retry_after=wait, unsure=_open(), scope="channel") from None
    except discord.HTTPException as error:
        raise _meaning(error, needs, thread) from None
    except (OSError, aiohttp.ClientError) as error:
        reason = f"Discord could not be reached ({type(error).__name__})."
        raise DeliveryError(reason, retry_after=5, unsure=_open()) from None
    except (AttributeError, LookupError, TypeError, ValueError):  # A proxy's page, half an answer.
        reason = "Discord's answer made no sense."
        raise DeliveryError(reason, retry_after=5, unsure=_open()) from None


def _meaning(error: discord.HTTPException, needs: Sequence[str], thread: bool) -> DeliveryError:
    """What a refusal means. After an attempt without an answer it settles nothing, but that
    10008 on a create tells that the message had been posted."""
    status, code = error.status, error.code
    if code != UNKNOWN_MESSAGE and _open():
        return DeliveryError(f"Discord answered with an error ({status}).", unsure=True)
    if status == 401:
        return DeliveryError(TOKEN_REFUSED, permanent=True, scope="install")
    if code == MISSING_PERMISSION:
        reason = f"BotBeat lacks a permission in this Discord channel: {', '.join(needs)}. "
        reason += "Give it to BotBeat's role in the channel's settings."
        return DeliveryError(reason, permanent=True, scope="message" if thread else "channel")
    if code in MEANINGS:
        reason, kind = MEANINGS[code]
        return DeliveryError(reason, **kind)
    if code and status < 429:
        return DeliveryError(f"Discord refused it: {error.text[:200]}", permanent=True)
    # Not Discord's own words about this message, but those of something in between.
    return DeliveryError(f"Discord answered with an error ({status}).", retry_after=60)


def _open() -> bool:
    """True when an attempt of the present call may have been accepted: only 4xx says no."""
    return any(not 400 <= status < 500 for status in _answers.get([]))


def _trace() -> aiohttp.TraceConfig:
    async def sent(*_: object) -> None:
        _answers.get([]).append(0)

    async def answered(
        session: object, context: object, end: aiohttp.TraceRequestEndParams
    ) -> None:
        _answers.get([0])[-1] = end.response.status

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(sent)
    trace.on_request_end.append(answered)
    return trace
