"""Discord: comments stand in the thread of their report, also when it was put away."""

from __future__ import annotations

import pytest

from bot.message import Card, Message
from tests.discord_place import COPY, CREATE, KEY, THREAD, WHY, Place, copy_of
from tests.servers import faults


async def test_the_first_comment_opens_the_thread_and_the_second_finds_it(place: Place) -> None:
    report = await place.report()
    first = await place.comment(report)
    second = await place.chat.post(place.channel, copy_of("Yes", "d" * 24), report, "d" * 24)
    assert len(place.server.ledger.of("thread")) == 1
    assert place.server.thread_of(report.id).name == "Qwen 4 released"
    assert first.channel == second.channel == place.channel
    assert first.id.startswith(f"{report.id}/")
    name = f"**[Ann](<https://b.example/reports/7?copy={COPY}#c-k>)** (Slack): "
    assert place.shown(report.id)[0] == name + "Impressive!"


async def test_a_thread_that_opened_unseen_is_used(place: Place) -> None:
    report = await place.report()
    place.server.faults.add(faults.accept_then_close(), call=THREAD)
    await place.refusal(place.comment(report))
    await place.comment(report)
    assert len(place.server.ledger.of("thread")) == 1
    assert len(place.shown(report.id)) == 1


async def test_a_thread_that_a_person_opened_meanwhile_is_used(place: Place) -> None:
    report = await place.report()
    # Between our finding no thread and our opening one, somebody else opens it.
    place.server.faults.add(faults.Fault("refused", error="10003", status=404), call=CREATE)
    place.server.starts_thread(report.id, place.ada)
    await place.comment(report)
    assert len(place.shown(report.id)) == 1


async def test_a_thread_that_was_put_away_wakes_up_for_an_edit(place: Place) -> None:
    report = await place.report()
    ref = await place.comment(report)
    place.server.archives(report.id)
    await place.chat.edit(ref, copy_of("Better words"), COPY)
    assert place.shown(report.id)[0].endswith("Better words")


async def test_a_locked_thread_refuses_one_comment_and_not_the_channel(place: Place) -> None:
    report = await place.report()
    await place.comment(report)
    place.server.archives(report.id, locked=True)
    later = place.chat.post(place.channel, copy_of("Late", "d" * 24), report, "d" * 24)
    error = await place.refusal(later)
    assert (error.permanent, error.scope) == (True, "message")
    assert "locked" in error.reason


async def test_an_edit_in_a_locked_thread_ends_after_two_calls(place: Place) -> None:
    """docs.discord.com/developers/topics/threads#locked-threads"""
    report = await place.report()
    ref = await place.comment(report)
    place.server.archives(report.id, locked=True)
    asked = len(place.server.answers)
    error = await place.refusal(place.chat.edit(ref, copy_of("x"), COPY))
    assert (error.permanent, error.scope) == (True, "message")
    assert "locked" in error.reason
    assert len(place.server.answers) == asked + 2


async def test_a_deleted_thread_stops_no_channel(place: Place) -> None:
    report = await place.report()
    ref = await place.comment(report)
    place.server.deletes_channel(report.id)
    error = await place.refusal(place.chat.edit(ref, copy_of("x"), COPY))
    assert (error.permanent, error.scope) == (True, "message")
    await place.chat.delete(ref)


async def test_deleting_twice_is_deleting(place: Place) -> None:
    report = await place.report()
    ref = await place.comment(report)
    for gone in (ref, ref, report, report):
        await place.chat.delete(gone)
    assert place.shown() == place.shown(report.id) == []


EDIT = "PATCH /channels/{channel}/messages/{message}"


@pytest.mark.parametrize(
    ("code", "call", "later", "calls"),
    [
        (160004, THREAD, 0, 1),  # There is a thread, but it was deleted.
        (160005, CREATE, 0, 1),
        (160006, THREAD, 3600, 1),
        (50083, EDIT, 3600, 2),
    ],
)
async def test_each_trouble_of_a_thread_ends_soon_and_leaves_the_channel_alone(
    place: Place, code: int, call: str, later: float, calls: int
) -> None:
    report = await place.report()
    ref = await place.comment(report) if call == EDIT else report
    asked = len(place.server.answers)
    refused = faults.Fault("refused", error=str(code))
    place.server.faults.decider = lambda name: refused if name == call else faults.NONE
    doing = place.chat.edit(ref, copy_of("x"), COPY) if call == EDIT else place.comment(report)
    error = await place.refusal(doing)
    assert (error.scope, error.retry_after, error.permanent) == ("message", later, not later)
    assert error.reason.endswith(".")
    made = [answer.call for answer in place.server.answers[asked:]]
    assert made.count(call) == calls


async def test_a_thread_is_named_within_the_limit(place: Place) -> None:
    card = Card("Q" * 240, "https://a.example/", 7, buttons=(WHY,))
    report = await place.chat.post(place.channel, Message(cards=(card,)), None, KEY)
    await place.comment(report)
    assert len(place.server.thread_of(report.id).name) == 100
