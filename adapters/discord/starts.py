"""When a session with Discord's gateway may be started.

The rule: a start costs an IDENTIFY, of which a day has a thousand, and then Discord resets the
token. So starts are counted in the database, for all processes and over crashes, and none is made
while few are left: https://docs.discord.com/developers/events/gateway#identifying.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import deque

from adapters.discord.rest import Rest, delivering
from bot.bot import Bot
from bot.ports import DeliveryError

log = logging.getLogger(__name__)

HOUR, LONGEST_PAUSE = 3600.0, 600.0
GAP = 5.0
"""Discord takes one start in so many seconds and answers others with Invalid Session:
https://docs.discord.com/developers/events/gateway#rate-limiting."""
EVERY, BURST = 120.0, 20
"""25 starts in the worst ten minutes, 740 in the worst day."""
SPARE = 50
"""So many of the day's starts are left alone, for people who must start a bot by hand."""


class Starts:
    def __init__(self, rest: Rest, gap: float) -> None:
        self._rest = rest
        self._gap = gap
        self._recent: deque[float] = deque(maxlen=20)

    async def wait(self, bot: Bot, longest: float = math.inf) -> None:
        """Returns when a session may be started. Raises `DeliveryError` instead of waiting for
        longer than so many seconds, and when Discord does not say how many starts are left."""
        await _pause(self._back_off(), longest)
        while wait := await self._refused(bot):
            await _pause(wait, longest)

    def _back_off(self) -> float:
        """Counts a start; the next one may follow soon, after many only some in an hour."""
        now = time.monotonic()
        recent = sum(now - start < HOUR for start in self._recent)
        self._recent.append(now)
        # Jitter, so that many bots do not come back in the same second.
        pause = min(LONGEST_PAUSE, self._gap * 2.0 ** (recent - 1))
        return pause * random.uniform(1, 1.5) if recent else 0

    async def _refused(self, bot: Bot) -> float:
        """0, or after how many seconds to ask again."""
        async with delivering():
            limit = (await self._rest.ask("GET", "/gateway/bot"))["session_start_limit"]
            left, reset = int(limit["remaining"]), float(limit["reset_after"]) / 1000
        if left < SPARE:
            log.error(
                "Discord allows %s more starts of this bot today and resets its token after them: "
                "BotBeat does not listen to Discord before it allows more, in %.0f minutes. "
                "Posting goes on.",
                left,
                reset / 60,
            )
            return max(1.0, min(LONGEST_PAUSE, reset))
        if wait := await bot.ration("discord identify", EVERY, BURST):
            log.warning("Discord's gateway was started too often; again in %.0f s", wait)
        # Asked again in between: what the database tells may have been written by a wrong clock.
        return min(LONGEST_PAUSE, wait)


async def _pause(wait: float, longest: float) -> None:
    if wait > longest:
        raise DeliveryError("Too many sessions with Discord were lost.", retry_after=wait)
    await asyncio.sleep(wait)
