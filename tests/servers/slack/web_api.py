"""The Web API over HTTP: parsing a call, refusing it or letting it take effect, and answering.

Source: https://docs.slack.dev/apis/web-api/. What took effect is in the ledger before the
answer is written, so a fault in between leaves the caller in doubt, as it does with Slack.
"""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tests.servers.faults import Fault, Faults, play
from tests.servers.slack import chat, conversations, published, views
from tests.servers.slack.answers import Answers
from tests.servers.slack.calls import Call
from tests.servers.slack.delivery import Deliveries
from tests.servers.slack.ledger import Answer, Json
from tests.servers.slack.refusals import Refusal, caller, pace
from tests.servers.slack.state import State, Token

METHODS = chat.METHODS | conversations.METHODS | views.METHODS
ECHO_WITHIN = 2.0  # Seconds that an answer waits for its echo to be acknowledged.
BODY_AT_MOST = 4 * 1024 * 1024


@dataclass(slots=True)
class WebApi:
    state: State
    answers: Answers
    deliveries: Deliveries
    faults: Faults

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """POST or GET /api/{method}"""
        method = request.match_info["method"]
        try:
            args = await arguments(request)
        except Refusal as refusal:
            return self._refuse(method, refusal, "", {})
        value = token_of(request, args)

        async def keep() -> web.Response:
            return await self._keep(method, value, args)

        fault = self.faults.next(method)
        return await self._play(request, method, fault, keep, value, args)

    async def answer_response_url(self, request: web.Request) -> web.StreamResponse:
        """POST /response/{key}; the errors come in the form of the Web API, with status 404."""
        try:
            args = await arguments(request)
        except Refusal as refusal:
            return self._refuse("response_url", refusal, "", {}, status=400)

        async def keep() -> web.Response:
            try:
                must_be_published(published.RESPONSE_URL, args)
                self.answers.use(request.match_info["key"], args)
            except Refusal as refusal:
                status = 404 if refusal.error.endswith("_url") else 400
                return self._refuse("response_url", refusal, "", args, status=status)
            self._note("response_url", "", 200, "", args)
            return web.Response(text="ok")

        fault = self.faults.next("response_url")
        return await self._play(request, "response_url", fault, keep, "", args)

    async def _play(
        self,
        request: web.Request,
        method: str,
        fault: Fault,
        keep: Callable[[], Awaitable[web.Response]],
        token: str,
        args: Json,
    ) -> web.StreamResponse:
        def refuse() -> web.Response:
            if fault.kind == "refused":
                return self._refuse(method, Refusal(fault.error), token, args)
            refusal = Refusal("ratelimited")
            refusal.retry_after = math.ceil(fault.seconds)
            return self._refuse(method, refusal, token, args, status=429)

        if fault.kind in ("close", "reset", "status", "html", "truncated", "hang"):
            self._note(method, fault.kind, fault.status, token, args)
        return await play(request, fault, keep, refuse)

    async def _keep(self, method: str, value: str, args: Json) -> web.Response:
        """Let the call take effect, or refuse it; the events follow."""
        if method not in METHODS:
            return self._refuse(method, Refusal("unknown_method"), value, args)
        token: Token | None = None
        try:
            token = caller(self.state, value, method)
            pace(self.state, method, token, args)
            must_be_published(method, args)
            call = Call(self.state, self.answers, method, args, token)
            result = METHODS[method](call)
        except Refusal as refusal:
            status = 429 if refusal.retry_after else 200
            return self._refuse(method, refusal, value, args, status=status, known=token)
        await self._tell(call)
        self._note(method, "", 200, value, args)
        body: Json = {"ok": True} | result
        if call.warnings:
            body["warning"] = ",".join(call.warnings)
            body["response_metadata"] = body.get("response_metadata", {}) | {
                "warnings": call.warnings
            }
        return web.json_response(body, headers=scope_header(token))

    async def _tell(self, call: Call) -> None:
        """Send the events of the call: as a rule just after the answer, else before it."""
        modes = self.state.modes
        delay = 0 if modes.echo_before_reply else modes.echo_delay
        parcels = [self.deliveries.tell(happening, delay) for happening in call.happenings]
        waiting = [parcel.acked for parcel in parcels if parcel is not None]
        if modes.echo_before_reply and waiting:
            await asyncio.wait(waiting, timeout=ECHO_WITHIN)

    def _refuse(
        self,
        method: str,
        refusal: Refusal,
        token: str,
        args: Json,
        *,
        status: int = 200,
        known: Token | None = None,
    ) -> web.Response:
        headers = scope_header(known) if known else {}
        if refusal.retry_after:
            headers["Retry-After"] = str(refusal.retry_after)
        self._note(method, refusal.error, status, token, args, refusal.retry_after)
        body = {"ok": False, "error": refusal.error} | refusal.more
        return web.json_response(body, status=status, headers=headers)

    def _note(
        self, method: str, error: str, status: int, token: str, args: Json, retry_after: int = 0
    ) -> None:
        answer = Answer(
            method=method,
            ok=not error,
            error=error,
            status=status,
            token=token,
            channel=str(args.get("channel") or ""),
            at=time.monotonic(),
            retry_after=retry_after,
        )
        self.state.answers.append(answer)


def must_be_published(method: str, args: Json) -> None:
    """Refuse arguments that neither an SDK of Slack's nor its documentation names."""
    if wrongs := published.wrongs_of_arguments(method, args):
        raise Refusal("invalid_arguments", response_metadata={"messages": wrongs})


def scope_header(token: Token) -> dict[str, str]:
    return {"x-oauth-scopes": ",".join(sorted(token.scopes))}


def token_of(request: web.Request, args: Json) -> str:
    """The caller's token; it counts as an argument in forms and queries, never in JSON."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and value:
        return value.strip()
    in_json = request.content_type == "application/json"
    token = "" if in_json else args.get("token", "")
    return str(token)


async def arguments(request: web.Request) -> Json:
    """Query, form and JSON body as one dictionary."""
    args: Json = dict(request.query)
    if request.method == "GET":
        return args
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise Refusal("invalid_json") from None
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return args | body
    forms = ("application/x-www-form-urlencoded", "multipart/form-data")
    if request.content_type not in forms and await request.read():
        raise Refusal("invalid_post_type")
    return args | {key: str(value) for key, value in (await request.post()).items()}
