"""What a language model may read and write: so many tokens, over all processes together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.store import Store, StoreAway, Tx

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Budget:
    """`per_hour` and `per_day` are tokens; those of a day are the last 24 hours' by the clock."""

    store: Store
    per_hour: int
    per_day: int

    async def take(self, tokens: int) -> int:
        """Set tokens aside for one report; the hour in which they are. 0 if there are not so many
        left, or nobody can say how many there are."""
        try:
            return await self._write(lambda tx: tx.desk.spend(tokens, self.per_hour, self.per_day))
        except StoreAway:
            return 0

    async def correct(self, hour: int, tokens: int) -> None:
        """So many more were spent than were set aside then, or fewer if below 0. Where this cannot
        be written down, what was set aside counts."""
        try:
            await self._write(lambda tx: tx.desk.correct(hour, tokens))
        except StoreAway:
            return

    async def _write(self, work: Callable[[Tx], _T]) -> _T:
        def run() -> _T:
            with self.store.write() as tx:
                return work(tx)

        return await asyncio.to_thread(run)
