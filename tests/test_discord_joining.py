"""Discord: BotBeat is invited to a server, and says what it does; it is removed, and forgets."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from tests.discord_place import Place, listening, serving
from tests.discord_process import PAGES, Process, identified, process
from tests.servers.discord import DiscordServer
from tests.waiting import until

STARTED = 2.2  # For two seconds the library takes every server for one it has been in before.


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


async def _listens(here: Process, server: DiscordServer) -> None:
    await here.listens()
    await identified(server)
    await asyncio.sleep(STARTED)


async def test_a_server_is_told_once_what_botbeat_does(
    sqlite_url: str, server: DiscordServer
) -> None:
    guild = server.adds_guild("Second")
    first = server.adds_channel("first", guild=guild)
    guild.system = server.adds_channel("system", guild=guild).id
    server.removes_bot(guild)
    async with process(sqlite_url, server) as here:
        await _listens(here, server)
        for _ in range(3):
            server.invites_bot(guild)
            await until(lambda: here.told("notice"))
            await here.delivers()
            server.removes_bot(guild)
            await until(here.held)
        assert here.reports(first.id) == []
        [said] = here.reports(guild.system)
    assert said.startswith("**BotBeat is in this channel.**")
    for words in (
        "`/botbeat-subs subscribe filters: company:openai`",
        "`/botbeat query: qwen`",
        "in the threads under its own reports",
        f"<{PAGES}/privacy>",
    ):
        assert words in said


async def test_the_first_channel_where_it_may_write_is_told(live: Place) -> None:
    server = live.server
    await asyncio.sleep(STARTED)
    server.removes_bot()
    server.guild.system = server.channel.id
    second = server.adds_channel("second")
    server.revokes("SEND_MESSAGES", channel=server.channel)
    server.invites_bot()
    assert [place.id for (place,) in await live.core.hears("joined")] == [second.id]


async def _is_told_of_servers(live: Place, *kinds: str) -> None:
    """So much and no more, in this order."""

    def told() -> list[str]:
        about = ("stand", "removed", "resumed", "joined")
        return [kind for kind in live.core.kinds if kind in about]

    await until(lambda: len(told()) >= len(kinds))
    assert told() == [*kinds]


async def test_a_server_that_comes_and_goes_at_once_is_told_in_that_order(live: Place) -> None:
    """Else a channel that BotBeat may not see would stand, or one that it may would stay held."""
    await asyncio.sleep(STARTED)
    live.server.adds_channel("second")
    live.core.kinds.clear()
    live.core.slowness = 0.05
    live.server.removes_bot()
    live.server.invites_bot()
    again = ("stand", "resumed", "resumed", "joined")
    await _is_told_of_servers(live, "removed", "removed", *again)
    await asyncio.sleep(STARTED)
    live.core.kinds.clear()
    live.server.outage()
    live.server.outage(over=True)
    live.server.removes_bot()
    await _is_told_of_servers(live, "stand", "removed", "removed")


async def test_an_outage_or_a_start_is_no_invitation(live: Place) -> None:
    await asyncio.sleep(STARTED)
    live.server.outage()
    live.server.outage(over=True)
    live.server.drops(4009)  # A new session, in which all servers are told of anew.
    await identified(live.server, 2)
    live.core.standing.clear()
    live.server.outage()
    live.server.outage(over=True)
    await until(lambda: live.core.standing)
    assert not live.core.heard("joined")
    assert not live.core.heard("removed")


async def test_an_outage_of_fifty_servers_deletes_nothing_and_a_removal_does(
    sqlite_url: str, server: DiscordServer
) -> None:
    guilds = [server.adds_guild(f"No {number}") for number in range(50)]
    rooms = [server.adds_channel("news", guild=guild).id for guild in guilds]
    async with process(sqlite_url, server) as here:
        await here.subscribes(*rooms)
        await _listens(here, server)
        for guild in guilds:
            server.outage(guild)
        server.removes_bot(guilds[7])  # The last thing that is told.
        await until(here.held)
        _month_passes(here)
        assert await here.bot.forget() > 0
        assert sorted(here.subscribed()) == sorted({*rooms} - {rooms[7]})
        assert await here.bot.forget() == 0


async def test_who_was_invited_again_while_nobody_listened_loses_nothing(
    sqlite_url: str, server: DiscordServer
) -> None:
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await _listens(here, server)
        server.removes_bot()
        await until(here.held)
        await here.leaves()
        server.invites_bot()
        await here.listens()
        await until(lambda: not here.held())
        _month_passes(here)
        assert await here.bot.forget() == 0
        assert here.subscribed() == [server.channel.id]


async def test_what_went_while_nobody_listened_is_forgotten_too(
    sqlite_url: str, server: DiscordServer
) -> None:
    second = server.adds_channel("news", guild=server.adds_guild("Second"))
    deleted, hidden = server.adds_channel("deleted"), server.adds_channel("hidden")
    direct, kept = server.direct(server.adds_person("Ada")), server.channel
    async with process(sqlite_url, server) as here:
        await here.subscribes(*(one.id for one in (second, deleted, hidden, direct, kept)))
        server.removes_bot(second.guild)
        server.deletes_channel(deleted)
        server.revokes("VIEW_CHANNEL", to=server.bot, channel=hidden)
        await _listens(here, server)
        await until(lambda: len(here.held()) == 2)
        assert {*here.held()} == {second.id, deleted.id}
        _month_passes(here)
        assert await here.bot.forget() > 0
        assert sorted(here.subscribed()) == sorted([hidden.id, direct.id, kept.id])


async def test_a_server_that_is_out_of_order_at_the_start_is_not_missed(live: Place) -> None:
    live.core.known = [live.channel]
    live.server.outage()
    live.server.removes_bot(live.server.adds_guild("Second"))
    live.server.drops(4009)
    await identified(live.server, 2)
    await asyncio.sleep(STARTED)
    assert not live.core.heard("removed")
    # What Discord would answer about it meanwhile is written nowhere, so it is not asked.
    assert not [one for one in live.server.answers if one.call == "GET /channels/{channel}"]


async def test_who_leaves_before_all_servers_were_told_leaves_nothing_behind(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(place):
        await until(lambda: place.core.catch_ups)
    await asyncio.sleep(STARTED)
    gc.collect()
    assert "never retrieved" not in caplog.text


def _month_passes(here: Process) -> None:
    """As far as removals are concerned."""
    with closing(sqlite3.connect(here.file)) as connection, connection:
        connection.execute("update channel set removed = removed - 31 * 86400 where removed != 0")
