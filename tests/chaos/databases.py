"""What happens to the database: cut, slow, killed, read only; locked, or with no room left."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from tests.chaos.nemesis import Trouble
from tests.chaos.processes import Workers
from tests.chaos.proxy import Proxy
from tests.chaos.server import Server

NO_LIMIT = resource.RLIM_INFINITY
ROOM = 8192
"""Bytes that a worker may still write in any file while its disk is full."""


class PostgresTroubles:
    """`proxy` stands between the workers and `server`."""

    def __init__(self, proxy: Proxy, server: Server, chance: random.Random) -> None:
        self._proxy, self._server, self._chance = proxy, server, chance

    def all(self) -> dict[str, Trouble]:
        return {
            "database.cut": self._cut,
            "database.cut_at_commit": self._cut_at_commit,
            "database.slow": self._slow,
            "database.killed": self._server.dies,
            "database.read_only": self._read_only,
        }

    async def _cut(self) -> None:
        for _ in range(5):
            self._proxy.cut()
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    async def _cut_at_commit(self) -> None:
        self._proxy.commits = 5
        while self._proxy.commits:  # noqa: ASYNC110 - the proxy has no event for it
            await asyncio.sleep(0.05)

    async def _slow(self) -> None:
        self._proxy.delay = 0.1
        await asyncio.sleep(2)
        self._proxy.delay = 0.0

    async def _read_only(self) -> None:
        """As while a standby has not been promoted yet."""
        for mode in ("on", "off"):
            await self._server.says(f"ALTER SYSTEM SET default_transaction_read_only = {mode}")
            await self._server.says("SELECT pg_reload_conf()")
            await asyncio.sleep(self._chance.uniform(1, 2))


class SqliteTroubles:
    def __init__(self, file: Path, workers: Workers) -> None:
        self._file, self._workers = file, workers

    def all(self) -> dict[str, Trouble]:
        return {"database.locked": self._lock, "database.full": self._full}

    async def _lock(self) -> None:
        """Somebody else writes in the file, for longer than a worker's attempt lasts."""
        with closing(_second_hand(self._file)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(4.0)
            other.execute("ROLLBACK")

    async def _full(self) -> None:
        """No worker can write anything for a while; reading works."""
        await self._leave_room(ROOM)
        await asyncio.sleep(2.0)
        await self._leave_room(NO_LIMIT)

    async def _leave_room(self, most: int) -> None:
        for one in self._workers.running:
            # It may be killed at this moment.
            with suppress(ProcessLookupError):
                resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (most, NO_LIMIT))


def _second_hand(file: Path) -> sqlite3.Connection:
    # Workers pass the file on to one another in turns; who stands in no turn may wait long.
    return sqlite3.connect(file, timeout=300, isolation_level=None, check_same_thread=False)
