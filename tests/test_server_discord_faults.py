"""The local Discord under load and in trouble: rate limits, and failures ordered by a test."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.servers import faults
from tests.servers.discord import Settings
from tests.servers.discord.raw import Caller, running
from tests.waiting import until

CREATE = "POST /channels/{channel}/messages"
BODY = {"content": "x", "nonce": "k", "enforce_nonce": True}


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


@pytest.fixture
async def limited() -> AsyncIterator[Caller]:
    settings = Settings(rate_limits=True, bucket_size=2, global_per_second=5)
    async with running(settings) as caller:
        yield caller


async def test_each_answer_says_what_is_left_of_its_bucket(limited: Caller) -> None:
    """docs.discord.com/developers/topics/rate-limits#header-format"""
    first = await limited.post({"content": "x"})
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert 4 < float(first.headers["X-RateLimit-Reset-After"]) <= 5
    assert first.headers["X-RateLimit-Bucket"]


async def test_a_full_bucket_refuses_until_it_resets(limited: Caller) -> None:
    """docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit"""
    for _ in range(2):
        await limited.post({"content": "x"})
    refused = await limited.post({"content": "x"})
    assert (refused.status, refused.headers["X-RateLimit-Scope"]) == (429, "user")
    assert refused.body["global"] is False
    assert float(refused.headers["Retry-After"]) >= refused.body["retry_after"] > 4
    assert len(limited.server.ledger) == 2
    limited.server.time_passes(5)
    assert (await limited.post({"content": "x"})).status == 200


async def test_buckets_are_per_channel_and_route(limited: Caller) -> None:
    """docs.discord.com/developers/topics/rate-limits"""
    for _ in range(2):
        await limited.post({"content": "x"})
    other = limited.server.adds_channel("other")
    path = f"/channels/{other.id}/messages"
    assert (await limited("POST", path, {"content": "x"})).status == 200
    assert (await limited("GET", path)).status == 200


async def test_all_routes_together_have_their_limit_a_second(limited: Caller) -> None:
    """docs.discord.com/developers/topics/rate-limits#global-rate-limit"""
    limited.server.settings.bucket_size = 99
    replies = [await limited("GET", "/users/@me") for _ in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]
    assert replies[-1].body["global"] is True
    assert replies[-1].headers["X-RateLimit-Global"] == "true"


async def test_without_the_switch_nothing_is_limited(call: Caller) -> None:
    replies = [await call("GET", "/users/@me") for _ in range(60)]
    assert {reply.status for reply in replies} == {200}
    assert "X-RateLimit-Limit" not in replies[0].headers


@pytest.mark.parametrize("fault", [faults.accept_then_close(), faults.accept_then_reset()])
async def test_a_message_can_be_kept_though_the_connection_ends(
    call: Caller, fault: faults.Fault
) -> None:
    call.server.faults.add(fault, call=CREATE)
    with pytest.raises(aiohttp.ClientError):
        await call.post(BODY)
    assert len(call.server.ledger) == 1
    assert call.server.answers[-1].status == 0
    assert (await call.post(BODY)).status == 200
    assert len(call.server.ledger) == 1, "the nonce makes the retry safe"


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_an_error_status_can_come_with_or_without_the_message(
    call: Caller, status: int
) -> None:
    call.server.faults.add(faults.accept_then_status(status), faults.refuse_status(status))
    replies = [await call.post({"content": "x"}) for _ in range(3)]
    assert [reply.status for reply in replies] == [status, status, 200]
    assert len(call.server.ledger) == 2


async def test_an_answer_can_be_html_or_cut_in_half(call: Caller) -> None:
    call.server.faults.add(faults.accept_then_html(), faults.accept_then_truncate())
    page = await call.post({"content": "x"})
    assert (page.status, page.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    with pytest.raises(aiohttp.ClientError):
        await call.post({"content": "x"})
    assert len(call.server.ledger) == 2


async def test_a_message_can_arrive_after_its_sender_gave_up(call: Caller) -> None:
    call.server.faults.add(faults.accept_late(0.15))
    calling = asyncio.create_task(call.post({"content": "x"}))
    await until(lambda: not call.server.faults.queue)
    calling.cancel()
    assert len(call.server.ledger) == 0
    await until(lambda: len(call.server.ledger) == 1)
    assert calling.cancelled()


async def test_an_answer_can_be_slow_or_never_come(call: Caller) -> None:
    call.server.faults.add(faults.slow(0.05), faults.hang(accepted=True))
    assert (await call.post({"content": "x"})).status == 200
    calling = asyncio.create_task(call.post({"content": "x"}))
    await until(lambda: len(call.server.ledger) == 2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(calling, 0.05)


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_429_can_be_ordered_with_its_scope(call: Caller, scope: str) -> None:
    """docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit"""
    call.server.faults.add(faults.Fault("ratelimited", seconds=2.5, error=scope))
    reply = await call.post({"content": "x"})
    assert (reply.status, reply.headers["X-RateLimit-Scope"]) == (429, scope)
    assert (reply.body["retry_after"], reply.headers["Retry-After"]) == (2.5, "3")
    assert reply.body["global"] is (scope == "global")


async def test_any_refusal_can_be_ordered_by_its_code(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json"""
    call.server.faults.add(faults.refused("130000"), faults.refused("200000"))
    assert (await call.post({"content": "x"})).refusal == (503, 130000)
    assert (await call.post({"content": "x"})).refusal == (400, 200000)
    assert [answer.code for answer in call.server.answers] == [130000, 200000]


async def test_a_fault_waits_for_its_call(call: Caller) -> None:
    call.server.faults.add(faults.refuse_status(500), call=CREATE)
    assert (await call("GET", "/users/@me")).status == 200
    assert (await call.post({"content": "x"})).status == 500
