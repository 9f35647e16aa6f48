"""Comments: who sees them, and what happens when events come twice, late or in any order."""

from __future__ import annotations

import itertools

import pytest

from bot.bot import Bot
from bot.model import PAGE, MessageRef, Person
from bot.ports import DeliveryError
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share page:on")
    await world.news(QWEN)
    return world


async def test_an_event_that_comes_twice_has_one_effect(shared: World) -> None:
    ref = await shared.slack.says("Impressive!", under=QWEN)
    for _ in range(3):
        await shared.bot.comment_posted(
            ref, shared.slack.card_of(QWEN), Person("slack", "ada", "Ada"), "Impressive!", 1.0
        )
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Impressive!"]


@pytest.mark.parametrize("order", list(itertools.permutations(["post", "edit", "delete"])))
async def test_events_in_any_order_end_the_same(shared: World, order: tuple[str, ...]) -> None:
    under = shared.slack.card_of(QWEN)
    ref = MessageRef(shared.slack.channel, "human-1")
    for event in order:
        if event == "post":
            await shared.bot.comment_posted(
                ref, under, Person("slack", "ada", "Ada"), "First", shared.clock.now
            )
        elif event == "edit":
            await shared.bot.comment_edited(ref, "Second", shared.clock.now + 5, under)
        else:
            await shared.bot.comment_deleted(ref, under)
    await shared.settle()
    assert shared.discord.thread(QWEN) == []
    assert shared.web.comments(QWEN) == []


async def test_an_edit_that_comes_before_its_comment_is_not_lost(shared: World) -> None:
    under = shared.slack.card_of(QWEN)
    ref = MessageRef(shared.slack.channel, "human-1")
    await shared.bot.comment_edited(ref, "Second", shared.clock.now + 5, under)
    await shared.settle()
    assert shared.discord.thread(QWEN) == []
    await shared.bot.comment_posted(
        ref, under, Person("slack", "ada", "Ada"), "First", shared.clock.now
    )
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Second"]


async def test_an_older_edit_that_comes_late_changes_nothing(shared: World) -> None:
    ref = await shared.slack.says("First", under=QWEN)
    now = shared.clock.now
    await shared.bot.comment_edited(ref, "Third", now + 20)
    await shared.bot.comment_edited(ref, "Second", now + 10)
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Third"]


async def test_a_comment_deleted_before_it_was_copied_is_never_copied(shared: World) -> None:
    ref = MessageRef(shared.slack.channel, "human-1")
    under = shared.slack.card_of(QWEN)
    await shared.bot.comment_posted(ref, under, Person("slack", "a", "Ada"), "Oops", 1.0)
    await shared.bot.comment_deleted(ref)
    await shared.settle()
    assert [post for post in shared.discord.chat.posts.values() if post.thread] == []


async def test_our_own_copies_are_no_comments(shared: World) -> None:
    await shared.slack.says("Impressive!", under=QWEN)
    number = next(n for n, post in shared.discord.chat.posts.items() if post.thread)
    copy = MessageRef(shared.discord.channel, number)
    assert await shared.bot.is_ours(copy)
    await shared.bot.comment_posted(
        copy, shared.discord.card_of(QWEN), Person("discord", "bot", "BotBeat"), "Echo", 1.0
    )
    await shared.settle()
    assert shared.slack.thread(QWEN) == []


async def test_a_copy_that_a_moderator_removed_stays_gone(shared: World) -> None:
    ref = await shared.slack.says("Rude", under=QWEN)
    number = next(n for n, post in shared.discord.chat.posts.items() if post.thread)
    shared.discord.chat.posts[number].deleted = True
    await shared.discord.deletes(MessageRef(shared.discord.channel, number))
    await shared.slack.edits(ref, "Rude again")
    assert shared.discord.thread(QWEN) == []
    assert shared.discord.chat.posts[number].edits == 0
    assert shared.web.comments(QWEN) == ["Ada: Rude again"]


async def test_comments_under_a_report_that_was_removed_wait_for_nothing(shared: World) -> None:
    card = shared.discord.card_of(QWEN)
    await shared.bot.comment_posted(
        MessageRef(shared.slack.channel, "h1"),
        shared.slack.card_of(QWEN),
        Person("slack", "ada", "Ada"),
        "Too late",
        shared.clock.now,
    )
    shared.discord.chat.posts[card.id].deleted = True
    await shared.bot.comment_deleted(card)
    await shared.slack.says("Even later", under=QWEN)
    await shared.settle()
    assert await shared.bot.waiting() == 0
    assert [post for post in shared.discord.chat.posts.values() if post.thread] == []


async def test_comments_keep_their_order_through_a_failure(shared: World) -> None:
    shared.discord.chat.fails_next(DeliveryError("busy", unsure=True))
    under = shared.slack.card_of(QWEN)
    for number in range(4):
        await shared.bot.comment_posted(
            MessageRef(shared.slack.channel, f"h{number}"),
            under,
            Person("slack", "ada", "Ada"),
            f"Number {number}",
            100.0 + number,
        )
    await shared.settle()
    assert shared.discord.thread(QWEN) == [f"Ada (slack): Number {n}" for n in range(4)]


async def test_a_copy_waits_a_little_for_its_authors_name(shared: World) -> None:
    ref = MessageRef(shared.slack.channel, "h1")
    await shared.bot.comment_posted(
        ref, shared.slack.card_of(QWEN), Person("slack", "U1"), "Hello", shared.clock.now
    )
    assert await shared.worker.deliver_due() == 0
    await shared.bot.person_named(Person("slack", "U1", "Ada"))
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Hello"]
    assert await shared.bot.knows("slack", "U1")


