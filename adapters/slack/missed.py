"""After each time in which an event may have been missed, what was said is read again.

That is at every start, after a time without a living socket, and after an event that was not
kept: Slack sends it three times more, and then never. Live events do not wait for it. Source:
https://docs.slack.dev/apis/events-api#retries.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.ports import DeliveryError, History
from bot.store import StoreAway

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)


class Missed:
    def __init__(self) -> None:
        self._noted = asyncio.Event()

    def note(self) -> None:
        """Something may have been missed until now."""
        self._noted.set()

    async def make_up(self, bot: Bot, history: History, rest: float) -> None:
        """Catch up whenever it is noted, with `rest` seconds in between, until cancelled."""
        while True:
            await self._noted.wait()
            # What is noted from here on is not sure to be in what is read now.
            self._noted.clear()
            try:
                await bot.catch_up(history)
            except (DeliveryError, StoreAway) as error:
                log.warning("catching up with Slack is tried again: %s", error)
                self._noted.set()
            except Exception:
                log.exception("catching up with Slack failed, and is tried again")
                self._noted.set()
            await asyncio.sleep(rest)
