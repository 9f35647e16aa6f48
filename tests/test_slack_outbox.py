"""Slack and the outbox: whatever becomes of the answers, each report and each copy stands once."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import pytest

from tests.servers import faults
from tests.servers.slack import SlackServer
from tests.servers.slack.raw import raw
from tests.test_slack_story import TITLE, Newsroom, newsroom
from tests.waiting import until

POST = "chat.postMessage"
UNCLEAR = (
    faults.refused("fatal_error"),
    faults.refused("internal_error"),
    faults.refuse_status(500),
    faults.refuse_status(503),
    faults.Fault("close"),
    faults.Fault("reset"),
    faults.Fault("html", status=502),
    faults.Fault("truncated"),
)
"""Answers that do not say whether a message was taken."""


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as made:
        yield made


@pytest.fixture
async def room(slack: SlackServer, sqlite_url: str) -> AsyncIterator[Newsroom]:
    """It does not listen unless the test says so: no echo settles what is unsure."""
    async with newsroom(sqlite_url, slack) as made:
        yield made


def keys(room: Newsroom) -> list[str]:
    return [
        accepted.metadata["event_payload"]["key"]
        for accepted in room.slack.ledger
        if accepted.method == POST and accepted.metadata
    ]


async def many(room: Newsroom, count: int) -> list[str]:
    """So many channels that share; each gets the next report."""
    places = [room.slack.adds_channel(f"news-{n}", members=[room.ada]) for n in range(count)]
    await room.shares(*places)
    return places


@pytest.mark.parametrize("listening", [False, True])
@pytest.mark.parametrize("accepted", [False, True])
async def test_an_unclear_answer_is_neither_a_loss_nor_a_second_post(
    room: Newsroom, accepted: bool, listening: bool
) -> None:
    if listening:
        await room.listens()
    places = await many(room, len(UNCLEAR))
    room.slack.faults.add(*(replace(one, accepted=accepted) for one in UNCLEAR), call=POST)
    await room.publishes()
    await room.delivers()
    assert [len(room.standing(place)) for place in places] == [1] * len(places)
    assert room.posts() == len(places)
    assert len(set(keys(room))) == len(places)
    assert Counter(room.states()) == {"shown": len(places)}


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("mode", ["ignore", "dedupe", "dedupe_and_refuse"])
async def test_whatever_slack_makes_of_our_id_of_a_message_it_is_posted_once(
    room: Newsroom, mode: Literal["ignore", "dedupe", "dedupe_and_refuse"], deaf: bool
) -> None:
    room.slack.modes.client_msg_id = mode
    if not deaf:
        await room.listens()
    places = await many(room, 6)
    lost = (faults.accept_then_close(), faults.accept_then_reset(), faults.accept_then_status(500))
    room.slack.faults.add(*lost * 2, call=POST)
    await room.publishes()
    await room.delivers()
    assert [len(room.standing(place)) for place in places] == [1] * 6
    assert room.posts() == 6
    ids = [one.args["client_msg_id"] for one in room.slack.ledger if one.method == POST]
    assert len(set(ids)) == 6


@pytest.mark.parametrize("mode", ["ignore", "dedupe", "dedupe_and_refuse"])
async def test_what_was_posted_and_removed_before_we_knew_is_not_posted_again(
    room: Newsroom, mode: Literal["ignore", "dedupe", "dedupe_and_refuse"]
) -> None:
    room.slack.modes.client_msg_id = mode
    await room.listens()
    await room.shares(room.lab)
    room.slack.faults.add(faults.accept_then_close(), call=POST)
    await room.publishes()
    await room.worker.deliver_due()
    room.slack.moderator_deletes(room.lab, room.standing(room.lab)[0].ts)
    await room.slack.settled()
    await room.delivers()
    assert room.posts() == 1
    assert room.standing(room.lab) == []


async def test_slacks_word_that_a_message_was_removed_is_the_last_one(room: Newsroom) -> None:
    """Nobody listens: only Slack's own memory of the id tells that it was there."""
    room.slack.modes.client_msg_id = "dedupe_and_refuse"
    await room.shares(room.lab)
    room.slack.faults.add(faults.accept_then_close(), call=POST)
    await room.publishes()
    await room.worker.deliver_due()
    room.slack.moderator_deletes(room.lab, room.standing(room.lab)[0].ts)
    await room.delivers()
    assert room.posts() == 1
    (state,) = room.states()
    assert state.startswith("refused: This was posted, and then removed in Slack")


async def test_metadata_holds_a_key_and_nothing_else(room: Newsroom) -> None:
    root = await room.report()
    await room.listens()
    room.slack.person_says(room.lab, room.ada, "Impressive!", root)
    await until(lambda: bool(room.comments()))
    await room.delivers()
    room.slack.person_edits(room.lab, next(iter(room.comments())), "Impressive.")
    await until(lambda: "Impressive." in room.comments().values())
    await room.delivers()
    kept = [accepted.metadata for accepted in room.slack.ledger]
    assert len(kept) == 4
    for metadata in kept:
        assert metadata
        assert metadata["event_type"] == "botbeat_delivery"
        assert list(metadata["event_payload"]) == ["key"]
        assert re.fullmatch("[a-z2-7]{24}", metadata["event_payload"]["key"])


