"""The local Discord's threads and forum posts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import quote

import pytest

from tests.servers.discord import Settings
from tests.servers.discord.raw import Caller, Reply, running
from tests.servers.discord.state import Channel


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


async def start(call: Caller, name: str = "Qwen 4") -> Reply:
    """Posts a message and starts a thread from it."""
    posted = await call.post({"content": "report"})
    path = f"/channels/{call.server.channel.id}/messages/{posted.body['id']}/threads"
    return await call("POST", path, {"name": name, "auto_archive_duration": 60})


async def thread(call: Caller) -> Channel:
    return call.server.thread_of((await start(call)).body["id"])


async def say(call: Caller, place: Channel) -> Reply:
    return await call("POST", f"/channels/{place.id}/messages", {"content": "x"})


async def test_a_thread_has_the_id_of_its_message(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#public-private-threads"""
    started = await start(call)
    message = call.server.messages(call.server.channel)[0]
    assert (started.status, started.body["id"]) == (201, message.id)
    fetched = await call("GET", f"/channels/{message.id}")
    assert fetched.body["thread_metadata"]["auto_archive_duration"] == 60
    listed = await call("GET", f"/channels/{call.server.channel.id}/messages")
    assert listed.body[0]["thread"]["name"] == "Qwen 4"
    assert listed.body[0]["flags"] & 1 << 5
    assert [entry.verb for entry in call.server.ledger] == ["create", "thread"]


