"""The PostgreSQL server of a run as something that can be killed, and started again as it was."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import psycopg


class Server:
    """Found by its address. `direct` goes past the proxy."""

    def __init__(self, direct: str) -> None:
        self.direct = direct
        with psycopg.connect(direct) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row
        self._data = Path(str(row[0]))
        pid = self._pid()
        self._command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
        owner = Path(f"/proc/{pid}").stat()
        self._owner = (owner.st_uid, owner.st_gid)
        self._ours: asyncio.subprocess.Process | None = None

    async def dies(self) -> None:
        """kill -9 of the server with all its processes' parent; then it is started again."""
        pid = self._pid()
        os.kill(pid, signal.SIGKILL)
        if self._ours:
            await self._ours.wait()
        else:
            # Whoever started it does not look; until somebody does, its number is taken.
            with suppress(ChildProcessError):
                await asyncio.to_thread(os.waitpid, pid, 0)
        await asyncio.sleep(0.3)
        await self._start()

    async def says(self, statement: str) -> None:
        connection = await psycopg.AsyncConnection.connect(self.direct, autocommit=True)
        async with connection:
            await connection.execute(statement.encode())

    async def stop(self) -> None:
        if self._ours and self._ours.returncode is None:
            self._ours.send_signal(signal.SIGINT)
            await self._ours.wait()

    async def _start(self) -> None:
        """Its children notice that it is gone only after a moment; until then none can start."""
        async with asyncio.timeout(60):
            while True:
                self._ours = await self._spawn()
                while self._ours.returncode is None:
                    if await self._answers():
                        return
                    await asyncio.sleep(0.1)

    async def _answers(self) -> bool:
        try:
            await (await psycopg.AsyncConnection.connect(self.direct, connect_timeout=2)).close()
        except psycopg.OperationalError:
            return False
        return True

    async def _spawn(self) -> asyncio.subprocess.Process:
        uid, gid = self._owner
        root = os.geteuid() == 0
        return await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._data,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            user=uid if root else None,
            group=gid if root else None,
            extra_groups=[] if root else None,
        )

    def _pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text().split()[0])
