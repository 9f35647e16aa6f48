"""What happens to the platforms: outages, broken sockets, events again and in disorder, closed
channels, taken rights, floods of 429. Whatever is taken is given back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.mix import Mix
from tests.chaos.nemesis import Trouble
from tests.chaos.people import Crowd
from tests.chaos.places import Spot
from tests.chaos.plan import REAL
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

FLOOD = 120.0
"""For so many seconds, at time scale 1, a platform answers every call with 429."""


class SlackTroubles:
    def __init__(
        self,
        slack: SlackServer,
        spots: list[Spot],
        crowd: Crowd,
        mix: Mix,
        scale: float,
        chance: random.Random,
    ) -> None:
        self._slack, self._crowd, self._mix = slack, crowd, mix
        self._spots = [spot for spot in spots if spot.platform == "slack"]
        self._scale, self._chance = scale, chance

    def all(self) -> dict[str, Trouble]:
        return {
            "slack.restart": self._restarts,
            "slack.socket_cut": self._cut_sockets,
            "slack.socket_refreshed": self._slack.sockets.disconnect,
            "slack.event_again": self._repeat_events,
            "slack.events_reordered": self._reorder_events,
            "slack.echo_late": self._echo_late,
            "slack.echo_keyless": self._echo_keyless,
            "slack.archived": self._archive,
            "slack.bot_removed": self._remove,
            "slack.token_revoked": self._revoke,
            "slack.renamed": self._rename,
            "slack.ratelimit_flood": self._flood,
        }

    async def _restarts(self) -> None:
        await self._slack.stop()
        await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        await self._slack.start()

    async def _cut_sockets(self) -> None:
        self._slack.sockets.cut()

    async def _repeat_events(self) -> None:
        sent = [p for p in self._slack.deliveries.sent.values() if p.kind == "events_api"]
        for parcel in self._chance.sample(sent[-200:], min(10, len(sent[-200:]))):
            self._slack.deliveries.again(parcel.id, self._chance.randint(1, 3))

    async def _reorder_events(self) -> None:
        """What comes within a second is held back and then delivered in another order."""
        self._slack.deliveries.hold()
        await asyncio.sleep(1.0)
        places = list(range(len(self._slack.deliveries.held)))
        self._chance.shuffle(places)
        if places:
            await self._slack.deliveries.release(*places)
        self._slack.deliveries.holding = False
        await self._slack.deliveries.release()

    async def _echo_late(self) -> None:
        """BotBeat hears of its own messages only after it has looked for them."""
        modes, usual = self._slack.modes, self._slack.modes.echo_delay
        modes.echo_delay = self._chance.uniform(0.5, 1.5) * REAL.settle * self._scale
        await asyncio.sleep(3)
        modes.echo_delay = usual

    async def _echo_keyless(self) -> None:
        self._slack.modes.echo_metadata = "none"
        await asyncio.sleep(3)
        self._slack.modes.echo_metadata = "full"

    async def _archive(self) -> None:
        with self._closed() as spot:
            self._slack.archives(spot.id)
            await asyncio.sleep(self._chance.uniform(0.5, 2))
            self._slack.unarchives(spot.id)

    async def _remove(self) -> None:
        with self._closed() as spot:
            self._slack.removes_bot(spot.id)
            await asyncio.sleep(self._chance.uniform(0.5, 2))
            self._slack.invites_bot(spot.id)

    async def _revoke(self) -> None:
        self._slack.revokes(self._slack.bot_token)
        await asyncio.sleep(self._chance.uniform(1, 3))
        self._slack.state.tokens[self._slack.bot_token].state = "live"

    async def _rename(self) -> None:
        spot = self._chance.choice(self._spots)
        self._slack.renames(spot.id, f"lab-{self._chance.randrange(1000)}")

    async def _flood(self) -> None:
        self._mix.refuses = True
        await asyncio.sleep(FLOOD * self._scale)
        self._mix.refuses = False

    @contextmanager
    def _closed(self) -> Iterator[Spot]:
        """A channel in which nobody can write, or nobody tells us of it."""
        spot = self._chance.choice(self._spots)
        self._crowd.away.add(spot.id)
        yield spot
        self._crowd.away.discard(spot.id)


MUCH = 25


class DiscordTroubles:
    def __init__(
        self,
        discord: DiscordServer,
        spots: list[Spot],
        crowd: Crowd,
        mix: Mix,
        scale: float,
        chance: random.Random,
    ) -> None:
        self._discord, self._crowd, self._mix = discord, crowd, mix
        self._spots = [spot for spot in spots if spot.platform == "discord"]
        self._scale, self._chance = scale, chance

    def all(self) -> dict[str, Trouble]:
        return {
            "discord.restart": self._restarts,
            "discord.gateway_cut": self._cut,
            "discord.session_invalid": self._invalidate,
            "discord.much_missed": self._miss,
            "discord.session_resumable": self._resume,
            "discord.reconnect_asked": self._reconnect,
            "discord.forbidden": self._forbid,
            "discord.hidden": self._hide,
            "discord.removed": self._remove,
            "discord.ratelimit_flood": self._flood,
        }

    async def _restarts(self) -> None:
        await self._discord.stop()
        await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        await self._discord.start()

    async def _cut(self) -> None:
        self._discord.drops(self._chance.choice((None, 4000)))

    async def _invalidate(self) -> None:
        self._discord.invalidates()

    async def _miss(self) -> None:
        """While nobody listens more is said in a thread than is copied one by one."""
        self._discord.invalidates()
        self._crowd.burst(MUCH)

    async def _resume(self) -> None:
        self._discord.invalidates(resumable=True)

    async def _reconnect(self) -> None:
        self._discord.asks_to_reconnect()

    async def _forbid(self) -> None:
        await self._take("SEND_MESSAGES")

    async def _hide(self) -> None:
        await self._take("VIEW_CHANNEL")

    async def _remove(self) -> None:
        """From the whole server, until somebody invites it again."""
        here = {spot.id for spot in self._spots}
        self._crowd.away |= here
        self._discord.removes_bot()
        await asyncio.sleep(self._chance.uniform(0.5, 2))
        self._discord.invites_bot()
        self._crowd.away -= here

    async def _take(self, right: str) -> None:
        spot = self._chance.choice(self._spots)
        self._crowd.away.add(spot.id)
        self._discord.revokes(right, channel=spot.id)
        await asyncio.sleep(self._chance.uniform(0.5, 2))
        self._discord.grants(right, channel=spot.id)
        self._crowd.away.discard(spot.id)

    async def _flood(self) -> None:
        self._mix.refuses = True
        await asyncio.sleep(FLOOD * self._scale)
        self._mix.refuses = False
