"""Sockets to Slack break, are replaced, and seem alive when they are not; nobody notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.servers import faults
from tests.servers.slack import Modes
from tests.slack_world import QUICK, World, world_of
from tests.waiting import until


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


async def opened(world: World, times: int) -> None:
    async with asyncio.timeout(20):
        await world.slack.sockets.reopened(times)


async def test_two_sockets_are_held(world: World) -> None:
    assert len(world.slack.sockets.sockets) == 2
    assert world.core.catch_ups == 1


async def test_one_of_two_sockets_breaks_again_and_again_and_nothing_is_lost() -> None:
    async with world_of(Modes(ack_timeout=0.3)) as world:
        root = await world.report()
        said = []
        for number in range(12):
            said.append(world.says(f"before {number}", root))
            world.slack.sockets.cut(only=world.slack.sockets.sockets[0].number)
            said.append(world.says(f"after {number}", root))
            await opened(world, number + 3)
            await world.slack.sockets.connected(2)
        await world.slack.settled()
        assert {told[0] for told in world.core.all("posted")} == set(said)
        # The other one listened all the time.
        assert world.core.catch_ups == 1


def least_open(moves: list[str], count: int) -> int:
    """The least number of sockets that were ever open."""
    counts = [count]
    for move in moves:
        counts.append(counts[-1] + (1 if move.startswith("open") else -1))
    return min(counts)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_socket_is_open_before_the_old_one_is_closed(
    world: World, reason: str
) -> None:
    await world.slack.sockets.disconnect(reason, close=False)
    await until(lambda: {"end 1", "end 2"} <= set(world.slack.sockets.moves))
    moves = world.slack.sockets.moves
    assert [move for move in moves if "open" in move] == [f"open {n}" for n in range(1, 5)]
    assert least_open(moves[2:], 2) == 2
    assert len(world.slack.sockets.sockets) == 2
    assert world.core.catch_ups == 1


async def test_what_an_old_socket_has_taken_is_acknowledged_before_it_goes(world: World) -> None:
    root = await world.report()
    await world.slack.settled()
    world.core.open.clear()
    said = [world.says(f"{number}", root) for number in range(4)]
    await until(lambda: all(p.tried for p in list(world.slack.deliveries.sent.values())[-4:]))
    await world.slack.sockets.disconnect(close=False)
    await opened(world, 4)
    world.core.open.set()
    await world.slack.settled()
    assert sorted(told[0] for told in world.core.all("posted")) == said
    assert all(attempt.ok for attempt in world.slack.attempts)


@pytest.mark.parametrize("pongs", [False, True])
async def test_a_socket_that_seems_alive_and_carries_nothing_is_replaced(pongs: bool) -> None:
    """In use a socket may be silent for 25 seconds."""
    async with world_of(Modes(ping_interval=0.1), times=replace(QUICK, silence=1)) as world:
        root = await world.report()
        await asyncio.sleep(1.3)
        assert world.slack.sockets.opened == 2
        began = time.monotonic()
        world.slack.sockets.black_hole(pongs=pongs)
        await opened(world, 4)
        assert time.monotonic() - began < 3
        # Both were deaf at the same time: what was said then is read again.
        await until(lambda: world.core.catch_ups == 2)
        world.says("Do you hear me?", root)
        await world.core.hears("posted")


async def test_one_deaf_socket_of_two_is_replaced_and_nothing_need_be_read_again() -> None:
    async with world_of(Modes(ping_interval=0.1), times=replace(QUICK, silence=1)) as world:
        await asyncio.sleep(0.2)
        world.slack.sockets.black_hole(only="1")
        await opened(world, 3)
        await until(lambda: "open 3" in world.slack.sockets.moves)
        await asyncio.sleep(0.2)
        assert world.slack.sockets.opened == 3
        assert world.core.catch_ups == 1


async def test_no_socket_is_kept_for_ever() -> None:
    async with world_of(times=replace(QUICK, oldest=0.3)) as world:
        await until(lambda: {"end 1", "end 2"} <= set(world.slack.sockets.moves))
        assert world.core.catch_ups == 1


async def test_a_time_without_any_socket_is_caught_up_with(world: World) -> None:
    await world.slack.stop()
    await asyncio.sleep(0.3)
    before = world.core.catch_ups
    await world.slack.start()
    await until(lambda: world.core.catch_ups > before)


async def test_slack_that_leaves_events_out_is_caught_up_with(world: World) -> None:
    world.slack.deliveries.limit(world.slack.team)
    await until(lambda: world.core.catch_ups == 2)
    await world.slack.settled()
    assert [a.ok for a in world.slack.attempts if a.event == "app_rate_limited"] == [True]


async def test_where_slack_allows_no_more_sockets_the_old_one_makes_room() -> None:
    async with world_of(Modes(max_sockets=2)) as world:
        await world.slack.sockets.disconnect(close=False)
        await until(lambda: {"end 1", "end 2"} <= set(world.slack.sockets.moves))
        async with asyncio.timeout(20):
            await world.slack.sockets.connected(2)


async def test_a_door_that_stays_shut_is_knocked_at_ever_less_often() -> None:
    door = "apps.connections.open"
    async with world_of(times=replace(QUICK, first=0.05, slowest=1)) as world:
        shut = faults.refused("internal_error")
        world.slack.faults.decider = lambda call: shut if call == door else faults.NONE
        world.slack.answers.clear()
        world.slack.sockets.cut()
        await asyncio.sleep(1.2)
        knocks = [answer.at for answer in world.slack.answers if answer.method == door]
        pauses = [later - sooner for sooner, later in pairwise(knocks)]
        assert 3 <= len(knocks) <= 6
        assert pauses == sorted(pauses)
        world.slack.faults.clear()
        async with asyncio.timeout(20):
            await world.slack.sockets.connected(2)


async def test_slack_says_how_long_the_door_stays_shut() -> None:
    async with world_of() as world:
        world.slack.faults.add(faults.ratelimited(1), call="apps.connections.open")
        world.slack.sockets.cut()
        began = time.monotonic()
        await opened(world, 4)
        assert 1 < time.monotonic() - began < 5
