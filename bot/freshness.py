"""What time it is, as far as that can be believed, and what is too old to be news.

A clock that somebody sets wrong makes everything look old, or yet to come, at once. So the
database's clock is believed only as long as it goes as evenly as one that nobody sets.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from bot.store import Tx

log = logging.getLogger(__name__)

_EVERY = 60.0
PARKED = 3600.0
"""After so many seconds one looks again for what is parked: a right to read may come back without
a word, or while a look is being refused."""
_JUMP = 3600.0
"""A clock that is set by no more than so many seconds is believed: it may have been set right."""
_STEP = 30.0
"""A clock that is set forward by more than so many seconds makes what was sent a moment ago look as
if it had either arrived or never would."""
_CONVINCED = 86400.0
"""After so many seconds of going evenly, a clock that jumped is taken for set right."""
UNBELIEVABLE = 30 * 86400.0
"""A report that seems to wait for so long was stored while the clock was wrong; it is none too old
for anything."""
STALE = "It was too old to be news by the time it could be sent."


def steady() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot() -> str:
    """A name for the time since the machine started, in which `steady` goes on; empty where the
    system does not tell it. https://www.man7.org/linux/man-pages/man5/proc_sys_kernel.5.html"""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class Evenly:
    """Watches the database's clock by the steady `clock`. What it tells first is believed, unless
    an earlier process since the machine started has left what it knew.

    Of either clock only the difference counts: by how many seconds the database's is ahead.
    """

    def __init__(self, clock: Callable[[], float] = steady) -> None:
        self._clock = clock
        self._known: float | None = None
        self._doubted: tuple[float, float] | None = None  # ahead by so much, since when
        self._jumped = float("-inf")
        self._left: float | None = None

    def recall(self, left: str) -> None:
        """Go on from what another process has left."""
        if left and self._known is None:
            known, jumped, *doubted = json.loads(left)
            self._known = self._left = known
            self._jumped = float("-inf") if jumped is None else jumped
            self._doubted = (doubted[0], doubted[1]) if doubted else None

    def unknown(self) -> str:
        """What later processes should know and is not left for them yet; an empty text if they
        do."""
        if self._known is None:
            return ""
        if self._left is not None and _agree(self._left, self._known, _STEP / 2):
            return ""
        jumped = None if self._jumped == float("-inf") else self._jumped
        return json.dumps([self._known, jumped, *(self._doubted or ())])

    def left(self, text: str) -> None:
        """Such a text is where they find it."""
        if text == self.unknown():
            self._left = self._known

    def told(self, told: float) -> None:
        """The database's clock tells this time now."""
        even = self._clock()
        ahead = told - even
        if self._known is None or _agree(self._known, ahead):
            stepped = 0.0 if self._known is None else ahead - self._known
            if stepped > _STEP:
                log.warning("the clock was set forward by %.0f s", stepped)
            if self._doubted or stepped > _STEP:
                self._jumped, self._left = even, None
            self._known, self._doubted = ahead, None
        elif self._doubted is None or not _agree(self._doubted[0], ahead):
            log.warning("the clock jumped by %.0f h", (ahead - self._known) / 3600)
            self._doubted, self._jumped, self._left = (ahead, even), even, None
        elif even - self._doubted[1] >= _CONVINCED:
            self._known, self._doubted, self._left = ahead, None, None

    def believed(self, told: float) -> float:
        """The time, as the database's clock told `told` a moment ago."""
        if self._known is None or self._doubted is None:
            return told
        return self._known + self._clock()

    @property
    def undisturbed(self) -> float:
        """For how many seconds the clock was not seen to jump: there, or back."""
        return self._clock() - self._jumped

    def calm(self, seconds: float) -> bool:
        """Whether it is right, and has been for so long: what was stored before may have any
        date."""
        return self._doubted is None and self.undisturbed > seconds


def _agree(known: float, ahead: float, within: float = _JUMP) -> bool:
    return abs(ahead - known) <= within


class Freshness:
    """Ends the reports that nobody wants to read any more, which are `stale` seconds old, and what
    waits under a report that is not there; and looks again for what is parked."""

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
        tx.deliveries.look_again(PARKED)
        if tx.calm(self._stale):
            tx.deliveries.expire(now - UNBELIEVABLE, now - self._stale, STALE)
