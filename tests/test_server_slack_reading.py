"""What the Slack of our tests tells of channels, threads and people.

`M` is docs.slack.dev/reference/methods.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import SlackServer
from tests.servers.slack.raw import Raw, raw

METADATA = {"event_type": "botbeat_delivery", "event_payload": {"key": "abc"}}


@pytest.fixture
async def api() -> AsyncIterator[Raw]:
    async with SlackServer() as slack, raw(slack) as caller:
        yield caller


async def test_history_is_newest_first_without_replies(api: Raw) -> None:
    """M/conversations.history"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    first = api.slack.person_says(news, ada, "First")
    api.slack.person_says(news, ada, "Reply", thread_ts=first)
    api.slack.person_says(news, ada, "Shout", thread_ts=first, subtype="thread_broadcast")
    api.slack.person_says(news, ada, "Second")
    told = await api.call("conversations.history", channel=news)
    assert [each["text"] for each in told["messages"]] == ["Second", "Shout", "First"]
    assert told["messages"][2]["reply_count"] == 2


async def test_history_comes_in_pages_and_within_bounds(api: Raw) -> None:
    """M/conversations.history (oldest, latest, inclusive, limit, cursor)"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    stamps = [api.slack.person_says(news, ada, str(number)) for number in range(5)]
    cursor, seen = "", []
    while True:
        told = await api.call("conversations.history", channel=news, limit=2, cursor=cursor)
        seen += [each["text"] for each in told["messages"]]
        if not (cursor := told["response_metadata"]["next_cursor"]):
            break
    assert seen == list("43210")
    bounds: dict[str, Any] = {"oldest": stamps[1], "latest": stamps[3]}
    told = await api.call("conversations.history", channel=news, **bounds)
    assert [each["text"] for each in told["messages"]] == ["2"]
    told = await api.call("conversations.history", channel=news, inclusive=True, **bounds)
    assert [each["text"] for each in told["messages"]] == ["3", "2", "1"]
    assert await api.error("conversations.history", channel=news, cursor="?") == "invalid_cursor"
    assert await api.error("conversations.history", channel=news, limit="many") == "invalid_limit"
    bad = {"channel": news, "oldest": "yesterday"}
    assert await api.error("conversations.history", **bad) == "invalid_ts_oldest"


async def test_metadata_is_told_only_when_asked_for(api: Raw) -> None:
    """docs.slack.dev/messaging/message-metadata (include_all_metadata)"""
    news = api.slack.adds_channel("news")
    post: dict[str, Any] = {"channel": news, "text": "Hi", "metadata": METADATA}
    ts = (await api.call("chat.postMessage", **post))["ts"]
    await api.call("chat.postMessage", **post, thread_ts=ts)
    for method, asked in (("conversations.history", {}), ("conversations.replies", {"ts": ts})):
        told = await api.call(method, channel=news, **asked)
        assert all("metadata" not in each for each in told["messages"])
        told = await api.call(method, channel=news, **asked, include_all_metadata=True)
        assert [each["metadata"] for each in told["messages"]] == [METADATA] * len(told["messages"])


async def test_a_thread_shows_its_parent_on_every_page(api: Raw) -> None:
    """M/conversations.replies"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    parent = api.slack.person_says(news, ada, "Parent")
    for number in range(3):
        api.slack.person_says(news, ada, str(number), thread_ts=parent)
    asked: dict[str, Any] = {"channel": news, "ts": parent, "limit": 2}
    one = await api.call("conversations.replies", **asked)
    cursor = one["response_metadata"]["next_cursor"]
    two = await api.call("conversations.replies", **asked, cursor=cursor)
    assert [each["text"] for each in one["messages"]] == ["Parent", "0", "1"]
    assert [each["text"] for each in two["messages"]] == ["Parent", "2"]
    assert one["messages"][1]["parent_user_id"] == ada
    gone = {"channel": news, "ts": "1.000001"}
    assert await api.error("conversations.replies", **gone) == "thread_not_found"


async def test_threads_can_be_closed_to_bots(api: Raw) -> None:
    """M/conversations.replies (contract 29)"""
    api.slack.modes.refuse_replies = "not_allowed_token_type"
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="Hi"))["ts"]
    told = await api.error("conversations.replies", channel=news, ts=ts)
    assert told == "not_allowed_token_type"


@pytest.mark.parametrize("mode", ["unthread", "post", "refuse"])
async def test_a_reply_to_a_message_that_is_gone(api: Raw, mode: Any) -> None:
    """github.com/slack-go/slack/issues/1571 (it silently lands in the channel)"""
    api.slack.modes.missing_parent = mode
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="Report"))["ts"]
    await api.call("chat.delete", channel=news, ts=ts)
    told = await api.call("chat.postMessage", channel=news, text="Comment", thread_ts=ts)
    if mode == "refuse":
        assert told["error"] == "thread_not_found"
    else:
        assert told["message"].get("thread_ts") == (ts if mode == "post" else None)


