"""A gateway session, which outlives its connections, and the connection it has at the moment.

A session keeps what it was sent, so that a resume can replay what the bot missed. Source:
docs.discord.com/developers/events/gateway#resuming.
"""

import asyncio
import json
import zlib
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from tests.servers.discord.state import Json

KEPT_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class Close:
    code: int


class Wire:
    """One WebSocket towards the bot: sends in order, compressed when the bot asked for it."""

    def __init__(self, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self.socket = socket
        self.silent = False
        self._queue: asyncio.Queue[Json | Close] = asyncio.Queue()
        self._deflate = zlib.compressobj() if compressed else None

    def send(self, payload: Json) -> None:
        """Queues a payload; a silent wire swallows it, as a connection that has died unseen."""
        if not self.silent:
            self._queue.put_nowait(payload)

    def close(self, code: int) -> None:
        self._queue.put_nowait(Close(code))

    async def pump(self) -> None:
        """Writes what was queued, until the connection ends."""
        while True:
            item = await self._queue.get()
            if isinstance(item, Close):
                await self.socket.close(code=item.code)
                return
            try:
                await self._write(json.dumps(item))
            except ConnectionError:
                return

    async def _write(self, text: str) -> None:
        if self._deflate is None:
            await self.socket.send_str(text)
            return
        packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(packed)


@dataclass(slots=True)
class Session:
    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    wire: Wire | None = None

    def dispatch(self, name: str, data: Json) -> None:
        """Numbers an event, keeps it for a resume, and sends it when somebody listens."""
        self.sequence += 1
        payload: Json = {"op": 0, "t": name, "s": self.sequence, "d": data}
        self.sent.append(payload)
        if self.wire:
            self.wire.send(payload)

    def takes(self, guild: str | None) -> bool:
        """Whether this shard is the guild's; what has no guild goes to shard 0."""
        number, count = self.shard
        return (int(guild) >> 22) % count == number if guild else number == 0

    def replay(self, after: int) -> list[Json]:
        return [payload for payload in self.sent if payload["s"] > after]


@dataclass(slots=True)
class Link:
    """A connection and the session it stands for, once it has identified or resumed."""

    wire: Wire
    transport: asyncio.Transport | None
    session: Session | None = None
    ended: bool = False
    heartbeats: int = 0
    times: deque[float] = field(default_factory=deque)
