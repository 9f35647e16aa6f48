"""The local Discord's gateway: starting, resuming, and every way to end."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.raw import ALL_INTENTS, Caller, connected, running


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


@pytest.fixture
def discord(call: Caller) -> DiscordServer:
    return call.server


async def test_the_address_comes_with_the_starts_that_are_left(call: Caller) -> None:
    """docs.discord.com/developers/events/gateway#get-gateway-bot"""
    async with connected(call.server) as socket:
        await socket.identify()
    reply = await call("GET", "/gateway/bot")
    assert reply.body["url"] == call.server.gateway_url
    limit = reply.body["session_start_limit"]
    assert (limit["total"], limit["remaining"]) == (1000, 999)


@pytest.mark.parametrize("compressed", [True, False])
async def test_a_session_starts_with_ready_and_its_guilds(
    discord: DiscordServer, compressed: bool
) -> None:
    """docs.discord.com/developers/events/gateway#ready-event and #zlib-stream"""
    async with connected(discord, compressed=compressed) as socket:
        assert socket.greeting == {"op": 10, "d": {"heartbeat_interval": 41250}}
        ready = await socket.identify()
        assert ready["d"]["guilds"] == [{"id": discord.guild.id, "unavailable": True}]
        assert ready["d"]["resume_gateway_url"] == discord.gateway_url
        guild = await socket.event("GUILD_CREATE")
        assert [place["name"] for place in guild["channels"]] == ["news"]


async def test_a_heartbeat_is_acknowledged_and_can_be_asked_for(discord: DiscordServer) -> None:
    """docs.discord.com/developers/events/gateway#sending-heartbeats"""
    async with connected(discord) as socket:
        await socket.send(1, None)
        assert (await socket.receive())["op"] == 11
        discord.asks_for_heartbeat()
        assert (await socket.receive())["op"] == 1


async def test_a_connection_without_heartbeats_is_dropped() -> None:
    """docs.discord.com/developers/events/gateway#heartbeat-interval"""
    settings = Settings(heartbeat_seconds=0.05)
    async with running(settings) as call, connected(call.server) as socket:
        assert await socket.closed() == 4000


async def test_who_starts_wrongly_is_told_why(discord: DiscordServer) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#gateway"""

    async def code(**data: object) -> int:
        async with connected(discord) as socket:
            await socket.send(2, {"token": discord.token, "intents": 1, **data})
            return await socket.closed()

    assert await code(token="nobody") == 4004
    assert await code(shard=[2, 2]) == 4010
    assert await code(intents=1 << 40) == 4013
    assert await code(intents=None) == 4013
    assert await code(intents=1 << 8) == 4014
    discord.settings.sharding_required_above = 0
    assert await code() == 4011
    assert discord.gateway.identifies == []


async def test_message_content_must_be_switched_on_before_it_is_asked_for() -> None:
    """docs.discord.com/developers/events/gateway#privileged-intents"""
    async with running(Settings(privileged=0)) as call, connected(call.server) as socket:
        await socket.send(2, {"token": call.server.token, "intents": ALL_INTENTS})
        assert await socket.closed() == 4014


async def test_nonsense_ends_the_connection(discord: DiscordServer) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#gateway"""

    async def code(*texts: str) -> int:
        async with connected(discord) as socket:
            for text in texts:
                await socket.socket.send_str(text)
            return await socket.closed()

    identify = json.dumps({"op": 2, "d": {"token": discord.token, "intents": 1}})
    assert await code("{") == 4002
    assert await code(json.dumps({"op": 1, "d": "x" * 4096})) == 4002
    assert await code('{"op": 3, "d": {}}') == 4003
    assert await code(identify, '{"op": 99, "d": {}}') == 4001
    assert await code(identify, identify) == 4005
    assert await code(*['{"op": 1, "d": null}'] * 121) == 4008
    async with connected(discord, "?v=3") as socket:
        assert await socket.closed() == 4012


