"""One look at the database's version for all who wait for a change in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from bot.store import Store

log = logging.getLogger(__name__)

_EVERY = 0.05


class Changes:
    """`run` looks; any number of `watch` and `wait` are woken by what it sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._count = 0
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Look twenty times a second until cancelled. A database that is away is looked for on."""
        seen: int | None = None
        away = False
        while True:
            try:
                version = await asyncio.to_thread(self._store.version)
                if away:
                    log.warning("the database answers again")
                away = False
            except Exception as error:
                if not away:
                    log.error("the database does not answer: %s", type(error).__name__)
                away = True
            else:
                if version != seen:
                    seen = version
                    self._count += 1
                    self._moved.set()
                    self._moved = asyncio.Event()
            await asyncio.sleep(_EVERY)

    async def wait(self, timeout: float) -> None:
        """Until something changes, at most so many seconds."""
        moved = self._moved
        try:
            async with asyncio.timeout(timeout):
                await moved.wait()
        except TimeoutError:
            return

    async def watch(self) -> AsyncIterator[None]:
        seen = self._count
        while True:
            if self._count == seen:
                await self._moved.wait()
            seen = self._count
            yield
