"""Several processes of `botbeat` on one database, and how each of them begins and ends."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import aiohttp
import psycopg
import pytest

from adapters import slack as slack_adapter
from adapters.terminal.running import tidy
from bot.bot import Bot
from bot.delivery import Worker
from bot.outbox import Wish
from bot.outcomes import Timing
from storage.store import open_store
from tests.processes import Door, Newsdesk, Program, free_port, newsdesk, program
from tests.servers.discord import DiscordServer
from tests.servers.faults import NONE, Fault, hang, slow
from tests.waiting import until
from tests.world import Clock

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path, postgres: str) -> str:
    """The address of a database without any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    name = f"botbeat_nothing_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    return postgres.rsplit("/", 1)[0] + f"/{name}"


def _posts(fault: Fault) -> Callable[[str], Fault]:
    """Every post to Slack goes like this; all other calls as usual."""
    return lambda call: fault if call == "chat.postMessage" else NONE


def _states(desk: Newsdesk) -> set[str]:
    with desk.bot.store.read() as tx:
        return set(tx.deliveries.counted(Wish()))


async def test_several_that_start_at_once_on_nothing_are_all_well(
    tmp_path: Path, nothing: str
) -> None:
    ports = [free_port() for _ in range(4)]
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        running = [
            await stack.enter_async_context(
                program(tmp_path, "run", "web", DATABASE_URL=nothing, PORT=str(port))
            )
            for port in ports
        ]
        for one, port in zip(running, ports, strict=True):
            await one.says("Pages at", 60)
            async with session.get(f"http://127.0.0.1:{port}/latest") as page:
                assert page.status == 200
        for one in running:
            one.end()
        assert [await one.ended() for one in running] == [0, 0, 0, 0]
        assert [one.logged for one in running] == [[], [], [], []]


async def test_what_is_on_its_way_is_finished_and_another_process_does_the_rest(
    tmp_path: Path, database: str
) -> None:
    async with newsdesk(database, channels=6) as desk:
        desk.slack.faults.decider = _posts(slow(2.0))
        async with program(tmp_path, "run", "slack", **desk.variables) as first:
            await asyncio.wait_for(desk.slack.sockets.connected(), 30)
            await desk.publish("Qwen 4")
            await desk.publish("Qwen 5")
            await until(lambda: "sending" in _states(desk))
            began = time.monotonic()
            first.end(times=3)
            assert await first.ended() == 0
            assert time.monotonic() - began < 10
            assert _states(desk) == {"shown", "pending"}
            async with program(tmp_path, "run", "slack", **desk.variables) as second:
                await until(lambda: _states(desk) == {"shown"})
                second.end()
                assert await second.ended() == 0
        assert desk.posts() == desk.wanted()
        assert not any("Traceback" in line for line in first.logged + second.logged)


async def test_two_generations_that_overlap_do_no_harm(tmp_path: Path, database: str) -> None:
    async with newsdesk(database, channels=3) as desk, AsyncExitStack() as stack:
        start = [program(tmp_path, "run", "slack", **desk.variables) for _ in range(4)]
        old = [await stack.enter_async_context(one) for one in start[:2]]
        await asyncio.wait_for(desk.slack.sockets.connected(2), 30)
        await desk.publish("Qwen 4")
        new = [await stack.enter_async_context(one) for one in start[2:]]
        await desk.publish("Qwen 5")
        await asyncio.wait_for(desk.slack.sockets.connected(4), 30)
        await desk.publish("Qwen 6")
        for one in old:
            one.end(times=2)
        await desk.publish("Qwen 7")
        assert [await one.ended() for one in old] == [0, 0]
        await desk.publish("Qwen 8")
        await until(lambda: _states(desk) == {"shown"}, 60)
        for one in new:
            one.end()
        assert [await one.ended() for one in new] == [0, 0]
        assert desk.posts() == desk.wanted()


@dataclass
class Ending:
    code: int
    seconds: float
    logged: list[str]


async def test_it_ends_in_time_whatever_hangs_and_loses_nothing(
    tmp_path: Path, sqlite_url: str, postgres_url: str
) -> None:
    discord = DiscordServer()
    await discord.start()
    async with (
        newsdesk(sqlite_url) as desk,
        newsdesk(postgres_url) as other,
        Door(postgres_url) as door,
    ):
        await door.open()
        desk.slack.faults.decider = _posts(hang(accepted=True))
        everything = {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }
        silent = {**other.variables, "DATABASE_URL": door.address}
        async with (
            program(tmp_path, "run", "slack", "discord", **desk.variables, **everything) as one,
            program(tmp_path, "run", "slack", **silent) as two,
        ):
            await asyncio.wait_for(desk.slack.sockets.connected(), 30)
            await asyncio.wait_for(other.slack.sockets.connected(), 30)
            await until(lambda: discord.gateway.identifies)
            discord.faults.decider = lambda call: hang()
            await desk.publish("Qwen 4")
            await until(lambda: "sending" in _states(desk))
            door.fall_silent()
            # By now the second process waits for an answer of its database that never comes.
            await asyncio.sleep(2.5)
            endings = await asyncio.gather(*(_end(running) for running in (one, two)))
        await discord.stop()
        for ending in endings:
            assert (ending.code, ending.seconds < 25) == (0, True), ending
            assert not any("Traceback" in line for line in ending.logged)
        desk.slack.faults.clear()
        await _three_minutes_later(desk)
        assert desk.posts() == desk.wanted()


