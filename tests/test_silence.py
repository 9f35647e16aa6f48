"""How long a platform has said nothing on the sockets of this process."""

from __future__ import annotations

import asyncio
from typing import cast

from bot.bot import Bot
from tests.discord_place import listening, opened
from tests.servers.discord import Settings
from tests.slack_world import world_of
from tests.waiting import until


async def test_slack_was_heard_a_moment_ago_and_less_and_less_when_it_is_down() -> None:
    async with world_of() as world:
        chat = world.chat
        world.slack.person_says(world.lab, world.ada, "hello")
        await world.slack.settled()
        assert (chat.silent() or 0) < 5
        await world.slack.stop()
        await until(lambda: (chat.silent() or 0) > 0.3)
        await world.slack.start()
        await until(lambda: (chat.silent() or 9) < 0.2)
    assert chat.silent() is None


async def test_by_http_slack_has_no_socket_to_be_silent_on() -> None:
    async with world_of(by_http=True) as world:
        assert world.chat.silent() is None


async def test_discord_is_heard_by_its_answers_to_heartbeats_alone() -> None:
    async with opened(Settings(heartbeat_seconds=0.2)) as place:
        assert place.chat.silent() is None
        async with listening(place):
            await until(lambda: (place.chat.silent() or 0) > 0.1)
            await until(lambda: (place.chat.silent() or 9) < 0.1)
            await place.server.stop()
            await until(lambda: (place.chat.silent() or 0) > 0.5)
            await place.server.start()
            await until(lambda: (place.chat.silent() or 9) < 0.2)
        assert place.chat.silent() is None


async def test_who_waits_for_the_lease_of_discord_hears_nothing_and_is_not_silent() -> None:
    async with opened() as place:
        place.core.owner = "another process"
        running = asyncio.create_task(place.chat.run(cast(Bot, place.core)))
        await asyncio.sleep(0.2)
        assert place.chat.silent() is None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
