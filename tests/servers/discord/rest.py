"""The HTTP side: who may call, how often, how it fails on purpose, and the record of each answer.

Every request passes here once; what it does is in the file of its subject. Sources:
docs.discord.com/developers/reference#http-api and #authentication.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.servers.discord import spec
from tests.servers.discord.ledger import Answer
from tests.servers.discord.limits import Limits, Scope, too_many
from tests.servers.discord.platform import Platform
from tests.servers.discord.refusals import TEXTS, Refusal
from tests.servers.discord.requests import RAW, Route, answer, read
from tests.servers.faults import Fault, drop

PREFIX = "/api/v10"
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Rest:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.limits = Limits(platform)
        # Requests that hang wait for this: the end of the server.
        self.stopping = asyncio.Event()

    def add(self, app: web.Application, routes: list[Route]) -> None:
        for method, path, handler in routes:
            app.router.add_route(method, PREFIX + path, self._wrapped(f"{method} {path}", handler))

    def refuse_others(self, app: web.Application) -> None:
        """What no part of the server answers is said so, and stands among the answers."""
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._wrapped("none", _unknown))

    def _wrapped(self, call: str, handler: Handler) -> Callable[..., Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            await read(request)
            fault = self.platform.faults.next(call)
            if fault.kind == "none":
                response: web.StreamResponse = await self._answered(call, handler, request)
            else:
                response = await self._misbehave(fault, call, handler, request)
            self._record(call, request, response)
            return response

        return serve

    async def _answered(self, call: str, handler: Handler, request: web.Request) -> web.Response:
        try:
            self._admit(call, request)
            response = self.limits.refusal(call, request) or await handler(request)
            if response.status < 400 and (told := _undescribed(request)):
                raise Refusal(50035, errors={"_errors": [{"code": "UNPUBLISHED", "message": told}]})
        except Refusal as refusal:
            response = answer(refusal.body, refusal.status)
        response.headers.update(self.limits.headers(call, request))
        # Discord stands behind a proxy, and clients tell its own 429 from others by this header.
        response.headers["Via"] = "1.1 google"
        return response

    def _admit(self, call: str, request: web.Request) -> None:
        """The bot's token and User-Agent; the token in an interaction's path is enough there."""
        if "/{token}" in call:
            return
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            raise Refusal(40333)
        if request.headers.get("Authorization") != f"Bot {self.platform.settings.token}":
            raise Refusal(0)

    def _record(self, call: str, request: web.Request, response: web.StreamResponse) -> None:
        code = None
        if isinstance(response, web.Response) and response.status >= 400:
            code = _code_of(response)
        gone = request.transport is None or request.transport.is_closing()
        self.platform.answers.append(
            Answer(
                call=call,
                path=request.path.removeprefix(PREFIX),
                status=0 if gone else response.status,
                code=code,
                at=self.platform.now(),
                user_agent=request.headers.get("User-Agent", ""),
            )
        )

    async def _misbehave(
        self, fault: Fault, call: str, handler: Handler, request: web.Request
    ) -> web.StreamResponse:
        """Does what the fault says; `accepted` decides whether the request took effect."""
        if fault.kind == "late":
            await self._pause(fault.seconds)
            return await self._answered(call, handler, request)
        usual = await self._answered(call, handler, request) if fault.accepted else None
        if fault.kind == "slow":
            await self._pause(fault.seconds)
            return usual or await self._answered(call, handler, request)
        if fault.kind in ("close", "reset"):
            drop(request, reset=fault.kind == "reset")
            return web.Response(status=500)
        if fault.kind == "hang":
            await self.stopping.wait()
            return web.Response(status=500)
        if fault.kind == "truncated":
            return await _half(request, usual)
        return _wrong(fault)

    async def _pause(self, seconds: float) -> None:
        """Waits, but no longer than the server lives."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return


async def _unknown(request: web.Request) -> web.Response:
    path = request.path.removeprefix(PREFIX)
    message = f"404: this Discord has no {request.method} {path}"
    return answer({"message": message, "code": 0}, 404)


def _undescribed(request: web.Request) -> str:
    """What is wrong with a request that the server would take, by Discord's own description."""
    body = json.loads(request[RAW]) if request[RAW] else None
    path = request.path.removeprefix(PREFIX)
    return "; ".join(spec.wrongs(request.method, path, list(request.query), body))


def _wrong(fault: Fault) -> web.Response:
    if fault.kind == "html":
        return web.Response(status=fault.status or 200, text=HTML, content_type="text/html")
    if fault.kind == "ratelimited":
        scope: Scope = "user"
        if fault.error in ("global", "shared"):
            scope = "global" if fault.error == "global" else "shared"
        response = too_many(fault.seconds, scope)
        response.headers["Via"] = "1.1 google"
        return response
    if fault.kind == "refused":
        refusal = Refusal(int(fault.error), fault.status)
        told = {"retry_after": fault.seconds, "global": False} if fault.seconds else {}
        response = answer(refusal.body | told, refusal.status)
        response.headers["Via"] = "1.1 google"
        return response
    return answer({}, fault.status)


async def _half(request: web.Request, usual: web.Response | None) -> web.StreamResponse:
    """Announces a whole body, sends half of it and ends the connection."""
    body = usual.body if usual is not None and isinstance(usual.body, bytes) else b'{"id": "1"}'
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    drop(request)
    return response


def _code_of(response: web.Response) -> int | None:
    body = response.body
    if response.content_type != "application/json" or not isinstance(body, bytes):
        return None
    code = json.loads(body).get("code")
    return code if isinstance(code, int) and code in TEXTS else None
