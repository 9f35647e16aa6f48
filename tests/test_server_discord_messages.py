"""The local Discord's messages: created, listed, edited and deleted, or refused as Discord does."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.discord.raw import Caller, running


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


def place(call: Caller, rest: str = "") -> str:
    return f"/channels/{call.server.channel.id}/messages{rest}"


async def test_a_wrong_or_missing_token_is_unauthorized(call: Caller) -> None:
    """docs.discord.com/developers/reference#authentication"""
    wrong = await call("GET", "/users/@me", headers={"Authorization": "Bot nobody"})
    missing = await call("GET", "/users/@me", headers={"Authorization": ""})
    assert wrong.refusal == missing.refusal == (401, 0)
    assert wrong.body["message"] == "401: Unauthorized"


async def test_a_request_without_the_user_agent_of_a_bot_is_blocked(call: Caller) -> None:
    """docs.discord.com/developers/reference#user-agent"""
    reply = await call("GET", "/users/@me", headers={"User-Agent": "curl/8"})
    assert reply.refusal == (403, 40333)


async def test_answers_carry_exactly_application_json(call: Caller) -> None:
    """docs.discord.com/developers/reference#content-type; clients compare the whole header."""
    reply = await call("GET", "/users/@me")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.body["id"] == call.server.bot.id


