"""What BotBeat did not hear in Slack is made up for, and nothing waits for it."""

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from bot.model import Channel, MessageRef
from bot.ports import Pace
from tests.servers import faults
from tests.servers.slack import Modes, SlackServer
from tests.slack_world import QUICK, world_of
from tests.test_slack import chat_that_hears
from tests.test_slack_story import Newsroom, newsroom
from tests.waiting import until

READING = ("conversations.history", "conversations.replies")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(Modes(retry_delays=(0.01, 0.02, 0.03))) as made:
        yield made


@pytest.fixture
async def room(slack: SlackServer, sqlite_url: str) -> AsyncIterator[Newsroom]:
    async with newsroom(sqlite_url, slack) as made:
        yield made


def read_until(room: Newsroom, thread: MessageRef) -> float:
    with room.bot.store.read() as tx:
        return tx.cursors.read(thread)


def reads(slack: SlackServer, error: str = "") -> int:
    return len([a for a in slack.answers if a.method in READING and a.error == error])


@pytest.mark.parametrize("by_http", [False, True])
async def test_each_start_is_followed_by_a_catch_up(by_http: bool) -> None:
    async with world_of(by_http=by_http) as world:
        await until(lambda: world.core.catch_ups == 1)


async def test_what_people_did_while_all_processes_were_down_is_there_after_the_start(
    room: Newsroom,
) -> None:
    root = await room.report()
    await room.listens()
    known = [room.slack.person_says(room.lab, room.ada, f"old {n}", root) for n in range(20)]
    await until(lambda: len(room.comments()) == 20)
    await room.delivers()
    await room.slack.settled()
    await room.leaves()
    for ts in known[:8]:
        room.slack.person_edits(room.lab, ts, f"new {ts}")
    for ts in known[8:16]:
        room.slack.person_deletes(room.lab, ts)
    bob = room.slack.adds_user("Bob")
    room.slack.state.channels[room.lab].members.add(bob)
    missed = [room.slack.person_says(room.lab, bob, f"missed {n}", root) for n in range(6)]
    await room.slack.settled()
    assert {a.failure for a in room.slack.attempts[-30:]} == {"no_socket"}
    await room.listens()
    expected = [f"new {ts}" for ts in known[:8]]
    expected += [f"old {n}" for n in range(16, 20)] + [f"missed {n}" for n in range(6)]
    await until(lambda: sorted(room.comments().values()) == sorted(expected))
    assert set(missed) < set(room.comments())
    await room.delivers()
    assert room.copies(room.news) == expected
    authors = [post.blocks[0] for post in room.standing(room.news, replies=True)]
    assert sum("Bob" in str(author) for author in authors) == 6


async def test_an_event_that_was_never_kept_is_found_when_the_database_is_back(
    room: Newsroom,
) -> None:
    """Slack sends it four times, and gives up."""
    root = await room.report()
    await room.listens()
    await until(lambda: reads(room.slack) >= 2)
    room.slack.modes.ack_timeout = 0.1
    room.store.away = True
    said = room.slack.person_says(room.lab, room.ada, "Do not lose me", root)
    await room.slack.settled()
    assert [a.ok for a in room.slack.attempts if a.event == "message"][-4:] == [False] * 4
    room.store.away = False
    await until(lambda: room.comments() == {said: "Do not lose me"})
    await room.delivers()
    assert room.copies(room.news) == ["Do not lose me"]


async def test_the_reads_keep_slacks_budget_and_live_comments_do_not_wait(
    slack: SlackServer, sqlite_url: str
) -> None:
    """Outside its marketplace Slack lets an app read once a minute, which is half a second here."""
    modes = slack.modes
    modes.history_page, modes.history_per_minute, modes.minute = 15, 1, 0.5
    async with newsroom(sqlite_url, slack) as room:
        titles = [f"Qwen 4.{n} model released by Alibaba" for n in range(5)]
        await room.report(*titles)
        roots = [post.ts for post in room.standing(room.lab)]
        for root in roots:
            slack.person_says(room.lab, room.ada, f"missed {root}", root)
        await slack.settled()
        modes.rate_limits = True
        room.chat.pace = Pace(reading=0.55)
        await room.listens()
        live = slack.person_says(room.lab, room.ada, "live", roots[0])
        await until(lambda: live in room.comments())
        assert len(room.comments()) < 6
        await until(lambda: len(room.comments()) == 6)
        # One read of each channel, one of each thread that somebody wrote in.
        assert reads(slack, "") <= 2 + 5 + 1
        assert reads(slack, "ratelimited") == 0


