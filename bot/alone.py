"""One process at a time has Discord's gateway: two would both be told of everything, and each
start of a connection is one of a thousand a day.

The rule: the lease is counted from before it was asked for, and who cannot renew it closes the
connection before anybody else may open one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from bot.bot import Bot
from bot.freshness import steady
from bot.store import StoreAway

log = logging.getLogger(__name__)

ROLE = "discord gateway"
SECONDS = 30.0
_RENEWALS, _LOOKS = 3, 10
_CLOSING = 1 / 6  # of the lease: by then before its end, whatever happens, we begin to close.
_LAST_WORDS = 3.0  # seconds for what is cancelled to give back what it has taken

Work = Callable[[], Coroutine[Any, Any, None]]


async def alone(bot: Bot, work: Work, seconds: float = SECONDS) -> None:
    """Do `work` whenever no other process does; ends when the work ends by itself."""
    owner = secrets.token_hex(8)
    try:
        while True:
            ends = await _taken(bot, owner, seconds)
            if await _worked(bot, owner, seconds, ends, work):
                return
            log.warning("This process lost the right to listen to Discord, and waits for it")
    finally:
        try:
            await bot.release(ROLE, owner)
        except StoreAway as error:
            log.warning("Discord's gateway is free for others in %.0f s only: %s", seconds, error)


async def _taken(bot: Bot, owner: str, seconds: float) -> float:
    """Waits until the lease is ours; the steady time at which it ends."""
    said = ""
    while True:
        asked = steady()
        try:
            if await bot.lease(ROLE, owner, seconds):
                return asked + seconds
            why = "another process listens to Discord"
        except StoreAway as error:
            why = str(error)
        if why != said:
            log.info("Waiting to listen to Discord: %s", why)
        said = why
        await asyncio.sleep(seconds / _LOOKS)


async def _worked(bot: Bot, owner: str, seconds: float, ends: float, work: Work) -> bool:
    """True when the work ended by itself, False when the lease was lost before."""
    working = asyncio.create_task(work())
    keeping = asyncio.create_task(_kept(bot, owner, seconds, ends))
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
    """Cancel them until they have ended. Before Python 3.12 `asyncio.wait_for`, by which discord.py
    connects, may lose a cancellation: https://github.com/python/cpython/issues/86296."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=_LAST_WORDS)


async def _kept(bot: Bot, owner: str, seconds: float, ends: float) -> None:
    """Renews the lease; returns when it is lost, or soon will be."""
    last, pause = ends - seconds * _CLOSING, seconds / _RENEWALS
    while (asked := steady()) + pause < last:
        await asyncio.sleep(pause)
        asked = steady()
        try:
            async with asyncio.timeout(last - asked):
                if not await bot.lease(ROLE, owner, seconds):
                    return
        except (StoreAway, TimeoutError) as error:
            log.warning("The right to listen to Discord was not renewed: %s", error)
            pause = seconds / _LOOKS
        else:
            last, pause = asked + seconds * (1 - _CLOSING), seconds / _RENEWALS
