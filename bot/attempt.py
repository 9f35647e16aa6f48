"""One attempt at one delivery, from the claim to what is written down of it.

Nothing is sent before "sending" is committed, nothing is sent twice without looking first, and
what is known is written down even if the database is away for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot import comments, holding, outcomes
from bot.composing import Composer
from bot.freshness import STALE
from bot.looking import Look
from bot.model import Comments, Delivery, MessageRef
from bot.outcomes import Timing
from bot.ports import ChatPort, DeliveryError
from bot.store import Store, StoreAway, Tx

log = logging.getLogger(__name__)

T = TypeVar("T")
Outcome = Callable[[Tx], None]
_DELETED = "It was deleted before it was sent."
_SHORTEST, _LONGEST = 0.1, 5.0  # seconds between tries to write an outcome down


@dataclass(frozen=True, slots=True)
class Attempt:
    """`ends` is when the lease ends, by `clock`: after that it is somebody else's delivery. `looks`
    has room for the looks that may be under way at once.
    """

    store: Store
    port: ChatPort
    delivery: Delivery
    composer: Composer
    timing: Timing
    default: Comments
    clock: Callable[[], float]
    ends: float
    looks: asyncio.Semaphore

    async def run(self) -> None:
        """Raises StoreAway if the outcome could not be written down before the lease ended."""
        outcome: Outcome | None
        try:
            outcome = await self._do()
        except DeliveryError as error:
            outcome = self._refused(error)
        except StoreAway:
            outcome = self._untried
        except Exception:
            # A bug, or a delivery that cannot be rendered: the others must go on.
            log.exception("delivery %s failed inside BotBeat", self.delivery.id)
            outcome = partial(outcomes.broken, delivery=self.delivery, timing=self.timing)
        if outcome:
            await self._note(outcome)

    async def _do(self) -> Outcome | None:
        delivery = self.delivery
        if outcomes.is_suspect(delivery):
            return partial(outcomes.set_aside, delivery=delivery, timing=self.timing)
        if delivery.message:
            return await self._bring_up_to_date()
        if delivery.state in ("sending", "unsure"):
            return await self._look()
        if delivery.gone:
            return self._given_up
        return await self._post(self.ends)

    async def _post(self, ends: float) -> Outcome | None:
        delivery = self.delivery
        message = await self.composer.composed(delivery)
        if message is None:
            return self._untried
        if self.clock() > ends - self.timing.attempt:
            # This process slept: by now somebody else may have sent it.
            log.warning("delivery %s was left to another worker", delivery.id)
            return None
        try:
            ref = await self._answer(
                self.port.post(delivery.channel, message, delivery.above, delivery.key)
            )
        except DeliveryError:
            raise
        except Exception as error:
            # A bug: whether it was sent nobody here can say.
            log.exception("delivery %s failed inside BotBeat", delivery.id)
            again = delivery.reason == outcomes.OURS
            raise DeliveryError(outcomes.OURS, permanent=again, unsure=True) from error
        return partial(self._received, ref=ref)

    async def _bring_up_to_date(self) -> Outcome:
        if self.delivery.gone:
            await self._answer(self.port.delete(self.delivery.ref))
        else:
            message = await self.composer.composed(self.delivery)
            if message is None:
                return self._untried
            await self._answer(self.port.edit(self.delivery.ref, message, self.delivery.key))
        return self._settled

    async def _look(self) -> Outcome | None:
        """Settle an attempt whose outcome nobody knows, before anything else is sent."""
        delivery = self.delivery
        look = Look(self.port, delivery, self.timing)
        async with self.looks:
            if self.clock() > self.ends - self.timing.attempt:
                return self._untried  # Others took so long.
            await look.read(self.store)
        if look.error or look.vain or delivery.key in look.found or delivery.gone:
            return partial(self._looked, look=look)
        ends = self.clock() + self.timing.lease
        return await self._post(ends) if await asyncio.to_thread(self._resend, look) else None

    async def _answer(self, call: Awaitable[T]) -> T:
        """What a platform answers, within the time that an attempt may last."""
        try:
            async with asyncio.timeout(self.timing.attempt):
                return await call
        except TimeoutError:
            raise DeliveryError(outcomes.NO_ANSWER, unsure=True) from None

    # What is written down.

    async def _note(self, outcome: Outcome) -> None:
        """Write it, again and again while the lease lasts: each outcome may be written twice."""
        pause = _SHORTEST
        while True:
            try:
                return await asyncio.to_thread(self._write, outcome)
            except StoreAway:
                if self.clock() + pause > self.ends:
                    raise
            await asyncio.sleep(pause)
            pause = min(_LONGEST, 2 * pause)

    def _write(self, outcome: Outcome) -> None:
        with self.store.write() as tx:
            outcome(tx)

    def _received(self, tx: Tx, ref: MessageRef) -> None:
        comments.received(tx, self.delivery.key, ref, self.default)
        self._healed(tx)

    def _looked(self, tx: Tx, look: Look) -> None:
        if ref := look.found.get(self.delivery.key):
            self._received(tx, ref)
        elif look.error:
            self._refused(look.error, looked=True)(tx)
        elif look.vain and not self.delivery.gone:
            outcomes.refuse(tx, self.delivery, look.vain)
        else:
            self._given_up(tx)
        look.settle(tx, self.default)

    def _settled(self, tx: Tx) -> None:
        tx.deliveries.settle(self.delivery, self.delivery.wanted)
        self._healed(tx)

    def _healed(self, tx: Tx) -> None:
        if self.delivery.probing:
            holding.heal(tx, self.delivery.channel)

    def _given_up(self, tx: Tx) -> None:
        outcomes.end(tx, self.delivery, "given up", _DELETED)

    def _refused(self, error: DeliveryError, *, looked: bool = False) -> Outcome:
        delivery, timing = self.delivery, self.timing
        log.warning("%s in %s: %s", delivery.kind, delivery.channel.platform, error.reason)
        return partial(
            outcomes.failed, delivery=delivery, error=error, timing=timing, looked=looked
        )

    def _untried(self, tx: Tx) -> None:
        """Nothing was sent, and it is as it was before the claim."""
        delivery = self.delivery
        fresh = delivery.state == "pending" and not delivery.message
        tx.deliveries.postpone(
            delivery,
            delivery.state,
            tx.now,
            delivery.reason,
            settled=fresh,
            silent=delivery.silent,
        )

    def _resend(self, look: Look) -> bool:
        with self.store.write() as tx:
            look.settle(tx, self.default)
            if outcomes.is_old(tx, self.delivery, self.timing):
                outcomes.end(tx, self.delivery, "expired", STALE)
                return False
            return tx.deliveries.resend(self.delivery, self.timing.lease)
