"""The worker: it looks at what each channel should show and what it shows, and does the difference.

It can be killed anywhere; the next one looks again. An attempt whose outcome is unknown is never
simply repeated: the message is looked for by its key first, and sent again only if it is surely
not there. Where the platform does not let us look, the delivery is parked and says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bot import comments, wording
from bot.changes import Changes
from bot.model import Comments, Delivery, Message, MessageRef
from bot.ports import ChatPort, DeliveryError
from bot.store import Store, Tx

log = logging.getLogger(__name__)

_DELETED = "It was deleted before it was sent."
_HOPELESS = "It was tried again and again without any outcome."
_OURS = "BotBeat could not write this message; the log says why."
_HARMFUL = 2  # after so many attempts that broke something of ours, it is set aside
_STALE = "It was too old to be news by the time it could be sent."


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds.

    `lease` is longer than any attempt may last (`attempt`). `settle` is the time after which a
    request that we gave up on has either arrived or never will; the lease is no shorter, so that
    a killed worker's request has settled too when another worker takes over.
    """

    lease: float = 90
    attempt: float = 40
    settle: float = 60
    stale: float = 86400
    slowest: float = 3600
    tries: int = 12
    together: int = 20

    def __post_init__(self) -> None:
        if self.lease <= self.attempt or self.lease < self.settle:
            raise ValueError("the lease must outlast an attempt and the settle time")


