"""Discord: BotBeat keeps below what Discord allows, instead of being told to wait."""

from __future__ import annotations

import asyncio

from bot.model import Channel
from tests.discord_place import opened
from tests.servers.discord import Settings


async def test_a_burst_of_looks_is_never_told_to_wait() -> None:
    """As after a kill: what was on its way to forty channels is looked for at once."""
    async with opened(Settings(rate_limits=True)) as place:
        made = [place.server.adds_channel(f"news-{n}").id for n in range(40)]
        looks = (place.chat.find(Channel("discord", one), None, "z" * 24, 0) for one in made)
        assert await asyncio.gather(*looks) == [None] * 40
        asked = [answer.status for answer in place.server.answers]
        assert len(asked) > 80
        assert 429 not in asked
