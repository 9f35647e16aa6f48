"""`/healthz` and `/readyz`: does this process live, can it do its work, and is all well.

Whoever starts processes again looks at `/healthz`, whoever sends visitors at `/readyz`. A platform
that is down shows in the answer and not in its status. Both are cheap, write nothing, ask nobody
outside, and answer within two seconds whatever hangs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, TypeVar

from aiohttp import web

from bot import health
from bot.health import Process, Seen
from bot.store import Store, StoreAway

_T = TypeVar("_T")
log = logging.getLogger(__name__)

PATIENCE = 1.5
_LASTS = 1.0
AWAY = "The database does not answer, or refuses; the log says why."
_NOT_YET = "The database has not answered yet."
_ENDING = "This process was told to end, and finishes what it is doing."


class Shared(Generic[_T]):
    """One look at the database for all who want to know: one at a time is under way, however many
    ask, and what it gives holds for so many seconds. What fails is looked at anew."""

    def __init__(
        self, look: Callable[[Store], _T], lasts: float, patience: float = PATIENCE
    ) -> None:
        self._look, self._lasts, self._patience = look, lasts, patience
        self._task: asyncio.Future[_T] | None = None
        self._until = float("-inf")

    async def seen(self, store: Store) -> _T:
        """Raises `TimeoutError`, or whatever a look raises."""
        if self._task is None or (self._task.done() and monotonic() >= self._until):
            self._task = asyncio.ensure_future(asyncio.to_thread(self._look, store))
            self._task.add_done_callback(self._looked)
        async with asyncio.timeout(self._patience):
            return await asyncio.shield(self._task)

    def _looked(self, task: asyncio.Future[_T]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._until = monotonic() + self._lasts


class Health:
    """What one process answers when it is asked how it is."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._shared = Shared(self._look, _LASTS)

    def _look(self, store: Store) -> Seen:
        return health.look(store, [*self.process.roles.values()])

    async def live(self, request: web.Request) -> web.Response:
        """The process answers; that is all it says."""
        return _answer({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """Whether it can do its work, and all that somebody should look after."""
        if self.process.ending():
            return _refusal("ending", _ENDING)
        if self.process.store is None:
            return _refusal("away", _NOT_YET)
        try:
            seen = await self._shared.seen(self.process.store)
        except TimeoutError:
            log.warning("not ready: the database did not answer in %.1f s", PATIENCE)
            return _refusal("away", AWAY)
        except StoreAway as error:
            log.warning("not ready: %s", error)
            return _refusal("away", AWAY)
        except Exception:
            log.exception("not ready, as looking at the database failed")
            return _refusal("away", AWAY)
        if seen.misfit:
            return _refusal("misfit", seen.misfit)
        return _answer(_told(self.process, seen))


HEALTH = web.AppKey("health", Health)


def add_to(app: web.Application, asked: Health) -> None:
    """Answer at both addresses. Another `Health` may be put in the place of this one."""
    app[HEALTH] = asked
    app.router.add_get("/healthz", _live)
    app.router.add_get("/readyz", _ready)


async def _live(request: web.Request) -> web.Response:
    return await request.app[HEALTH].live(request)


async def _ready(request: web.Request) -> web.Response:
    return await request.app[HEALTH].ready(request)


def _told(process: Process, seen: Seen) -> dict[str, Any]:
    """All times are seconds; where one is null, nobody has that lease, or there is no socket."""
    reasons = health.worries(process, seen)
    return {
        "status": "degraded" if reasons else "ok",
        "reasons": reasons,
        "leases": {role: _rounded(over) for role, over in seen.leases.items()},
        "sockets": {name: _rounded(one) for name, one in process.silences().items()},
        "oldest_due": {one.platform: _rounded(one.due) for one in seen.waiting},
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _refusal(status: str, reason: str) -> web.Response:
    return _answer({"status": status, "reasons": [reason]}, 503)


def _answer(told: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(told, status=status, headers={"Cache-Control": "no-store"})
