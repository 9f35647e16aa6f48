"""After each time in which something may have been missed, what was said is read again.

That is at every start, after a time in which nobody listened, and after what could not be kept;
and under a report of which we learnt late that it stands there. What happens meanwhile does not
wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.ports import DeliveryError, History
from bot.store import StoreAway

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

_GIVING_BACK = 2.0  # seconds
_LOOK = 30.0  # seconds between two looks whether a report was found late


class Missed:
    def __init__(self) -> None:
        self._noted = asyncio.Event()

    def note(self) -> None:
        """Something may have been missed until now."""
        self._noted.set()

    @asynccontextmanager
    async def made_up(
        self, bot: Bot, history: History, *, rest: float = 0, again: float
    ) -> AsyncIterator[None]:
        """Meanwhile catch up whenever it is noted: `rest` seconds after the last time, `again`
        seconds after one that failed."""
        task = asyncio.create_task(self._make_up(bot, history, rest, again))
        try:
            yield
        finally:
            task.cancel()
            # It gives back what it has taken, if the database lets it.
            await asyncio.wait({task}, timeout=_GIVING_BACK)

    async def _make_up(self, bot: Bot, history: History, rest: float, again: float) -> None:
        while True:
            noted = await self._is_noted()
            # What is noted from here on is not sure to be in what is read now.
            self._noted.clear()
            if await self._caught_up(bot, history, late=not noted):
                await asyncio.sleep(rest if noted else 0)
            else:
                if noted:
                    self._noted.set()
                await asyncio.sleep(again)

    async def _is_noted(self) -> bool:
        """Waits for it, but not for long."""
        try:
            async with asyncio.timeout(_LOOK):
                return await self._noted.wait()
        except TimeoutError:
            return False

    async def _caught_up(self, bot: Bot, history: History, *, late: bool) -> bool:
        try:
            await bot.catch_up(history, late=late)
        except (DeliveryError, StoreAway) as error:
            log.warning("catching up in %s is tried again: %s", history.platform, error)
        except Exception:
            log.exception("catching up in %s failed, and is tried again", history.platform)
        else:
            return True
        return False
