"""The only way out to Slack: one HTTP session, one attempt per call, one kind of error.

Nothing here tries again, since only the core knows whether a message may be sent twice; the
SDK's own retries would post twice when a connection breaks after Slack took the message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.payload import Json, parts, word
from adapters.slack.refusals import UNUSABLE, refusal
from bot.ports import DeliveryError

log = logging.getLogger(__name__)
sdk_log = logging.getLogger("adapters.slack.sdk")
# Below this level the SDK writes whole messages, and Bolt whole requests, into the log.
sdk_log.setLevel(logging.ERROR)

PATIENCE = 20.0
PAGE, _MOST_PAGES = 200, 200

SCOPES: dict[str, tuple[str, ...]] = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "users.conversations": ("channels:read", "groups:read"),
    "views.open": (),
    "views.update": (),
    "views.publish": (),
    "apps.connections.open": (),
    "auth.test": (),
}
"""The methods BotBeat may call, with the scopes its bot token needs for them."""
CUSTOMIZE = "chat:write.customize"
"""With this scope a copy of a comment has its author's name and picture."""


class Api:
    """Calls Slack's methods with one token. The session opens with the first call."""

    def __init__(self, token: str, url: str) -> None:
        self._token, self._url = token, url
        self._session: aiohttp.ClientSession | None = None
        self._calls = 0
        self._quiet = asyncio.Event()
        self.scopes: frozenset[str] = frozenset()

    async def call(
        self, method: str, *, reading: bool = False, fine: Collection[str] = (), **arguments: Any
    ) -> Json:
        """One call; Slack's answer. Errors named in `fine` count as an empty answer.

        Raises DeliveryError, which is never unsure when `reading`.
        """
        if method not in SCOPES:
            raise LookupError(f"{method} is not among the methods the manifest asks scopes for")
        verb, place = ("GET", "params") if reading else ("POST", "json")
        failed: Exception
        async with self.client() as client:
            try:
                answer = await client.api_call(method, http_verb=verb, **{place: arguments})
                told = str(answer.headers.get("x-oauth-scopes") or "")
                self.scopes = frozenset(told.replace(" ", "").split(",")) if told else self.scopes
                return _dictionary(answer.data)
            except SlackApiError as error:
                if _name(error) in fine:
                    return {}
                failed = error
            except (aiohttp.ClientError, OSError, ValueError, AttributeError) as error:
                # The last two come out of the SDK when the body is not what it expects.
                failed = error
        log.debug("%s failed with %s", method, type(failed).__name__)
        # Not chained: what the SDK raises can hold the request with its token.
        raise refusal(failed, reading=reading) from None

    async def pages(
        self, method: str, key: str, start: str = "", *, final: bool = False, **arguments: Any
    ) -> AsyncIterator[tuple[list[Json], str]]:
        """Pages of what stands under `key`, from the cursor `start` on, each with the cursor of
        the next. `final`: where there are too many, asking again does not help. Raises
        DeliveryError."""
        cursor = {"cursor": start} if start else {}
        for _ in range(_MOST_PAGES):
            answer = await self.call(method, reading=True, limit=PAGE, **arguments, **cursor)
            if not isinstance(answer.get(key), list):
                raise DeliveryError(UNUSABLE)  # Of what is there it says nothing.
            following = word(answer, "response_metadata", "next_cursor")
            yield parts(answer, key), following
            if not following:
                return
            cursor = {"cursor": following}
        raise DeliveryError("There is more in Slack than BotBeat can read", permanent=final)

    async def respond(self, response_url: str, body: Json) -> None:
        """Answer a command or a press. Raises DeliveryError."""
        async with self.client() as client:
            hook = AsyncWebhookClient(
                response_url, session=client.session, logger=sdk_log, retry_handlers=[]
            )
            try:
                answer = await hook.send_dict(body)
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise refusal(error) from None
        if answer.status_code != 200:
            raise DeliveryError(f"Slack did not take the answer (status {answer.status_code})")

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncWebClient]:
        """The SDK's client; while it is in use, `close` waits."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=PATIENCE, sock_connect=PATIENCE / 2)
            self._session = aiohttp.ClientSession(timeout=timeout)
        self._calls += 1
        self._quiet.clear()
        try:
            yield AsyncWebClient(
                self._token,
                self._url,
                timeout=int(PATIENCE),
                session=self._session,
                logger=sdk_log,
                retry_handlers=[],
            )
        finally:
            self._calls -= 1
            if not self._calls:
                self._quiet.set()

    async def close(self) -> None:
        """Let the calls on their way finish, then close the session."""
        if self._calls:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._quiet.wait()
        if self._session is not None:
            await self._session.close()


def _dictionary(data: object) -> Json:
    if not isinstance(data, dict):
        raise ValueError("Slack's answer is not an object")
    return data


def _name(error: SlackApiError) -> str:
    return word(getattr(error.response, "data", None), "error")
