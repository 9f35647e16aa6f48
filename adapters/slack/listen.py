"""The ways in: Socket Mode, or signed requests by HTTP; both end in one Bolt app.

Bolt would acknowledge an event before it runs the listener. `process_before_response` turns that
round: the listener commits, then comes the acknowledgement, and a listener that raises leaves the
event unacknowledged, so that Slack sends it again. Sources: https://docs.slack.dev/apis/events-api
and https://docs.slack.dev/authentication/verifying-requests-from-slack/.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.answers import Answers, Ask, pressed, typed
from adapters.slack.api import Api, sdk_log
from adapters.slack.events import Events, Later
from bot.ports import DeliveryError

Json = dict[str, Any]
Ack = Callable[[], Awaitable[object]]
log = logging.getLogger(__name__)

SKEW = 300
"""Seconds by which a request's time may differ from ours; Slack's own figure."""
_SLOWEST = 300.0
_ANY = re.compile("")


def app_for(token: str, events: Events, answers: Answers, later: Later) -> AsyncApp:
    """Bolt with its checks replaced: requests are verified by `signed`, own events by `events`."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

    async def event(body: Json) -> None:
        await events.take(body)

    async def command(ack: AsyncAck, body: Json) -> None:
        await ack()
        later(answers.answer(typed(body)))

    async def action(ack: AsyncAck, body: Json) -> None:
        await ack()
        ask: Ask | None = pressed(body)
        if ask:
            later(answers.answer(ask))

    async def failed(error: Exception) -> BoltResponse:
        log.error("an event from Slack was not kept; Slack sends it again", exc_info=error)
        return BoltResponse(status=503)

    app = AsyncApp(
        logger=sdk_log,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.event(_ANY)(event)
    app.command(_ANY)(command)
    app.action(_ANY)(action)
    app.error(failed)
    return app


async def answer_http(
    app: AsyncApp | None, secrets: Sequence[str], request: web.Request
) -> web.Response:
    """One request from Slack; 401 unless it is signed, 503 unless it was kept."""
    body = await request.read()
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not signed(secrets, body, stamp, signature):
        log.warning("refused a request that Slack has not signed")
        return web.Response(status=401, text="not signed by Slack")
    if app is None:
        return web.Response(status=503, text="not listening yet")
    try:
        asked = AsyncBoltRequest(body=_as_json(body), query=request.query_string)
    except ValueError:
        return web.Response(status=400, text="not understood")
    return await to_aiohttp_response(await app.async_dispatch(asked))


def signed(secrets: Sequence[str], body: bytes, stamp: str, signature: str) -> bool:
    """Whether Slack sent these bytes, lately. Several secrets are valid while one is replaced."""
    if not re.fullmatch("[0-9]{1,12}", stamp) or abs(time.time() - int(stamp)) > SKEW:
        return False
    base = b"v0:%s:%s" % (stamp.encode(), body)
    given = signature.encode("utf-8", "replace")
    own = (hmac.new(secret.encode(), base, hashlib.sha256).hexdigest() for secret in secrets)
    return any(hmac.compare_digest(b"v0=" + digest.encode(), given) for digest in own)


def _as_json(body: bytes) -> str:
    """A form's fields as JSON, since Bolt loses a command in whose text `payload` stands."""
    text = body.decode("utf-8")
    if text.startswith("{"):
        return text
    fields = dict(parse_qsl(text, keep_blank_values=True))
    return fields["payload"] if "payload" in fields else json.dumps(fields)


async def listen_by_socket(app: AsyncApp, app_token: str, api: Api, app_api: Api) -> None:
    """Hold a socket open until cancelled; the SDK replaces it when Slack or the network ends it."""
    url = await _door(app_api)
    async with api.client() as client:
        handler = AsyncSocketModeHandler(app, app_token, logger=sdk_log, web_client=client)
    # The SDK would ask for an address again each ten seconds for ever, with a traceback.
    handler.client.wss_uri = url
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's has no types.
        log.info("listening to Slack by Socket Mode")
        await asyncio.Event().wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's has no types.


async def _door(app_api: Api) -> str:
    """The address of a socket, asked for ever more slowly until Slack gives one."""
    wait = 1.0
    while True:
        try:
            return str((await app_api.call("apps.connections.open"))["url"])
        except DeliveryError as error:
            wait = max(min(wait * 2, _SLOWEST), error.retry_after)
            log.error("Socket Mode cannot start, next try in %d s: %s", wait, error.reason)
            await asyncio.sleep(wait)
