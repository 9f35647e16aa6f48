"""Old news is worse than none: what waited too long is not posted any more.

A clock that somebody sets forward makes everything look old at once; so ages are believed only as
long as the clock goes on evenly.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.store import Tx

log = logging.getLogger(__name__)

_EVERY = 60.0
_JUMP = 3600.0
_STALE = "It was too old to be news by the time it could be sent."


def steady() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Freshness:
    """Ends the reports that nobody wants to read any more; `stale` is their age in seconds."""

    def __init__(self, stale: float, clock: Callable[[], float] = steady) -> None:
        self._stale = stale
        self._clock = clock
        self._seen: tuple[float, float] | None = None
        self._spared_until = 0.0

    def expire(self, tx: Tx) -> None:
        """Look once a minute."""
        now, even = tx.now, self._clock()
        if self._seen:
            since, evenly = now - self._seen[0], even - self._seen[1]
            if abs(since - evenly) > _JUMP:
                log.warning("the clock jumped by %.0f h; no report is taken for old", since / 3600)
                self._spared_until = even + self._stale
            elif 0 <= since < _EVERY:
                return
        self._seen = now, even
        if even >= self._spared_until:
            tx.deliveries.expire(now - self._stale, _STALE)
