"""Discord: threads are read again, to find what was said, changed and deleted meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from bot.message import Message
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, History, Said
from tests.discord_place import COPY, Place, listening, opened
from tests.servers import faults
from tests.servers.discord import Settings

LIST = "GET /channels/{channel}/messages"
HTML = faults.accept_then_html(200)
ONE = "GET /channels/{channel}/messages/{message}"


def as_history(place: Place) -> History:
    return place.chat


async def test_a_thread_is_read_oldest_first_with_its_edits_and_our_copies(place: Place) -> None:
    report = await place.report()
    ours = await place.comment(report)
    thread = place.server.thread_of(report.id)
    first = place.server.person_says(thread, place.ada, f"Look <@{place.ada.id}>, __great__")
    second = place.server.person_says(thread, place.ada, "old words")
    place.server.person_edits(second, "new words")
    copy, look, changed = await as_history(place).replies(report, since=0)
    assert (copy.ref, copy.author, copy.key) == (ours, None, COPY)
    ada = Person("discord", place.ada.id, "Ada")
    assert (look.ref, look.author, look.edited) == (place.ref(report, first), ada, 0)
    assert look.text == "Look @Ada, *great*"
    assert changed.text == "new words"
    assert changed.edited == pytest.approx(time.time(), abs=5)


async def test_what_is_read_again_is_what_was_heard_live(place: Place) -> None:
    report = await place.report()
    thread = place.server.starts_thread(report.id, place.ada)
    talk = place.server.channel
    role = place.server.guild.members[place.ada.id].roles[0]
    async with listening(place):
        place.server.person_says(
            thread,
            place.ada,
            f"<@{place.ada.id}> <@&{role}> <#{talk.id}> **x**",
            files=("a_b.png",),
        )
        live = (await place.core.hears("posted"))[0]
    (again,) = await as_history(place).replies(report, since=0)
    assert (again.ref, again.author, again.text) == (live[0], live[2], live[3])
    assert "@Ada @Ada #news" in again.text


async def test_robots_and_notices_are_not_said_by_people(place: Place) -> None:
    report = await place.report()
    thread = place.server.starts_thread(report.id, place.ada)
    robot = place.server.adds_person("Robot")
    robot.bot = True
    place.server.person_says(thread, robot, "beep")
    assert await as_history(place).replies(report, since=0) == []


async def test_a_long_thread_is_read_to_where_it_was_left(place: Place) -> None:
    report = await place.report()
    thread = place.server.starts_thread(report.id, place.ada)
    said = [place.server.person_says(thread, place.ada, f"no {n}") for n in range(250)]
    read = await as_history(place).replies(report, since=0)
    assert [one.ref.id for one in read] == [f"{report.id}/{number}" for number in said]
    pages = [answer for answer in place.server.answers if answer.call == LIST]
    assert len(pages) == 3
    await asyncio.sleep(0.01)
    left = time.time() - 0.005
    last = place.ref(report, place.server.person_says(thread, place.ada, "last"))
    (read_again,) = await as_history(place).replies(report, since=left)
    assert read_again.ref == last


def _was_silent(place: Place, *reports: MessageRef) -> None:
    """What was said under these was said an hour ago; the threads were put away then."""
    for report in reports:
        thread = place.server.thread_of(report.id)
        for message in list(thread.messages.values()):
            old = str(int(message.id) - (3_600_000 << 22))
            thread.messages[old] = replace(thread.messages.pop(message.id), id=old)
        if thread.thread and thread.thread.archived:
            thread.thread.archive_changed -= 3600


async def test_threads_with_something_new_are_listed_also_those_put_away(place: Place) -> None:
    reports = [
        await place.chat.post(place.channel, Message(f"No {key}"), None, key * 24) for key in "2345"
    ]
    for report in reports:
        thread = place.server.starts_thread(report.id, place.ada)
        place.server.person_says(thread, place.ada, "hello")
    place.server.archives(reports[1].id)
    place.server.archives(reports[2].id)
    _was_silent(place, reports[0], reports[2])
    now = time.time()
    assert await as_history(place).threads(place.channel, now) == [reports[1], reports[3]]
    assert await as_history(place).threads(place.channel, since=0) == reports
    elsewhere = place.server.adds_channel("elsewhere")
    other = Channel("discord", elsewhere.id)
    assert await as_history(place).threads(other, since=0) == []


async def test_a_message_stands_until_it_its_thread_or_its_channel_is_gone(place: Place) -> None:
    report = await place.report()
    ours = await place.comment(report)
    said = place.server.person_says(place.server.thread_of(report.id), place.ada, "hello")
    theirs = place.ref(report, said)
    stands = as_history(place).stands
    assert [await stands(ref) for ref in (report, ours, theirs)] == [True, True, True]
    place.server.person_deletes(said)
    assert [await stands(ref) for ref in (report, ours, theirs)] == [True, True, False]
    place.server.deletes_channel(report.id)
    assert [await stands(ref) for ref in (report, ours)] == [True, False]
    place.server.deletes_channel(place.server.channel)
    assert not await stands(report)


async def test_what_cannot_be_read_now_is_not_taken_for_gone(place: Place) -> None:
    report = await place.report()
    for fault in (faults.refuse_status(403), faults.accept_then_truncate(), HTML):
        place.server.faults.add(fault, call=ONE)
        await place.refusal(as_history(place).stands(report))
    place.server.revokes("READ_MESSAGE_HISTORY", channel=place.server.channel)
    assert (await place.refusal(as_history(place).stands(report))).permanent


async def test_an_empty_list_is_not_believed_of_those_who_may_not_read(place: Place) -> None:
    report = await place.report()
    await place.comment(report)
    place.server.revokes("READ_MESSAGE_HISTORY", channel=place.server.channel)
    history = as_history(place)
    for look in (history.replies(report, since=0), history.threads(place.channel, since=0)):
        error: DeliveryError = await place.refusal(look)
        assert error.permanent
        assert "Read Message History" in error.reason


async def test_under_a_report_without_a_thread_nothing_was_said(place: Place) -> None:
    assert await as_history(place).replies(await place.report(), since=0) == []


async def test_words_that_discord_does_not_show_us_are_not_empty_comments() -> None:
    async with opened(Settings(privileged=0)) as place:
        report = await place.report()
        thread = place.server.starts_thread(report.id, place.ada)
        place.server.person_says(thread, place.ada, "hidden from us")
        assert await as_history(place).replies(report, since=0) == list[Said]()
