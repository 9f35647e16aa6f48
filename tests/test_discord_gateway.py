"""Discord: the connection comes back, whatever ends it."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

import pytest

from adapters.discord import DiscordChat
from bot.bot import Bot
from tests.discord_place import CREATE, Place, listening, opened
from tests.servers import faults
from tests.servers.discord import Settings
from tests.servers.discord.platform import Event
from tests.waiting import until


async def test_a_malformed_event_is_survived(live: Place) -> None:
    guild = live.server.guild.id
    live.server.platform.emit(Event("MESSAGE_CREATE", {"guild_id": guild}, guild))
    await until(lambda: len(live.server.gateway.identifies) == 2)
    report = await live.report()
    live.server.person_says(live.server.starts_thread(report.id, live.ada), live.ada, "still here")
    assert (await live.core.hears("posted"))[0][3] == "still here"


async def test_a_first_connection_that_fails_is_survived(place: Place) -> None:
    await place.server.stop()
    task = asyncio.create_task(place.chat.run(cast(Bot, place.core)))
    await asyncio.sleep(0.2)
    await place.server.start()
    await until(lambda: place.server.gateway.identifies)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_dropped_connection_resumes_and_misses_nothing(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    await live.core.hears("delivered")
    live.server.drops(4000)
    live.server.person_says(thread, live.ada, "said meanwhile")
    assert (await live.core.hears("posted"))[0][3] == "said meanwhile"
    assert len(live.server.gateway.identifies) == 1


async def test_a_lost_session_is_started_anew(live: Place) -> None:
    await live.report()
    await live.core.hears("delivered")
    live.server.invalidates()
    await until(lambda: len(live.server.gateway.identifies) == 2)


async def test_a_session_lost_at_once_waits_until_another_may_start(place: Place) -> None:
    """docs.discord.com/developers/events/gateway#rate-limiting: one start in five seconds, which
    are half a second here; another one is refused with Invalid Session, and counts."""
    place.server.settings.identify_seconds = 0.5
    place.chat = DiscordChat(place.server.token, gap=0.5)
    async with listening(place):
        await until(lambda: place.server.gateway.sessions)
        place.server.invalidates()
        await until(lambda: len(place.server.gateway.identifies) == 2)
    assert not place.server.gateway.too_early


async def test_posting_goes_on_while_the_gateway_is_down(live: Place) -> None:
    live.server.drops()
    await live.report()
    assert len(live.shown()) == 1


async def test_without_the_content_intent_the_bot_says_so_and_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with opened(Settings(privileged=0)) as place, listening(place):
        await until(lambda: place.server.gateway.sessions)
        assert place.server.gateway.closes == [4014]
        report = await place.report()
        thread = place.server.starts_thread(report.id, place.ada)
        place.server.person_says(thread, place.ada, "not for us")
        asked = place.server.slash(place.server.channel, place.ada, "botbeat", {"query": "qwen"})
        await asked.answer()
        assert not place.core.heard("posted")
    assert "Message Content intent" in caplog.text


async def test_a_refused_token_ends_listening_with_one_clear_line(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.server.settings.token = "another.token"
    async with asyncio.timeout(20):
        await place.chat.run(cast(Bot, place.core))
    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "token" in errors[0]
    assert "Traceback" not in caplog.text


async def test_no_comment_and_no_token_is_in_the_log(
    live: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("discord").setLevel(logging.INFO)
    report = await live.report()
    live.server.faults.add(faults.ratelimited(0.1), call=CREATE)
    await live.comment(report, "a secret opinion")
    live.core.failures = 1
    live.server.person_says(live.server.thread_of(report.id), live.ada, "another secret")
    live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "secret"})
    guild = live.server.guild.id
    live.server.platform.emit(Event("MESSAGE_CREATE", {"id": "secret", "guild_id": guild}, guild))
    await live.core.hears("posted")
    await until(lambda: len(live.server.gateway.identifies) == 2)
    ours = [
        record for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio"))
    ]
    logged = "\n".join(logging.Formatter().format(record) for record in ours)
    assert "connecting again" in logged
    assert "secret" not in logged
    assert live.server.token not in logged
