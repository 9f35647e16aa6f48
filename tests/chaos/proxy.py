"""A TCP proxy in front of PostgreSQL that cuts connections, also at COMMIT, and makes them slow."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The simple query as the driver sends it: kind, length, text."""


class Proxy:
    """`delay` is added to every answer of the server, in seconds; `cut` ends all connections.

    The next `commits` are cut: what was asked reached the server or not, the answer never comes.
    """

    def __init__(self, host: str, port: int, chance: random.Random) -> None:
        self._target, self._chance = (host, port), chance
        self._writers: set[asyncio.StreamWriter] = set()
        self.delay = 0.0
        self.commits = 0
        self.port = 0

    def cut(self) -> int:
        """End every connection without a word; how many there were."""
        cut = list(self._writers)
        for writer in cut:
            writer.transport.abort()
        return len(cut) // 2

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            self.cut()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()  # The server is down.
            return
        pair = {writer, back}
        self._writers |= pair
        try:
            await asyncio.gather(self._forth(reader, back, writer), self._back(there, writer))
        finally:
            self._writers -= pair
            for one in pair:
                one.transport.abort()

    async def _forth(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        asker: asyncio.StreamWriter,
    ) -> None:
        with suppress(ConnectionError):  # Cut by us or by either end: the other end goes too.
            while data := await source.read(65536):
                if self.commits and COMMIT in data:
                    self.commits -= 1
                    if self._chance.random() < 0.5:
                        target.write(data)
                        await target.drain()
                        asker.transport.abort()
                        await asyncio.sleep(0.1)  # The server gets to read it.
                    return target.transport.abort()
                target.write(data)
                await target.drain()
        return target.transport.abort()

    async def _back(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                target.write(data)
                await target.drain()
        target.transport.abort()
