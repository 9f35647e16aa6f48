"""The local Discord's direct messages: what a person and the bot write to each other."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.discord import NotOfferedError
from tests.servers.discord.raw import ALL_INTENTS, Caller, connected, running
from tests.servers.discord.state import Channel

DIRECT_MESSAGES = 1 << 12


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


@pytest.fixture
def direct(call: Caller) -> Channel:
    return call.server.direct(call.server.adds_person("Ada"))


async def test_a_direct_channel_is_in_no_guild_and_names_who_it_is_with(
    call: Caller, direct: Channel
) -> None:
    """docs.discord.com/developers/resources/channel#channel-object-example-dm-channel"""
    told = (await call("GET", f"/channels/{direct.id}")).body
    assert (told["type"], [one["username"] for one in told["recipients"]]) == (1, ["Ada"])
    assert "guild_id" not in told


async def test_it_takes_messages_and_replies_but_no_threads(call: Caller, direct: Channel) -> None:
    path = f"/channels/{direct.id}/messages"
    first = (await call("POST", path, {"content": "A report"})).body
    answer = {"content": "A copy", "message_reference": {"message_id": first["id"]}}
    second = (await call("POST", path, answer)).body
    assert second["message_reference"] == {
        "type": 0,
        "message_id": first["id"],
        "channel_id": direct.id,
    }
    opened = await call("POST", f"{path}/{first['id']}/threads", {"name": "Comments"})
    assert opened.refusal == (400, 50024)
    read = (await call("GET", path)).body
    assert [one["content"] for one in read] == ["A copy", "A report"]


async def test_what_others_wrote_there_the_bot_cannot_delete(call: Caller, direct: Channel) -> None:
    """github.com/victornpb/undiscord/issues/268: only the sender can."""
    assert direct.person
    said = call.server.person_says(direct, direct.person, "Mine")
    refused = await call("DELETE", f"/channels/{direct.id}/messages/{said}")
    assert refused.refusal == (403, 50003)


async def test_who_takes_no_messages_says_so_at_the_first(call: Caller, direct: Channel) -> None:
    """github.com/kordlib/kord/issues/1005: the channel is given out, a message refused."""
    assert direct.person
    call.server.takes_no_messages(direct.person)
    assert (await call("GET", f"/channels/{direct.id}")).status == 200
    refused = await call("POST", f"/channels/{direct.id}/messages", {"content": "A report"})
    assert refused.refusal == (403, 50007)


async def test_its_events_need_an_intent_of_their_own_and_name_no_guild(
    call: Caller, direct: Channel
) -> None:
    """docs.discord.com/developers/events/gateway#list-of-intents; what is said to the bot itself
    it may read without Message Content (#message-content-intent)."""
    assert direct.person
    async with connected(call.server) as deaf, connected(call.server) as socket:
        await deaf.identify(intents=ALL_INTENTS)
        await socket.identify(intents=DIRECT_MESSAGES)
        call.server.person_says(direct, direct.person, "Hello")
        heard = await socket.event("MESSAGE_CREATE")
        assert (heard["content"], heard["channel_id"]) == ("Hello", direct.id)
        assert "guild_id" not in heard
        assert "member" not in heard
        call.server.person_says(call.server.channel, direct.person, "Elsewhere")
        assert (await deaf.event("MESSAGE_CREATE"))["content"] == "Elsewhere"


async def test_a_command_is_offered_there_if_it_says_so_and_comes_from_a_user(
    call: Caller, direct: Channel
) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-object"""
    assert direct.person
    manage = {"default_member_permissions": "16"}
    here = {"name": "here", "description": "d", "contexts": [0, 1], **manage}
    elsewhere = {"name": "elsewhere", "description": "d", "contexts": [0]}
    path = f"/applications/{call.server.bot.id}/commands"
    assert (await call("PUT", path, [here, elsewhere])).status == 200
    async with connected(call.server) as socket:
        await socket.identify(intents=1)
        with pytest.raises(NotOfferedError):
            call.server.slash(direct, direct.person, "elsewhere")
        call.server.slash(direct, direct.person, "here")
        told = await socket.event("INTERACTION_CREATE")
    assert (told["user"]["username"], told["context"]) == ("Ada", 1)
    assert told["channel"]["type"] == 1
    assert not {"member", "guild_id", "guild"} & set(told)
