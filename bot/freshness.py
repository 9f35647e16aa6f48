"""What time it is, as far as that can be believed, and what is too old to be news.

A clock that somebody sets wrong makes everything look old, or yet to come, at once. So the
database's clock is believed only as long as it goes as evenly as one that nobody sets.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.store import Tx

log = logging.getLogger(__name__)

_EVERY = 60.0
_JUMP = 3600.0
_CONVINCED = 86400.0
"""After so many seconds of going evenly, a clock that jumped is taken for set right."""
UNBELIEVABLE = 30 * 86400.0
"""A report that seems to wait for so long was stored while the clock was wrong; it is none too old
for anything."""
STALE = "It was too old to be news by the time it could be sent."


def steady() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Evenly:
    """Watches the database's clock by the steady `clock`. What it tells first is believed."""

    def __init__(self, clock: Callable[[], float] = steady) -> None:
        self._clock = clock
        self._known: tuple[float, float] | None = None
        self._doubted: tuple[float, float] | None = None
        self._jumped = float("-inf")

    def told(self, told: float) -> None:
        """The database's clock tells this time now."""
        even = self._clock()
        if self._known is None or _agree(self._known, told, even):
            if self._doubted:
                self._jumped = even
            self._known, self._doubted = (told, even), None
        elif self._doubted is None or not _agree(self._doubted, told, even):
            log.warning("the clock jumped by %.0f h", (told - _then(self._known, even)) / 3600)
            self._doubted, self._jumped = (told, even), even
        elif even - self._doubted[1] >= _CONVINCED:
            self._known, self._doubted = (told, even), None

    def believed(self, told: float) -> float:
        """The time, as the database's clock told `told` a moment ago."""
        if self._known is None or self._doubted is None:
            return told
        return _then(self._known, self._clock())

    @property
    def undisturbed(self) -> float:
        """For how many seconds the clock was not seen to jump: there, or back."""
        return self._clock() - self._jumped

    def calm(self, seconds: float) -> bool:
        """Whether it is right, and has been for so long: what was stored before may have any
        date."""
        return self._doubted is None and self.undisturbed > seconds


def _then(known: tuple[float, float], even: float) -> float:
    return known[0] + even - known[1]


def _agree(known: tuple[float, float], told: float, even: float) -> bool:
    return abs(told - _then(known, even)) <= _JUMP


class Freshness:
    """Ends the reports that nobody wants to read any more, which are `stale` seconds old, and what
    waits under a report that is not there."""

    def __init__(self, stale: float) -> None:
        self._stale = stale
        self._looked = float("-inf")

    def expire(self, tx: Tx) -> None:
        """Look once a minute."""
        now = tx.believed
        if 0 <= now - self._looked < _EVERY:
            return
        self._looked = now
        tx.deliveries.give_up_orphans()
        if tx.calm(self._stale):
            tx.deliveries.expire(now - UNBELIEVABLE, now - self._stale, STALE)
