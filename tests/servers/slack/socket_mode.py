"""Socket Mode: the sockets an app holds open, and envelopes over them.

Each envelope goes to one socket and wants an acknowledgement; without one it goes to another.
Source: https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.servers.slack.delivery import Outcome, Parcel
from tests.servers.slack.ledger import Json
from tests.servers.slack.state import APP_ID, State

ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


@dataclass(slots=True, eq=False)
class Socket:
    """One open socket. `deaf` delivers nothing and hears nothing; `mute` only answers pings."""

    number: str
    ws: web.WebSocketResponse
    request: web.Request
    closed: asyncio.Future[None]
    deaf: bool = False
    mute: bool = False


@dataclass(slots=True)
class SocketDoor:
    state: State
    sockets: list[Socket] = field(default_factory=list)
    opened: int = 0  # How many there ever were.
    moves: list[str] = field(
        default_factory=list
    )  # Each opening and end, with the socket's number.
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _awaited: dict[str, Parcel] = field(default_factory=dict)

    async def connected(self, count: int = 1) -> None:
        """Wait until that many sockets are open."""
        while len(self.sockets) < count:
            self.changed.clear()
            await self.changed.wait()

    async def reopened(self, times: int) -> None:
        """Wait until that many sockets were opened, whether they are still open or not."""
        while self.opened < times:
            self.changed.clear()
            await self.changed.wait()

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        socket = self.choose(parcel)
        if socket is None:
            return Outcome(False, "none", "no_socket")
        parcel.tried.append(socket.number)
        await self.push(socket, parcel, number, reason)
        timeout = self.state.modes.ack_timeout
        either: set[asyncio.Future[Any]] = {parcel.acked, socket.closed}
        await asyncio.wait(either, timeout=timeout, return_when="FIRST_COMPLETED")
        if parcel.acked.done():
            return Outcome(True, socket.number)
        return Outcome(False, socket.number, "socket_closed" if socket.closed.done() else "timeout")

    def choose(self, parcel: Parcel) -> Socket | None:
        """The socket that got this parcel least often, and of these the one longest unused."""
        if not self.sockets:
            return None
        chosen = min(self.sockets, key=lambda socket: parcel.tried.count(socket.number))
        self.sockets.remove(chosen)
        self.sockets.append(chosen)
        return chosen

    async def push(self, socket: Socket, parcel: Parcel, number: int, reason: str) -> None:
        envelope_id = str(uuid.uuid4())
        self._awaited[envelope_id] = parcel
        envelope: Json = {"envelope_id": envelope_id, "type": parcel.kind}
        envelope["payload"] = parcel.payload
        envelope["accepts_response_payload"] = parcel.kind != "events_api"
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        if not (socket.deaf or socket.mute or socket.ws.closed):
            await say(socket, envelope)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The address that `apps.connections.open` gave out; its ticket opens one socket."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.state.tickets:
            return web.Response(status=401)
        self.state.tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        self.opened += 1
        closed = asyncio.get_running_loop().create_future()
        socket = Socket(str(self.opened), ws, request, closed)
        if len(self.sockets) >= self.state.modes.max_sockets:
            await say(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        await self._attend(socket)
        return ws

    async def _attend(self, socket: Socket) -> None:
        self.sockets.append(socket)
        self.moves.append(f"open {socket.number}")
        await say(socket, hello(len(self.sockets)))
        self.changed.set()
        pings = asyncio.create_task(self._ping(socket))
        try:
            await self._listen(socket)
        finally:
            pings.cancel()
            self.moves.append(f"end {socket.number}")
            if socket in self.sockets:
                self.sockets.remove(socket)
            if not socket.closed.done():
                socket.closed.set_result(None)

    async def _listen(self, socket: Socket) -> None:
        while True:
            message = await socket.ws.receive()
            if message.type in ENDED:
                return
            if socket.deaf:
                continue
            if message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(message.data)

    def _acknowledge(self, text: str) -> None:
        """An acknowledgement counts from any socket, however late."""
        said = json.loads(text)
        parcel = self._awaited.get(said.get("envelope_id", ""))
        if parcel is not None and not parcel.acked.done():
            parcel.acked.set_result(said.get("payload") or {})

    async def _ping(self, socket: Socket) -> None:
        while not socket.ws.closed:
            await asyncio.sleep(self.state.modes.ping_interval)
            if not (socket.deaf or socket.mute or socket.ws.closed):
                await socket.ws.ping(b"Ping from applink-1")

    def black_hole(self, *, pongs: bool = False, only: str = "") -> None:
        """Sockets stay open and carry nothing more; with `pongs` they still answer pings."""
        for socket in self.sockets:
            if only in ("", socket.number):
                socket.deaf, socket.mute = not pongs, pongs

    async def disconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Tell all sockets to go (`warning`, `refresh_requested`, `link_disabled`).

        With `close` they are closed at once too; slack_sdk 3.47 then opens two new ones.
        """
        for socket in list(self.sockets):
            await say(socket, {"type": "disconnect", "reason": reason, "debug_info": HOST})
            if close:
                await socket.ws.close()

    def cut(self, *, only: str = "") -> None:
        """Break all open sockets, or the one of this number, without a word."""
        for socket in list(self.sockets):
            if only in ("", socket.number) and socket.request.transport is not None:
                socket.request.transport.abort()


HOST = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}


def hello(count: int) -> Json:
    info = {"app_id": APP_ID}
    return {"type": "hello", "num_connections": count, "debug_info": HOST, "connection_info": info}


async def say(socket: Socket, what: object) -> None:
    try:
        await socket.ws.send_json(what)
    except ConnectionError:
        # It went away in this moment; its reader notices and closes it.
        return