async def test_broken_json_and_wrong_content_types_are_told_apart(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json"""
    broken = await call("POST", place(call), data=b'{"content": ')
    typed = await call("POST", place(call), data=b"{}", headers={"Content-Type": "text/plain"})
    listed = await call("POST", place(call), ["not an object"])
    assert broken.refusal == (400, 50109)
    assert typed.fault("") == "CONTENT_TYPE_INVALID"
    assert listed.fault("") == "MODEL_TYPE_CONVERT"


async def test_what_does_not_exist_is_unknown(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json"""
    guild = call.server.guild.id
    assert (await call("GET", "/channels/1/messages")).refusal == (404, 10003)
    assert (await call("GET", "/guilds/1")).refusal == (404, 10004)
    assert (await call("GET", f"/guilds/{guild}/members/1")).refusal == (404, 10007)
    assert (await call("GET", place(call, "/1"))).refusal == (404, 10008)
    assert (await call("GET", "/users/1")).refusal == (404, 10013)


async def test_a_message_is_stored_answered_and_in_the_ledger(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message"""
    reply = await call.post({"content": "  Qwen 4 released ", "nonce": "n1"})
    assert (reply.status, reply.body["content"]) == (200, "Qwen 4 released")
    assert reply.body["nonce"] == "n1"
    entry = call.server.ledger[0]
    assert (entry.verb, entry.message, entry.nonce) == ("create", reply.body["id"], "n1")
    assert call.server.messages(call.server.channel)[0].content == "Qwen 4 released"
    assert call.server.answers[0].call == "POST /channels/{channel}/messages"


async def test_a_message_that_shows_nothing_is_refused(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (50006)"""
    assert (await call.post({})).refusal == (400, 50006)
    assert (await call.post({"content": " \n "})).refusal == (400, 50006)
    assert len(call.server.ledger) == 0


async def test_who_may_not_see_or_write_is_told_which(call: Caller) -> None:
    """docs.discord.com/developers/topics/permissions"""
    call.server.revokes("SEND_MESSAGES", channel=call.server.channel)
    assert (await call.post({"content": "x"})).refusal == (403, 50013)
    call.server.grants("SEND_MESSAGES", channel=call.server.channel)
    call.server.revokes("EMBED_LINKS")
    assert (await call.post({"embeds": [{"title": "x"}]})).refusal == (403, 50013)
    assert (await call.post({"content": "x"})).status == 200
    call.server.revokes("VIEW_CHANNEL", channel=call.server.channel)
    assert (await call.post({"content": "x"})).refusal == (403, 50001)


async def test_a_removed_bot_has_no_access_and_the_guild_is_unknown(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (50001, 10004)"""
    call.server.removes_bot()
    assert (await call.post({"content": "x"})).refusal == (403, 50001)
    assert (await call("GET", f"/guilds/{call.server.guild.id}")).refusal == (404, 10004)
    call.server.invites_bot()
    assert (await call.post({"content": "x"})).status == 200


async def test_an_enforced_nonce_gives_the_first_message_again(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message (enforce_nonce)"""
    body = {"content": "once", "nonce": "k" * 25, "enforce_nonce": True}
    first, second = await call.post(body), await call.post({**body, "content": "twice"})
    assert (second.status, second.body["id"]) == (200, first.body["id"])
    assert second.body["content"] == "once"
    assert len(call.server.ledger) == 1


async def test_a_nonce_is_forgotten_after_its_window_and_means_nothing_unenforced(
    call: Caller,
) -> None:
    """docs.discord.com/developers/resources/message#create-message: "the past few minutes"."""
    body = {"content": "x", "nonce": "k", "enforce_nonce": True}
    ids = {(await call.post(body)).body["id"]}
    ids.add((await call.post({"content": "x", "nonce": "k"})).body["id"])
    call.server.time_passes(call.server.settings.nonce_window + 1)
    ids.add((await call.post(body)).body["id"])
    assert len(ids) == 3


async def test_a_nonce_whose_message_was_deleted_is_an_unknown_message(call: Caller) -> None:
    """github.com/discord/discord-api-docs/pull/6647: not created again, on purpose."""
    body = {"content": "x", "nonce": 12345, "enforce_nonce": True}
    first = await call.post(body)
    call.server.moderator_deletes(first.body["id"])
    assert (await call.post(body)).refusal == (404, 10008)
    assert len(call.server.ledger.of("create")) == 1


async def test_a_nonce_has_at_most_25_characters(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message"""
    reply = await call.post({"content": "x", "nonce": "k" * 26})
    assert (reply.refusal, reply.fault("nonce")) == ((400, 50035), "BASE_TYPE_MAX_LENGTH")


async def test_a_listing_pages_by_after_before_and_around(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#get-channel-messages"""
    ids = [(await call.post({"content": str(number)})).body["id"] for number in range(6)]

    async def found(query: str) -> list[int]:
        reply = await call("GET", place(call, query))
        return [int(message["content"]) for message in reply.body]

    assert await found("") == [5, 4, 3, 2, 1, 0]
    assert await found(f"?after={ids[1]}&limit=2") == [3, 2]
    assert await found(f"?before={ids[4]}&limit=2") == [3, 2]
    assert await found(f"?around={ids[3]}&limit=2") == [4, 3, 2]
    assert await found("?limit=1") == [5]


async def test_a_listing_takes_1_to_100_and_one_mark(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#get-channel-messages"""
    assert (await call("GET", place(call, "?limit=101"))).fault("limit") == "NUMBER_TYPE_MAX"
    assert (await call("GET", place(call, "?limit=0"))).fault("limit") == "NUMBER_TYPE_MIN"
    assert (await call("GET", place(call, "?after=1&before=2"))).refusal == (400, 50035)


async def test_without_history_the_listing_is_empty_and_no_error(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#get-channel-messages"""
    posted = await call.post({"content": "x"})
    call.server.revokes("READ_MESSAGE_HISTORY", channel=call.server.channel)
    listed = await call("GET", place(call))
    assert (listed.status, listed.body) == (200, [])
    assert (await call("GET", place(call, f"/{posted.body['id']}"))).refusal == (403, 50013)


async def test_an_application_without_message_content_reads_only_its_own_words(
    call: Caller,
) -> None:
    """docs.discord.com/developers/events/gateway#message-content-intent"""
    call.server.settings.privileged = 0
    ada = call.server.adds_person("Ada")
    call.server.person_says(call.server.channel, ada, "secret", files=("a.png",))
    call.server.person_says(call.server.channel, ada, f"hello <@{call.server.bot.id}>")
    await call.post({"content": "mine"})
    listed = await call("GET", place(call))
    contents = [(one["content"], one["attachments"]) for one in listed.body]
    assert contents == [("mine", []), (f"hello <@{call.server.bot.id}>", []), ("", [])]


async def test_an_edit_changes_what_it_names_and_keeps_the_rest(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#edit-message"""
    posted = await call.post({"content": "old", "embeds": [{"title": "kept"}]})
    one = place(call, f"/{posted.body['id']}")
    edited = await call("PATCH", one, {"content": "new"})
    assert (edited.body["content"], edited.body["embeds"][0]["title"]) == ("new", "kept")
    assert edited.body["edited_timestamp"] is not None
    assert (await call("PATCH", one, {"content": None, "embeds": []})).refusal == (400, 50006)


async def test_only_its_author_edits_a_message_and_only_moderators_delete_others(
    call: Caller,
) -> None:
    """docs.discord.com/developers/resources/message#edit-message and #delete-message"""
    theirs = call.server.person_says(call.server.channel, call.server.adds_person("Ada"), "hi")
    one = place(call, f"/{theirs}")
    assert (await call("PATCH", one, {"content": "x"})).refusal == (403, 50005)
    assert (await call("DELETE", one)).refusal == (403, 50013)
    call.server.grants("MANAGE_MESSAGES")
    assert (await call("DELETE", one)).status == 204
    assert (await call("DELETE", one)).refusal == (404, 10008)


async def test_a_bulk_deletion_takes_2_to_100_young_messages(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#bulk-delete-messages"""
    ids = [(await call.post({"content": "x"})).body["id"] for _ in range(3)]
    path = place(call, "/bulk-delete")
    assert (await call("POST", path, {"messages": ids})).refusal == (403, 50013)
    call.server.grants("MANAGE_MESSAGES")
    assert (await call("POST", path, {"messages": ids[:1]})).refusal == (400, 50016)
    call.server.time_passes(15 * 24 * 3600)
    assert (await call("POST", path, {"messages": ids})).refusal == (400, 50034)
    call.server.time_passes(-15 * 24 * 3600)
    assert (await call("POST", path, {"messages": ids[:2]})).status == 204
    assert [one.id for one in call.server.messages(call.server.channel)] == ids[2:]


async def test_a_reply_needs_its_message_and_the_right_to_read_it(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message"""
    body = {"content": "x", "message_reference": {"message_id": "1"}}
    assert (await call.post(body)).fault("message_reference") == "REPLIES_UNKNOWN_MESSAGE"
    call.server.revokes("READ_MESSAGE_HISTORY", channel=call.server.channel)
    assert (await call.post(body)).refusal == (400, 160002)


async def test_a_forum_takes_posts_not_messages(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (50008)"""
    forum = call.server.adds_channel("papers", "forum")
    reply = await call("POST", f"/channels/{forum.id}/messages", {"content": "x"})
    assert reply.refusal == (400, 50008)


async def test_uploads_become_attachments(call: Caller) -> None:
    """docs.discord.com/developers/reference#uploading-files"""
    boundary = "edge"
    part = 'Content-Disposition: form-data; name="payload_json"\r\n\r\n{"content": "see"}'
    file = 'Content-Disposition: form-data; name="files[0]"; filename="a.png"\r\n\r\n\x00'
    data = f"--{boundary}\r\n{part}\r\n--{boundary}\r\n{file}\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    reply = await call("POST", place(call), data=data, headers=headers)
    assert reply.body["content"] == "see"
    assert [one["filename"] for one in reply.body["attachments"]] == ["a.png"]


async def test_after_a_stop_everything_is_there_on_the_same_port(call: Caller) -> None:
    url = call.server.url
    posted = await call.post({"content": "x"})
    await call.server.stop()
    await call.server.start()
    assert call.server.url == url
    assert (await call("GET", place(call, f"/{posted.body['id']}"))).status == 200
