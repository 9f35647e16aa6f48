"""The Slack of our tests tells the app what happens, as Slack does, to a listener without SDK.

Payloads follow docs.slack.dev/reference/events and /reference/interaction-payloads.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import Modes, SlackServer
from tests.servers.slack.http_events import signature
from tests.servers.slack.listener import Listener, listening
from tests.servers.slack.raw import Raw, raw


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(Modes(ack_timeout=0.5, retry_delays=(0.01, 0.02, 0.03))) as server:
        yield server


@pytest.fixture
async def app(slack: SlackServer) -> AsyncIterator[Listener]:
    listener = Listener()
    async with listening(listener) as url:
        slack.calls_app_at(url)
        yield listener


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Raw]:
    async with raw(slack) as caller:
        yield caller


async def test_an_event_is_signed(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/authentication/verifying-requests-from-slack"""
    ada = slack.adds_user("Ada")
    slack.person_says(slack.adds_channel("news"), ada, "Hello")
    await slack.settled()
    headers, body = app.seen[0]
    expected = signature("the-signing-secret", headers["x-slack-request-timestamp"], body)
    assert headers["x-slack-signature"] == expected
    event = json.loads(body)
    assert event["type"] == "event_callback"
    assert event["authorizations"][0]["user_id"] == slack.bot_user
    assert (event["event"]["text"], event["event"]["user"]) == ("Hello", ada)


def test_the_signature_is_that_of_the_documents() -> None:
    """docs.slack.dev/authentication/verifying-requests-from-slack (the worked example)"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


async def test_an_event_not_taken_is_sent_up_to_four_times(
    slack: SlackServer, app: Listener
) -> None:
    """docs.slack.dev/apis/events-api (retries)"""
    app.statuses = [500, 503, 404, 500]
    slack.person_says(slack.adds_channel("news"), slack.adds_user("Ada"), "Hello")
    await slack.settled()
    headers = [headers for headers, _ in app.seen]
    assert [each.get("x-slack-retry-num") for each in headers] == [None, "1", "2", "3"]
    assert headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({json.loads(body)["event_id"] for _, body in app.seen}) == 1
    assert [attempt.ok for attempt in slack.attempts] == [False] * 4


async def test_an_event_taken_late_is_sent_again(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/apis/events-api (http_timeout after three seconds)"""
    app.delays = [1]
    slack.person_says(slack.adds_channel("news"), slack.adds_user("Ada"), "Hello")
    await slack.settled()
    assert [(each.ok, each.reason) for each in slack.attempts] == [
        (False, ""),
        (True, "http_timeout"),
    ]


