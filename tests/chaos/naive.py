"""The control: a sender as many bots have it, which tries again at once and then gives up.

It shows that the storm is one: with it in the place of BotBeat's worker, the same run must count
duplicates, else the suite proves nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from bot.changes import Changes
from bot.composing import compose
from bot.message import Message
from bot.model import Delivery, MessageRef
from bot.outcomes import Timing
from bot.ports import ChatPort, DeliveryError, Pace
from bot.store import Store

log = logging.getLogger(__name__)

TRIES = 3


class NaiveSender:
    """Has the shape of `bot.delivery.Worker`, and none of its care."""

    def __init__(
        self, store: Store, ports: Mapping[str, ChatPort], base_url: str, timing: Timing
    ) -> None:
        self._store, self._ports, self._base_url = store, ports, base_url
        self._timing = timing
        self._stopping = False
        self._sent = 0

    async def run(self, changed: Changes) -> None:
        while not self._stopping:
            try:
                if not await self._round():
                    await changed.wait(1)
            except Exception:
                log.exception("the naive sender could not look at the outbox")
                await asyncio.sleep(1)

    def stop(self) -> None:
        self._stopping = True

    async def _round(self) -> int:
        paces = {name: port.pace for name, port in self._ports.items()}
        claimed = await asyncio.to_thread(self._claim, paces)
        await asyncio.gather(*(self._deliver(delivery) for delivery in claimed))
        return len(claimed)

    def _claim(self, paces: Mapping[str, Pace]) -> list[Delivery]:
        with self._store.write() as tx:
            return tx.deliveries.claim(paces, self._timing.lease, self._timing.together)

    async def _deliver(self, delivery: Delivery) -> None:
        port = self._ports[delivery.channel.platform]
        with self._store.read() as tx:
            [message] = compose(tx, [delivery], self._base_url)
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(self._timing.attempt):
                    ref = await self._send(port, delivery, message)
            except (DeliveryError, TimeoutError):
                continue
            self._done(delivery, ref)
            return
        with self._store.write() as tx:
            tx.deliveries.postpone(delivery, "refused", tx.now, "tried often enough")

    async def _send(self, port: ChatPort, delivery: Delivery, message: Message) -> MessageRef:
        if delivery.message and delivery.gone:
            await port.delete(delivery.ref)
            return delivery.ref
        if delivery.message:
            await port.edit(delivery.ref, message, delivery.key)
            return delivery.ref
        self._sent += 1
        # A key of its own for each attempt: to the platform each is another message.
        key = f"{delivery.key[:16]}{self._sent:08d}".translate(str.maketrans("0189", "wxyz"))
        thread = MessageRef(delivery.channel, delivery.thread) if delivery.thread else None
        return await port.post(delivery.channel, message, thread, key)

    def _done(self, delivery: Delivery, ref: MessageRef) -> None:
        with self._store.write() as tx:
            if delivery.message:
                tx.deliveries.settle(delivery, delivery.wanted)
            else:
                tx.deliveries.receipt(delivery.key, ref)
