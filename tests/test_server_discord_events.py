"""What the local Discord's gateway dispatches, and to whom."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.raw import Caller, connected, running

GUILDS, MESSAGES = 1 << 0, 1 << 9


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


@pytest.fixture
def discord(call: Caller) -> DiscordServer:
    return call.server


async def test_messages_come_as_they_are_written_changed_and_removed(
    discord: DiscordServer,
) -> None:
    """docs.discord.com/developers/events/gateway-events#messages"""
    ada = discord.adds_person("Ada")
    async with connected(discord) as socket:
        await socket.identify()
        first = discord.person_says(discord.channel, ada, "hello")
        second = discord.person_says(discord.channel, ada, "again", reply_to=first)
        assert (await socket.event("MESSAGE_CREATE"))["member"]["roles"]
        assert (await socket.event("MESSAGE_CREATE"))["message_reference"]["message_id"] == first
        discord.person_edits(first, "hello!")
        assert (await socket.event("MESSAGE_UPDATE"))["edited_timestamp"]
        discord.embeds_resolve(second)
        update = await socket.event("MESSAGE_UPDATE")
        assert (update["edited_timestamp"], len(update["embeds"])) == (None, 1)
        discord.person_deletes(first)
        assert (await socket.event("MESSAGE_DELETE"))["id"] == first
        discord.moderator_deletes(second)
        assert (await socket.event("MESSAGE_DELETE"))["id"] == second
        ids = [discord.person_says(discord.channel, ada, str(n)) for n in range(3)]
        discord.bulk_deletes(*ids)
        assert (await socket.event("MESSAGE_DELETE_BULK"))["ids"] == ids


