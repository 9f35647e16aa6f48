"""The sockets of Socket Mode: two at a time, and the next one is open before one is closed.

Slack hands each event to one socket, and to another one if nobody acknowledges it; what no socket
could take may be lost. The SDK's client closes a socket before it opens the next and asks a used
address again for ever, so a socket here is aiohttp's own. Sources:
https://docs.slack.dev/apis/events-api/using-socket-mode/ and slackapi/bolt-python, issue 1071.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

import aiohttp
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

from adapters.slack.api import sdk_log
from adapters.slack.socket import SentAway, Socket, Take
from bot.ports import DeliveryError
from bot.tasks import Tasks

log = logging.getLogger(__name__)

SOCKETS = 2
"""Held by each process; Slack allows an app ten."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long listening waits, in seconds.

    `silence`: a socket on which Slack, which pings each one, said nothing for so long is dead;
    Slack's own SDK for Node gives up after 30. `oldest`: some sockets look alive and bring no
    events, so none is kept for longer. `greeting`: a socket that works says hello sooner.
    `first` and `slowest`: between two tries to open one. `goodbye`: for what is being kept when a
    socket goes. `rest`: between two times of catching up.
    """

    silence: float = 25
    oldest: float = 3600
    greeting: float = 10
    first: float = 1
    slowest: float = 300
    goodbye: float = 3
    rest: float = 60


class Sockets:
    """`address` asks Slack for the address of one socket; `missed` is called after each time in
    which none of ours was open and alive, the time before the first one included."""

    def __init__(
        self,
        take: Take,
        address: Callable[[], Awaitable[str]],
        missed: Callable[[], None],
        times: Times,
    ) -> None:
        self._take, self._address, self._missed, self._times = take, address, missed, times
        self._open: set[Socket] = set()
        self._opening = asyncio.Lock()
        self._pause = 0.0
        self._heard = monotonic()
        self._leaving = Tasks()

    def silent(self) -> float:
        """For how many seconds Slack has said nothing on any socket, or has let none be opened."""
        return monotonic() - max([self._heard, *(socket.heard for socket in self._open)])

    async def run(self) -> None:
        """Hold sockets open until cancelled."""
        try:
            async with aiohttp.ClientSession() as session:
                try:
                    async with asyncio.TaskGroup() as places:
                        for _ in range(SOCKETS):
                            places.create_task(self._keep(session))
                finally:
                    for socket in list(self._open):
                        self._close(socket)
                    await self._leaving.finish()
        finally:
            log.info("not listening to Slack any more")

    async def _keep(self, session: aiohttp.ClientSession) -> None:
        """One place: a socket stands in it, and then the next."""
        socket: Socket | None = None
        while True:
            socket = await self._next(session, socket)
            await socket.worn_out(self._times.silence, self._times.oldest)
            if socket.over or socket.is_silent(self._times.silence):
                log.warning("Slack does not speak on a socket any more; opening another")
                self._close(socket)
                socket = None

    async def _next(self, session: aiohttp.ClientSession, old: Socket | None) -> Socket:
        """A socket that works. `old` is closed after that, unless it stands in its way."""
        async with self._opening:
            while True:
                await asyncio.sleep(self._pause * random.uniform(1, 1.5))
                try:
                    socket = await self._opened(session)
                    break
                except SentAway as error:
                    if old:
                        # Slack may allow no more than there are.
                        self._close(old)
                        old = None
                    self._slow_down(str(error))
                except DeliveryError as error:
                    self._slow_down(error.reason, error.retry_after)
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    # Not the error's own words, which may quote the address.
                    self._slow_down(type(error).__name__)
        if old:
            self._close(old)
        return socket

    async def _opened(self, session: aiohttp.ClientSession) -> Socket:
        ws = await session.ws_connect(
            await self._address(),
            autoping=False,
            proxy=load_http_proxy_from_env(sdk_log),
            timeout=aiohttp.ClientWSTimeout(ws_close=self._times.goodbye),
        )
        try:
            async with asyncio.timeout(self._times.greeting):
                socket = await Socket.greeted(ws, self._take)
        except BaseException:
            await ws.close()
            raise
        self._pause = self._times.first
        if not self._open:
            self._missed()
        self._open.add(socket)
        log.info("listening to Slack by Socket Mode, on %d sockets", len(self._open))
        return socket

    def _slow_down(self, why: str, least: float = 0) -> None:
        """All places wait together, each process for another while."""
        times = self._times
        self._pause = max(min(times.slowest, 2 * self._pause), times.first, least)
        log.error("a socket to Slack could not be opened, next try in %d s: %s", self._pause, why)

    def _close(self, socket: Socket) -> None:
        """Its place is free at once; what it has taken may still be kept and acknowledged."""
        self._open.discard(socket)
        self._heard = max(self._heard, socket.heard)
        gone = socket.over or socket.is_silent(self._times.silence)
        until = socket.heard if gone else monotonic()
        if self._open and all(other.began > until for other in self._open):
            # Those who listen now began after this one had ceased to.
            self._missed()
        self._leaving.start(socket.close(self._times.goodbye))
