"""The Slack of our tests refuses what Slack refuses, asked without any SDK.

Each docstring names the page that says so; `M` is docs.slack.dev/reference/methods.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import SCOPES, Modes, SlackServer
from tests.servers.slack.raw import Raw, raw
from tests.servers.slack.refusals import SCOPES as NEEDED
from tests.servers.slack.state import Token


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Raw]:
    async with raw(slack) as caller:
        yield caller


async def test_a_call_needs_a_token_that_is_known(api: Raw) -> None:
    """M/auth.test"""
    assert await api.error("auth.test", token="") == "not_authed"
    assert await api.error("auth.test", token="xoxb-unknown") == "invalid_auth"
    assert (await api.call("auth.test"))["user_id"] == api.slack.bot_user


async def test_a_token_in_a_json_body_does_not_count(api: Raw) -> None:
    """docs.slack.dev/apis/web-api/ (POST bodies: JSON needs the Authorization header)"""
    url, token = api.slack.url + "auth.test", api.slack.bot_token
    async with api.http.post(url, json={"token": token}) as answer:
        assert (await answer.json())["error"] == "not_authed"
    async with api.http.post(url, data={"token": token}) as answer:
        assert (await answer.json())["ok"] is True
    async with api.http.get(url, params={"token": token}) as answer:
        assert (await answer.json())["ok"] is True


async def test_a_token_taken_back_is_named_as_such(api: Raw) -> None:
    """M/chat.postMessage (token_revoked, account_inactive)"""
    api.slack.revokes(api.slack.bot_token)
    assert await api.error("auth.test") == "token_revoked"
    other = api.slack.adds_team("Other")
    token = api.slack.token_of(other)
    api.slack.uninstalls(other)
    assert await api.error("auth.test", token=token) == "account_inactive"


async def test_a_body_that_is_no_json_object_is_refused(api: Raw) -> None:
    """docs.slack.dev/apis/web-api/ (invalid_json, json_not_object, invalid_post_type)"""
    url = api.slack.url + "auth.test"
    for body, kind, error in (
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("x", "text/csv", "invalid_post_type"),
    ):
        async with api.http.post(url, data=body, headers={"Content-Type": kind}) as answer:
            assert (await answer.json())["error"] == error
    assert await api.error("chat.dance") == "unknown_method"


@pytest.mark.parametrize("method", [name for name, scope in NEEDED.items() if scope])
async def test_each_method_wants_its_scope_and_says_which(method: str) -> None:
    """docs.slack.dev/reference/scopes, docs.slack.dev/apis/web-api/ (missing_scope)"""
    async with SlackServer(scopes={"commands"}) as slack, raw(slack) as api:
        token = slack.app_token if method == "apps.connections.open" else None
        if token:
            slack.state.tokens[token].scopes = frozenset({"commands"})
        told = await api.call(method, token=token)
    assert told["error"] == "missing_scope"
    assert told["needed"] == NEEDED[method].replace("*", "channels")
    assert told["provided"] == "commands"


async def test_an_answer_names_the_scopes_of_the_token(api: Raw) -> None:
    """docs.slack.dev/authentication/installing-with-oauth (X-OAuth-Scopes)"""
    await api.call("auth.test")
    assert set(api.headers["x-oauth-scopes"].split(",")) == SCOPES


async def test_a_private_channel_needs_its_own_scope() -> None:
    """M/conversations.history"""
    async with SlackServer(scopes=SCOPES - {"groups:history"}) as slack, raw(slack) as api:
        private = slack.adds_channel("board", kind="private")
        told = await api.call("conversations.history", channel=private)
        assert (told["error"], told["needed"]) == ("missing_scope", "groups:history")


async def test_a_name_of_its_own_needs_the_scope_for_it() -> None:
    """docs.slack.dev/reference/scopes/chat.write.customize"""
    async with SlackServer(scopes=SCOPES - {"chat:write.customize"}) as slack, raw(slack) as api:
        news = slack.adds_channel("news")
        told = await api.call("chat.postMessage", channel=news, text="Hi", username="Ada")
        assert told["needed"] == "chat:write.customize"
        assert slack.ledger == []


async def test_a_private_channel_is_not_found_by_strangers(api: Raw) -> None:
    """M/conversations.info (channel_not_found)"""
    private = api.slack.adds_channel("board", kind="private", bot=False)
    assert await api.error("chat.postMessage", channel=private, text="Hi") == "channel_not_found"
    for method in ("conversations.info", "conversations.history"):
        assert await api.error(method, channel=private) == "channel_not_found"
    assert await api.error("chat.postMessage", channel="C404", text="Hi") == "channel_not_found"


async def test_a_channel_of_another_workspace_is_not_found(api: Raw) -> None:
    """M/chat.postMessage (channel_not_found)"""
    theirs = api.slack.adds_channel("theirs", team=api.slack.adds_team("Other"))
    assert await api.error("chat.postMessage", channel=theirs, text="Hi") == "channel_not_found"


async def test_writing_in_a_public_channel_without_membership_needs_a_scope() -> None:
    """docs.slack.dev/reference/scopes/chat.write.public, M/conversations.history"""
    async with SlackServer(scopes=SCOPES - {"chat:write.public"}) as slack, raw(slack) as api:
        news = slack.adds_channel("news", bot=False)
        assert await api.error("chat.postMessage", channel=news, text="Hi") == "not_in_channel"
        slack.state.tokens[slack.bot_token].scopes = SCOPES
        assert (await api.call("chat.postMessage", channel=news, text="Hi"))["ok"]
        # Reading needs membership all the same (contract 30).
        assert await api.error("conversations.history", channel=news) == "not_in_channel"


async def test_an_archived_channel_takes_nothing(api: Raw) -> None:
    """M/chat.postMessage (is_archived), M/chat.update (is_inactive)"""
    news = api.slack.adds_channel("news")
    posted = await api.call("chat.postMessage", channel=news, text="Hi")
    api.slack.archives(news)
    assert await api.error("chat.postMessage", channel=news, text="Hi") == "is_archived"
    edit = {"channel": news, "ts": posted["ts"], "text": "Ho"}
    assert await api.error("chat.update", **edit) == "is_inactive"
    assert await api.error("conversations.join", channel=news) == "is_archived"
    api.slack.unarchives(news)
    assert (await api.call("chat.update", **edit))["ok"]


async def test_a_message_needs_words(api: Raw) -> None:
    """M/chat.postMessage (no_text, markdown_text_conflict, invalid_blocks_format)"""
    news = api.slack.adds_channel("news")
    for args, error in (
        ({}, "no_text"),
        ({"text": "", "blocks": []}, "no_text"),
        ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": '{"type": "divider"}'}, "invalid_blocks_format"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
    ):
        assert await api.error("chat.postMessage", channel=news, **args) == error
    assert api.slack.ledger == []


async def test_a_very_long_text_is_cut(api: Raw) -> None:
    """docs.slack.dev/changelog/2018-truncating-really-long-messages"""
    news = api.slack.adds_channel("news")
    await api.call("chat.postMessage", channel=news, text="x" * 40_001)
    assert len(api.slack.ledger[0].text) == 40_000


async def test_an_update_with_a_long_text_is_refused(api: Raw) -> None:
    """M/chat.update (msg_too_long: 4,000 characters; measured to count bytes)"""
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="Hi"))["ts"]
    assert await api.error("chat.update", channel=news, ts=ts, text="é" * 2001) == "msg_too_long"
    assert (await api.call("chat.update", channel=news, ts=ts, text="é" * 2000))["ok"]


async def test_only_ones_own_messages_can_be_changed(api: Raw) -> None:
    """M/chat.update, M/chat.delete"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    hers = {"channel": news, "ts": api.slack.person_says(news, ada, "Mine")}
    assert await api.error("chat.update", **hers, text="Yours") == "cant_update_message"
    assert await api.error("chat.delete", **hers) == "cant_delete_message"
    gone = {"channel": news, "ts": "1.000001"}
    assert await api.error("chat.update", **gone, text="x") == "message_not_found"
    assert await api.error("chat.update", channel=news, text="x") == "invalid_arguments"


