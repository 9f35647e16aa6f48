"""Whose words leave a channel, and when they stop doing so."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.model import MessageRef, Person
from bot.ports import DeliveryError
from storage import schema as t
from storage.rows import Session
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


@pytest.fixture
async def both(world: World) -> World:
    """Two channels with a report; the first shares its comments with the other."""
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe")
    await world.news(QWEN)
    return world


@pytest.mark.parametrize("mode", ["read", "off"])
async def test_an_edit_stays_in_a_channel_that_shares_no_more(both: World, mode: str) -> None:
    said = await both.slack.says("For everybody", under=QWEN)
    await both.slack.types(f"settings comments:{mode}")
    await both.slack.edits(said, "For us alone")
    assert both.discord.thread(QWEN) == ["Ada (slack): For everybody"]
    await both.slack.deletes(said)
    assert both.discord.thread(QWEN) == []


async def test_what_was_not_copied_yet_is_not_copied_any_more(both: World) -> None:
    await both.bot.channel_paused(both.discord.channel, "archived")
    await both.slack.says("Too late", under=QWEN)
    await both.slack.types("settings comments:read")
    await both.bot.channel_resumed(both.discord.channel)
    await both.settle()
    assert both.discord.thread(QWEN) == []


async def test_words_written_before_the_page_was_allowed_never_stand_on_it(both: World) -> None:
    await both.slack.says("Between us", under=QWEN)
    await both.slack.types("settings page:on")
    await both.slack.says("For the page", under=QWEN)
    assert both.web.comments(QWEN) == ["Ada: For the page"]
    await both.slack.types("settings page:off")
    assert both.web.comments(QWEN) == []


async def test_a_refused_edit_does_not_keep_a_copy_from_being_deleted(both: World) -> None:
    said = await both.slack.says("First", under=QWEN)
    both.discord.chat.fails_next(DeliveryError("AutoMod blocked it", permanent=True))
    await both.slack.edits(said, "Second")
    assert both.discord.thread(QWEN) == ["Ada (slack): First"]
    await both.slack.edits(said, "Third")
    assert both.discord.thread(QWEN) == ["Ada (slack): Third"]
    await both.slack.deletes(said)
    assert both.discord.thread(QWEN) == []


async def test_a_deletion_that_could_not_be_carried_out_is_not_forgotten(both: World) -> None:
    said = await both.slack.says("Soon gone", under=QWEN)
    await both.bot.channel_paused(both.discord.channel, "archived")
    await both.bot.comment_deleted(said)
    both.clock.now += 31 * 86400
    await both.bot.forget()
    await both.bot.channel_resumed(both.discord.channel)
    await both.settle()
    assert both.discord.thread(QWEN) == []


async def test_a_deletion_that_came_first_is_remembered(both: World) -> None:
    under, said = both.slack.card_of(QWEN), MessageRef(both.slack.channel, "late")
    await both.bot.comment_deleted(said, under)
    await both.bot.forget()
    await both.bot.comment_posted(
        said, under, Person("slack", "ada", "Ada"), "Gone before it came", both.clock.now
    )
    await both.settle()
    assert both.discord.thread(QWEN) == []


async def test_talk_elsewhere_is_not_kept_because_a_post_is_parked(world: World) -> None:
    await world.slack.types("subscribe")
    world.slack.chat.blind = "BotBeat may not read here"
    world.slack.chat.fails_next(DeliveryError("the connection broke", unsure=True))
    await world.news(QWEN)
    await world.bot.comment_posted(
        MessageRef(world.slack.channel, "h1"),
        MessageRef(world.slack.channel, "another-thread"),
        Person("slack", "bob", "Bob"),
        "About salaries",
        world.clock.now,
    )
    with world.store.read() as tx:
        session = tx.__dict__["_session"]
        assert isinstance(session, Session)
        assert session.connection.execute(select(t.comment.c.text)).all() == []
