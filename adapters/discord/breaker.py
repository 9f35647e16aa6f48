"""Stops calling Discord long before Discord bans the address, which 10,000 refused calls do.

The rule: 500 answers 401, 403 or 429 within ten minutes, and nothing more is asked until that is
over: https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from bot.freshness import steady
from bot.ports import DeliveryError

log = logging.getLogger(__name__)

MOST, WINDOW = 500, 600.0
INVALID = (401, 403, 429)
SHARED = "shared"
"""The scope of a limit that many bots fill together; Discord does not count its refusals."""


class Breaker:
    """Counts the refusals of this process. `clock` is a steady one."""

    def __init__(self, clock: Callable[[], float] = steady) -> None:
        self._clock = clock
        self._refusals: deque[float] = deque(maxlen=MOST)

    def answered(self, status: int, scope: str = "") -> None:
        if status in INVALID and scope != SHARED:
            self._refusals.append(self._clock())
            if len(self._refusals) == MOST and self._wait() > 0:
                log.error("Discord refused %s calls in ten minutes: no more for now", MOST)

    def check(self) -> None:
        """Raises `DeliveryError` while nothing may be asked."""
        if len(self._refusals) == MOST and (wait := self._wait()) > 0:
            reason = f"Discord refused {MOST} calls within ten minutes, so BotBeat asks no more "
            reason += "until that is over. Nothing is lost."
            raise DeliveryError(reason, retry_after=wait, scope="install")

    def _wait(self) -> float:
        return self._refusals[0] + WINDOW - self._clock()