async def test_too_many_starts_reset_the_token() -> None:
    """docs.discord.com/developers/events/gateway#identifying"""
    async with running(Settings(session_starts=1)) as call:
        token = call.server.token
        async with connected(call.server) as socket:
            assert (await socket.identify())["t"] == "READY"
        async with connected(call.server) as socket:
            await socket.send(2, {"token": token, "intents": 1})
            assert await socket.closed() == 4004
        assert call.server.token != token


async def test_starts_too_close_together_are_invalid_sessions() -> None:
    """docs.discord.com/developers/events/gateway#rate-limiting"""
    async with running(Settings(identify_seconds=5)) as call:
        async with connected(call.server) as socket:
            await socket.identify()
        async with connected(call.server) as socket:
            assert await socket.identify() == {"op": 9, "d": False}
            assert call.server.gateway.too_early == 1
            call.server.time_passes(6)
            assert (await socket.identify())["t"] == "READY"


async def test_a_resume_replays_what_was_missed_in_order(discord: DiscordServer) -> None:
    """docs.discord.com/developers/events/gateway#resuming"""
    ada = discord.adds_person("Ada")
    async with connected(discord) as socket:
        await socket.identify()
        await socket.event("GUILD_CREATE")
        session, sequence = socket.session_id, socket.sequence
        discord.drops(4000)
        assert await socket.closed() == 4000
    first = discord.person_says(discord.channel, ada, "missed")
    discord.person_deletes(first)
    async with connected(discord) as socket:
        await socket.resume(session, sequence)
        names = [(await socket.receive())["t"] for _ in range(3)]
        assert names == ["MESSAGE_CREATE", "MESSAGE_DELETE", "RESUMED"]
        discord.person_says(discord.channel, ada, "live")
        assert (await socket.event("MESSAGE_CREATE"))["content"] == "live"
    assert (len(discord.gateway.identifies), len(discord.gateway.resumes)) == (1, 1)


async def test_a_session_survives_the_server_but_not_its_own_goodbye(
    discord: DiscordServer,
) -> None:
    """docs.discord.com/developers/events/gateway#initiating-a-disconnect"""
    async with connected(discord) as socket:
        await socket.identify()
        session = socket.session_id
        await discord.stop()
        await discord.start()
    async with connected(discord) as socket:
        await socket.resume(session, 1)
        await socket.event("RESUMED")
        await socket.socket.close(code=1000)
    async with connected(discord) as socket:
        await socket.resume(session, 1)
        assert await socket.receive() == {"op": 9, "d": False}


@pytest.mark.parametrize(("code", "resumable"), [(4000, True), (4007, False), (4009, False)])
async def test_some_close_codes_end_the_session(
    discord: DiscordServer, code: int, resumable: bool
) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#gateway"""
    async with connected(discord) as socket:
        await socket.identify()
        session = socket.session_id
        discord.drops(code)
        assert await socket.closed() == code
    async with connected(discord) as socket:
        await socket.resume(session, 2)
        assert ((await socket.receive()).get("t") == "RESUMED") == resumable


async def test_a_resume_with_a_number_from_the_future_is_refused(discord: DiscordServer) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#gateway (4007)"""
    async with connected(discord) as socket:
        await socket.identify()
        session = socket.session_id
        discord.drops(4000)
    async with connected(discord) as socket:
        await socket.resume(session, 999)
        assert await socket.closed() == 4007


async def test_the_server_can_ask_to_reconnect_invalidate_and_fall_silent(
    discord: DiscordServer,
) -> None:
    """docs.discord.com/developers/events/gateway-events#reconnect and #invalid-session"""
    async with connected(discord) as socket:
        await socket.identify()
        await socket.event("GUILD_CREATE")
        discord.asks_to_reconnect()
        assert (await socket.receive())["op"] == 7
        discord.invalidates(resumable=True)
        assert await socket.receive() == {"op": 9, "d": True}
        discord.goes_silent()
        await socket.send(1, None)
        assert await socket.events() == []
        discord.invalidates()
    async with connected(discord) as socket:
        await socket.resume("gone", 1)
        assert await socket.receive() == {"op": 9, "d": False}


async def test_a_connection_can_end_without_a_code(discord: DiscordServer) -> None:
    async with connected(discord) as socket:
        await socket.identify()
        discord.drops()
        assert await socket.closed() in (0, 1006)
