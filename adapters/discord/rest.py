"""Calls to Discord's REST interface, and what its refusals mean.

The rule: an attempt without a definite answer is *unsure*, however the call ended. discord.py
repeats a call by itself after some server errors, so we note the answer of every attempt. It may
do so for a while, because Discord enforces the nonce of a message; what has no nonce is tried
once. All calls pass the breaker, and but for answers to people the throttle.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.discord.breaker import Breaker
from adapters.discord.throttle import Throttle
from bot.freshness import steady
from bot.ports import DeliveryError

SECONDS = 20.0
"""The longest that one delivery may take, all attempts of the library included."""
REPEATED = 60.0
"""So many seconds after it began a call may be repeated blindly. How long a nonce is enforced
Discord does not tell but as "the past few minutes":
https://docs.discord.com/developers/resources/message#create-message."""
SOON = 5.0  # What could not be reached is tried again after so many seconds.
LONGEST_WAIT = 10.0
"""A worker sleeps no longer for a rate limit, but puts the delivery off. No less than a bucket
lasts: discord.py refuses each call to one that ends later, also while calls are left in it."""
TOKEN_REFUSED = "Discord does not accept the bot's token. Put a new one into DISCORD_TOKEN."

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, MISSING_PERMISSION = 10003, 10008, 50013
OVERLOADED = 130000


@dataclass(slots=True)
class Attempts:
    """Those of one call: the status of each, or 0 while nobody answered it; until when, by a
    steady clock, an unsure one may be repeated; whether Discord said that it limits all our calls,
    and not only those of this kind; how long the header of its last limit told us to wait; and
    whether nobody waits for the call any more, so that nothing more may be sent."""

    until: float = float("inf")
    statuses: list[int] = field(default_factory=list)
    everywhere: bool = False
    told: float = 0
    given_up: bool = False


_attempts: ContextVar[Attempts] = ContextVar("_attempts")

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
    40067: (
        "This forum wants a tag on each post, and none fits. Add tags named like the kinds of "
        "news, such as Research or Open source, or one named News; or do not require tags.",
        CHANNEL,
    ),
    50001: ("BotBeat cannot see this channel. Give it the permission View Channel.", CHANNEL),
    50007: ("This person takes no direct messages from BotBeat.", CHANNEL),
    50008: ("Discord takes no messages in this kind of channel.", CHANNEL),
    50024: ("Discord takes no messages in this kind of channel.", CHANNEL),
    50083: ("The thread was put away again on Discord.", HOUR),
    OVERLOADED: ("Discord is overloaded.", MINUTE),
    160005: ("The thread is locked on Discord. Unlock it to show comments there.", MESSAGE),
    160006: ("The server has as many active threads as Discord allows.", HOUR),
    200000: ("The server's AutoMod blocked this message.", MESSAGE),
    240000: ("Discord blocked this message because of a link in it.", MESSAGE),
}


class Rest:
    """discord.py's HTTP client, logged in at the first call; it works without the gateway."""

    def __init__(self, token: str) -> None:
        self.breaker = Breaker()
        self.throttle = Throttle()
        self._token = token
        self._http: HTTPClient | None = None
        self._lock = asyncio.Lock()
        self._refused = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self.me = 0

    async def ask(
        self, method: str, path: str, json: Any = None, *, once: bool = False, **ids: Any
    ) -> Any:
        """One call; `ids` fill the path. Raises what discord.py raises: use `delivering`. With
        `once`, what may have been accepted is not tried again."""
        _attempts.set(Attempts())  # Nothing that could be unsure was sent yet.
        self.breaker.check()
        http = await self._logged_in()
        if "webhook_token" not in ids:  # Discord counts these apart, and people wait for them.
            await self.throttle.turn()
        _attempts.set(Attempts(0 if once else steady() + REPEATED))
        try:
            body = {"json": json} if json is not None else {}
            return await self._whole(http, Route(method, path, **ids), body)
        except discord.HTTPException as error:
            # Asking on with a refused token gets the whole address banned.
            if error.status == 401 and "webhook_token" not in ids:
                self._refused = True
            raise

    async def _whole(self, http: HTTPClient, route: Route, body: dict[str, Any]) -> Any:
        """The library's request, left to itself where nobody waits for it any more: cut off while
        it frees its bucket, or sleeps for a limit of all calls, it would shut that for ever."""
        limit = aiohttp.ClientTimeout(total=SECONDS)
        request = asyncio.create_task(http.request(route, timeout=limit, **body))
        self._under_way.add(request)
        request.add_done_callback(self._ended)
        try:
            return await asyncio.shield(request)
        except asyncio.CancelledError:
            _attempts.get().given_up = True
            raise

    def _ended(self, request: asyncio.Task[Any]) -> None:
        self._under_way.discard(request)
        if not request.cancelled():
            request.exception()  # Else asyncio logs it, where nobody waits for it any more.

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
        traced = trace(self.breaker)
        traced.on_request_start.append(_stopped)
        http = HTTPClient(loop, max_ratelimit_timeout=30, http_trace=traced)
        # The constructor takes no less than 30 s, so that nobody asks again blindly; we do keep
        # to the time that Discord names, but in the outbox and not in a sleeping worker.
        http.max_ratelimit_timeout = LONGEST_WAIT
        await self.throttle.turn()
        try:
            me = await http.static_login(self._token)
            self.me = int(me["id"])
        except BaseException as error:
            self._refused = isinstance(error, discord.LoginFailure)
            _attempts.set(Attempts())
            await http.close()
            raise
        return http


