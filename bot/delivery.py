"""The worker: it looks at what each channel should show and what it shows, and does the difference.

It can be killed anywhere; the next one looks again. What one attempt may do is in `bot.attempt`,
what its end means in `bot.outcomes`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from bot import digest
from bot.attempt import Attempt
from bot.changes import Changes
from bot.composing import Composer
from bot.freshness import Freshness, steady
from bot.model import Comments, Delivery
from bot.outcomes import Timing
from bot.ports import ChatPort
from bot.store import Store, StoreAway, Tx

log = logging.getLogger(__name__)

_SOON, _LATER = 0.2, 1.0  # seconds between looks at the outbox, while busy and while idle
_LOOKS = 3
"""So many looks are under way at once on each platform: reading is what platforms answer slowest,
and what they ration most."""


class Worker:
    """Delivers to the platforms it has a port for; any number of workers share a database.

    `clock` is a steady one, that nobody sets: by it a worker knows that it slept.
    """

    def __init__(
        self,
        store: Store,
        ports: Mapping[str, ChatPort],
        base_url: str,
        timing: Timing,
        default: Comments = "read",
        clock: Callable[[], float] = steady,
    ) -> None:
        self._default: Comments = default
        self._store = store
        self._ports = ports
        self._timing = timing
        self._clock = clock
        self._freshness = Freshness(timing.stale)
        self._composer = Composer(store, base_url, default)
        self._looks = {name: asyncio.Semaphore(_LOOKS) for name in ports}
        self._stopping = False
        self._set_back: float | None = None

    async def run(self, changed: Changes) -> None:
        """Deliver until `stop`: at once when something changes, and by the clock."""
        under_way: dict[asyncio.Task[None], str] = {}
        pause = _LATER
        try:
            while not self._stopping:
                started = await self._look(Counter(under_way.values()))
                under_way |= started
                pause = _SOON if started else min(_LATER, pause * 1.2)
                if not started:
                    await _first_end(changed.wait(pause), under_way)
                    under_way = {one: at for one, at in under_way.items() if not one.done()}
            if under_way:
                await asyncio.wait(under_way)
        finally:
            for task in under_way:
                task.cancel()

    def stop(self) -> None:
        """Take nothing new from now on; `run` ends when what is on its way has an outcome."""
        self._stopping = True

    async def deliver_due(self) -> int:
        """Try everything that is due now, one delivery a channel; how many were tried."""
        started = await self._start({})
        await asyncio.gather(*started)
        return len(started)

    async def _look(self, busy: Mapping[str, int]) -> dict[asyncio.Task[None], str]:
        """Start what is due; what was claimed in a failed look is brought back by its lease."""
        try:
            return await self._start(busy)
        except StoreAway as error:
            log.warning("the worker could not look at the outbox: %s", error)
        except Exception:
            log.exception("the worker could not look at the outbox")
        return {}

    async def _start(self, busy: Mapping[str, int]) -> dict[asyncio.Task[None], str]:
        # Counted from before the claim, by a clock that goes on while this process is stopped.
        ends = self._clock() + self._timing.lease
        claimed = await asyncio.to_thread(self._claim, busy)
        return {
            asyncio.create_task(self._attempt(one, ends)): one.channel.platform for one in claimed
        }

    def _claim(self, busy: Mapping[str, int]) -> list[Delivery]:
        """What is due; each platform has its own room, so that a slow one holds up no other."""
        with self._store.write() as tx:
            if not self._may_trust_leases(tx):
                return []
            self._freshness.expire(tx)
            digest.release(tx)
            claimed: list[Delivery] = []
            for name, port in self._ports.items():
                room = self._timing.together - busy.get(name, 0)
                if room > 0:
                    claimed += tx.deliveries.claim({name: port.pace}, self._timing.lease, room)
            return claimed

    def _may_trust_leases(self, tx: Tx) -> bool:
        """After a jump of the clock they tell nothing, until all who were at work have ended."""
        lease = self._timing.lease
        # Also the highest time is noted by this, so that it is known when it was wrong.
        is_set_back = tx.deliveries.is_set_back()
        if tx.undisturbed < lease:
            return False
        if not is_set_back:
            self._set_back = None
        elif self._set_back is None:
            self._set_back = self._clock() - min(lease, tx.undisturbed)
        if self._set_back is not None:
            if self._clock() - self._set_back < lease:
                return False
            tx.deliveries.hasten(lease)
        return True

    async def _attempt(self, delivery: Delivery, ends: float) -> None:
        """One try, with its outcome written down. What goes wrong here stays here."""
        attempt = Attempt(
            self._store,
            self._ports[delivery.channel.platform],
            delivery,
            self._composer,
            self._timing,
            self._default,
            self._clock,
            ends,
            self._looks[delivery.channel.platform],
        )
        try:
            await attempt.run()
        except StoreAway as error:
            log.warning("delivery %s is left to its lease: %s", delivery.id, error)
        except Exception:
            log.exception("the outcome of delivery %s is lost; its lease brings it back",
                          delivery.id)  # fmt: skip


async def _first_end(
    news: Coroutine[Any, Any, object], under_way: Iterable[asyncio.Task[None]]
) -> None:
    """Wait for news, or for one of the attempts to end."""
    waiting = asyncio.ensure_future(news)
    try:
        await asyncio.wait({waiting, *under_way}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