async def test_an_app_can_decline_retries(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/apis/events-api (x-slack-no-retry)"""
    app.statuses, app.headers = [500], {"X-Slack-No-Retry": "1"}
    slack.person_says(slack.adds_channel("news"), slack.adds_user("Ada"), "Hello")
    await slack.settled()
    assert len(app.seen) == 1


@pytest.mark.parametrize(("signed", "headers"), [(True, True), (False, False)])
async def test_an_address_is_verified(
    slack: SlackServer, app: Listener, signed: bool, headers: bool
) -> None:
    """docs.slack.dev/reference/events/url_verification"""
    app.reply = {"challenge": "a-challenge"}
    status, text = await slack.http.verify(signed=signed)
    assert (status, json.loads(text)["challenge"]) == (200, "a-challenge")
    assert ("x-slack-signature" in app.seen[0][0]) is headers


async def test_a_message_can_be_edited_and_deleted(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/reference/events/message/message_changed and /message_deleted"""
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    ts = slack.person_says(news, ada, "Helo")
    await slack.settled()
    slack.person_edits(news, ts, "Hello")
    await slack.settled()
    slack.unfurls(news, ts)
    await slack.settled()
    slack.person_deletes(news, ts)
    await slack.settled()
    said, edited, unfurled, deleted = app.events
    assert "subtype" not in said
    assert edited["subtype"] == unfurled["subtype"] == "message_changed"
    assert (edited["message"]["text"], edited["previous_message"]["text"]) == ("Hello", "Helo")
    assert edited["message"]["edited"]["user"] == ada
    assert edited["ts"] != edited["message"]["ts"] == ts
    assert unfurled["message"]["edited"] == unfurled["previous_message"]["edited"]
    assert unfurled["message"]["attachments"]
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (ts, "Hello")


async def test_a_deleted_parent_leaves_a_tombstone(slack: SlackServer, app: Listener) -> None:
    """github.com/42wim/matterbridge/issues/600 and /1959 (contract 13)"""
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    parent = slack.person_says(news, ada, "Parent")
    reply = slack.person_says(news, ada, "Reply", thread_ts=parent)
    await slack.settled()
    app.seen.clear()
    slack.person_deletes(news, parent)
    await slack.settled()
    buried, replayed = sorted(app.events, key=lambda event: str(event["ts"]))
    assert buried["message"]["subtype"] == "tombstone"
    assert buried["message"]["text"] == "This message was deleted."
    assert buried["previous_message"]["text"] == "Parent"
    assert replayed["message"] == replayed["previous_message"]
    app.seen.clear()
    slack.person_deletes(news, reply)
    await slack.settled()
    assert {event["deleted_ts"] for event in app.events} == {reply, parent}


async def test_the_app_hears_nothing_where_it_is_no_member(
    slack: SlackServer, app: Listener
) -> None:
    """docs.slack.dev/reference/events/message.channels"""
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news", bot=False)
    slack.person_says(news, ada, "Unheard")
    slack.invites_bot(news)
    await slack.settled()
    slack.person_says(news, ada, "Heard")
    await slack.settled()
    slack.removes_bot(news)
    slack.person_says(news, ada, "Unheard again")
    await slack.settled()
    kinds = [event.get("subtype") or event["type"] for event in app.events]
    assert sorted(kinds[:2]) == ["channel_join", "member_joined_channel"]
    assert kinds[2] == "message"
    assert sorted(kinds[3:]) == ["channel_left", "member_left_channel"]


async def test_a_mention_of_the_bot_is_two_events(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/reference/events/app_mention (contract 9)"""
    news = slack.adds_channel("news")
    ts = slack.person_says(news, slack.adds_user("Ada"), f"<@{slack.bot_user}> hello")
    await slack.settled()
    assert {event["type"] for event in app.events} == {"message", "app_mention"}
    assert {event["ts"] for event in app.events} == {ts}
    assert len({json.loads(body)["event_id"] for _, body in app.seen}) == 2


async def test_channels_and_tokens_have_events_of_their_own(
    slack: SlackServer, app: Listener
) -> None:
    """docs.slack.dev/reference/events"""
    news, board = slack.adds_channel("news"), slack.adds_channel("board", kind="private")
    slack.archives(news)
    slack.unarchives(news)
    slack.renames(board, "council")
    moved = slack.shares(board, "T0OTHER")
    slack.deletes_channel(news)
    slack.revokes(slack.bot_token)
    slack.uninstalls(slack.team)
    await slack.settled()
    kinds = sorted(event["type"] for event in app.events)
    assert kinds == [
        "app_uninstalled",
        "channel_archive",
        "channel_deleted",
        "channel_id_changed",
        "channel_unarchive",
        "group_rename",
        "tokens_revoked",
        "tokens_revoked",
    ]
    assert moved != board


@pytest.mark.parametrize("mode", ["full", "event_type", "none"])
async def test_the_bots_own_post_comes_back(api: Raw, app: Listener, mode: Any) -> None:
    """github.com/slackapi/python-slack-sdk/issues/1501 (contract 16)"""
    api.slack.modes.echo_metadata = mode
    news = api.slack.adds_channel("news")
    metadata = {"event_type": "botbeat_delivery", "event_payload": {"key": "abc"}}
    await api.call("chat.postMessage", channel=news, text="Hi", metadata=metadata)
    await api.slack.settled()
    (event,) = app.events
    assert event["bot_id"] == api.slack.state.teams[api.slack.team].bot_id
    expected = {"full": metadata, "event_type": {"event_type": "botbeat_delivery"}, "none": None}
    assert event.get("metadata") == expected[mode]


async def test_a_post_under_another_name_has_no_user(api: Raw, app: Listener) -> None:
    """docs.slack.dev/reference/events/message/bot_message (contract 14)"""
    news = api.slack.adds_channel("news")
    told = await api.call("chat.postMessage", channel=news, text="Hi", username="Ada (Discord)")
    api.slack.moderator_deletes(news, told["ts"])
    await api.slack.settled()
    posted, deleted = sorted(app.events, key=lambda event: str(event["ts"]))
    assert posted["subtype"] == deleted["previous_message"]["subtype"] == "bot_message"
    assert "user" not in posted
    assert posted["username"] == "Ada (Discord)"


@pytest.mark.parametrize("before", [True, False])
async def test_an_echo_can_come_before_the_answer(api: Raw, app: Listener, before: bool) -> None:
    """github.com/matrix-org/matrix-appservice-slack (contract 15)"""
    api.slack.modes.echo_before_reply, api.slack.modes.echo_delay = before, 0.1
    news = api.slack.adds_channel("news")
    await api.call("chat.postMessage", channel=news, text="Hi")
    assert (len(app.seen) == 1) is before
    await api.slack.settled()
    assert len(app.seen) == 1


async def test_events_can_be_held_back_reordered_and_repeated(
    slack: SlackServer, app: Listener
) -> None:
    """docs.slack.dev/apis/events-api (no order, and at least once)"""
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    slack.deliveries.hold()
    for text in ("a", "b", "c"):
        slack.person_says(news, ada, text)
    await slack.settled()
    assert app.seen == []
    await slack.deliveries.release(2, 0)
    assert [event["text"] for event in app.events] == ["c", "a"]
    await slack.deliveries.release()
    slack.deliveries.again(slack.attempts[0].id, times=2)
    await slack.settled()
    assert [event["text"] for event in app.events] == ["c", "a", "b", "c", "c"]
    assert len({json.loads(body)["event_id"] for _, body in app.seen}) == 3


async def test_a_flood_of_events_ends_in_a_note_about_it(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/reference/events/app_rate_limited"""
    slack.deliveries.limit(slack.team)
    await slack.settled()
    told = json.loads(app.seen[0][1])
    assert (told["type"], told["team_id"]) == ("app_rate_limited", slack.team)
