"""The only way out to Mattermost: one attempt per call, and one kind of error.

Nothing here tries again, since only the core knows whether a message may be sent twice; nor does
aiohttp repeat a POST. Statuses, errors and limits:
https://docs.mattermost.com/api/reference/mattermost-api.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import aiohttp

from bot.ports import DeliveryError
from bot.text import clean_name

Json = dict[str, Any]
PATIENCE, WAIT = 20.0, 30.0
"""Seconds for one call, and to wait where Mattermost names none."""
ARCHIVED = "api.post.create_post.can_not_post_to_deleted.error"
_UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Api:
    """Calls with one token. The session opens with the first call."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = f"{url.rstrip('/')}/api/v4/", token
        self._session: aiohttp.ClientSession | None = None
        self._me: Json = {}

    async def call(
        self, method: str, path: str, body: Any = None, *, fine: Collection[int] = (), **query: str
    ) -> Any:
        """Mattermost's answer; None if its status is among `fine`. Raises DeliveryError."""
        try:
            async with self._opened().request(
                method, self._url + path, json=body, params=query, allow_redirects=False
            ) as answer:
                if answer.status in fine:
                    return None
                if answer.status < 300:
                    return await answer.json()
                error = refusal(answer.status, answer.headers, await _name(answer), method)
        except _UNREACHED:
            error = DeliveryError("Mattermost cannot be reached; BotBeat tries again")
        except (aiohttp.ClientError, OSError, ValueError):
            error = unclear(method)
        # Raised here, where no exception hangs on it that holds the request with its token.
        raise error

    def socket(self, **query: str) -> Any:
        """The socket, as a context. The token goes with the handshake: one that is told only in an
        `authentication_challenge` later cannot be resumed, as the server's `connectWebSocket`
        (server/channels/api4/websocket.go) looks for the old connection before it."""
        return self._opened().ws_connect(self._url + "websocket", params=query, heartbeat=30)

    async def me(self) -> Json:
        """Our own account, of which the `id` and the `username` count."""
        if not self._me:
            told = await self.call("GET", "users/me")
            try:
                self._me = {name: told[name] for name in ("id", "username")}
            except (LookupError, TypeError):
                raise DeliveryError("Mattermost did not say who BotBeat is there") from None
        return self._me

    async def names(self, people: Collection[str]) -> dict[str, str]:
        """What these people are called, by id."""
        users = await self.call("POST", "users/ids", sorted(people)) if people else []
        return {user["id"]: clean_name(_called(user)) for user in users}

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=aiohttp.ClientTimeout(total=PATIENCE),
            )
        return self._session


def refusal(status: int, headers: Mapping[str, str], name: str, method: str) -> DeliveryError:
    """What an answer that is no success means. A 4xx is sure: nothing was done."""
    why = f"({name or status})"
    if status == 429:
        slow = "Mattermost asked BotBeat to slow down"
        return DeliveryError(slow, retry_after=_seconds(headers), scope="install")
    if status == 401:
        refused = "Mattermost does not accept the bot's token: put a new one into MATTERMOST_TOKEN"
        return DeliveryError(refused, permanent=True, scope="install")
    if status in (403, 404) or name == ARCHIVED:
        closed = f"BotBeat may not write in this channel {why}: add it there, if there is one"
        return DeliveryError(closed, permanent=True, scope="channel")
    if 400 <= status < 500:
        return DeliveryError(f"Mattermost does not take this message {why}", permanent=True)
    if status < 400:
        return DeliveryError("Mattermost is at another address: change MATTERMOST_URL")
    return unclear(method)


def unclear(method: str) -> DeliveryError:
    """Nobody can say what became of a call; of one that only reads, nothing can."""
    if method == "GET":
        return DeliveryError("Mattermost gave no usable answer; BotBeat asks again")
    return DeliveryError("Mattermost gave no usable answer and may have done it", unsure=True)


async def _name(answer: aiohttp.ClientResponse) -> str:
    """The error's own id, where the answer has one."""
    try:
        told = str((await answer.json())["id"])
    except (aiohttp.ContentTypeError, ValueError, LookupError, TypeError):
        return ""
    return told if re.fullmatch(r"[a-z0-9_.]{1,100}", told) else ""


def _seconds(headers: Mapping[str, str]) -> float:
    given = headers.get("Retry-After") or headers.get("X-RateLimit-Reset") or ""
    return float(given) if re.fullmatch(r"[1-9][0-9]{0,4}", given) else WAIT


def _called(user: Json) -> str:
    full = f"{user.get('first_name', '')} {user.get('last_name', '')}".strip()
    return str(user.get("nickname") or full or user.get("username") or "")