async def test_deleting_twice_finds_nothing_the_second_time(api: Raw) -> None:
    """M/chat.delete (message_not_found)"""
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="Hi"))["ts"]
    assert (await api.call("chat.delete", channel=news, ts=ts))["ok"]
    assert await api.error("chat.delete", channel=news, ts=ts) == "message_not_found"


async def test_the_window_for_edits_may_close(api: Raw) -> None:
    """M/chat.update (edit_window_closed)"""
    api.slack.modes.edit_window = 60
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="Hi"))["ts"]
    api.slack.passes(61)
    assert await api.error("chat.update", channel=news, ts=ts, text="x") == "edit_window_closed"


async def test_an_update_keeps_metadata_and_drops_blocks_unless_told(api: Raw) -> None:
    """M/chat.update (metadata, blocks)"""
    news = api.slack.adds_channel("news")
    kept = {"event_type": "botbeat_delivery", "event_payload": {"key": "abc"}}
    blocks = [{"type": "divider"}]
    posted: dict[str, Any] = {"text": "Hi", "blocks": blocks, "metadata": kept}
    ts = (await api.call("chat.postMessage", channel=news, **posted))["ts"]
    await api.call("chat.update", channel=news, ts=ts, text="Ho")
    assert api.slack.message(news, ts).metadata == kept
    assert api.slack.message(news, ts).blocks == []
    await api.call("chat.update", channel=news, ts=ts, text="Ho", metadata={})
    assert api.slack.message(news, ts).metadata is None


