"""What Slack refuses, and what it does not let us read: nothing is lost, and nothing said twice."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from bot.delivery import Worker
from bot.model import Channel, Person
from bot.outcomes import Timing
from tests.servers import faults
from tests.servers.slack import Answer, SlackServer
from tests.test_slack_outbox import POST, many
from tests.test_slack_story import TITLE, Newsroom, newsroom
from tests.waiting import until

HOUR = 3600.0


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as made:
        yield made


@pytest.fixture
async def room(slack: SlackServer, sqlite_url: str) -> AsyncIterator[Newsroom]:
    async with newsroom(sqlite_url, slack) as made:
        yield made


def asked(room: Newsroom, method: str) -> list[Answer]:
    return [answer for answer in room.slack.answers if answer.method == method]


def passes(room: Newsroom, seconds: float) -> None:
    """So much time goes by: all that waits for a moment waits that much less."""
    with closing(sqlite3.connect(room.file)) as database, database:
        for table, moment in (
            ("delivery", "due"),
            ("channel", "next_send"),
            ("install", "next_send"),
        ):
            database.execute(f"update {table} set {moment} = {moment} - ?", [seconds])


def refuses(room: Newsroom, method: str, error: str) -> None:
    refused = faults.refused(error)
    room.slack.faults.decider = lambda call: refused if call == method else faults.NONE


async def test_where_botbeat_is_no_member_it_says_so_and_posts_nothing_twice(
    room: Newsroom,
) -> None:
    """With `chat:write.public` it may write there, and not read:
    https://docs.slack.dev/reference/scopes/chat.write.public."""
    room.slack.state.channels[room.news].members.discard(room.slack.bot_user)
    await room.listens()
    answer = await room.slack.slash(room.news, room.ada, "subscribe").first()
    assert "/invite @BotBeat" in str(answer.blocks)
    room.slack.faults.add(faults.accept_then_close(), call=POST)
    await room.publishes()
    await room.delivers()
    assert room.states()[0].startswith("parked: Slack does not let BotBeat look into this channel")
    passes(room, HOUR)
    for _ in range(3):
        await room.worker.deliver_due()
    assert (room.posts(), len(room.standing(room.news))) == (1, 1)
    room.slack.invites_bot(room.news)
    await room.slack.settled()
    await room.delivers()
    assert room.states() == ["shown"]
    assert room.posts() == 1


async def test_one_reading_of_a_channel_settles_sixty_posts_of_which_nobody_knows(
    slack: SlackServer, sqlite_url: str
) -> None:
    """At fifteen messages a page, as Slack gives to apps from outside its marketplace:
    https://docs.slack.dev/apis/web-api/rate-limits."""
    slack.modes.history_page = 15
    async with newsroom(sqlite_url, slack, settle=60) as room:
        await room.shares(room.lab)
        place, ada = Channel("slack", room.lab), Person("slack", room.ada, "Ada")
        await room.bot.command(place, ada, "settings max:all", manages=True)
        await room.publishes()
        await room.delivers()
        lost = faults.accept_then_close()
        slack.faults.decider = lambda call: lost if call == POST else faults.NONE
        for number in range(60):
            await room.publishes(f"Qwen 4.{number} model released by Alibaba")
        while await room.worker.deliver_due():
            pass
        assert Counter(state.partition(":")[0] for state in room.states()) == {
            "shown": 1,
            "unsure": 60,
        }
        # Of what is known nobody has asked.
        assert asked(room, "conversations.history") == []
        passes(room, 61)
        await room.worker.deliver_due()
        assert room.states() == ["shown"] * 61
        assert len(asked(room, "conversations.history")) <= 5
        assert room.posts() == 61


FOR_NOW = (
    *("message_limit_exceeded", "ekm_access_denied", "org_login_required", "team_added_to_org"),
    *("restricted_action", "restricted_action_non_threadable_channel"),
)


