"""A platform and the database are asked for as long as it takes, by who alone has the role."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from bot.ports import DeliveryError, History
from bot.store import Store, StoreAway, Tx

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_LEASE, _RENEWED = 60.0, 15.0  # seconds
_READ = 120.0  # seconds within which a platform answers one read
_AWAY, _SLOWEST = 1.0, 60.0  # seconds between tries


class TakenOver(Exception):
    """This process slept, and another one has the role."""


@dataclass(slots=True)
class Asking:
    """Reads one platform at its pace; the role is renewed while it waits."""

    store: Store
    history: History
    role: str
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    renewed: float = float("-inf")
    last: float = float("-inf")

    async def take(self) -> bool:
        """False while another process has the role."""
        self.renewed = time.monotonic()
        return await self.write(lambda tx: tx.desk.lease(self.role, self.owner, _LEASE))

    async def give_back(self) -> None:
        await self.write(lambda tx: tx.desk.release(self.role, self.owner))

    async def call(self, read: Callable[[], Awaitable[_T]]) -> _T:
        """One read, which waits for as long as the platform says. Raises DeliveryError, and
        TakenOver as `wait` does."""
        while True:
            await self.wait(self.last + self.history.pace.reading - time.monotonic())
            self.last = time.monotonic()
            try:
                async with asyncio.timeout(_READ):
                    return await read()
            except TimeoutError:
                raise DeliveryError("The platform did not answer in time") from None
            except DeliveryError as error:
                if error.permanent or not error.retry_after:
                    raise
                log.info("reading %s waits: %s", self.history.platform, error.reason)
                await self.wait(error.retry_after)
            except Exception as error:
                log.exception("reading again failed inside BotBeat")
                raise DeliveryError("BotBeat could not read it", permanent=True) from error

    async def later(self, tries: int) -> None:
        """Wait, the longer the more often something was tried."""
        await self.wait(min(_SLOWEST, 2.0**tries))

    async def wait(self, seconds: float) -> None:
        """Let time pass, and keep the role. Raises TakenOver."""
        ends = time.monotonic() + seconds
        while True:
            if time.monotonic() - self.renewed > _RENEWED and not await self.take():
                raise TakenOver
            left = ends - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _RENEWED))

    async def read(self, question: Callable[[Tx], _T]) -> _T:
        return await self._patiently(self.store.read, question)

    async def write(self, effect: Callable[[Tx], _T]) -> _T:
        return await self._patiently(self.store.write, effect)

    async def _patiently(
        self, begin: Callable[[], AbstractContextManager[Tx]], work: Callable[[Tx], _T]
    ) -> _T:
        """One transaction, tried until the database takes it: each may be made twice."""

        def run() -> _T:
            with begin() as tx:
                return work(tx)

        pause = _AWAY
        while True:
            try:
                return await _to_its_end(run)
            except StoreAway as error:
                log.warning("catching up in %s waits: %s", self.history.platform, error)
            await asyncio.sleep(pause)
            pause = min(_SLOWEST, 2 * pause)


async def _to_its_end(run: Callable[[], _T]) -> _T:
    """In a thread. Who is cancelled meanwhile waits for its end: what was begun cannot be taken
    back, and a role that was not given back is nobody's for a minute."""
    running = asyncio.create_task(asyncio.to_thread(run))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise
