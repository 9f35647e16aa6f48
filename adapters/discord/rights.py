"""What our bot may do in a channel, asked over REST, so that every process can know it.

The rule: what Discord does not show us we never take for missing, and it shows an empty list
instead of a refusal to those who may not read. So whoever finds nothing asks here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import discord

from adapters.discord.kinds import DIRECT
from adapters.discord.needs import lacking
from adapters.discord.rest import Rest
from bot.ports import DeliveryError

KEPT = 5.0
"""So many seconds an answer is believed: enough for a burst of questions, and not for longer, as
nobody tells this process that a permission was taken away."""
MANY = 1000  # Answers that are kept at most.


class Rights:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}
        # Who wants to ask what is being asked already waits for that answer.
        self._asking: dict[tuple[str, ...], asyncio.Lock] = {}

    async def channel(self, channel: str) -> Any:
        """The channel as Discord describes it, with its `guild_id` if it is in a server."""
        return await self.asked("/channels/{channel_id}", channel_id=channel)

    async def require(self, channel: str, needs: Sequence[str]) -> None:
        """Raises a permanent `DeliveryError` that names what is missing of `needs`, which are
        called as in Discord's settings."""
        place = await self.channel(channel)
        if place["type"] == DIRECT:
            return  # Both may read all of it.
        guild = await self.asked("/guilds/{guild_id}", guild_id=place["guild_id"])
        me = str(self._rest.me)
        member = await self.asked(
            "/guilds/{guild_id}/members/{user_id}", guild_id=guild["id"], user_id=me
        )
        mine = permissions(place, guild, member["roles"], me)
        if missing := lacking(mine, needs):
            reason = "BotBeat cannot read what stands in this Discord channel: it lacks "
            reason += f"{', '.join(missing)}. Give it to BotBeat's role in the channel's settings."
            raise DeliveryError(reason, permanent=True)

    async def asked(self, path: str, **ids: Any) -> Any:
        """Discord's answer to a GET, at most `KEPT` seconds old."""
        question = (path, *ids.values())
        async with self._asking.setdefault(question, asyncio.Lock()):
            moment, answer = self._kept.get(question, (0.0, None))
            if answer is None or time.monotonic() - moment > KEPT:
                asked = time.monotonic()
                answer = await self._rest.ask("GET", path, **ids)
                if len(self._kept) >= MANY:
                    self._kept.clear()
                    self._asking.clear()
                self._kept[question] = asked, answer
            return answer


def permissions(place: Any, guild: Any, roles: Sequence[str], me: str) -> discord.Permissions:
    """https://docs.discord.com/developers/topics/permissions#permission-overwrites."""
    if guild["owner_id"] == me:
        return discord.Permissions.all()
    mine = {guild["id"], *roles}
    value = 0
    for role in guild["roles"]:
        value |= int(role["permissions"]) if role["id"] in mine else 0
    if discord.Permissions(value).administrator:
        return discord.Permissions.all()
    for whose in ({guild["id"]}, set(roles), {me}):
        applying = [one for one in place["permission_overwrites"] if one["id"] in whose]
        allowed = denied = 0
        for one in applying:
            allowed, denied = allowed | int(one["allow"]), denied | int(one["deny"])
        value = value & ~denied | allowed
    granted = discord.Permissions(value)
    return granted if granted.view_channel else discord.Permissions.none()
