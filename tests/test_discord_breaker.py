"""Discord: before it bans the address, BotBeat asks no more."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any

import discord
import pytest

from adapters.discord import rest
from adapters.discord.breaker import MOST, WINDOW, Breaker
from adapters.discord.commands import ANSWER
from bot.ports import DeliveryError
from tests.chats import looked_for
from tests.discord_place import CREATE, REPORT, Place
from tests.servers import faults
from tests.waiting import until

FORBIDDEN = faults.Fault("refused", error="50013")


async def test_five_hundred_refusals_are_enough(place: Place) -> None:
    await place.report()
    place.server.faults.decider = lambda call: FORBIDDEN if call == CREATE else faults.NONE
    errors = [await place.refusal(place.report()) for _ in range(MOST + 20)]
    assert len([one for one in place.server.answers if one.call == CREATE]) == 1 + MOST
    assert {error.scope for error in errors[:MOST]} == {"channel"}
    last = errors[-1]
    assert (last.scope, last.permanent, last.unsure) == ("install", False, False)
    assert WINDOW - 60 < last.retry_after <= WINDOW
    # Whatever it is, it is not asked.
    before = len(place.server.answers)
    await place.refusal(looked_for(place.chat, place.channel, None, "z" * 24, 0))
    assert len(place.server.answers) == before


def test_after_the_window_calls_go_on_one_by_one() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(MOST):
        breaker.check()
        breaker.answered(429)
        now += 1
    assert _wait(breaker) == WINDOW - MOST
    now = WINDOW
    assert _wait(breaker) == 0
    breaker.answered(403)
    assert _wait(breaker) == 1


def test_what_discord_does_not_count_is_not_counted() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(2 * MOST):
        breaker.answered(429, "shared")
        breaker.answered(404)
        breaker.answered(200)
    assert _wait(breaker) == 0


def _wait(breaker: Breaker) -> float:
    try:
        breaker.check()
    except DeliveryError as error:
        return error.retry_after
    return 0


async def test_a_refused_token_stays_refused_whatever_else_is_answered(place: Place) -> None:
    report = await place.report()
    await place.chat.delete(report)
    place.server.faults.add(faults.slow(0.4), call="DELETE /channels/{channel}/messages/{message}")
    gone = asyncio.create_task(place.chat.delete(report))
    await until(lambda: not place.server.faults.queue)
    place.server.faults.add(faults.Fault("refused", error="0"), call=CREATE)
    assert (await place.refusal(place.report())).scope == "install"
    await gone
    before = len(place.server.answers)
    for _ in range(5):
        assert (await place.refusal(place.report())).permanent
    assert len(place.server.answers) == before


async def test_a_limit_of_all_calls_stops_everything_and_one_of_a_route_its_channel(
    place: Place,
) -> None:
    everything = faults.Fault("ratelimited", seconds=900, error="global")
    place.server.faults.add(everything, faults.ratelimited(900), call=CREATE)
    scopes = [(await place.refusal(place.report())).scope for _ in range(2)]
    assert scopes == ["install", "channel"]


async def test_who_gives_up_during_a_limit_of_all_calls_does_not_stop_them_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.report()
    usual = rest.SECONDS
    monkeypatch.setattr(rest, "SECONDS", 0.5)
    place.server.faults.add(faults.Fault("ratelimited", seconds=2, error="global"), call=CREATE)
    assert not (await place.refusal(place.report())).permanent
    # Until Discord's two seconds are over nothing is asked, and what was given up not after them.
    asked = len(place.server.answers)
    assert not (await place.refusal(place.report())).unsure
    assert len(place.server.answers) == asked
    monkeypatch.setattr(rest, "SECONDS", usual)
    await asyncio.sleep(2)
    await place.report()
    assert len(place.server.answers) == asked + 1
    assert len(place.shown()) == 1


class Impatient(Breaker):
    """Gives up `call` in the moment in which it is answered, while the library frees its bucket."""

    call: asyncio.Task[Any] | None = None

    def answered(self, status: int, scope: str = "") -> None:
        super().answered(status, scope)
        if self.call:
            asyncio.get_running_loop().call_soon(self.call.cancel)


async def test_an_answer_that_comes_as_we_give_up_shuts_no_bucket(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The library was never told that such a bucket was free again: all later calls of that kind
    waited for thirty seconds, and none has so many."""
    asked = rest.Rest(place.server.token)
    asked.breaker = Impatient()

    def ask(number: int) -> Coroutine[Any, Any, Any]:
        ids: dict[str, Any] = {"webhook_id": number, "webhook_token": "unknown"}
        return asked.ask("PATCH", ANSWER, {"content": "nothing"}, **ids)

    with pytest.raises(discord.NotFound):
        await ask(1)  # It logs in.
    for number in range(2, 22):
        asked.breaker.call = asyncio.create_task(ask(number))
        with pytest.raises(asyncio.CancelledError):
            await asked.breaker.call
    asked.breaker.call = None
    async with asyncio.timeout(10):
        for number in range(2, 22):
            with pytest.raises(discord.NotFound):
                await ask(number)
    await asked.close()
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_calls_that_a_bucket_has_left_are_made_at_once(place: Place) -> None:
    """docs.discord.com/developers/topics/rate-limits#header-format"""
    place.server.settings.rate_limits = True
    async with asyncio.timeout(10):
        for key in "abcd":
            await place.chat.post(place.channel, REPORT, None, key * 24)
    assert len(place.shown()) == 4


async def test_the_outer_wall_of_discord_stops_everything(place: Place) -> None:
    place.server.faults.add(faults.refuse_status(429), call=CREATE)
    error = await place.refusal(place.report())
    assert (error.scope, error.retry_after, error.unsure) == ("install", 60, False)
