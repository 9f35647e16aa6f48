"""Whether all is well, by what the database and this process know: nobody outside is asked, and
nothing is written.

A platform that is down is a reason to look, and none to end this process: started again it could
do no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic

from bot.figures import COLLECTING, leases
from bot.levels import Waiting
from bot.store import Store
from bot.wording import plural

OLD = 300.0
"""After so many seconds in which something could have been sent, somebody should know."""
SILENT = 120.0
"""So long no socket is silent that works, and so long a process takes to open one at most."""
LATE = 1800.0
"""Sources are visited later than they are due where there are many; not as late as this."""


@dataclass(slots=True)
class Process:
    """This process: its `parts`, and for each that has one the `roles` it takes and how long its
    sockets have been `silent` (seconds; None where it has none now). `store` is None until the
    database has answered once; `ending` since it was told to end."""

    store: Store | None = None
    parts: Collection[str] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    silent: Mapping[str, Callable[[], float | None]] = field(default_factory=dict)
    ending: Callable[[], bool] = lambda: False
    began: float = field(default_factory=monotonic)

    def silences(self) -> dict[str, float | None]:
        return {platform: silent() for platform, silent in self.silent.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says. `misfit`: why its tables are of no use to this program."""

    misfit: str = ""
    waiting: tuple[Waiting, ...] = ()
    leases: Mapping[str, float | None] = field(default_factory=dict)


def look(store: Store, roles: Collection[str]) -> Seen:
    """One look at the database. Raises `bot.store.StoreAway`."""
    with store.read() as tx:
        if misfit := tx.levels.misfit():
            return Seen(misfit)
        found = leases(tx, roles, tx.sources.all())
        return Seen("", tuple(tx.levels.waiting()), found)


def worries(process: Process, seen: Seen) -> list[str]:
    """What somebody should look after, in plain sentences; nothing of it is mended by a restart."""
    found = [worry for one in seen.waiting for worry in _of_queue(one)]
    for platform, silence in process.silences().items():
        if silence is not None and silence > SILENT:
            found.append(f"{_name(platform)} has said nothing for {_long(silence)}.")
    young = monotonic() - process.began < SILENT
    for part, role in process.roles.items():
        over = seen.leases.get(role)
        if over is None and not young:
            found.append(f"No process listens to {_name(part)}.")
        elif over and over > SILENT:
            found.append(f"No process has listened to {_name(part)} for {_long(over)}.")
    late = seen.leases.get(COLLECTING) or 0.0
    if "feeds" in process.parts and late > LATE:
        found.append(f"A source should have been visited {_long(late)} ago.")
    return found


def _of_queue(one: Waiting) -> list[str]:
    name, found = _name(one.platform), []
    if one.held:
        found.append(
            f"Nothing is sent to {name} for now, as it refuses us or asks us to wait; "
            "`botbeat deliveries` says why."
        )
    if one.failing:
        stay = "is" if one.failing == 1 else "are"
        found.append(f"{plural(one.failing, 'message')} to {name} {stay} tried again and again.")
    if one.due > OLD:
        found.append(f"A message to {name} could have been sent {_long(one.due)} ago.")
    return found


def _name(platform: str) -> str:
    return platform.capitalize()


def _long(seconds: float) -> str:
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return plural(int(seconds // size), word)
    return plural(int(seconds), "second")