async def _end(running: Program) -> Ending:
    began = time.monotonic()
    for _ in range(3):
        running.end()
        await asyncio.sleep(0.5)
    code = await running.ended(40)
    return Ending(code, time.monotonic() - began, running.logged)


async def _three_minutes_later(desk: Newsdesk) -> None:
    """Another worker comes when the leases are over, and does what is left."""
    store = open_store(desk.database, lambda: time.time() + 180)
    chat = slack_adapter.create(desk.slack.bot_token, desk.slack.app_token, api_url=desk.slack.url)
    worker = Worker(store, {"slack": chat}, "", Timing())
    while await worker.deliver_due():
        continue
    await chat.close()
    store.close()


async def test_a_database_that_is_away_is_waited_for_and_missed_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with newsdesk(postgres_url) as desk, Door(postgres_url) as door:
        variables = {**desk.variables, "DATABASE_URL": door.address}
        async with program(tmp_path, "run", "slack", **variables) as running:
            waits = await running.says("The database does not answer")
            assert waits.endswith("BotBeat waits for it.")
            await asyncio.sleep(2.5)
            await door.open()
            await asyncio.wait_for(desk.slack.sockets.connected(), 30)
            await desk.publish("Qwen 4")
            await until(lambda: desk.posts() == desk.wanted())
            await door.shut()
            await desk.publish("Qwen 5")
            await asyncio.sleep(5)
            await door.open()
            await until(lambda: desk.posts() == desk.wanted())
            running.end()
            assert await running.ended() == 0
    assert [line for line in running.said if "does not answer" in line] == [waits]
    assert [one for one in running.events if {"exception", "exc_info"} & one.keys()] == []
    said = [event["event"].split(":")[0] for event in running.events]
    assert len(said) == len(set(said)), said


async def test_being_told_to_end_while_it_waits_for_its_database_ends_it(tmp_path: Path) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    async with program(tmp_path, "run", "web", DATABASE_URL=address) as running:
        await running.says("BotBeat waits for it.")
        running.end()
        assert await running.ended(10) == 0
    assert running.logged == []


async def test_a_database_that_refuses_us_is_not_waited_for(
    tmp_path: Path, postgres_url: str
) -> None:
    address = postgres_url.rsplit("/", 1)[0] + "/nowhere"
    async with program(tmp_path, "run", "web", DATABASE_URL=address) as running:
        assert await running.ended() == 1
    (line,) = running.logged
    assert "nowhere" in line


async def test_nothing_runs_where_the_disk_vanishes(tmp_path: Path, sqlite_url: str) -> None:
    variables = {"DYNO": "web.1", "DATABASE_URL": sqlite_url}
    async with program(tmp_path, "run", "web", **variables) as running:
        assert await running.ended(15) == 78
    assert len(running.logged) == 1


async def test_a_full_disk_is_said_once_and_it_goes_on_when_there_is_room(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with newsdesk(sqlite_url) as desk:
        ada = desk.slack.adds_user("Ada")
        (lab,) = desk.channels
        desk.slack.state.channels[lab].members.add(ada)
        async with program(tmp_path, "run", "slack", **desk.variables) as running:
            await asyncio.wait_for(desk.slack.sockets.connected(), 30)
            _, most = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (1, most))
            refused = await desk.slack.slash(lab, ada, "subscribe qwen").first()
            assert "could not do this" in str(refused).lower()
            await desk.publish("Qwen 4")
            await running.logs("disk is full")
            await asyncio.sleep(3)
            assert not desk.posts()
            resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (most, most))
            await until(lambda: desk.posts() == desk.wanted())
            done = await desk.slack.slash(lab, ada, "subscribe qwen").first()
            assert "could not do this" not in str(done).lower()
            running.end()
            assert await running.ended() == 0
    full = [event["event"] for event in running.events if "disk is full" in event["event"]]
    assert len([one for one in full if "outbox" in one]) == 1
    assert not any("exception" in event for event in running.events)


async def test_what_is_done_each_hour_is_done_once_over_all_processes(database: str) -> None:
    clock = Clock()
    stores = [open_store(database, clock) for _ in range(4)]
    bots = [Bot(store) for store in stores]
    done = []
    for _ in range(12 * 6):
        done.append(sum(await asyncio.gather(*(tidy(bot) for bot in bots))))
        clock.now += 600
    for bot, store in zip(bots, stores, strict=True):
        bot.close()
        store.close()
    assert done == [1, 0, 0, 0, 0, 0] * 12