async def test_a_message_has_one_thread(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (160004)"""
    started = await start(call)
    path = f"/channels/{call.server.channel.id}/messages/{started.body['id']}/threads"
    assert (await call("POST", path, {"name": "again"})).refusal == (400, 160004)


async def test_a_thread_name_has_1_to_100_characters(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#start-thread-from-message"""
    assert (await start(call, "n" * 100)).status == 201
    assert (await start(call, "n" * 101)).fault("name") == "BASE_TYPE_BAD_LENGTH"
    assert (await start(call, "")).fault("name") == "BASE_TYPE_BAD_LENGTH"


async def test_a_thread_archives_after_one_of_four_times(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#thread-metadata-object"""
    posted = await call.post({"content": "report"})
    path = f"/channels/{call.server.channel.id}/messages/{posted.body['id']}/threads"
    reply = await call("POST", path, {"name": "n", "auto_archive_duration": 30})
    assert reply.fault("auto_archive_duration") == "BASE_TYPE_CHOICES"


async def test_threads_start_in_text_channels_with_permission_from_known_messages(
    call: Caller,
) -> None:
    """docs.discord.com/developers/resources/channel#start-thread-from-message"""
    place = await thread(call)
    inner = (await say(call, place)).body["id"]
    nested = await call("POST", f"/channels/{place.id}/messages/{inner}/threads", {"name": "n"})
    assert nested.refusal == (400, 50024)
    path = f"/channels/{call.server.channel.id}/messages/1/threads"
    assert (await call("POST", path, {"name": "n"})).refusal == (404, 10008)
    call.server.revokes("CREATE_PUBLIC_THREADS")
    assert (await start(call)).refusal == (403, 50013)


async def test_a_guild_has_so_many_active_threads() -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (160006)"""
    async with running(Settings(max_active_threads=1)) as call:
        first = await thread(call)
        assert (await start(call)).refusal == (400, 160006)
        call.server.archives(first)
        assert (await start(call)).status == 201


async def test_writing_wakes_an_archived_thread(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#active-archived-threads"""
    place = await thread(call)
    call.server.archives(place)
    assert (await say(call, place)).status == 200
    assert place.thread is not None
    assert not place.thread.archived


async def test_writing_in_a_thread_needs_a_permission_of_its_own(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#permissions"""
    place = await thread(call)
    call.server.revokes("SEND_MESSAGES", channel=call.server.channel)
    assert (await say(call, place)).status == 200
    call.server.revokes("SEND_MESSAGES_IN_THREADS", channel=call.server.channel)
    assert (await say(call, place)).refusal == (403, 50013)


async def test_a_locked_thread_is_closed_to_all_but_moderators(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#locked-threads"""
    place = await thread(call)
    call.server.locks(place)
    assert (await say(call, place)).refusal == (403, 160005)
    call.server.grants("MANAGE_THREADS")
    assert (await say(call, place)).status == 200


@pytest.mark.parametrize("status", [400, 403])
async def test_messages_of_an_archived_thread_cannot_be_edited(status: int) -> None:
    """docs.discord.com/developers/topics/threads#active-archived-threads (50083)"""
    async with running(Settings(archived_status=status)) as call:
        place = await thread(call)
        one = f"/channels/{place.id}/messages/{(await say(call, place)).body['id']}"
        call.server.archives(place)
        assert (await call("PATCH", one, {"content": "y"})).refusal == (status, 50083)
        assert (await call("PATCH", f"/channels/{place.id}", {"archived": False})).status == 200
        assert (await call("PATCH", one, {"content": "y"})).status == 200


@pytest.mark.parametrize("allowed", [True, False])
async def test_deleting_in_an_archived_thread_may_or_may_not_be_allowed(allowed: bool) -> None:
    """The threads page allows it; github.com/victornpb/undiscord/issues/399 met 50083."""
    async with running(Settings(deletes_in_archived=allowed)) as call:
        place = await thread(call)
        one = f"/channels/{place.id}/messages/{(await say(call, place)).body['id']}"
        call.server.archives(place)
        assert (await call("DELETE", one)).status == (204 if allowed else 400)


async def test_an_archived_thread_must_wake_before_anything_else_changes(call: Caller) -> None:
    """github.com/discord/discord-api-docs/issues/6928"""
    place = await thread(call)
    call.server.archives(place)
    assert (await call("PATCH", f"/channels/{place.id}", {"name": "x"})).refusal == (400, 50083)
    both = await call("PATCH", f"/channels/{place.id}", {"archived": False, "name": "x"})
    assert (both.body["name"], both.body["thread_metadata"]["archived"]) == ("x", False)
    assert call.server.ledger.of("channel")[-1].details == {"archived": False, "name": "x"}


async def test_only_moderators_lock_and_wake_what_is_locked(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#editing-deleting-threads"""
    place = await thread(call)
    path = f"/channels/{place.id}"
    assert (await call("PATCH", path, {"locked": True})).refusal == (403, 50013)
    call.server.archives(place, locked=True)
    assert (await call("PATCH", path, {"archived": False})).refusal == (403, 50013)
    call.server.grants("MANAGE_THREADS")
    assert (await call("PATCH", path, {"archived": False})).status == 200


async def test_a_thread_from_a_message_opens_with_a_system_message(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#new-message-types"""
    place = await thread(call)
    listed = await call("GET", f"/channels/{place.id}/messages")
    first = listed.body[0]
    assert (first["type"], first["content"]) == (21, "")
    assert first["message_reference"]["message_id"] == place.id
    assert first["message_reference"]["channel_id"] == call.server.channel.id


async def test_the_bot_joins_and_leaves_threads(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#join-thread"""
    posted = await call.post({"content": "report"})
    place = call.server.starts_thread(posted.body["id"], call.server.adds_person("Ada"))
    path = f"/channels/{place.id}/thread-members"
    assert (await call("PUT", f"{path}/@me")).status == 204
    assert len((await call("GET", path)).body) == 2
    assert (await call("DELETE", f"{path}/@me")).status == 204
    call.server.archives(place)
    assert (await call("PUT", f"{path}/@me")).refusal == (400, 50083)
    wrong = await call("PUT", f"/channels/{call.server.channel.id}/thread-members/@me")
    assert wrong.refusal == (400, 50024)


async def test_active_and_archived_threads_are_listed_apart(call: Caller) -> None:
    """docs.discord.com/developers/topics/threads#enumerating-threads"""
    active, archived = await thread(call), await thread(call)
    call.server.archives(archived)
    found = await call("GET", f"/guilds/{call.server.guild.id}/threads/active")
    assert [one["id"] for one in found.body["threads"]] == [active.id]
    old = await call("GET", f"/channels/{call.server.channel.id}/threads/archived/public")
    assert [one["id"] for one in old.body["threads"]] == [archived.id]


async def test_archived_threads_come_page_by_page(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#list-public-archived-threads"""
    path = f"/channels/{call.server.channel.id}/threads/archived/public?limit=2"
    for _ in range(3):
        call.server.archives(await thread(call))
        await asyncio.sleep(0.002)
    newest = await call("GET", path)
    assert (len(newest.body["threads"]), newest.body["has_more"]) == (2, True)
    mark = newest.body["threads"][-1]["thread_metadata"]["archive_timestamp"]
    rest = await call("GET", f"{path}&before={quote(mark)}")
    assert (len(rest.body["threads"]), rest.body["has_more"]) == (1, False)


@pytest.mark.parametrize("kind", ["forum", "media"])
async def test_a_forum_has_posts_and_no_messages(
    call: Caller, kind: Literal["forum", "media"]
) -> None:
    """docs.discord.com/developers/topics/threads#forums; that the list is empty instead of
    refused: https://github.com/discord/discord-api-docs/issues/2831."""
    forum = call.server.adds_channel("papers", kind)
    messages, body = f"/channels/{forum.id}/messages", {"content": "report"}
    posted = await call("POST", f"/channels/{forum.id}/threads", {"name": "n", "message": body})
    assert (await call("POST", messages, body)).refusal == (400, 50008)
    one = f"{messages}/{posted.body['id']}"
    for method in ("GET", "PATCH", "DELETE"):
        assert (await call(method, one, body)).refusal == (400, 50008)
    assert (await call("GET", messages)).body == []


async def test_a_forum_post_is_a_thread_and_its_message_in_one(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel"""
    forum = call.server.adds_channel("papers", "forum", tags=("LLM",), requires_tag=True)
    path, tag = f"/channels/{forum.id}/threads", forum.tags[0]["id"]
    body = {"name": "Qwen 4", "message": {"content": "report"}, "applied_tags": [tag]}
    posted = await call("POST", path, body)
    assert posted.body["message"]["id"] == posted.body["id"]
    assert call.server.ledger.of("thread")[0].content == "report"
    assert (await call("POST", path, {**body, "applied_tags": []})).refusal == (400, 40067)
    assert (await call("POST", path, {**body, "applied_tags": ["1"]})).refusal == (404, 10087)
    empty = await call("POST", path, {**body, "message": {}})
    assert empty.refusal == (400, 50006)
    none = await call("POST", path, {"name": "n", "applied_tags": [tag]})
    assert none.fault("message") == "BASE_TYPE_REQUIRED"


async def test_a_deleted_thread_is_an_unknown_channel(call: Caller) -> None:
    """docs.discord.com/developers/resources/channel#deleteclose-channel"""
    place = await thread(call)
    assert (await call("DELETE", f"/channels/{place.id}")).refusal == (403, 50013)
    call.server.grants("MANAGE_THREADS")
    assert (await call("DELETE", f"/channels/{place.id}")).status == 200
    assert (await say(call, place)).refusal == (404, 10003)