class Worker:
    """Delivers to the platforms it has a port for; any number of workers share a database."""

    def __init__(
        self,
        store: Store,
        ports: Mapping[str, ChatPort],
        base_url: str,
        timing: Timing,
        default: Comments = "read",
    ) -> None:
        self._default: Comments = default
        self._until: dict[int, float] = {}
        self._store = store
        self._ports = ports
        self._base_url = base_url
        self._timing = timing
        self._stopping = False

    async def run(self, changed: Changes) -> None:
        """Deliver until `stop`: at once when something changes, and by the clock."""
        self._stopping = False
        while not self._stopping:
            try:
                tried = await self.deliver_due()
            except Exception:
                # The database is away, or a bug: the outbox is as it was, so look again.
                log.exception("the worker could not look at the outbox")
                tried = 0
                await asyncio.sleep(1)
            if not tried:
                await changed.wait(1)

    def stop(self) -> None:
        """Take nothing new; `run` ends when what is on its way has an outcome."""
        self._stopping = True

    async def deliver_due(self) -> int:
        """Try everything that is due now, one delivery a channel; how many were tried."""
        paces = {name: port.pace for name, port in self._ports.items()}
        # Counted from before the claim, by a clock that goes on while this process is stopped.
        until = time.monotonic() + self._timing.lease - self._timing.attempt
        claimed = await asyncio.to_thread(self._claim, paces)
        self._until |= {delivery.id: until for delivery in claimed}
        outcomes = await asyncio.gather(
            *(self._attempt(delivery) for delivery in claimed), return_exceptions=True
        )
        for delivery in claimed:
            self._until.pop(delivery.id, None)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                # What became of it could not be written down; its lease brings it back.
                log.error("an attempt could not be recorded", exc_info=outcome)
        return len(claimed)

    def _claim(self, paces: Mapping[str, float]) -> list[Delivery]:
        with self._store.write() as tx:
            return tx.deliveries.claim(paces, self._timing.lease, self._timing.together)

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(self._timing.attempt):
                await self._do(delivery)
        except DeliveryError as error:
            await asyncio.to_thread(self._failed, delivery, error)
        except TimeoutError:
            late = DeliveryError("the platform did not answer in time", unsure=True)
            await asyncio.to_thread(self._failed, delivery, late)
        except Exception:
            # A bug, or a delivery that cannot be rendered: the others must go on.
            log.exception("delivery %s failed inside BotBeat", delivery.id)
            await asyncio.to_thread(self._set_aside, delivery)

    async def _do(self, delivery: Delivery) -> None:
        port = self._ports[delivery.channel.platform]
        if delivery.state == "sending" and delivery.attempts > self._timing.tries:
            # It may kill whoever tries it: each attempt ended without a word.
            await asyncio.to_thread(self._end, delivery, "parked", _HOPELESS)
        elif delivery.message:
            await self._bring_up_to_date(port, delivery)
        elif delivery.state in ("sending", "unsure"):
            await self._look(port, delivery)
        elif delivery.gone:
            await asyncio.to_thread(self._end, delivery, "given up", _DELETED)
        elif await asyncio.to_thread(self._is_stale, delivery):
            await asyncio.to_thread(self._end, delivery, "expired", _STALE)
        else:
            await self._post(port, delivery)

    async def _post(self, port: ChatPort, delivery: Delivery) -> None:
        message = await asyncio.to_thread(self._compose, delivery)
        if time.monotonic() > self._until[delivery.id]:
            # This process slept: by now somebody else may have sent it.
            log.warning("delivery %s was left to another worker", delivery.id)
            return
        try:
            ref = await port.post(delivery.channel, message, _thread(delivery), delivery.key)
            await asyncio.to_thread(self._receive, delivery, ref)
        except (DeliveryError, TimeoutError):
            raise
        except Exception as error:
            # A bug, or a database that is away: whether it was sent nobody here can say.
            log.exception("delivery %s failed inside BotBeat", delivery.id)
            last = delivery.attempts >= _HARMFUL
            raise DeliveryError(_OURS, permanent=last, unsure=True) from error

    async def _bring_up_to_date(self, port: ChatPort, delivery: Delivery) -> None:
        if delivery.gone:
            await port.delete(delivery.ref)
        else:
            message = await asyncio.to_thread(self._compose, delivery)
            await port.edit(delivery.ref, message, delivery.key)
        await asyncio.to_thread(self._settle, delivery)

    async def _look(self, port: ChatPort, delivery: Delivery) -> None:
        """Settle an attempt whose outcome nobody knows, before anything else is sent."""
        try:
            ref = await port.find(
                delivery.channel, _thread(delivery), delivery.key, delivery.sent_at
            )
        except DeliveryError as error:
            if not error.permanent:
                # The look failed, not the message: it stays as unsure as it was.
                raise DeliveryError(
                    error.reason, retry_after=error.retry_after, unsure=True
                ) from error
            await asyncio.to_thread(self._end, delivery, "parked", error.reason)
            return
        if ref:
            await asyncio.to_thread(self._receive, delivery, ref)
        elif delivery.gone:
            await asyncio.to_thread(self._end, delivery, "given up", _DELETED)
        elif await asyncio.to_thread(self._resend, delivery):
            self._until[delivery.id] = time.monotonic() + self._timing.lease - self._timing.attempt
            await self._post(port, delivery)

    def _compose(self, delivery: Delivery) -> Message:
        with self._store.read() as tx:
            return compose(tx, delivery, self._base_url)

    def _receive(self, delivery: Delivery, ref: MessageRef) -> None:
        with self._store.write() as tx:
            if not comments.received(tx, delivery.key, ref, self._default):
                log.warning("delivery %s stands twice in its channel", delivery.id)

    def _settle(self, delivery: Delivery) -> None:
        with self._store.write() as tx:
            tx.deliveries.settle(delivery, delivery.wanted)

    def _resend(self, delivery: Delivery) -> bool:
        with self._store.write() as tx:
            return tx.deliveries.resend(delivery, self._timing.lease)

    def _is_stale(self, delivery: Delivery) -> bool:
        with self._store.read() as tx:
            old = tx.now - delivery.created > self._timing.stale
        return old and delivery.kind == "report"

    def _end(
        self, delivery: Delivery, state: Literal["given up", "expired", "parked"], reason: str
    ) -> None:
        with self._store.write() as tx:
            tx.deliveries.postpone(delivery, state, tx.now, reason, settled=state != "parked")
            if delivery.kind == "report" and state != "parked":
                tx.deliveries.give_up_thread(delivery.channel, delivery.article)

    def _failed(self, delivery: Delivery, error: DeliveryError) -> None:
        """Write down what a refusal means: wait, look later, pause the channel, or end."""
        posting = not delivery.message
        unsure = error.unsure and posting
        with self._store.write() as tx:
            wait = max(error.retry_after, self._back_off(delivery))
            if error.retry_after and error.scope != "message":
                tx.deliveries.hold_channel(delivery.channel, tx.now + error.retry_after)
            if unsure and error.permanent:
                tx.deliveries.postpone(delivery, "parked", tx.now, error.reason)
            elif unsure:
                wait = max(self._timing.settle, error.retry_after)
                tx.deliveries.postpone(delivery, "unsure", tx.now + wait, error.reason)
            elif error.permanent and error.scope != "message":
                pause(tx, delivery, error.reason)
                tx.deliveries.postpone(delivery, "pending", tx.now, error.reason, settled=posting)
            elif error.permanent or self._is_hopeless(tx, delivery):
                tx.deliveries.postpone(delivery, "refused", tx.now, error.reason, settled=posting)
                if delivery.kind == "report" and posting:
                    tx.deliveries.give_up_thread(delivery.channel, delivery.article)
            else:
                tx.deliveries.postpone(
                    delivery, "pending", tx.now + wait, error.reason, settled=posting
                )
        log.warning("%s in %s: %s", delivery.kind, delivery.channel.platform, error.reason)

    def _is_hopeless(self, tx: Tx, delivery: Delivery) -> bool:
        """Tried often, and for a day: a platform that is down for an hour is no reason to end."""
        long = tx.now - delivery.created > self._timing.stale
        return long and delivery.attempts >= self._timing.tries

    def _set_aside(self, delivery: Delivery) -> None:
        with self._store.write() as tx:
            last = delivery.attempts >= _HARMFUL
            tx.deliveries.postpone(
                delivery,
                "refused" if last else delivery.state,
                tx.now + self._back_off(delivery),
                _OURS,
            )

    def _back_off(self, delivery: Delivery) -> float:
        return float(min(self._timing.slowest, 2.0 ** min(delivery.attempts, 12)))


def compose(tx: Tx, delivery: Delivery, base_url: str) -> Message:
    """What a delivery should show now."""
    if delivery.kind == "comment":
        comment = tx.comments.one(delivery.subject)
        assert comment is not None
        return wording.copied(comment, base_url)
    article = tx.articles.one(delivery.subject)
    assert article is not None
    return wording.report(article, base_url)


def pause(tx: Tx, delivery: Delivery, reason: str) -> None:
    """Stop sending to a channel that refuses us. Nothing is deleted; it resumes when it heals."""
    place = tx.channels.place(delivery.channel)
    tx.channels.choose(delivery.channel, replace(place.settings, paused=reason))


def _thread(delivery: Delivery) -> MessageRef | None:
    return MessageRef(delivery.channel, delivery.thread) if delivery.thread else None