@pytest.mark.parametrize("error", FOR_NOW)
async def test_what_a_workspace_does_not_allow_for_now_is_tried_now_and_then_and_comes(
    room: Newsroom, error: str
) -> None:
    await room.shares(room.lab)
    refuses(room, POST, error)
    for title in (TITLE, "Mistral AI opens an office in Tokyo", "OpenAI cuts the price of an LLM"):
        await room.publishes(title)
    for hours in range(3):
        for _ in range(4):
            await room.worker.deliver_due()
        assert len(asked(room, POST)) == hours + 1
        passes(room, HOUR)
    assert {state.partition(":")[0] for state in room.states()} == {"pending"}
    place, ada = Channel("slack", room.lab), Person("slack", room.ada, "Ada")
    status = await room.bot.command(place, ada, "status", manages=True)
    assert " is paused: " in status.text
    room.slack.faults.clear()
    passes(room, HOUR)
    await room.delivers()
    assert len(room.standing(room.lab)) == 3


TOKENS = ("token_revoked", "account_inactive", "invalid_auth", "token_expired", "missing_scope")


@pytest.mark.parametrize("error", TOKENS)
async def test_a_refused_token_stops_all_workers_at_the_first_refusal(
    room: Newsroom, error: str
) -> None:
    places = await many(room, 30)
    one_by_one = Timing(settle=0.2, together=1)
    workers = [
        Worker(room.store, {"slack": room.chat}, room.bot.base_url, one_by_one) for _ in range(3)
    ]
    refuses(room, POST, error)
    await room.publishes()
    for _ in range(5):
        await asyncio.gather(*(worker.deliver_due() for worker in workers))
    assert 1 <= len(asked(room, POST)) <= len(workers)
    assert {state.partition(":")[0] for state in room.states()} == {"pending"}
    # It was installed again.
    room.slack.faults.clear()
    passes(room, HOUR)
    await room.delivers()
    assert [len(room.standing(place)) for place in places] == [1] * 30


async def copied(room: Newsroom) -> str:
    """A comment in the lab, of which a copy stands in news."""
    root = await room.report()
    await room.listens()
    said = room.slack.person_says(room.lab, room.ada, "Impressive!", root)
    await until(lambda: bool(room.comments()))
    await room.delivers()
    return said


async def edits(room: Newsroom, said: str) -> None:
    room.slack.person_edits(room.lab, said, "Impressive.")
    await until(lambda: "Impressive." in room.comments().values())
    for _ in range(4):
        await room.worker.deliver_due()


@pytest.mark.parametrize(
    "error", ["edit_window_closed", "cant_update_message", "message_not_found"]
)
async def test_an_edit_that_slack_does_not_take_ends_after_one_call(
    room: Newsroom, error: str
) -> None:
    """https://docs.slack.dev/reference/methods/chat.update"""
    said = await copied(room)
    posts = room.posts()
    refuses(room, "chat.update", error)
    await edits(room, said)
    assert len(asked(room, "chat.update")) == 1
    assert room.states()[-1].startswith("refused: ")
    assert (room.copies(room.news), room.posts()) == (["Impressive!"], posts)
    room.slack.person_deletes(room.lab, said)
    await until(lambda: not room.comments())
    await room.delivers()
    assert room.copies(room.news) == []


async def test_an_edit_in_a_channel_that_was_archived_waits_until_it_is_restored(
    room: Newsroom,
) -> None:
    said = await copied(room)
    posts = room.posts()
    room.slack.state.channels[room.news].archived = True
    await edits(room, said)
    assert [answer.error for answer in asked(room, "chat.update")] == ["is_inactive"]
    assert room.states()[-1].startswith("pending: This channel is frozen")
    room.slack.unarchives(room.news)
    await room.slack.settled()
    await room.delivers()
    assert (room.copies(room.news), room.posts()) == (["Impressive."], posts)


async def test_a_gesture_that_slack_tells_of_under_two_times_is_one_comment(
    room: Newsroom,
) -> None:
    """https://github.com/typeclaw/typeclaw/pull/49"""
    root = await room.report()
    await room.listens()
    # Told by an event; what is read again has been read before they speak.
    await until(lambda: len(asked(room, "conversations.history")) == 2)
    for name in ("one", "one", "two"):
        room.slack.person_says(room.lab, room.ada, "Impressive!", root, client_msg_id=name)
    await room.slack.settled()
    await room.delivers()
    assert room.copies(room.news) == ["Impressive!"] * 2
