"""Discord: BotBeat keeps below what Discord allows; where it is told to wait, it waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.model import Channel
from bot.outcomes import Timing
from tests.chats import looked_for
from tests.discord_place import CREATE, opened, serving
from tests.discord_process import TITLES, process
from tests.servers import faults
from tests.servers.discord import DiscordServer, Settings


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


async def test_a_burst_of_looks_is_never_told_to_wait() -> None:
    """As after a kill: what was on its way to forty channels is looked for at once."""
    async with opened(Settings(rate_limits=True)) as place:
        made = [place.server.adds_channel(f"news-{n}").id for n in range(40)]
        looks = (looked_for(place.chat, Channel("discord", one), None, "z" * 24, 0) for one in made)
        assert await asyncio.gather(*looks) == [None] * 40
        asked = [answer.status for answer in place.server.answers]
        assert len(asked) > 80
        assert 429 not in asked


async def test_the_limits_that_discord_announces_are_kept(
    server: DiscordServer, sqlite_url: str
) -> None:
    server.settings.rate_limits, server.settings.bucket_seconds = True, 0.5
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        for number in range(9):
            await here.publishes(f"Qwen {number} model released by Alibaba")
        await here.delivers()
        assert len(here.reports(server.channel.id)) == 9
    assert not [one for one in server.answers if one.status == 429]


async def test_a_limit_of_a_quarter_of_an_hour_holds_one_channel_and_no_worker(
    server: DiscordServer, sqlite_url: str
) -> None:
    places = [server.adds_channel(f"news-{n}").id for n in range(4)]
    server.faults.add(faults.ratelimited(900), call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(*places)
        await here.publishes(TITLES[0])
        async with asyncio.timeout(8):
            for _ in range(10):
                await here.worker.deliver_due()
        assert sorted(len(here.reports(place)) for place in places) == [0, 1, 1, 1]


async def test_a_limit_of_everything_holds_everything(
    server: DiscordServer, sqlite_url: str
) -> None:
    places = [server.adds_channel(f"news-{n}").id for n in range(4)]
    one_at_a_time = Timing(settle=0.2, together=1)
    limit = faults.Fault("ratelimited", seconds=900, error="global")
    server.faults.add(limit, call=CREATE)
    async with process(sqlite_url, server, timing=one_at_a_time) as here:
        await here.subscribes(*places)
        await here.publishes(TITLES[0])
        for _ in range(10):
            await here.worker.deliver_due()
        assert [len(here.reports(place)) for place in places] == [0] * 4
    assert len([one for one in server.answers if one.call == CREATE]) == 1