async def test_a_name_that_comes_late_corrects_the_copy(shared: World) -> None:
    ref = MessageRef(shared.slack.channel, "h1")
    await shared.bot.comment_posted(
        ref, shared.slack.card_of(QWEN), Person("slack", "U1"), "Hello", shared.clock.now
    )
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Someone (slack): Hello"]
    await shared.bot.person_named(Person("slack", "U1", "Ada"))
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Hello"]


async def test_a_channel_with_comments_off_neither_gives_nor_gets(shared: World) -> None:
    await shared.discord.types("settings comments:off")
    await shared.slack.says("Anyone?", under=QWEN)
    await shared.discord.says("Here!", under=QWEN, by="Grace")
    assert shared.discord.thread(QWEN) == []
    assert shared.slack.thread(QWEN) == []
    assert shared.web.comments(QWEN) == ["Ada: Anyone?"]


async def test_a_channel_that_only_reads_sees_what_others_share(shared: World) -> None:
    await shared.discord.types("settings comments:read")
    await shared.slack.says("Shared", under=QWEN)
    await shared.discord.says("Kept", under=QWEN, by="Grace")
    assert shared.discord.thread(QWEN) == ["Ada (slack): Shared"]
    assert shared.slack.thread(QWEN) == []
    assert shared.web.comments(QWEN) == ["Ada: Shared"]


async def test_the_page_shows_only_what_a_channel_gave_to_the_page(world: World) -> None:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe comments:share")
    await world.news(QWEN)
    await world.slack.says("Between our channels", under=QWEN)
    assert world.discord.thread(QWEN) == ["Ada (slack): Between our channels"]
    assert world.web.comments(QWEN) == []


async def test_a_closed_page_takes_no_comment(world: World) -> None:
    await world.slack.types("subscribe comments:share")
    await world.news(QWEN)
    await world.web.says("Let me in", under=QWEN)
    assert world.slack.thread(QWEN) == []
    assert world.web.comments(QWEN) == []


async def test_a_deployment_that_shares_does_not_share_private_channels(world: World) -> None:
    world.bot.close()
    world.bot = Bot(world.store, base_url="https://botbeat.example", default="share")
    await world.bot.channel_seen(world.slack.channel, "#secret", "private")
    await world.slack.types("subscribe")
    await world.discord.types("subscribe")
    await world.news(QWEN)
    await world.slack.says("Secret", under=QWEN)
    await world.discord.says("Public", under=QWEN, by="Grace")
    assert world.discord.thread(QWEN) == []
    assert world.slack.thread(QWEN) == ["Grace (discord): Public"]


async def test_a_comment_that_comes_before_the_reports_receipt_finds_its_report(
    world: World,
) -> None:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share")
    world.slack.chat.fails_next(DeliveryError("the connection broke", unsure=True), accepted=True)
    await world.news(QWEN, settle=False)
    await world.worker.deliver_due()
    said = await world.slack.says("First!", under=QWEN, settle=False)
    other = MessageRef(world.slack.channel, "elsewhere")
    await world.bot.comment_posted(
        MessageRef(world.slack.channel, "h2"), other, Person("slack", "a", "A"), "Lunch?", 1.0
    )
    await world.bot.comment_edited(said, "First, edited", world.clock.now + 1)
    assert world.web.comments(QWEN) == []
    await world.settle()
    assert world.discord.thread(QWEN) == ["Ada (slack): First, edited"]
    assert world.web.comments(QWEN) == ["Ada: First, edited"]
    world.clock.now += 2 * 86400
    await world.bot.forget()
    with world.store.read() as tx:
        assert tx.comments.by_origin(MessageRef(world.slack.channel, "h2")) is None
        assert tx.comments.by_origin(said) is not None


async def test_nothing_waits_in_a_channel_with_comments_off(
    world: World,
) -> None:
    await world.slack.types("subscribe comments:off")
    await world.discord.types("subscribe comments:share")
    world.slack.chat.fails_next(DeliveryError("the connection broke", unsure=True), accepted=True)
    await world.news(QWEN, settle=False)
    await world.worker.deliver_due()
    said = await world.slack.says("First!", under=QWEN, settle=False)
    await world.settle()
    assert world.discord.thread(QWEN) == []
    with world.store.read() as tx:
        assert tx.comments.by_origin(said) is None


async def test_a_comment_under_something_else_is_nobodys_business(shared: World) -> None:
    other = MessageRef(shared.slack.channel, "not-a-report")
    await shared.bot.comment_posted(
        MessageRef(shared.slack.channel, "h9"), other, Person("slack", "a", "A"), "Lunch?", 1.0
    )
    await shared.bot.comment_posted(
        MessageRef(PAGE, "form"), MessageRef(PAGE, "12345"), Person("web", "a", "A"), "Lunch?", 1.0
    )
    await shared.settle()
    assert shared.discord.thread(QWEN) == []


async def test_what_was_said_is_kept_for_half_a_year_and_then_forgotten(shared: World) -> None:
    old = await shared.slack.says("Long ago", under=QWEN)
    gone = await shared.discord.says("A slip", under=QWEN, by="Grace")
    await shared.discord.deletes(gone)
    shared.clock.now += 31 * 86400
    await shared.bot.forget()
    with shared.store.read() as tx:
        assert tx.comments.by_origin(gone) is None
        assert tx.comments.by_origin(old) is not None
    shared.clock.now += 150 * 86400
    await shared.bot.forget()
    with shared.store.read() as tx:
        assert tx.comments.by_origin(old) is None
        assert tx.deliveries.of_article(shared.number(QWEN)) == []


async def test_words_that_a_database_cannot_store_are_mended(shared: World) -> None:
    await shared.slack.says("Nul\x00 and half \ud83d a face", under=QWEN)
    assert shared.discord.thread(QWEN) == ["Ada (slack): Nul and half ? a face"]
