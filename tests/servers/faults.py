"""How a platform can fail in one call, as a value the servers of our tests obey.

The rule: a fault says both what the caller sees and whether the platform kept what was sent,
since telling these two apart is what the sender cannot do.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

Kind = Literal[
    "none",  # Answer as usual.
    "close",  # End the connection without an answer (FIN).
    "reset",  # Reset the connection without an answer (RST).
    "status",  # Answer `status` with an empty JSON object.
    "html",  # Answer `status` (200 when 0) with a page of HTML, as a proxy in between does.
    "truncated",  # Announce a whole answer, send half of it, close.
    "late",  # Keep what was sent after `seconds`; the caller waits at most as long.
    "hang",  # Never answer.
    "slow",  # Answer as usual, `seconds` later.
    "drip",  # Answer as usual, one byte each `seconds`.
    "ratelimited",  # Answer 429; `seconds` is the Retry-After, 0 leaves the header out.
    "refused",  # Answer in the platform's own form with `error`.
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure. `accepted` is true when the platform keeps what was sent all the same."""

    kind: Kind = "none"
    seconds: float = 0
    status: int = 0
    error: str = ""
    accepted: bool = False


NONE = Fault()

Decider = Callable[[str], Fault]  # The name of the call, e.g. "chat.postMessage".


def accept_then_close() -> Fault:
    return Fault("close", accepted=True)


def accept_then_reset() -> Fault:
    return Fault("reset", accepted=True)


def accept_then_status(status: int) -> Fault:
    return Fault("status", status=status, accepted=True)


def accept_then_html(status: int = 502) -> Fault:
    return Fault("html", status=status, accepted=True)


def accept_then_truncate() -> Fault:
    return Fault("truncated", accepted=True)


def accept_late(seconds: float) -> Fault:
    """The platform keeps it `seconds` after the request came, even if the caller has gone."""
    return Fault("late", seconds=seconds, accepted=True)


def hang(*, accepted: bool = False) -> Fault:
    return Fault("hang", accepted=accepted)


def slow(seconds: float) -> Fault:
    return Fault("slow", seconds=seconds, accepted=True)


def drip(seconds: float) -> Fault:
    return Fault("drip", seconds=seconds, accepted=True)


def refuse_status(status: int) -> Fault:
    return Fault("status", status=status)


def ratelimited(seconds: float = 1) -> Fault:
    return Fault("ratelimited", seconds=seconds)


def refused(error: str, *, accepted: bool = False) -> Fault:
    """The platform's own error answer, e.g. `fatal_error`, which may come after acceptance."""
    return Fault("refused", error=error, accepted=accepted)


@dataclass(slots=True)
class Faults:
    """What decides the fault of each call: the queue first, else the decider, else none."""

    queue: deque[tuple[str, Fault]] = field(default_factory=deque)
    decider: Decider | None = None

    def add(self, *faults: Fault, call: str = "") -> None:
        """The next calls fail like this, in order; with `call`, only calls of that name count."""
        self.queue.extend((call, fault) for fault in faults)

    def next(self, call: str) -> Fault:
        for place, (name, fault) in enumerate(self.queue):
            if name in ("", call):
                del self.queue[place]
                return fault
        return self.decider(call) if self.decider else NONE

    def clear(self) -> None:
        self.queue.clear()
        self.decider = None


def no_faults() -> Faults:
    """Everything works until a test says otherwise."""
    return Faults()


async def play(
    request: web.Request,
    fault: Fault,
    keep: Callable[[], Awaitable[web.Response]],
    refuse: Callable[[], web.Response],
) -> web.StreamResponse:
    """Answer the request as the fault says.

    `keep` does what was asked and gives the usual answer. `refuse` gives the platform's own form
    of the kinds `ratelimited` and `refused`, the only ones whose shape differs by platform.
    """
    if fault.kind in ("late", "slow"):
        await asyncio.sleep(fault.seconds)
    usual = fault.kind in ("none", "late", "slow")
    answer = await keep() if usual or fault.accepted else web.json_response({})
    match fault.kind:
        case "ratelimited" | "refused":
            return refuse()
        case "status":
            return web.json_response({}, status=fault.status)
        case "html":
            page = "<html><body><h1>Bad gateway</h1></body></html>"
            return web.Response(text=page, content_type="text/html", status=fault.status or 200)
        case "truncated":
            return await send_half(request, answer)
        case "drip":
            return await send_slowly(request, answer, fault.seconds)
        case "close" | "reset":
            drop(request, reset=fault.kind == "reset")
        case "hang":
            await asyncio.sleep(fault.seconds or 3600)
            drop(request)
    return answer


async def send_half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = answer.body if isinstance(answer.body, bytes) else b"{}"
    half = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    half.content_length = len(body)
    half.force_close()
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    drop(request)
    return half


async def send_slowly(
    request: web.Request, answer: web.Response, seconds: float
) -> web.StreamResponse:
    """One byte, a pause, the next one: a line that is nearly dead."""
    body = answer.body if isinstance(answer.body, bytes) else b"{}"
    drops = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    drops.content_length = len(body)
    await drops.prepare(request)
    with suppress(ConnectionError):  # Whoever asked has lost patience.
        for place in range(len(body)):
            await drops.write(body[place : place + 1])
            await asyncio.sleep(seconds)
    return drops


def drop(request: web.Request, *, reset: bool = False) -> None:
    """End the connection of this request as it is: with FIN, or with RST when `reset`."""
    transport = request.transport
    if transport is None:
        return
    if reset:
        socket_ = transport.get_extra_info("socket")
        # Without a linger time of zero the kernel would say goodbye politely.
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return
    transport.close()