async def test_a_reply_to_a_reply_joins_the_thread(api: Raw) -> None:
    """M/chat.postMessage (thread_ts)"""
    news = api.slack.adds_channel("news")
    post = {"channel": news, "text": "Hi"}
    ts = (await api.call("chat.postMessage", **post))["ts"]
    reply = (await api.call("chat.postMessage", **post, thread_ts=ts))["ts"]
    told = await api.call("chat.postMessage", **post, thread_ts=reply)
    assert told["message"]["thread_ts"] == ts


async def test_channels_are_listed_as_far_as_the_bot_may_see(api: Raw) -> None:
    """M/conversations.list, M/users.conversations, M/conversations.info"""
    slack = api.slack
    news, open_ = slack.adds_channel("news"), slack.adds_channel("open", bot=False)
    board = slack.adds_channel("board", kind="private")
    slack.adds_channel("secret", kind="private", bot=False)
    partners = slack.adds_channel("partners", shared_with=["T0OTHER"])
    slack.archives(open_)
    kinds = "public_channel,private_channel"
    told = await api.call("conversations.list", types=kinds)
    assert {each["id"] for each in told["channels"]} == {news, open_, board, partners}
    told = await api.call("conversations.list", types=kinds, exclude_archived=True)
    assert {each["id"] for each in told["channels"]} == {news, board, partners}
    told = await api.call("users.conversations")
    assert {each["id"] for each in told["channels"]} == {news, partners}
    shown = (await api.call("conversations.info", channel=partners))["channel"]
    assert (shown["name"], shown["is_ext_shared"], shown["is_member"]) == ("partners", True, True)
    assert await api.error("conversations.list", types="parlour") == "invalid_types"


async def test_the_bot_joins_a_public_channel(api: Raw) -> None:
    """M/conversations.join, M/conversations.members"""
    news = api.slack.adds_channel("news", bot=False)
    assert (await api.call("conversations.join", channel=news))["channel"]["is_member"]
    told = await api.call("conversations.join", channel=news)
    assert told["warning"] == "already_in_channel"
    members = await api.call("conversations.members", channel=news)
    assert members["members"] == [api.slack.bot_user]
    private = api.slack.adds_channel("board", kind="private")
    error = await api.error("conversations.join", channel=private)
    assert error == "method_not_supported_for_channel_type"


async def test_a_person_is_reached_directly(api: Raw) -> None:
    """M/conversations.open, M/chat.postMessage (channel may be a person)"""
    ada = api.slack.adds_user("Ada")
    direct = (await api.call("conversations.open", users=ada))["channel"]["id"]
    told = await api.call("chat.postMessage", channel=ada, text="Hi")
    assert told["channel"] == direct
    assert await api.error("conversations.open", users="U404") == "user_not_found"
    assert await api.error("conversations.open") == "users_list_not_supplied"
    shown = (await api.call("conversations.info", channel=direct))["channel"]
    assert (shown["is_im"], shown["user"]) == (True, ada)


async def test_people_and_bots_have_names_unless_hidden(api: Raw) -> None:
    """M/users.info, M/bots.info (contract 47)"""
    ada = api.slack.adds_user("Ada", "ada ♥")
    stranger = api.slack.adds_user("Eve", team="T0OTHER", hidden=True)
    told = await api.call("users.info", user=ada)
    assert told["user"]["profile"]["display_name"] == "ada ♥"
    assert await api.error("users.info", user=stranger) == "user_not_visible"
    assert await api.error("users.info", user="U404") == "user_not_found"
    assert (await api.call("bots.info"))["bot"]["user_id"] == api.slack.bot_user
    assert await api.error("bots.info", bot="B404") == "bot_not_found"


async def test_a_word_for_one_person_only(api: Raw) -> None:
    """M/chat.postEphemeral (user_not_in_channel)"""
    ada, bob = api.slack.adds_user("Ada"), api.slack.adds_user("Bob")
    news = api.slack.adds_channel("news", members=[ada])
    psst = {"channel": news, "text": "Psst"}
    assert (await api.call("chat.postEphemeral", **psst, user=ada))["message_ts"]
    assert await api.error("chat.postEphemeral", **psst, user=bob) == "user_not_in_channel"
    assert (await api.call("conversations.history", channel=news))["messages"] == []


async def test_a_message_has_an_address(api: Raw) -> None:
    """M/chat.getPermalink"""
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel="#news", text="Hi"))["ts"]
    told = await api.call("chat.getPermalink", channel=news, message_ts=ts)
    place = f"archives/{news}/p{ts.replace('.', '')}"
    assert told["permalink"] == f"https://acme.slack.com/{place}"
    gone = {"channel": news, "message_ts": "1.000001"}
    assert await api.error("chat.getPermalink", **gone) == "message_not_found"