async def test_where_slack_asks_for_patience_the_catch_up_is_patient(room: Newsroom) -> None:
    root = await room.report()
    missed = room.slack.person_says(room.lab, room.ada, "missed", root)
    await room.slack.settled()
    room.slack.faults.add(faults.ratelimited(1), call="conversations.replies")
    await room.listens()
    await until(lambda: room.comments() == {missed: "missed"})
    at = [a.at for a in room.slack.answers if a.method == "conversations.replies"]
    assert at[1] - at[0] >= 1


async def test_where_replies_may_not_be_read_it_is_said_once_and_live_comments_go_on(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.slack.modes.refuse_replies = "missing_scope"
    caplog.set_level(logging.INFO)
    root = await room.report()
    room.slack.person_says(room.lab, room.ada, "missed", root)
    await room.slack.settled()
    await room.listens()
    await until(lambda: "is not caught up" in caplog.text)
    live = room.slack.person_says(room.lab, room.ada, "live", root)
    await until(lambda: room.comments() == {live: "live"})
    assert caplog.text.count("is not caught up") == 1


async def test_a_catch_up_that_fails_is_tried_again() -> None:
    async with world_of(times=replace(QUICK, rest=0.05)) as world:
        await until(lambda: world.core.catch_ups == 1)
        world.core.unreadable = 2
        world.chat._missed.note()
        await until(lambda: world.core.catch_ups == 4)


async def test_what_was_written_while_we_were_not_in_a_channel_is_read_when_we_are() -> None:
    async with world_of(times=QUICK) as world:
        await until(lambda: world.core.catch_ups == 1)
        world.slack.removes_bot(world.channel.id)
        world.slack.invites_bot(world.channel.id)
        await until(lambda: world.core.catch_ups == 2)


async def test_a_thread_whose_report_was_removed_is_read_again_too(room: Newsroom) -> None:
    """Slack keeps it under a tombstone: https://docs.slack.dev/reference/events/message."""
    root = await room.report()
    await room.listens()
    heard = room.slack.person_says(room.lab, room.ada, "heard", root)
    await until(lambda: heard in room.comments())
    room.slack.moderator_deletes(room.lab, root)
    await room.slack.settled()
    await room.leaves()
    missed = room.slack.person_says(room.lab, room.ada, "missed", root)
    await room.slack.settled()
    await room.listens()
    await until(lambda: room.comments() == {heard: "heard", missed: "missed"})
    await room.delivers()
    assert room.copies(room.news) == ["heard", "missed"]


async def test_a_gesture_that_stands_under_two_times_is_one_comment_when_it_is_read_again(
    room: Newsroom,
) -> None:
    """Of one that was heard and of one that nobody heard, the second message is no comment."""
    root = await room.report()
    thread = MessageRef(Channel("slack", room.lab), root)

    async def reads_it_again() -> None:
        began = time.time()
        await room.listens()
        await until(lambda: read_until(room, thread) > began)

    room.slack.person_says(room.lab, room.ada, "heard", root, client_msg_id="one")
    await reads_it_again()
    assert list(room.comments().values()) == ["heard"]
    await room.leaves()
    for words, name in (("heard", "one"), ("missed", "two"), ("missed", "two")):
        room.slack.person_says(room.lab, room.ada, words, root, client_msg_id=name)
    for _ in range(2):
        await reads_it_again()
        assert list(room.comments().values()) == ["heard", "missed"]
        await room.leaves()


@pytest.mark.parametrize("given", [None, "none", ["none"], []])
async def test_an_answer_that_makes_no_sense_is_no_word_that_a_message_is_gone(
    given: object,
) -> None:
    answer = {"ok": True, "messages": given}
    async with chat_that_hears(lambda: web.json_response(answer)) as chat:
        assert await chat.stands(MessageRef(Channel("slack", "C1"), "1.000001"))