@pytest.mark.parametrize("bad", ["bot.beat", "", 7, None])
async def test_metadata_with_a_bad_type_is_dropped_with_a_warning(api: Raw, bad: Any) -> None:
    """docs.slack.dev/messaging/message-metadata (invalid_metadata_schema)"""
    news = api.slack.adds_channel("news")
    metadata = {"event_type": bad, "event_payload": {}}
    told = await api.call("chat.postMessage", channel=news, text="Hi", metadata=metadata)
    assert told["ok"]
    assert told["response_metadata"]["warnings"] == ["invalid_metadata_schema"]
    assert api.slack.ledger[0].metadata is None


async def test_metadata_that_is_no_object_is_refused(api: Raw) -> None:
    """M/chat.postMessage (invalid_metadata_format, metadata_too_large)"""
    news = api.slack.adds_channel("news")
    post = {"channel": news, "text": "Hi"}
    assert await api.error("chat.postMessage", **post, metadata="{") == "invalid_metadata_format"
    assert await api.error("chat.postMessage", **post, metadata=[1]) == "invalid_metadata_format"
    large = {"event_type": "x", "event_payload": {"k": "x" * 20_000}}
    assert await api.error("chat.postMessage", **post, metadata=large) == "metadata_too_large"


async def test_metadata_comes_from_apps_not_from_people(api: Raw) -> None:
    """M/chat.postMessage (metadata_must_be_sent_from_app)"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    api.slack.state.tokens["xoxp-ada"] = Token("xoxp-ada", "user", api.slack.team, ada, SCOPES)
    post: dict[str, Any] = {"channel": news, "text": "Hi"}
    post["metadata"] = {"event_type": "x", "event_payload": {}}
    told = await api.error("chat.postMessage", token="xoxp-ada", **post)
    assert told == "metadata_must_be_sent_from_app"


async def test_some_channels_and_messages_take_no_answer(api: Raw) -> None:
    """M/chat.postMessage (restricted_action_read_only_channel, cannot_reply_to_message)"""
    news = api.slack.adds_channel("news", bot=False)
    api.slack.invites_bot(news)
    (joined,) = api.slack.state.channels[news].messages
    post = {"channel": news, "text": "Hi"}
    told = await api.error("chat.postMessage", **post, thread_ts=joined)
    assert told == "cannot_reply_to_message"
    api.slack.state.channels[news].read_only = True
    assert await api.error("chat.postMessage", **post) == "restricted_action_read_only_channel"


async def test_a_message_without_fallback_text_brings_a_warning(api: Raw) -> None:
    """docs.slack.dev/changelog (missing_text_in_message)"""
    news = api.slack.adds_channel("news")
    told = await api.call("chat.postMessage", channel=news, blocks=[{"type": "divider"}])
    assert told["warning"] == "missing_text_in_message"


async def test_posts_come_at_most_at_one_a_second_once_the_burst_is_over() -> None:
    """docs.slack.dev/apis/web-api/rate-limits"""
    async with SlackServer(Modes(rate_limits=True, post_burst=2)) as slack, raw(slack) as api:
        news, other = slack.adds_channel("news"), slack.adds_channel("other")
        for _ in range(2):
            assert (await api.call("chat.postMessage", channel=news, text="Hi"))["ok"]
        assert await api.error("chat.postMessage", channel=news, text="Hi") == "ratelimited"
        assert (api.status, api.headers["Retry-After"]) == (429, "2")
        assert (await api.call("chat.postMessage", channel=other, text="Hi"))["ok"]
        assert len(slack.ledger) == 3
        assert slack.answers[2].retry_after == 2


async def test_outside_the_marketplace_history_is_scarce() -> None:
    """docs.slack.dev/apis/web-api/rate-limits (1 request a minute, 15 objects)"""
    modes = Modes(rate_limits=True, history_per_minute=1, history_page=15)
    async with SlackServer(modes) as slack, raw(slack) as api:
        ada = slack.adds_user("Ada")
        news = slack.adds_channel("news", members=[ada])
        for number in range(20):
            slack.person_says(news, ada, str(number))
        first = await api.call("conversations.history", channel=news, limit=100)
        assert len(first["messages"]) == 15
        assert first["has_more"]
        assert await api.error("conversations.history", channel=news) == "ratelimited"
