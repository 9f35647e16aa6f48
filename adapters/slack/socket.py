"""One socket of Socket Mode: what Slack says on it, and what we acknowledge.

An event is acknowledged after it was kept, each in its own time: a slow one delays no other.
Source: https://docs.slack.dev/apis/events-api/using-socket-mode/.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType

from adapters.slack.payload import Json
from bot.tasks import Tasks

Take = Callable[[Json], Awaitable[Json | None]]
"""Keeps the payload of one envelope, and says what its acknowledgement tells; None if it must come
again."""
log = logging.getLogger(__name__)

_ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


class SentAway(Exception):
    """Slack closed a socket instead of greeting us: there are too many, or it is restarting."""


class Socket:
    """From its hello to its end. `heard` is when Slack last spoke on it, `over` whether it ended;
    both times are monotonic."""

    def __init__(self, ws: ClientWebSocketResponse, take: Take) -> None:
        self._ws, self._take = ws, take
        self.began = self.heard = monotonic()
        self.over = False
        self._changed = asyncio.Event()
        self._told_to_go = False
        self._at_work = Tasks()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def greeted(cls, ws: ClientWebSocketResponse, take: Take) -> Socket:
        """The socket, once Slack has said hello on it. Raises SentAway."""
        while (frame := await ws.receive()).type not in _ENDED:
            said = _said(frame)
            if said.get("type") == "hello":
                return cls(ws, take)
            if said.get("type") == "disconnect":
                raise SentAway(f"Slack says {said.get('reason')}")
        raise SentAway("Slack ended it before it began")

    async def worn_out(self, silence: float, oldest: float) -> None:
        """Returns when another one should take its place: it ended, Slack told it to go, said
        nothing for `silence` seconds, or it is `oldest` seconds old."""
        while not (self.over or self._told_to_go):
            left = min(self.heard + silence, self.began + oldest) - monotonic()
            if left <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()

    def is_silent(self, silence: float) -> bool:
        return monotonic() - self.heard >= silence

    async def close(self, patience: float) -> None:
        """What it took is kept and acknowledged before, if that takes no longer."""
        if not self.over:
            await self._at_work.finish(patience)
        await self._ws.close()
        self._reading.cancel()

    async def _read(self) -> None:
        try:
            while True:
                frame = await self._ws.receive()
                if frame.type in _ENDED:
                    return
                # A pong proves only that something between Slack and us is alive.
                if frame.type is not WSMsgType.PONG:
                    self.heard = monotonic()
                if frame.type is WSMsgType.PING:
                    await self._ws.pong(frame.data)
                self._hear(_said(frame))
        except ConnectionError:
            return
        finally:
            # That it ends is the last that is heard.
            self.heard = monotonic()
            self.over = True
            self._changed.set()

    def _hear(self, said: Json) -> None:
        if said.get("type") == "disconnect":
            log.info("Slack asks for another socket: %s", said.get("reason"))
            self._told_to_go = True
            self._changed.set()
        elif isinstance(said.get("payload"), dict) and said.get("envelope_id"):
            self._at_work.start(self._answer(said))

    async def _answer(self, envelope: Json) -> None:
        """Without an acknowledgement Slack sends it again, here or on another socket."""
        try:
            told = await self._take(envelope["payload"])
        except Exception:
            log.exception("something from Slack was not kept; Slack sends it again")
            return
        if told is not None:
            more = {"payload": told} if told else {}
            with suppress(ConnectionError):
                await self._ws.send_json({"envelope_id": envelope["envelope_id"], **more})


def _said(frame: WSMessage) -> Json:
    """What a frame says; nothing if it is a ping, or makes no sense."""
    if frame.type is not WSMsgType.TEXT:
        return {}
    try:
        said = json.loads(frame.data)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
