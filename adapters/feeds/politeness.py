"""How we behave towards the hosts of others: one request at a time, some rest between two, over
all our processes together, and none at all before the time a host has asked us to wait for.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.bot import Bot
from bot.store import StoreAway

# arXiv asks for one request in three seconds, over all its machines together
# (https://info.arxiv.org/help/api/tou.html).
_ASKED_FOR = {"arxiv.org": 3.0}
_KEPT = 512
Share = Callable[[str, float], Awaitable[float]]
"""Takes a host's turn, of which there is one in so many seconds over all processes: 0, or for how
many seconds to wait first."""


def shared_by(bot: Bot) -> Share:
    """The turns of all processes on one database; while that is away each goes by itself."""

    async def share(host: str, rest: float) -> float:
        try:
            return await bot.ration(f"host {host}", rest, 1)
        except StoreAway:
            return 0

    return share


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0
    not_before: float = 0


class Turns:
    """A queue for each host. Times are monotonic seconds. Without `share` other processes do not
    count."""

    def __init__(self, spacing: float, share: Share | None = None) -> None:
        self._spacing = spacing
        self._share = share
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    def __len__(self) -> int:
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until no other request runs at this host and the last one is long enough ago."""
        name = _lane_name(host)
        lane, rest = self._lane(name), _ASKED_FOR.get(name, self._spacing)
        async with lane.lock:
            await asyncio.sleep(max(0.0, lane.next_at - time.monotonic()))
            # Other processes give no sign when their turn is over.
            while self._share and (wait := await self._share(name, rest)):  # noqa: ASYNC110
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                lane.next_at = time.monotonic() + rest

    def hold(self, host: str, seconds: float) -> None:
        """No request to this host for so long."""
        self._lane(_lane_name(host)).not_before = time.monotonic() + seconds

    def held(self, host: str) -> float:
        """Seconds that are still to wait before the host may be asked again."""
        lane = self._lanes.get(_lane_name(host))
        return max(0.0, lane.not_before - time.monotonic()) if lane else 0.0

    def _lane(self, name: str) -> _Lane:
        lane = self._lanes.setdefault(name, _Lane())
        self._lanes.move_to_end(name)
        if len(self._lanes) > _KEPT:
            self._forget_one()
        return lane

    def _forget_one(self) -> None:
        now = time.monotonic()
        newest = next(reversed(self._lanes))
        for name, lane in self._lanes.items():
            # A lane that is locked, or was given out a moment ago, would lose its queue.
            if (
                name != newest
                and not lane.lock.locked()
                and now > max(lane.next_at + 60, lane.not_before)
            ):
                del self._lanes[name]
                return


def _lane_name(host: str) -> str:
    for name in _ASKED_FOR:
        if host == name or host.endswith("." + name):
            return name
    return host
