"""Events of the gateway, told to the core one after the other.

Discord's gateway has no acknowledgement and never repeats an event. The rule: events of one
place are told in their order, and told again while the core cannot store them; what it never
could is found again by catching up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

import discord

from bot.ports import DeliveryError
from bot.store import StoreAway

log = logging.getLogger(__name__)
PAUSES = (1, 3)  # Seconds before the core is told again what it could not store.


class Turns:
    """`missed` is called when an event could not be stored."""

    def __init__(self, missed: Callable[[], None]) -> None:
        self._missed = missed
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def take(self, place: int, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell it after what came before it in this place. Raises nothing: what could not be told
        is logged, and waits for a catch-up where that can find it."""
        async with self._turns.setdefault(place, asyncio.Lock()):
            for pause in (*PAUSES, None):
                try:
                    await tell()
                except (StoreAway, DeliveryError) as error:
                    if pause is None:
                        log.error("An event in Discord channel %s waits for a catch-up", place)
                        return self._missed()
                    log.warning("Told again in %s s: %s", pause, error)
                    await asyncio.sleep(pause)
                except Exception as error:
                    if pause is None:
                        log.exception("An event in Discord channel %s is lost", place)
                        return None
                    log.warning("Told again in %s s: %s", pause, type(error).__name__)
                    await asyncio.sleep(pause)
                else:
                    return None
            return None


def hear(client: discord.Client, handlers: object) -> None:
    """Have the client call each `on_…` of them from now on."""
    for name in dir(handlers):
        if name.startswith("on_"):
            client.event(getattr(handlers, name))
