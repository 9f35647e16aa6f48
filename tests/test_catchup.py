"""What people did while nobody listened: it arrives once, and not as a flood."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from bot.catchup import FRESH, ONE_BY_ONE
from bot.ports import DeliveryError, Pace
from tests.chats import FakeChat
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
GEMINI = "Google releases the Gemini 5 AI model"


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share page:on")
    await world.news(QWEN)
    await world.news(GEMINI)
    return world


def everything(world: World) -> object:
    """All that stands anywhere, and all comments and deliveries as stored, whenever changed."""
    with world.store._readers.connect() as connection:
        comments = connection.execute(text("SELECT * FROM comment ORDER BY id")).all()
        rows = connection.execute(
            text(
                "SELECT channel_id, kind, subject, state, wanted, message FROM delivery ORDER BY id"
            )
        ).all()
    chats = [side.chat for side in (world.slack, world.discord)]
    posts = [(n, p.message, p.edits, p.deleted) for chat in chats for n, p in chat.posts.items()]
    return comments, rows, posts


async def test_what_was_written_edited_and_deleted_meanwhile_arrives_once(shared: World) -> None:
    before = [await shared.slack.says(f"Before {n}", under=QWEN) for n in range(20)]
    shared.slack.goes_away()
    shared.restarts()
    for n in range(5):
        await shared.slack.says(f"Meanwhile {n}", under=GEMINI)
    for n in range(0, 10):
        await shared.slack.edits(before[n], f"Edited {n}")
    for n in range(10, 20):
        await shared.slack.deletes(before[n])
    posts = len(shared.discord.chat.posts)
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == [f"Ada (slack): Edited {n}" for n in range(10)]
    assert shared.discord.thread(GEMINI) == [f"Ada (slack): Meanwhile {n}" for n in range(5)]
    assert shared.web.comments(GEMINI) == [f"Ada: Meanwhile {n}" for n in range(5)]
    assert len(shared.discord.chat.posts) == posts + 5


async def test_a_gesture_that_stands_under_two_times_is_one_comment_days_later_too(
    shared: World,
) -> None:
    for _ in range(2):
        await shared.slack.says("Impressive!", under=QWEN, gesture="one")
    shared.slack.goes_away()
    for by in ("Ada", "Ada", "Bob"):
        await shared.slack.says("So it is.", under=QWEN, by=by, gesture="two")
    shared.clock.now += 2 * 86400
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == [
        "Ada (slack): Impressive!",
        "Ada (slack): So it is.",
        "Bob (slack): So it is.",
    ]


async def test_to_catch_up_again_changes_nothing(shared: World) -> None:
    said = await shared.slack.says("First", under=QWEN)
    shared.slack.goes_away()
    await shared.slack.edits(said, "Second")
    for n in range(ONE_BY_ONE + 3):
        await shared.slack.says(f"Meanwhile {n}", under=QWEN)
    shared.clock.now += FRESH + 1
    await shared.slack.comes_back()
    once = everything(shared)
    for _ in range(2):
        await shared.slack.comes_back()
    assert everything(shared) == once


async def test_a_flood_of_missed_comments_is_ten_and_a_note(shared: World) -> None:
    shared.slack.goes_away()
    for n in range(60):
        shared.clock.now += 1
        await shared.slack.says(f"Number {n}", under=QWEN)
    shared.clock.now += FRESH
    await shared.slack.comes_back()
    under = [m for _, m in shared.discord.chat.standing("900", shared.discord.card_of(QWEN).id)]
    assert under[0].text == "50 more comments were written elsewhere while BotBeat was away."
    assert [message.text for message in under[1:]] == [f"Number {n}" for n in range(50, 60)]
    assert shared.web.comments(QWEN) == [f"Ada: Number {n}" for n in range(60)]


async def test_a_conversation_going_on_while_we_start_is_no_flood(shared: World) -> None:
    """Its events are on their way, or came while the thread was read."""
    shared.slack.goes_away()
    for n in range(ONE_BY_ONE + 5):
        await shared.slack.says(f"Right now {n}", under=QWEN)
    await shared.slack.comes_back()
    everyone = [f"Ada (slack): Right now {n}" for n in range(ONE_BY_ONE + 5)]
    assert shared.discord.thread(QWEN) == everyone


async def test_a_later_flood_raises_the_number_of_the_note(shared: World) -> None:
    for flood in range(2):
        shared.slack.goes_away()
        for n in range(12):
            shared.clock.now += 1
            await shared.slack.says(f"{flood}/{n}", under=QWEN)
        shared.clock.now += FRESH + 1
        await shared.slack.comes_back()
    thread = shared.discord.chat.standing("900", shared.discord.card_of(QWEN).id)
    notes = [message.text for _, message in thread if not message.author]
    assert notes == ["4 more comments were written elsewhere while BotBeat was away."]
    assert len(thread) == 21


async def test_what_a_listing_leaves_out_but_stands_is_not_deleted(shared: World) -> None:
    said = await shared.slack.says("Still here", under=QWEN)
    shared.slack.chat.hides.add(said.id)
    await shared.slack.comes_back()
    assert f"whether {said.id} stands" in shared.slack.chat.reads
    assert shared.discord.thread(QWEN) == ["Ada (slack): Still here"]


async def test_a_copy_that_a_moderator_removed_meanwhile_stays_gone(shared: World) -> None:
    said = await shared.slack.says("Rude", under=QWEN)
    shared.discord.goes_away()
    copy = shared.discord.copy_of("Rude")
    await shared.discord.deletes(copy)
    await shared.discord.comes_back()
    await shared.slack.edits(said, "Rude again")
    await shared.discord.comes_back()
    assert shared.discord.thread(QWEN) == []
    assert shared.discord.chat.posts[copy.id].edits == 0
    assert shared.web.comments(QWEN) == ["Ada: Rude again"]


async def test_what_is_written_under_a_report_that_a_moderator_removed_is_missed_by_nobody(
    shared: World,
) -> None:
    """The thread stays where it is, and people go on in it; what is heard there is copied too."""
    await shared.slack.says("Before", under=QWEN)
    report = shared.slack.card_of(QWEN)
    shared.slack.goes_away()
    missed = await shared.slack.says("Missed", under=QWEN)
    shared.slack.listens = True
    await shared.slack.deletes(report)
    assert shared.discord.thread(QWEN) == ["Ada (slack): Before"]
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Before", "Ada (slack): Missed"]
    await shared.slack.edits(missed, "Heard")
    assert shared.discord.thread(QWEN)[1:] == ["Ada (slack): Heard"]


async def test_a_listing_older_than_a_live_event_does_not_undo_it(shared: World) -> None:
    changed = await shared.slack.says("First", under=QWEN)
    gone = await shared.slack.says("A slip", under=QWEN)

    async def live() -> None:
        shared.slack.chat.after_read = FakeChat("").after_read
        await shared.slack.edits(changed, "Second", settle=False)
        await shared.slack.deletes(gone, settle=False)
        await shared.slack.says("Just now", under=QWEN, settle=False)

    shared.slack.chat.after_read = live
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Second", "Ada (slack): Just now"]


async def test_an_old_edit_that_comes_after_the_catch_up_changes_nothing(shared: World) -> None:
    shared.slack.goes_away()
    said = await shared.slack.says("First", under=QWEN)
    await shared.slack.edits(said, "Second")
    between = shared.clock.now
    await shared.slack.edits(said, "First")
    await shared.slack.comes_back()
    await shared.bot.comment_edited(said, "Second", between)
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): First"]


async def test_a_busy_platform_is_waited_for_and_the_reads_keep_their_pace(shared: World) -> None:
    await shared.slack.says("One", under=QWEN)
    await shared.slack.says("Two", under=GEMINI)
    shared.slack.chat.pace = Pace(reading=0.1)
    shared.slack.chat.read_faults.append(DeliveryError("slow down", retry_after=0.3))
    started = time.monotonic()
    await shared.slack.comes_back()
    assert time.monotonic() - started >= 0.5
    assert len(shared.slack.chat.reads) == 4


async def test_a_channel_that_may_not_be_read_is_named_once_and_the_others_are_read(
    shared: World, caplog: pytest.LogCaptureFixture
) -> None:
    await shared.lounge.types("subscribe comments:share")
    await shared.news("Mistral releases the Large 9 AI model")
    shared.slack.goes_away()
    for title in (QWEN, "Mistral releases the Large 9 AI model"):
        await shared.slack.says("Missed", under=title)
    shared.slack.chat.read_faults.append(
        DeliveryError("BotBeat may not read here", permanent=True, scope="channel")
    )
    caplog.set_level(logging.INFO)
    await shared.slack.comes_back()
    assert caplog.text.count("BotBeat may not read here") == 1
    assert shared.slack.chat.reads == ["C1", "C2"]
    assert shared.discord.thread(QWEN) == []
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Missed"]


async def test_where_one_thread_may_not_be_read_the_channels_others_are_not_asked_for(
    shared: World, caplog: pytest.LogCaptureFixture
) -> None:
    for title in (QWEN, GEMINI):
        await shared.slack.says("Known", under=title)
    refusal = DeliveryError("the right to read is gone", permanent=True, scope="channel")
    shared.slack.chat.after_read = fails_once(shared.slack.chat, refusal)
    await shared.slack.comes_back()
    assert len(shared.slack.chat.reads) == 2
    assert caplog.text.count("the right to read is gone") == 1
    assert shared.discord.thread(QWEN) == ["Ada (slack): Known"]


async def test_what_fails_is_read_after_the_others(shared: World) -> None:
    for title in (QWEN, GEMINI):
        await shared.slack.says("Known", under=title)
    shared.slack.goes_away()
    for title in (QWEN, GEMINI):
        await shared.slack.says("Missed", under=title)
    chat = shared.slack.chat
    chat.after_read = fails_once(chat, DeliveryError("bad gateway"))
    await shared.slack.comes_back()
    first, second = shared.slack.card_of(QWEN).id, shared.slack.card_of(GEMINI).id
    assert chat.reads == ["C1", first, second, first]
    assert shared.discord.thread(QWEN)[1:] == ["Ada (slack): Missed"]


def fails_once(chat: FakeChat, error: DeliveryError) -> Callable[[], Awaitable[None]]:
    async def fail() -> None:
        chat.after_read = FakeChat("").after_read
        raise error

    return fail
