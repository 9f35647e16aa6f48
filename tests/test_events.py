"""What platforms tell us: each thing that people do has its effect once, whatever is repeated."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from bot.model import MessageRef, Person
from bot.ports import DeliveryError
from tests.world import ChatSide, World

QWEN = "Alibaba releases the Qwen 4 AI model"
SOURCES = [f"Company {n} releases the Model {n} AI assistant" for n in range(100)]


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share page:on")
    await world.news(QWEN)
    return world


async def echoes(world: World, *sides: ChatSide) -> None:
    """The platforms show us all that is there: our own messages, and what people wrote."""
    now = world.clock.now
    for side in sides:
        for number, post in list(side.chat.posts.items()):
            ref, report = MessageRef(side.channel, number), MessageRef(side.channel, post.thread)
            await world.bot.delivered(post.key, ref)
            if post.thread:
                ours, words = Person(side.platform, "bot", "BotBeat"), post.message.text
                await world.bot.comment_posted(ref, report, ours, words, post.written)
                await world.bot.comment_edited(ref, words, now, report)
        for number, words_of in list(side.chat.said.items()):
            ref, report = (
                MessageRef(side.channel, number),
                MessageRef(side.channel, words_of.thread),
            )
            await world.bot.comment_posted(
                ref, report, words_of.author, words_of.text, words_of.written
            )
            if words_of.edited:
                await world.bot.comment_edited(ref, words_of.text, words_of.edited, report)
            if words_of.deleted:
                await world.bot.comment_deleted(ref, report)


async def test_an_echo_of_what_is_known_changes_nothing_and_wakes_nobody(shared: World) -> None:
    [(number, post)] = shared.slack.chat.posts.items()
    seen = shared.store.version()
    for _ in range(3):
        await shared.bot.delivered(post.key, MessageRef(shared.slack.channel, number))
    assert shared.store.version() == seen


async def test_an_echo_of_everything_copies_edits_and_deletes_once(shared: World) -> None:
    """One comment on each of three sides, edited and deleted: two copies, edits, deletes each."""
    await shared.lounge.types("subscribe comments:share")
    await shared.news("Google releases the Gemini 5 AI model")
    title = "Google releases the Gemini 5 AI model"
    sides = (shared.slack, shared.discord, shared.lounge)
    said = []
    for side in sides:
        said.append((side, await side.says(f"From {side.channel.id}", under=title)))
        await echoes(shared, *sides)
    await shared.settle()
    for side, ref in said:
        await side.edits(ref, f"Edited in {side.channel.id}")
        await echoes(shared, *sides)
    await shared.settle()
    chats = (shared.slack.chat, shared.discord.chat)
    copies = [post for chat in chats for post in chat.posts.values() if post.thread]
    assert len(copies) == 6
    assert [post.edits for post in copies] == [1] * 6
    for side, ref in said:
        await side.deletes(ref)
        await echoes(shared, *sides)
    await shared.settle()
    assert all(post.deleted for post in copies)
    shared.clock.now += 60
    await echoes(shared, *sides)
    await shared.settle()
    assert len([post for chat in chats for post in chat.posts.values() if post.thread]) == 6
    assert [post.edits for post in copies] == [1] * 6
    assert shared.web.comments(title) == []


@pytest.mark.parametrize("change", ["edit", "delete"])
async def test_a_comment_of_ninety_days_ago_is_still_the_same(shared: World, change: str) -> None:
    said = [await shared.slack.says(f"Number {n}", under=QWEN) for n in range(3)]
    posts = len(shared.discord.chat.posts)
    shared.clock.now += 90 * 86400
    await shared.bot.forget()
    shared.restarts()
    if change == "edit":
        await shared.slack.edits(said[1], "Better")
        assert shared.discord.thread(QWEN)[1] == "Ada (slack): Better"
    else:
        await shared.slack.deletes(said[1])
        assert shared.discord.thread(QWEN) == ["Ada (slack): Number 0", "Ada (slack): Number 2"]
    assert len(shared.discord.chat.posts) == posts


async def test_a_hundred_threads_keep_their_order_through_faults(world: World) -> None:
    await world.slack.types("subscribe comments:share max:all")
    await world.discord.types("subscribe comments:share max:all")
    for title in SOURCES:
        await world.news(title, settle=False)
    await world.settle()
    titles, chance = world.slack.reports(), random.Random(7)
    assert len(titles) == 100
    for n, title in itertools.product(range(3), titles):
        world.clock.now += 0.01
        await world.slack.says(f"Number {n}", under=title, settle=False)
    posts = world.discord.chat.posts
    for _ in range(40):
        world.discord.chat.faults.append(
            (DeliveryError("the answer was lost", unsure=True), chance.random() < 0.5)
        )
        await world.worker.deliver_due()
        world.clock.now += 1
    await world.settle(2000)
    assert len([post for post in posts.values() if post.thread]) == 3 * len(titles)
    for title in titles:
        assert world.discord.thread(title) == [f"Ada (slack): Number {n}" for n in range(3)]


async def test_a_blocked_thread_does_not_delay_the_others(world: World) -> None:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe comments:share")
    for title in SOURCES[:5]:
        await world.news(title)
    first, *others = world.slack.reports()
    await world.slack.says("This one is stuck", under=first, settle=False)
    world.discord.chat.fails_next(DeliveryError("the answer was lost", unsure=True))
    await world.worker.deliver_due()
    for title in (first, *others):
        await world.slack.says("Hello", under=title, settle=False)
    for _ in range(len(others)):
        await world.worker.deliver_due()
    assert [world.discord.thread(title) for title in others] == [["Ada (slack): Hello"]] * 4
    assert world.discord.thread(first) == []
    await world.settle()
    assert world.discord.thread(first) == ["Ada (slack): This one is stuck", "Ada (slack): Hello"]


async def test_one_gesture_that_comes_as_two_events_is_one_comment(shared: World) -> None:
    """As a message, and as a mention of the bot: other events, the same message."""
    ref, report = MessageRef(shared.slack.channel, "h1"), shared.slack.card_of(QWEN)
    for text in ("@BotBeat thanks", "thanks"):
        ada = Person("slack", "ada", "Ada")
        await shared.bot.comment_posted(ref, report, ada, text, shared.clock.now)
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): @BotBeat thanks"]
    assert len([post for post in shared.discord.chat.posts.values() if post.thread]) == 1


async def test_an_older_edit_changes_nothing_even_after_words_that_came_back(
    shared: World,
) -> None:
    said, now = await shared.slack.says("First", under=QWEN), shared.clock.now
    await shared.bot.comment_edited(said, "First", now + 20)
    await shared.bot.comment_edited(said, "Second", now + 10)
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): First"]


async def test_what_was_deleted_does_not_come_back(shared: World) -> None:
    said, report = await shared.slack.says("A slip", under=QWEN), shared.slack.card_of(QWEN)
    await shared.slack.deletes(said)
    shared.clock.now += 29 * 86400
    await shared.bot.forget()
    ada = Person("slack", "ada", "Ada")
    await shared.bot.comment_posted(said, report, ada, "A slip", 1.0)
    await shared.bot.comment_edited(said, "A late edit", shared.clock.now + 9, report)
    await shared.settle()
    assert shared.discord.thread(QWEN) == []
    assert shared.web.comments(QWEN) == []


@pytest.mark.parametrize("first", ["edit", "delete"])
async def test_a_change_before_its_comment_under_a_report_on_its_way_is_not_lost(
    world: World, first: str
) -> None:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe comments:share")
    world.slack.chat.fails_next(DeliveryError("the connection broke", unsure=True), accepted=True)
    await world.news(QWEN, settle=False)
    await world.worker.deliver_due()
    report, said = world.slack.card_of(QWEN), MessageRef(world.slack.channel, "h1")
    if first == "edit":
        await world.bot.comment_edited(said, "Second", world.clock.now + 1, report)
    else:
        await world.bot.comment_deleted(said, report)
    await world.settle()
    ada = Person("slack", "ada", "Ada")
    await world.bot.comment_posted(said, report, ada, "First", world.clock.now)
    await world.settle()
    assert world.discord.thread(QWEN) == (["Ada (slack): Second"] if first == "edit" else [])


@contextmanager
def round_trips(world: World) -> Iterator[list[str]]:
    """What is said to the database meanwhile."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(world.store._writer, "before_cursor_execute", note)
    yield seen
    event.remove(world.store._writer, "before_cursor_execute", note)


