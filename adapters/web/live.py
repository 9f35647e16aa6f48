"""Server-sent events: one line to every open page whenever something was committed.

The event says only that something changed; the page asks again for what it shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp_sse import EventSourceResponse, sse_response

from adapters.web.site import SEEN, SITE

_HEARTBEAT = 15
_REST = 0.2
"""Seconds: many commits at once are one event."""


class Pulse:
    """All open pages wait here; one task listens to the core for them all."""

    def __init__(self) -> None:
        self.count = 0
        self.listeners = 0
        self.closed = False
        self._news = asyncio.Event()

    def tell(self) -> None:
        self.count += 1
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """Let all pages go, so that the server can stop."""
        self.closed = True
        self._news.set()

    async def after(self, count: int) -> int:
        """Wait until there is more than `count`; the new count, or 0 if there is an end."""
        while self.count <= count and not self.closed:
            await self._news.wait()
        return 0 if self.closed else self.count


PULSE = web.AppKey("pulse", Pulse)


async def listen(app: web.Application) -> AsyncIterator[None]:
    """Pass on the core's changes while the pages are served."""
    task = asyncio.create_task(_pass_on(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@web.middleware
async def note_count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Each page says how much had changed before it was read, so that it misses nothing that
    changes before it listens."""
    request[SEEN] = request.app[PULSE].count if PULSE in request.app else 0
    return await handler(request)


async def _pass_on(app: web.Application) -> None:
    async for _ in app[SITE].bot.changes():
        app[PULSE].tell()
        await asyncio.sleep(_REST)


async def live(request: web.Request) -> web.StreamResponse:
    pulse = request.app[PULSE]
    if pulse.listeners >= request.app[SITE].limits.connections:
        raise web.HTTPServiceUnavailable(
            headers={"Retry-After": "30"}, text="Too many pages are open. Reload to see news."
        )
    pulse.listeners += 1
    try:
        async with sse_response(request, ping_interval=_HEARTBEAT) as stream:
            # A tab that is closed while we write to it is no fault.
            with suppress(ConnectionResetError):
                seen = pulse.count
                await stream.send(str(seen), event="hello", retry=2000)
                while seen := await _next(pulse, seen, stream):
                    await stream.send(str(seen), event="changed")
        return stream
    finally:
        pulse.listeners -= 1


async def _next(pulse: Pulse, seen: int, stream: EventSourceResponse) -> int:
    """The count after the next change, or 0 when the page is gone or the server stops."""
    while stream.is_connected():
        try:
            async with asyncio.timeout(_HEARTBEAT):
                return await pulse.after(seen)
        except TimeoutError:
            # Nobody tells us that a page was closed; the heartbeat has noticed by now.
            continue
    return 0
