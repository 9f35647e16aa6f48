"""The real client library through every mood of the local Discord's gateway."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket

from tests.servers.discord import DiscordServer

INTENTS = discord.Intents(guilds=True, guild_messages=True, message_content=True)


class Listener(discord.Client):
    """Notes what the gateway tells it."""

    def __init__(self, heartbeat_timeout: float = 60.0) -> None:
        super().__init__(
            intents=INTENTS, guild_ready_timeout=0.05, heartbeat_timeout=heartbeat_timeout
        )
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No pause between identifies: the server does not ask for one."""

    async def on_ready(self) -> None:
        self.heard.put_nowait(("ready", None))

    async def on_resumed(self) -> None:
        self.heard.put_nowait(("resumed", None))

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(("message", message.content))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.heard.put_nowait(("removed", guild.id))

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        self.heard.put_nowait(("unavailable", guild.id))

    async def next(self, kind: str) -> Any:
        """The next event of this kind; others on the way are dropped."""
        async with asyncio.timeout(20):
            while True:
                name, event = await self.heard.get()
                if name == kind:
                    return event


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    platform = DiscordServer()
    await platform.start()
    monkeypatch.setattr(discord.http.Route, "BASE", platform.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(platform.gateway_url))
    yield platform
    await platform.stop()


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[Listener]:
    async with Listener() as client:
        running = asyncio.create_task(client.start(server.token))
        await client.next("ready")
        yield client
        await client.close()
        await running


@pytest.mark.parametrize("code", [None, 4000, 1001])
async def test_it_resumes_after_a_drop_and_hears_what_it_missed(
    server: DiscordServer, bot: Listener, code: int | None
) -> None:
    ada = server.adds_person("Ada")
    server.drops(code)
    server.person_says(server.channel, ada, "missed")
    assert await bot.next("message") == "missed"
    await bot.next("resumed")
    assert len(server.gateway.identifies) == 1


async def test_it_resumes_when_asked_to_reconnect(server: DiscordServer, bot: Listener) -> None:
    server.asks_to_reconnect()
    await bot.next("resumed")
    server.invalidates(resumable=True)
    await bot.next("resumed")
    assert len(server.gateway.identifies) == 1


async def test_after_an_invalid_session_it_starts_anew(
    server: DiscordServer, bot: Listener
) -> None:
    server.invalidates()
    await bot.next("ready")
    assert len(server.gateway.identifies) == 2
    server.person_says(server.channel, server.adds_person("Ada"), "hello")
    assert await bot.next("message") == "hello"


async def test_it_tells_outage_from_removal(server: DiscordServer, bot: Listener) -> None:
    server.outage()
    assert await bot.next("unavailable") == int(server.guild.id)
    server.outage(over=True)
    server.removes_bot()
    assert await bot.next("removed") == int(server.guild.id)


async def test_a_wrong_token_and_a_forbidden_intent_end_it(server: DiscordServer) -> None:
    async with Listener() as client:
        with pytest.raises(discord.LoginFailure):
            await client.start("nobody")
    server.settings.privileged = 0
    async with Listener() as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(server.token)


async def test_it_comes_back_when_the_whole_platform_was_away(
    server: DiscordServer, bot: Listener
) -> None:
    await server.stop()
    server.person_says(server.channel, server.adds_person("Ada"), "while you were away")
    await server.start()
    assert await bot.next("message") == "while you were away"
    await bot.next("resumed")


async def test_a_sharded_client_asks_for_the_gateway(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9/"))
    async with discord.AutoShardedClient(intents=INTENTS, guild_ready_timeout=0.05) as client:
        running = asyncio.create_task(client.start(server.token))
        await asyncio.wait_for(client.wait_for("ready"), 5)
        await client.close()
        await running
    assert [one.call for one in server.answers].count("GET /gateway/bot") == 1


async def test_it_notices_that_a_connection_has_died(server: DiscordServer) -> None:
    server.settings.heartbeat_seconds = 0.1
    async with Listener(heartbeat_timeout=0.3) as client:
        running = asyncio.create_task(client.start(server.token))
        await client.next("ready")
        server.goes_silent()
        server.person_says(server.channel, server.adds_person("Ada"), "into the void")
        assert await client.next("message") == "into the void"
        await client.close()
        await running
    assert len(server.gateway.identifies) == 1
