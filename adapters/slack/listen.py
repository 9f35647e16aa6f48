"""Both ways in, `sockets` and signed requests by HTTP, end in one Bolt app.

Bolt would acknowledge an event before it runs the listener. `process_before_response` turns that
round: the listener commits, then comes the acknowledgement, and a listener that raises leaves the
event unacknowledged, so that Slack sends it again. Sources: https://docs.slack.dev/apis/events-api
and https://docs.slack.dev/authentication/verifying-requests-from-slack/.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack.answers import Answers
from adapters.slack.api import sdk_log
from adapters.slack.asks import pressed, typed
from adapters.slack.events import Events, Later
from adapters.slack.payload import Json

Ack = Callable[[], Awaitable[object]]
log = logging.getLogger(__name__)

_ANY = re.compile("")


def app_for(
    token: str, events: Events, answers: Answers, later: Later, missed: Callable[[], None]
) -> AsyncApp:
    """Bolt with its checks replaced: requests are verified by `signed`, own events by `events`.
    `missed` is called when an event could not be kept, or was not even sent."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

    async def event(body: Json) -> None:
        await events.take(body)

    async def failed(error: Exception) -> BoltResponse:
        log.error("an event from Slack was not kept; Slack sends it again", exc_info=error)
        missed()
        return BoltResponse(status=503)

    app = _bolt(authorize)
    app.use(_flood(missed))
    app.event(_ANY)(event)
    app.error(failed)
    _answering(app, answers, later)
    return app


def _answering(app: AsyncApp, answers: Answers, later: Later) -> None:
    """What people ask: acknowledged before it is answered, but for forms, which say what is wrong
    with them."""

    async def command(ack: AsyncAck, body: Json) -> None:
        await ack()
        later(answers.answer(typed(body)))

    async def action(ack: AsyncAck, body: Json) -> None:
        await ack()
        if ask := pressed(body):
            later(answers.answer(ask))

    async def menu(ack: AsyncAck, body: Json) -> None:
        await ack()
        later(answers.attach(body))

    async def form(ack: AsyncAck, body: Json) -> None:
        later(await answers.submitted(ack, body))

    app.command(_ANY)(command)
    app.action(_ANY)(action)
    app.message_shortcut(_ANY)(menu)
    app.view_submission(_ANY)(form)


def _bolt(authorize: Callable[[], Awaitable[AuthorizeResult]]) -> AsyncApp:
    return AsyncApp(
        logger=sdk_log,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


def _flood(missed: Callable[[], None]) -> Callable[..., Awaitable[BoltResponse | None]]:
    """https://docs.slack.dev/reference/events/app_rate_limited comes instead of events."""

    async def middleware(body: Json, next: Ack) -> BoltResponse | None:
        if body.get("type") != "app_rate_limited":
            await next()
            return None
        log.error("Slack leaves events out, as there are more than it sends in an hour")
        missed()
        return BoltResponse(status=200)

    return middleware


async def kept(app: AsyncApp, payload: Json) -> Json | None:
    """What came by a socket: what to tell Slack, or None if it was not kept."""
    asked = AsyncBoltRequest(mode="socket_mode", body=payload)
    answer = await app.async_dispatch(asked)
    if answer.status != 200:
        return None
    told = json.loads(answer.body) if answer.body.startswith("{") else {}
    return dict(told)


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
    try:
        checks = [SignatureVerifier(secret).is_valid for secret in secrets]
        return any(is_valid(body, stamp, signature) for is_valid in checks)
    except (TypeError, ValueError):
        # The SDK leaves it to us what is no number, no text, or not in ASCII.
        return False


def _as_json(body: bytes) -> str:
    """A form's fields as JSON, since Bolt loses a command in whose text `payload` stands."""
    text = body.decode("utf-8")
    if text.startswith("{"):
        return text
    fields = dict(parse_qsl(text, keep_blank_values=True))
    return fields["payload"] if "payload" in fields else json.dumps(fields)
