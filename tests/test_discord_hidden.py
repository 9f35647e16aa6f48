"""Discord: a channel that BotBeat may not view tells nothing about itself.

Since 16 November 2026 the gateway tells of such a channel under the name `___hidden___`:
https://docs.discord.com/developers/change-log#channel-obfuscation-for-users-and-bots. What was told
before that is tried, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from tests.discord_place import Place, listening, opened, serving
from tests.discord_process import Process, identified, process
from tests.servers.discord import DiscordServer, Settings
from tests.waiting import until

HIDDEN = "___hidden___"


@pytest.fixture(params=[True, False], ids=["hidden", "as-before"])
async def live(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with opened(Settings(hides_channels=request.param)) as place, listening(place):
        yield place


@pytest.fixture(params=[True, False], ids=["hidden", "as-before"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[DiscordServer]:
    async with serving(Settings(hides_channels=request.param)) as made:
        yield made


def noted(here: Process) -> tuple[str, str]:
    """What the core calls its only channel, and who it thinks reads it."""
    with closing(sqlite3.connect(here.file)) as connection:
        ((name, visibility),) = connection.execute("select name, visibility from channel")
    return name, visibility


async def test_a_channel_that_is_hidden_from_us_keeps_its_name_and_comes_back(live: Place) -> None:
    live.server.revokes("VIEW_CHANNEL", channel=live.server.channel)
    assert await live.core.hears("seen") == [(live.channel, "", "private")]
    assert not live.core.heard("resumed")
    live.server.grants("VIEW_CHANNEL", channel=live.server.channel)
    (_, back) = await live.core.hears("seen", 2)
    assert back == (live.channel, live.server.channel.name, "public")
    assert await live.core.hears("resumed") == [(live.channel,)]


async def test_a_role_that_shows_all_channels_again_brings_them_back(live: Place) -> None:
    live.server.revokes("VIEW_CHANNEL")  # Of us, and of everybody.
    await until(lambda: live.core.standing.get(live.channel) == ("", "private"))
    live.server.drops(4009)  # A new session, in which all is told anew.
    await identified(live.server, 2)
    live.server.grants("VIEW_CHANNEL")
    assert (live.channel,) in await live.core.hears("resumed")
    named = (live.server.channel.name, "private")

    def told() -> list[tuple[str, ...]]:
        seen = [what[1:] for what in live.core.heard("seen")]
        return [*seen, live.core.standing[live.channel]]

    await until(lambda: named in told())


async def test_a_command_where_we_see_nothing_is_answered_without_that_name(live: Place) -> None:
    live.server.revokes("VIEW_CHANNEL", channel=live.server.channel)
    await live.core.hears("seen")
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "subscribe"})
    said = (await asked.answer()).content
    assert "cannot post in this channel yet" in said
    assert "View Channel" in said
    assert HIDDEN not in said
    assert {name for _, name, _ in live.core.heard("seen")} == {""}


async def test_what_was_hidden_or_renamed_while_nobody_listened_is_seen_at_the_start(
    sqlite_url: str, server: DiscordServer
) -> None:
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.listens()
        await until(lambda: noted(here) == (server.channel.name, "public"))
        await here.leaves()
        server.revokes("VIEW_CHANNEL", channel=server.channel)
        await here.listens()
        await until(lambda: noted(here) == (server.channel.name, "private"))
        await here.leaves()
        server.channel.name = "renamed"
        server.grants("VIEW_CHANNEL", channel=server.channel)
        await here.listens()
        await until(lambda: noted(here) == ("renamed", "public"))
        assert here.held() == {}


async def test_what_is_open_to_few_is_not_taken_for_public_after_a_role_changed(
    live: Place,
) -> None:
    """Everybody's role loses the right, and the bot has it by its own."""
    guild = live.server.guild
    live.server.grants("VIEW_CHANNEL", channel=live.server.channel)
    everyone = guild.roles[guild.id]
    everyone.permissions = 0
    live.server.revokes("ADD_REACTIONS", to=live.ada)
    name = live.server.channel.name
    await until(lambda: live.core.standing.get(live.channel) == (name, "private"))
