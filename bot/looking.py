"""One look at a platform, to settle attempts whose outcome nobody knows.

Reading costs the platform's patience, so what is unsure in the same place, and was sent no earlier,
is settled by the same look: each is found there, or surely is not there, or the look failed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot import comments, outcomes
from bot.model import Comments, Delivery, MessageRef
from bot.outcomes import Timing
from bot.ports import ChatPort, DeliveryError, ThreadGone
from bot.store import Store, Tx


@dataclass(slots=True)
class Look:
    """`error` says why nothing is known of what is not among `found`; `vain` why that is not to be
    sent again."""

    port: ChatPort
    delivery: Delivery
    timing: Timing
    beside: list[Delivery] = field(default_factory=list)
    found: dict[str, MessageRef] = field(default_factory=dict)
    error: DeliveryError | None = None
    vain: str = ""

    async def read(self, store: Store) -> None:
        """Raises StoreAway."""
        # Read before looking: what is tried again meanwhile has another claim by then.
        self.beside = await asyncio.to_thread(self._beside, store)
        delivery = self.delivery
        keys = [delivery.key, *(one.key for one in self.beside)]
        try:
            async with asyncio.timeout(self.timing.attempt):
                async for key, ref in self.port.find(
                    delivery.channel, delivery.above, keys, delivery.sent_at
                ):
                    self.found[key] = ref
        except TimeoutError:
            self._failed(DeliveryError(outcomes.NO_ANSWER))
        except ThreadGone as error:
            self.vain = error.reason
        except DeliveryError as error:
            self._failed(error)

    def _failed(self, error: DeliveryError) -> None:
        if not error.permanent:
            # How quickly one may read says nothing about writing.
            error.scope = "message"
        error.unsure = True  # The look failed, not the message.
        self.error = error

    def settle(self, tx: Tx, default: Comments) -> None:
        """Write down what the look says of the others; nothing of one that was claimed since."""
        for one in self.beside:
            if ref := self.found.get(one.key):
                comments.received(tx, one.key, ref, default)
        for one in self.beside:
            if one.key in self.found:
                continue
            if self.error:
                # It waits as long as the one that was looked for, lest each asks in its turn.
                times, closed = self.delivery.attempts, self.error.scope != "message"
                outcomes.unfound(tx, one, self.error, self.timing, times=times, held=closed)
            elif self.vain and not one.gone:
                outcomes.refuse(tx, one, self.vain)
            else:
                outcomes.absent(tx, one, self.timing)

    def _beside(self, store: Store) -> list[Delivery]:
        with store.read() as tx:
            if tx.undisturbed < self.timing.lease:
                return []  # What was sent a moment ago may seem to be settled.
            return tx.deliveries.unsure_beside(self.delivery, outcomes.MOST_SILENT)
