"""Work that goes on beside what began it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Held until they end, since asyncio itself may forget a task. What fails is a bug, and is
    logged as one."""

    def __init__(self) -> None:
        self._open: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._open.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, patience: float | None = None) -> set[asyncio.Task[None]]:
        """Wait for those that are open, so many seconds at most; what is not done then."""
        if not self._open:
            return set()
        _, late = await asyncio.wait(self._open, timeout=patience)
        return late

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            log.error("work that went on beside failed", exc_info=error)
