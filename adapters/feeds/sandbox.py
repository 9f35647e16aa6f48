"""Reading what strangers wrote, in a process of its own: it has no secret in its environment,
little memory, a deadline, and it is killed when it does not answer.

It starts with the first reading (about a second) and ends after a minute without one, so that
it costs nothing while there is no news.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any, Literal

_ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "TMPDIR", "SYSTEMROOT")
_LONGEST_ANSWER = 1 << 26


class SandboxError(Exception):
    """The reading failed; says in plain words how."""


class Sandbox:
    """One process, one reading at a time. `seconds` is how long a reading may take, the start
    of the process included; `idle` after how many seconds without a reading the process ends."""

    def __init__(self, *, seconds: float = 20.0, idle: float = 60.0) -> None:
        self._seconds = seconds
        self._idle = idle
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process that reads, 0 if there is none."""
        return self._process.pid if self._process and self.running else 0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def read(
        self, what: Literal["feed", "page"], body: bytes, url: str, content_type: str
    ) -> dict[str, Any]:
        """What `sandboxed` answers; SandboxError if it does not."""
        async with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            finished = False
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._ask(what, body, url, content_type)
                finished = True
                return answer
            except TimeoutError as error:
                raise SandboxError(f"reading it took longer than {self._seconds:.0f} s") from error
            except (ConnectionError, ValueError) as error:
                raise SandboxError("reading it took more memory than there is for it") from error
            finally:
                if finished:
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(self._idle, self._retire)
                else:
                    await self._kill()

    async def close(self) -> None:
        """End the process."""
        if self._timer is not None:
            self._timer.cancel()
        async with self._lock:
            await self._kill()

    async def _ask(self, what: str, body: bytes, url: str, content_type: str) -> dict[str, Any]:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        head = {
            "what": what,
            "url": url,
            "content_type": content_type,
            "size": len(body),
            "seconds": int(self._seconds) + 1,
        }
        process.stdin.write(json.dumps(head).encode() + b"\n" + body)
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline())
        if not isinstance(answer, dict):
            raise ValueError("no answer")
        return answer

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "adapters.feeds.sandboxed",
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=_LONGEST_ANSWER,
                cwd=_ROOT,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                # Ctrl-C in the terminal is for us alone; the process ends when its input ends.
                start_new_session=True,
            )
        return self._process

    def _retire(self) -> None:
        self._ending = asyncio.get_running_loop().create_task(self._kill_unused())

    async def _kill_unused(self) -> None:
        if not self._lock.locked():
            async with self._lock:
                await self._kill()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
