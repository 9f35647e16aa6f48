"""What `doctor --live` posts in a channel, and how all of it goes again.

The rule: a key is noted before the first byte, and a signal to end is heard between two calls and
never cuts one short, so that it is known what there is to remove.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, field

from bot.ports import DeliveryError
from bot.trial import Ground, Posted
from storage.rows import new_key

_LONGEST = 60.0  # Seconds that a platform may ask us to wait.
_TIMES = 3  # So often a call is made that surely did nothing, or that removes something.


class Stopped(Exception):
    """A person, or the machine, wants it to end."""


@dataclass(slots=True)
class Desk:
    """Posts for the trials, and knows all that may stand there: what was answered, and the keys
    of which nobody knows."""

    ground: Ground
    told: asyncio.Event
    standing: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    async def post(self, key: str = "", under: str = "") -> Posted:
        key = key or new_key()
        for _ in range(_TIMES - 1):
            try:
                return await self._once(key, under)
            except DeliveryError as error:
                if error.unsure or not 0 < error.retry_after <= _LONGEST:
                    raise
                await self.rest(error.retry_after)
        return await self._once(key, under)

    async def rest(self, seconds: float) -> None:
        """Raises Stopped when it is to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.told.wait(), seconds)
        if self.told.is_set():
            raise Stopped

    async def remove(self) -> list[str]:
        """Links to what is left. What was not found may still arrive, so it is left too."""
        await self._find()
        for message in self.standing[::-1]:  # Replies before what they are under.
            if await self._removed(message):
                self.standing.remove(message)
        left = [self.ground.link(message) for message in self.standing]
        if self.unsure:
            left.append(f"{self.ground.link()} (a message that may have arrived there)")
        return left

    async def _once(self, key: str, under: str) -> Posted:
        if self.told.is_set():
            raise Stopped
        self.unsure.add(key)
        try:
            sent = await self.ground.post(key, under)
        except DeliveryError as error:
            if not error.unsure:
                self.unsure.discard(key)
            raise
        self.unsure.discard(key)
        if sent not in self.standing:
            self.standing.append(sent)
        return Posted(key, sent)

    async def _find(self) -> None:
        """Move what is found from the unsure to the standing."""
        if not self.unsure:
            return
        with suppress(DeliveryError):
            for key, message in (await self.ground.find(self.unsure)).items():
                if message not in self.standing:  # The first of two with this key.
                    self.standing.append(message)
                    self.unsure.discard(key)

    async def _removed(self, message: str) -> bool:
        for _ in range(_TIMES):
            try:
                await self.ground.delete(message)
                return True
            except DeliveryError as error:
                if error.permanent:
                    return False
                await asyncio.sleep(min(error.retry_after or 1.0, _LONGEST))
        return False


def told_to_end() -> asyncio.Event:
    """Set by SIGTERM and SIGINT, of which further ones change nothing: it is being removed."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has none of it, nor has a thread; there Ctrl+C cancels what goes on.
        with suppress(RuntimeError):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