@asynccontextmanager
async def delivering(needs: Sequence[str] = (), *, thread: bool = False) -> AsyncIterator[None]:
    """Calls inside raise nothing but `DeliveryError`. `needs` names the permissions they take.

    A permission that is missing only for threads does not stop the channel's reports.
    """
    _attempts.set(Attempts())
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except discord.LoginFailure:
        raise DeliveryError(TOKEN_REFUSED, permanent=True, scope="install") from None
    except discord.RateLimited as error:
        raise _wait(error.retry_after) from None
    except discord.HTTPException as error:
        raise _meaning(error, needs, thread) from None
    except (OSError, aiohttp.ClientError) as error:
        reason = f"Discord could not be reached ({type(error).__name__})."
        raise DeliveryError(reason, retry_after=SOON, unsure=_open()) from None
    except (AttributeError, LookupError, TypeError, ValueError):  # A proxy's page, half an answer.
        # Not each limit has its seconds in the body, where the library looks for them:
        # https://github.com/Rapptz/discord.py/issues/5221.
        if _attempts.get().statuses[-1:] == [429]:
            raise _wait(_attempts.get().told) from None
        reason = "Discord's answer made no sense."
        raise DeliveryError(reason, retry_after=SOON, unsure=_open()) from None


def _meaning(error: discord.HTTPException, needs: Sequence[str], thread: bool) -> DeliveryError:
    """What a refusal means. After an attempt without an answer it settles nothing, but that
    10008 on a create tells that the message had been posted."""
    status, code = error.status, error.code
    if code != UNKNOWN_MESSAGE and _open():
        if code == OVERLOADED:
            return DeliveryError(MEANINGS[code][0], retry_after=60, unsure=True)
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
    if status == 429:  # Of Discord's outer wall, which refuses the whole address.
        return DeliveryError("Discord refuses this address for now.", scope="install",
                             retry_after=_seconds(error.response))  # fmt: skip
    # Not Discord's own words about this message, but those of something in between.
    return DeliveryError(f"Discord answered with an error ({status}).", retry_after=60)


def _seconds(response: Any) -> float:
    given = str(response.headers.get("Retry-After", ""))
    return float(given) if given.isdecimal() else 60.0


def _wait(seconds: float) -> DeliveryError:
    """A limit of one route stops the channel, that of all our calls together everything."""
    everywhere = _attempts.get().everywhere
    return DeliveryError(
        "Discord asks us to wait.",
        retry_after=seconds,
        unsure=_open(),
        scope="install" if everywhere else "channel",
    )


def _open() -> bool:
    """True when an attempt of the present call may have been accepted: only 4xx says no."""
    return any(not 400 <= status < 500 for status in _attempts.get(Attempts()).statuses)


async def _stopped(*_: object) -> None:
    """Stops the library's next attempt when it comes too late, also after this machine slept."""
    call = _attempts.get(Attempts())
    if call.given_up or (_open() and steady() > call.until):
        raise TimeoutError


def trace(breaker: Breaker) -> aiohttp.TraceConfig:
    """Notes the answer of each attempt of an HTTP client."""

    async def sent(*_: object) -> None:
        call = _attempts.get(Attempts())
        if call.given_up:  # Meanwhile it was connecting.
            raise TimeoutError
        call.statuses.append(0)

    async def answered(
        session: object, context: object, end: aiohttp.TraceRequestEndParams
    ) -> None:
        call, answer = _attempts.get(Attempts(statuses=[0])), end.response
        call.statuses[-1], call.told = answer.status, _seconds(answer)
        scope = answer.headers.get("X-RateLimit-Scope", "")
        if answer.status == 429:
            call.everywhere = scope == "global" or "X-RateLimit-Global" in answer.headers
        breaker.answered(answer.status, scope)

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(sent)
    config.on_request_end.append(answered)
    return config
