"""How full everything is: what is asked of the database to be measured, and never by one name.

All of it are levels as they stand, read in one transaction. Nothing here tells of one channel, one
person or one source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.levels import Sizes, Waiting
from bot.model import State
from bot.ports import Scope, Source
from bot.store import Spent, Store, Tx

COLLECTING = "collecting"
"""What takes sources to visit holds no lease of its own: each source has one."""
HOURS = (1, 24)
"""For so many hours it is told what a language model has spent."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is measured at once. Ages are in seconds; `answered` is that of the last answer of
    any source, None if there was none."""

    waiting: tuple[Waiting, ...]
    deliveries: Mapping[tuple[str, State], int]
    paused: Mapping[tuple[str, Scope], int]
    sources: Mapping[str, int]
    answered: float | None
    entries: int
    sizes: Sizes
    spent: Mapping[int, Spent]
    leases: Mapping[str, float | None]


def measured(store: Store, roles: Collection[str]) -> Figures:
    """How full everything is now. Raises `bot.store.StoreAway`."""
    with store.read() as tx:
        known, answered = tx.sources.all(), tx.sources.answered()
        return Figures(
            tuple(tx.levels.waiting()),
            tx.levels.deliveries(),
            Counter((hold.channel.platform, hold.scope) for hold in tx.deliveries.holds()),
            dict.fromkeys(_STATES, 0) | Counter(_state(source) for source in known),
            max(0.0, tx.now - answered) if answered else None,
            tx.sources.open_entries(),
            tx.levels.sizes(),
            {hours: tx.desk.spent(hours) for hours in HOURS},
            leases(tx, roles, known),
        )


def leases(tx: Tx, roles: Collection[str], known: list[Source]) -> dict[str, float | None]:
    """For how many seconds each role has not been renewed; None if nobody has it."""
    found = {role: tx.levels.unrenewed(role) for role in roles}
    visits = [one.next_visit for one in known if not one.disabled and one.next_visit]
    return found | {COLLECTING: max(0.0, tx.now - min(visits)) if visits else None}


_STATES = ("answering", "failing", "given up", "not visited")


def _state(source: Source) -> str:
    if source.disabled:
        return "given up"
    if source.failures:
        return "failing"
    return "answering" if source.last_success else "not visited"