async def test_an_event_costs_few_round_trips_to_the_database(shared: World) -> None:
    await shared.slack.says("To warm up", under=QWEN)
    report, now = shared.slack.card_of(QWEN), shared.clock.now
    ref, ada = MessageRef(shared.slack.channel, "h1"), Person("slack", "ada", "Ada")
    with round_trips(shared) as posted:
        await shared.bot.comment_posted(ref, report, ada, "Impressive!", now)
    await shared.settle()
    copy = shared.discord.copy_of("Impressive!")
    with round_trips(shared) as delivered:
        await shared.bot.delivered(shared.discord.chat.posts[copy.id].key, copy)
    with round_trips(shared) as edited:
        await shared.bot.comment_edited(ref, "Very impressive!", now + 1, report)
    with round_trips(shared) as deleted:
        await shared.bot.comment_deleted(ref, report)
    counts = [len(trips) for trips in (posted, delivered, edited, deleted)]
    # The world's clock is not asked over the wire; a real one adds a statement to each.
    assert all(count <= most for count, most in zip(counts, (11, 6, 7, 7), strict=True)), counts


async def test_a_comment_and_its_deletion_told_at_once_leave_nothing(shared: World) -> None:
    report, ada = shared.slack.card_of(QWEN), Person("slack", "ada", "Ada")
    for n in range(20):
        ref = MessageRef(shared.slack.channel, f"h{n}")
        await asyncio.gather(
            shared.bot.comment_posted(ref, report, ada, "A slip", shared.clock.now),
            shared.bot.comment_deleted(ref, report),
        )
    await shared.settle()
    assert shared.web.comments(QWEN) == []
    assert shared.discord.thread(QWEN) == []
