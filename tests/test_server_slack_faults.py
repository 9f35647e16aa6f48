"""The Slack of our tests fails as Slack and the networks fail, and repeats as it may repeat.

The ledger says what it accepted, whatever the caller was told.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers import faults
from tests.servers.slack import SlackServer
from tests.servers.slack.raw import Raw, raw
from tests.waiting import until


@pytest.fixture
async def api() -> AsyncIterator[Raw]:
    async with SlackServer() as slack, raw(slack) as caller:
        yield caller


@pytest.mark.parametrize(
    ("mode", "again", "elsewhere", "after_delete"),
    [
        ("ignore", "posted", "posted", "posted"),
        ("dedupe", "same", "same", "same"),
        ("dedupe_and_refuse", "same", "duplicate_channel_not_found", "duplicate_message_not_found"),
    ],
)
async def test_a_client_msg_id_is_honoured_or_not(
    api: Raw, mode: Any, again: str, elsewhere: str, after_delete: str
) -> None:
    """M/chat.postMessage (duplicate_message_not_found, duplicate_channel_not_found)"""
    api.slack.modes.client_msg_id = mode
    news, other = api.slack.adds_channel("news"), api.slack.adds_channel("other")

    async def post(channel: str) -> str:
        told = await api.call("chat.postMessage", channel=channel, text="Hi", client_msg_id="u1")
        if not told["ok"]:
            return str(told["error"])
        return "same" if told["ts"] == first else "posted"

    first = ""
    await post(news)
    first = api.slack.ledger[0].ts
    assert await post(news) == again
    assert await post(other) == elsewhere
    await api.call("chat.delete", channel=news, ts=first)
    assert await post(news) == after_delete


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        (faults.accept_then_close(), 1),
        (faults.accept_then_reset(), 1),
        (faults.accept_then_truncate(), 1),
        (faults.Fault("close"), 0),
        (faults.hang(accepted=True), 1),
        (faults.hang(), 0),
    ],
)
async def test_a_call_may_get_no_answer_though_it_was_accepted(
    api: Raw, fault: faults.Fault, accepted: int
) -> None:
    """Contracts, B2: what the network does to a call."""
    news = api.slack.adds_channel("news")
    api.slack.faults.add(fault, call="chat.postMessage")
    calling = asyncio.create_task(api.call("chat.postMessage", channel=news, text="Hi"))
    await until(lambda: not api.slack.faults.queue)
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await asyncio.wait_for(calling, 0.3)
    assert len(api.slack.ledger) == accepted
    assert (await api.call("chat.postMessage", channel=news, text="Hi"))["ok"]


async def test_a_call_may_be_answered_wrongly(api: Raw) -> None:
    """Contracts, rows 27 and 34."""
    news = api.slack.adds_channel("news")
    api.slack.faults.add(
        faults.accept_then_status(502),
        faults.refuse_status(503),
        faults.ratelimited(30),
        faults.ratelimited(0),
        faults.refused("fatal_error", accepted=True),
        faults.accept_then_html(),
        call="chat.postMessage",
    )
    await api.call("auth.test")
    seen = []
    for _ in range(5):
        told = await api.call("chat.postMessage", channel=news, text="Hi")
        seen.append((api.status, told.get("error"), api.headers.get("Retry-After")))
    assert seen == [
        (502, None, None),
        (503, None, None),
        (429, "ratelimited", "30"),
        (429, "ratelimited", None),
        (200, "fatal_error", None),
    ]
    with pytest.raises(aiohttp.ContentTypeError):
        await api.call("chat.postMessage", channel=news, text="Hi")
    assert len(api.slack.ledger) == 3


async def test_a_call_may_be_accepted_after_its_caller_has_gone(api: Raw) -> None:
    """Contracts, B2 (accepted late)."""
    news = api.slack.adds_channel("news")
    api.slack.faults.add(faults.accept_late(0.2))
    calling = asyncio.create_task(api.call("chat.postMessage", channel=news, text="Late"))
    await until(lambda: not api.slack.faults.queue)
    calling.cancel()
    assert api.slack.ledger == []
    await until(lambda: [post.text for post in api.slack.ledger] == ["Late"])
    assert calling.cancelled()


async def test_an_outage_loses_nothing_and_keeps_the_address() -> None:
    async with SlackServer() as slack:
        news, url = slack.adds_channel("news"), slack.url
        async with raw(slack) as api:
            await api.call("chat.postMessage", channel=news, text="Before")
            await slack.stop()
            with pytest.raises(aiohttp.ClientError):
                await api.call("auth.test")
            await slack.start()
            assert slack.url == url
            told = await api.call("conversations.history", channel=news)
            assert [message["text"] for message in told["messages"]] == ["Before"]
