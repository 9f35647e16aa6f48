"""Work that one process does at a time, as where two would both be told of everything.

The rule: the lease is counted from before it was asked for, and who cannot renew it ends the work
before anybody else may begin it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.freshness import steady
from bot.store import StoreAway

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

SECONDS = 30.0
_RENEWALS, _LOOKS = 3, 10
_CLOSING = 1 / 6  # of the lease: so long before its end, whatever happens, the work is ended.
_LAST_WORDS = 3.0  # seconds for what is cancelled to give back what it has taken

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class _Lease:
    bot: Bot
    role: str
    owner: str
    seconds: float

    async def is_ours(self) -> bool:
        """Take or renew it; False while another process has it."""
        return await self.bot.lease(self.role, self.owner, self.seconds)


async def alone(bot: Bot, role: str, work: Work, seconds: float = SECONDS) -> None:
    """Do `work` whenever no other process has this role; ends when the work ends by itself."""
    lease = _Lease(bot, role, secrets.token_hex(8), seconds)
    try:
        while True:
            ends = await _taken(lease)
            if await _worked(lease, ends, work):
                return
            log.warning("this process lost the role %s, and waits for it", role)
    finally:
        try:
            await bot.release(role, lease.owner)
        except StoreAway as error:
            log.warning("the role %s is free for others in %.0f s only: %s", role, seconds, error)


async def _taken(lease: _Lease) -> float:
    """Waits until the lease is ours; the steady time at which it ends."""
    said = ""
    while True:
        asked = steady()
        try:
            if await lease.is_ours():
                return asked + lease.seconds
            why = "another process has it"
        except StoreAway as error:
            why = str(error)
        if why != said:
            log.info("waiting for the role %s: %s", lease.role, why)
        said = why
        await asyncio.sleep(lease.seconds / _LOOKS)


async def _worked(lease: _Lease, ends: float, work: Work) -> bool:
    """True when the work ended by itself, False when the lease was lost before."""
    working = asyncio.create_task(work())
    keeping = asyncio.create_task(_kept(lease, ends))
    try:
        await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
        done = working.done()
    finally:
        await _cancelled({working, keeping})
    if not done:
        keeping.result()
        return False
    working.result()
    return True


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel them until they have ended. Before Python 3.12 `asyncio.wait_for`, which libraries
    connect by, may lose a cancellation: https://github.com/python/cpython/issues/86296."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=_LAST_WORDS)


async def _kept(lease: _Lease, ends: float) -> None:
    """Renews the lease; returns when it is lost, or soon will be."""
    seconds = lease.seconds
    last, pause = ends - seconds * _CLOSING, seconds / _RENEWALS
    while (asked := steady()) + pause < last:
        await asyncio.sleep(pause)
        asked = steady()
        try:
            async with asyncio.timeout(last - asked):
                if not await lease.is_ours():
                    return
        except (StoreAway, TimeoutError) as error:
            log.warning("the role %s was not renewed: %s", lease.role, error)
            pause = seconds / _LOOKS
        else:
            last, pause = asked + seconds * (1 - _CLOSING), seconds / _RENEWALS
