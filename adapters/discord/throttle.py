"""Keeps this process below Discord's limit of 50 requests a second, whatever they are for.

Being told to wait costs more than waiting, and ten thousand refusals cost the address:
https://docs.discord.com/developers/topics/rate-limits#global-rate-limit.
"""

from __future__ import annotations

import asyncio
from collections import deque

from bot.freshness import steady

MOST, WINDOW = 50, 1.05
"""Calls that may begin within so many seconds: a little more than Discord's second, as some calls
are longer on their way than others."""


class Throttle:
    def __init__(self) -> None:
        self._begun: deque[float] = deque(maxlen=MOST)
        self._line = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for the next call's turn; who came first goes first."""
        async with self._line:
            if len(self._begun) == MOST:
                await asyncio.sleep(self._begun[0] + WINDOW - steady())
            self._begun.append(steady())
