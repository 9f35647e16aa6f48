"""Waiting for what nobody announces: it lies behind a socket, or in another process."""

import asyncio
from collections.abc import Callable


async def until(seen: Callable[[], object], seconds: float = 30) -> None:
    """Look every hundredth of a second until it is so; TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
