"""Socket Mode of the Slack of our tests, spoken to with a bare WebSocket.

docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.slack import Modes, SlackServer
from tests.servers.slack.raw import Raw, raw

Socket = aiohttp.ClientWebSocketResponse


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    modes = Modes(ack_timeout=0.2, retry_delays=(0.01, 0.02, 0.03), ping_interval=0.1)
    async with SlackServer(modes) as server:
        yield server


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Raw]:
    async with raw(slack) as caller:
        yield caller


async def connect(api: Raw) -> Socket:
    told = await api.call("apps.connections.open", token=api.slack.app_token)
    return await api.http.ws_connect(told["url"], autoping=False)


async def next_json(socket: Socket) -> Any:
    """The next message, with pings of the server passed over."""
    async with asyncio.timeout(20):
        while (message := await socket.receive()).type is aiohttp.WSMsgType.PING:
            continue
    assert message.type is aiohttp.WSMsgType.TEXT, message
    return message.json()


async def ready(api: Raw) -> Socket:
    socket = await connect(api)
    assert (await next_json(socket))["type"] == "hello"
    return socket


def says(slack: SlackServer, text: str) -> None:
    slack.person_says(slack.adds_channel("news"), slack.adds_user("Ada"), text)


async def test_a_socket_says_hello_and_needs_an_app_token(api: Raw) -> None:
    """docs.slack.dev/reference/methods/apps.connections.open"""
    assert await api.error("apps.connections.open") == "not_allowed_token_type"
    socket = await connect(api)
    hello = await next_json(socket)
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"]["app_id"].startswith("A")


async def test_the_address_of_a_socket_works_once(api: Raw) -> None:
    told = await api.call("apps.connections.open", token=api.slack.app_token)
    await api.http.ws_connect(told["url"])
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await api.http.ws_connect(told["url"])


async def test_an_event_is_done_once_acknowledged(api: Raw) -> None:
    socket = await ready(api)
    says(api.slack, "Hello")
    envelope = await next_json(socket)
    assert envelope["type"] == "events_api"
    assert (envelope["retry_attempt"], envelope["accepts_response_payload"]) == (0, False)
    assert envelope["payload"]["event"]["text"] == "Hello"
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await api.slack.settled()
    assert [attempt.ok for attempt in api.slack.attempts] == [True]


async def test_an_event_not_acknowledged_goes_to_another_socket(api: Raw) -> None:
    first, second = await ready(api), await ready(api)
    says(api.slack, "Hello")
    one, two = await next_json(first), await next_json(second)
    assert one["payload"]["event_id"] == two["payload"]["event_id"]
    assert (two["retry_attempt"], two["retry_reason"]) == (1, "timeout")
    await second.send_json({"envelope_id": two["envelope_id"]})
    await api.slack.settled()
    assert [(attempt.via, attempt.ok) for attempt in api.slack.attempts] == [
        ("1", False),
        ("2", True),
    ]


async def test_each_of_two_events_at_once_is_tried_on_both_sockets(api: Raw) -> None:
    api.slack.modes.retry_delays = (0.01,)
    sockets = [await ready(api), await ready(api)]
    says(api.slack, "One")
    says(api.slack, "Two")
    for socket in sockets:
        heard = [(await next_json(socket))["payload"]["event"]["text"] for _ in range(2)]
        assert sorted(heard) == ["One", "Two"]


async def test_a_late_acknowledgement_on_another_socket_counts(api: Raw) -> None:
    """Contract 17."""
    api.slack.modes.retry_delays = (2.0,)
    first = await ready(api)
    says(api.slack, "Hello")
    envelope = await next_json(first)
    await first.close()
    second = await ready(api)
    await second.send_json({"envelope_id": envelope["envelope_id"]})
    async with asyncio.timeout(20):
        parcel = api.slack.deliveries.sent[envelope["payload"]["event_id"]]
        await asyncio.wait({parcel.acked})
        await api.slack.settled()
    assert len(api.slack.attempts) == 1


async def test_without_a_socket_an_event_is_lost_after_its_tries(api: Raw) -> None:
    """github.com/slackapi/bolt-python/issues/1071"""
    says(api.slack, "Hello")
    await api.slack.settled()
    assert [attempt.failure for attempt in api.slack.attempts] == ["no_socket"] * 4


async def test_a_retry_may_be_the_only_delivery(api: Raw) -> None:
    """Contract 8."""
    api.slack.modes.retry_delays = (0.5,)
    says(api.slack, "Hello")
    socket = await ready(api)
    assert (await next_json(socket))["retry_attempt"] == 1


async def test_an_eleventh_socket_is_sent_away(api: Raw) -> None:
    api.slack.modes.max_sockets = 2
    _open = [await ready(api), await ready(api)]
    third = await connect(api)
    told = await next_json(third)
    assert (told["type"], told["reason"]) == ("disconnect", "too_many_websockets")
    assert (await third.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_sockets_are_told_to_go(api: Raw, reason: str) -> None:
    socket = await ready(api)
    await api.slack.sockets.disconnect(reason, close=False)
    told = await next_json(socket)
    assert (told["type"], told["reason"]) == ("disconnect", reason)


async def test_the_server_pings_and_answers_pings(api: Raw) -> None:
    socket = await ready(api)
    assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.PING
    await socket.ping(b"are you there")
    async with asyncio.timeout(20):
        while (message := await socket.receive()).type is not aiohttp.WSMsgType.PONG:
            continue
    assert message.data == b"are you there"


@pytest.mark.parametrize("pongs", [True, False])
async def test_a_socket_can_swallow_everything(api: Raw, pongs: bool) -> None:
    """github.com/slackapi/bolt-python/issues/1529 (contract 18)"""
    socket = await ready(api)
    api.slack.sockets.black_hole(pongs=pongs)
    says(api.slack, "Hello")
    await socket.ping(b"are you there")
    kinds = set()
    while True:
        try:
            kinds.add((await socket.receive(timeout=0.4)).type)
        except TimeoutError:
            break
        if len(kinds) == 2:
            break
    assert aiohttp.WSMsgType.TEXT not in kinds
    assert (aiohttp.WSMsgType.PONG in kinds) is pongs
    assert not socket.closed


async def test_a_broken_socket_gets_its_event_elsewhere_at_once(api: Raw) -> None:
    first, second = await ready(api), await ready(api)
    api.slack.modes.ack_timeout = 10
    says(api.slack, "Hello")
    await next_json(first)
    api.slack.sockets.cut(only="1")
    envelope = await next_json(second)
    assert envelope["retry_reason"] == "socket_closed"


async def test_an_outage_delivers_its_events_afterwards(api: Raw) -> None:
    socket = await ready(api)
    await api.slack.stop()
    assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    says(api.slack, "Meanwhile")
    api.slack.modes.retry_delays = (0.3, 0.3, 0.3)
    await api.slack.start()
    again = await ready(api)
    assert (await next_json(again))["payload"]["event"]["text"] == "Meanwhile"


async def test_an_event_on_its_way_when_the_platform_goes_down_comes_again(api: Raw) -> None:
    api.slack.modes.ack_timeout = 10
    socket = await ready(api)
    says(api.slack, "Hello")
    first = await next_json(socket)
    await api.slack.stop()
    api.slack.modes.retry_delays = (0.3, 0.3, 0.3)
    await api.slack.start()
    reopened = await ready(api)
    again = await next_json(reopened)
    assert again["payload"]["event_id"] == first["payload"]["event_id"]


async def test_a_socket_that_only_answers_pings_sends_none(api: Raw) -> None:
    socket = await ready(api)
    api.slack.sockets.black_hole(pongs=True, only="1")
    await socket.ping(b"are you there")
    assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.PONG
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.4)


async def test_each_opening_and_end_of_a_socket_is_noted(api: Raw) -> None:
    first, _second = await ready(api), await ready(api)
    await first.close()
    assert api.slack.sockets.moves == ["open 1", "open 2", "end 1"]


async def test_how_long_an_acknowledgement_took_is_noted(api: Raw) -> None:
    socket = await ready(api)
    says(api.slack, "Hello")
    envelope = await next_json(socket)
    await asyncio.sleep(0.1)
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await api.slack.settled()
    assert 0.1 <= api.slack.attempts[0].took < 2