async def test_the_bot_hears_itself_with_the_nonce(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message (nonce)"""
    async with connected(call.server) as socket:
        await socket.identify()
        posted = await call.post({"content": "report", "nonce": "k1"})
        event = await socket.event("MESSAGE_CREATE")
        assert (event["id"], event["nonce"]) == (posted.body["id"], "k1")
        assert event["author"]["id"] == call.server.bot.id


async def test_without_the_intent_the_words_of_others_stay_away(call: Caller) -> None:
    """docs.discord.com/developers/events/gateway#message-content-intent"""
    discord, ada = call.server, call.server.adds_person("Ada")
    async with connected(discord) as socket:
        await socket.identify(GUILDS | MESSAGES)
        said = discord.person_says(discord.channel, ada, "secret", files=("a.png",))
        event = await socket.event("MESSAGE_CREATE")
        assert (event["content"], event["attachments"]) == ("", [])
        discord.person_says(discord.channel, ada, f"<@{discord.bot.id}> hello")
        assert "hello" in (await socket.event("MESSAGE_CREATE"))["content"]
        await call.post({"content": "mine"})
        assert (await socket.event("MESSAGE_CREATE"))["content"] == "mine"
        fetched = await call("GET", f"/channels/{discord.channel.id}/messages/{said}")
        assert fetched.body["content"] == "secret", "the portal's switch counts for HTTP"


async def test_only_events_that_were_asked_for_and_can_be_seen_arrive(
    discord: DiscordServer,
) -> None:
    """docs.discord.com/developers/events/gateway#list-of-intents"""
    ada = discord.adds_person("Ada")
    hidden = discord.adds_channel("hidden")
    discord.revokes("VIEW_CHANNEL", channel=hidden)
    async with connected(discord) as all_, connected(discord) as guilds_only:
        await all_.identify()
        await guilds_only.identify(GUILDS)
        await all_.event("GUILD_CREATE")
        await guilds_only.event("GUILD_CREATE")
        discord.person_says(hidden, ada, "x")
        said = discord.person_says(discord.channel, ada, "y")
        discord.starts_thread(said, ada)
        names = await all_.events()
        assert names[:2] == ["MESSAGE_CREATE", "THREAD_CREATE"]
        assert await guilds_only.events() == ["THREAD_CREATE"]


async def test_a_thread_says_when_it_opens_changes_and_ends(discord: DiscordServer) -> None:
    """docs.discord.com/developers/events/gateway-events#threads"""
    ada = discord.adds_person("Ada")
    said = discord.person_says(discord.channel, ada, "report")
    async with connected(discord) as socket:
        await socket.identify()
        await socket.event("GUILD_CREATE")
        thread = discord.starts_thread(said, ada, "Talk")
        assert await socket.events() == ["THREAD_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"]
        discord.archives(thread)
        update = await socket.event("THREAD_UPDATE")
        assert update["thread_metadata"]["archived"]
        discord.person_says(thread, ada, "still here")
        assert not (await socket.event("THREAD_UPDATE"))["thread_metadata"]["archived"]
        discord.deletes_channel(thread)
        gone = await socket.event("THREAD_DELETE")
        assert (gone["id"], gone["parent_id"]) == (thread.id, discord.channel.id)


async def test_channels_and_permissions_say_when_they_change(discord: DiscordServer) -> None:
    """docs.discord.com/developers/events/gateway-events#channels"""
    async with connected(discord) as socket:
        await socket.identify()
        made = discord.adds_channel("more")
        assert (await socket.event("CHANNEL_CREATE"))["id"] == made.id
        discord.revokes("SEND_MESSAGES", channel=made)
        update = await socket.event("CHANNEL_UPDATE")
        assert update["permission_overwrites"][0]["deny"] == str(1 << 11)
        discord.grants("MANAGE_MESSAGES")
        assert int((await socket.event("GUILD_ROLE_UPDATE"))["role"]["permissions"]) & 1 << 13
        discord.deletes_channel(made)
        assert (await socket.event("CHANNEL_DELETE"))["id"] == made.id


async def test_an_outage_is_not_a_removal(discord: DiscordServer) -> None:
    """docs.discord.com/developers/events/gateway-events#guild-delete"""
    ada = discord.adds_person("Ada")
    async with connected(discord) as socket:
        await socket.identify()
        await socket.event("GUILD_CREATE")
        discord.outage()
        assert await socket.event("GUILD_DELETE") == {"id": discord.guild.id, "unavailable": True}
        discord.person_says(discord.channel, ada, "unheard")
        discord.outage(over=True)
        assert (await socket.receive())["t"] == "GUILD_CREATE"
        discord.removes_bot()
        assert await socket.event("GUILD_DELETE") == {"id": discord.guild.id}
        discord.invites_bot()
        assert "unavailable" not in await socket.event("GUILD_CREATE")


async def test_shards_get_their_own_guilds_and_twins_get_everything(
    discord: DiscordServer,
) -> None:
    """docs.discord.com/developers/events/gateway#sharding"""
    number = (int(discord.guild.id) >> 22) % 2
    async with connected(discord) as mine, connected(discord) as twin, connected(discord) as other:
        for socket, shard in ((mine, number), (twin, number), (other, 1 - number)):
            await socket.identify(shard=[shard, 2])
        discord.person_says(discord.channel, discord.adds_person("Ada"), "hi")
        assert "MESSAGE_CREATE" in await mine.events()
        assert "MESSAGE_CREATE" in await twin.events()
        assert await other.events() == []


async def test_members_are_listed_on_request() -> None:
    """docs.discord.com/developers/events/gateway-events#request-guild-members"""
    async with (
        running(Settings(privileged=1 << 1)) as call,
        connected(call.server) as socket,
    ):
        await socket.identify(GUILDS | 1 << 1)
        data = {"guild_id": call.server.guild.id, "query": "", "limit": 0, "nonce": "n"}
        await socket.send(8, data)
        chunk = await socket.event("GUILD_MEMBERS_CHUNK")
        assert (len(chunk["members"]), chunk["nonce"]) == (2, "n")
