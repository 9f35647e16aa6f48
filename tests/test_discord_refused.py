"""What Discord will not have ends with its reason, and what it puts off comes when it may."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from tests.discord_place import CREATE, serving
from tests.discord_process import TITLES, Process, identified, process
from tests.servers import faults
from tests.servers.discord import DiscordServer
from tests.waiting import until

EDIT = "PATCH /channels/{channel}/messages/{message}"
HOUR = 3600.0


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


def asked(server: DiscordServer, call: str) -> int:
    return len([one for one in server.answers if one.call == call])


def refuses(server: DiscordServer, call: str, code: int, status: int, seconds: float = 0) -> None:
    """Until the faults are cleared; `seconds` is the `retry_after` of the answer, if it has one."""
    refused = faults.Fault("refused", error=str(code), status=status, seconds=seconds)
    server.faults.decider = lambda name: refused if name == call else faults.NONE


def passes(here: Process, seconds: float) -> None:
    """So much time goes by: all that waits for a moment waits that much less."""
    with closing(sqlite3.connect(here.file)) as database, database:
        for table, moment in (
            ("delivery", "due"),
            ("channel", "next_send"),
            ("install", "next_send"),
        ):
            database.execute(f"update {table} set {moment} = {moment} - ?", [seconds])


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(("code", "why"), [(200000, "AutoMod"), (240000, "a link in it")])
async def test_what_discord_will_not_have_ends_after_one_call_with_its_reason(
    server: DiscordServer, sqlite_url: str, code: int, why: str, status: int
) -> None:
    """https://docs.discord.com/developers/topics/opcodes-and-status-codes#json, which names no
    status."""
    server.faults.add(faults.Fault("refused", error=str(code), status=status), call=CREATE)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        (state,) = here.states()
        assert state.startswith("refused: ")
        assert why in state
        # The channel is open for what comes next.
        await here.publishes(TITLES[1])
        await here.delivers()
        assert len(here.reports(server.channel.id)) == 1
        passes(here, HOUR)
        await here.delivers()
    assert asked(server, CREATE) == 2


@pytest.mark.parametrize(
    ("code", "status", "named", "waits"),
    [
        (20016, 429, 90, 90),
        (20016, 429, 0, 60),
        (20016, 400, 0, 60),
        (20028, 429, 90, 90),
        (20028, 429, 0, 60),
        (20028, 400, 0, 60),
        (130000, 503, 0, 60),
        (130000, 429, 90, 90),
    ],
)
async def test_what_discord_puts_off_is_tried_again_at_its_time_and_comes(
    server: DiscordServer, sqlite_url: str, code: int, status: int, named: float, waits: float
) -> None:
    """An answer has its seconds in the body, as in
    https://github.com/discord/discord-api-docs/pull/8290, or has none."""
    refuses(server, CREATE, code, status, named)
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        for _ in range(3):
            await here.worker.deliver_due()
        passes(here, waits - 5)
        await here.worker.deliver_due()
        assert asked(server, CREATE) == 1
        server.faults.clear()
        passes(here, 6)
        await here.delivers()
        assert here.states() == ["shown"]
    assert (asked(server, CREATE), len(here.reports(server.channel.id))) == (2, 1)


@pytest.mark.parametrize(
    ("status", "named", "waits"), [(400, 0, HOUR), (429, 0.01, HOUR), (429, 1800, 1800)]
)
async def test_an_edit_of_an_old_message_that_discord_puts_off_is_made_at_its_time(
    server: DiscordServer, sqlite_url: str, status: int, named: float, waits: float
) -> None:
    """With a short time named, the library tries it five times before it gives up:
    https://github.com/aikaterna/aikaterna-cogs/issues/302."""
    ada, second = server.adds_person("Ada"), server.adds_channel("second")
    async with process(sqlite_url, server) as here:
        await here.subscribes(server.channel.id, second.id)
        await here.listens()
        await identified(server)
        await here.publishes(TITLES[0])
        await here.delivers()
        thread = server.starts_thread(server.messages(server.channel)[0], ada)
        said = server.person_says(thread, ada, "Impressive!")
        await until(here.comments)
        await here.delivers()
        refuses(server, EDIT, 30046, status, named)
        server.person_edits(said, "Impressive.")
        await until(lambda: "Impressive." in here.comments().values())
        for _ in range(3):
            await here.worker.deliver_due()
        before = asked(server, EDIT)
        assert before == (5 if named == 0.01 else 1)
        passes(here, waits - 5)
        await here.worker.deliver_due()
        assert asked(server, EDIT) == before
        server.faults.clear()
        passes(here, 6)
        await here.delivers()
        (copy,) = here.reports(server.messages(second)[0].id)
    assert copy.endswith("Impressive.")
    assert asked(server, EDIT) == before + 1
