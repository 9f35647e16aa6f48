"""Events of a platform that never repeats one, told to the core one after the other.

The rule: events of one place are told in their order, and told again while the core cannot store
them; what it never could is found again by catching up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakValueDictionary

from bot.ports import DeliveryError
from bot.store import StoreAway

log = logging.getLogger(__name__)
PAUSES = (1, 3)  # Seconds before the core is told again what it could not store.


class Turns:
    """`missed` is called when an event could not be stored."""

    def __init__(self, platform: str, missed: Callable[[], None]) -> None:
        self._platform, self._missed = platform, missed
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def take(self, place: Hashable, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell it after what came before it in this place. Raises nothing: what could not be told
        is logged, and waits for a catch-up where that can find it."""
        where = self._platform, place
        async with self._turns.setdefault(place, asyncio.Lock()):
            for pause in (*PAUSES, None):
                try:
                    await tell()
                except (StoreAway, DeliveryError) as error:
                    if pause is None:
                        log.error("an event in %s %s waits for a catch-up", *where)
                        return self._missed()
                    log.warning("an event is told again in %s s: %s", pause, error)
                    await asyncio.sleep(pause)
                except Exception as error:
                    if pause is None:
                        log.exception("an event in %s %s is lost", *where)
                        return None
                    log.warning("an event is told again in %s s: %s", pause, type(error).__name__)
                    await asyncio.sleep(pause)
                else:
                    return None
            return None