async def test_a_message_that_lost_its_metadata_is_still_not_posted_twice(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.slack.modes.drops_metadata = True
    places = await many(room, 2)
    room.slack.faults.add(faults.accept_then_close(), call=POST)
    await room.publishes()
    await room.delivers()
    assert [len(room.standing(place)) for place in places] == [1, 1]
    assert room.posts() == 2
    assert caplog.text.count("Slack dropped the metadata of delivery") == 1


async def test_what_never_reached_slack_is_sent_again_without_a_look(room: Newsroom) -> None:
    await room.shares()
    await room.slack.stop()
    await room.publishes()
    for _ in range(3):
        await room.worker.deliver_due()
    await room.slack.start()
    await room.delivers()
    assert room.posts() == 2
    assert not [a for a in room.slack.answers if a.method.startswith("conversations.")]


REFUSALS = ["missing_scope", "not_allowed_token_type", "no_permission", "access_denied"]


async def unsure_copy(room: Newsroom) -> str:
    """A comment in the lab whose copy was posted in news, but the answer was lost, and so was its
    echo; when Slack sends that is up to the test."""
    root = await room.report()
    await room.listens()
    await room.slack.settled()
    said = room.slack.person_says(room.lab, room.ada, "Impressive!", root)
    await until(lambda: bool(room.comments()))
    await room.slack.settled()
    room.slack.deliveries.hold()
    room.slack.faults.add(faults.accept_then_close(), call=POST)
    await room.delivers()
    return said


@pytest.mark.parametrize("error", REFUSALS)
async def test_where_replies_may_not_be_read_a_copy_is_parked_and_its_echo_settles_it(
    room: Newsroom, error: str
) -> None:
    room.slack.modes.refuse_replies = error
    await unsure_copy(room)
    assert room.copies(room.news) == ["Impressive!"]
    *_, state = room.states()
    assert state.startswith("parked: ")
    posts = room.posts()
    await asyncio.sleep(0.3)
    await room.worker.deliver_due()
    assert room.posts() == posts
    await room.slack.deliveries.release()
    await until(lambda: room.states()[-1] == "shown")
    assert room.posts() == posts


async def test_an_echo_before_the_answer_is_the_receipt(
    slack: SlackServer, sqlite_url: str
) -> None:
    slack.modes.echo_before_reply = True
    async with newsroom(sqlite_url, slack) as room:
        await room.listens()
        await room.slack.settled()
        caught_up = len([a for a in slack.answers if a.method == "conversations.history"])
        places = await many(room, 20)
        lost = faults.accept_then_close()
        slack.faults.decider = lambda call: lost if call == POST else faults.NONE
        await room.publishes()
        await room.delivers()
        assert Counter(room.states()) == {"shown": 20}
        assert room.posts() == 20
        assert [len(room.standing(place)) for place in places] == [1] * 20
        # It was enough: nobody had to look.
        looked = [a for a in slack.answers if a.method == "conversations.history"]
        assert len(looked) == caught_up
        assert room.comments() == {}


async def test_while_slack_asks_for_patience_hardly_anything_is_asked_of_it(
    room: Newsroom,
) -> None:
    """In use Slack asks for 30 seconds, and gets one question in that time."""
    await many(room, 5)
    busy = faults.ratelimited(1)
    room.slack.faults.decider = lambda call: busy if call == POST else faults.NONE
    room.chat.pace = replace(room.chat.pace, install=0.001, burst=1)
    await room.publishes()
    asked: list[float] = []
    async with asyncio.timeout(30):
        while len(asked) < 3:
            await room.worker.deliver_due()
            await asyncio.sleep(0.02)
            asked = [a.at for a in room.slack.answers if a.method == POST]
    assert min(later - before for before, later in pairwise(asked)) > 0.9
    room.slack.faults.clear()
    await room.delivers()
    assert room.posts() == 5


CLOSED = [
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "restricted_action_read_only_channel",
]


@pytest.mark.parametrize("error", CLOSED)
@pytest.mark.parametrize("healing", ["unarchives", "invites_bot"])
async def test_a_channel_that_refuses_us_is_tried_once_and_goes_on_when_it_heals(
    room: Newsroom, error: str, healing: str
) -> None:
    await room.listens()
    await room.shares(room.lab)
    refused = faults.refused(error)
    room.slack.faults.decider = lambda call: refused if call == POST else faults.NONE
    for title in (TITLE, "Mistral AI opens an office in Tokyo", "OpenAI cuts the price of an LLM"):
        await room.publishes(title)
    for _ in range(5):
        await room.worker.deliver_due()
    assert len([a for a in room.slack.answers if a.method == POST]) == 1
    room.slack.faults.clear()
    getattr(room.slack, healing)(room.lab)
    await room.slack.settled()
    await room.delivers()
    assert len(room.standing(room.lab)) == 3


async def test_our_own_words_come_back_in_many_shapes_and_are_never_comments(
    room: Newsroom,
) -> None:
    """Own post, edit and deletion, and a moderator's deletion; under a name of its own or not."""
    root = await room.report()
    await room.listens()
    await room.slack.settled()
    for name in (None, "Ada (Discord)"):
        async with raw(room.slack) as app:
            for remover in ("own", "moderator"):
                sent = {"channel": room.lab, "thread_ts": root, "text": "hi", "username": name}
                told = await app.call(POST, **sent)
                await app.call("chat.update", channel=room.lab, ts=told["ts"], text="hi again")
                if remover == "own":
                    await app.call("chat.delete", channel=room.lab, ts=told["ts"])
                else:
                    room.slack.moderator_deletes(room.lab, told["ts"])
    await room.slack.settled()
    await room.delivers()
    assert room.comments() == {}
    assert room.copies(room.news) == []
