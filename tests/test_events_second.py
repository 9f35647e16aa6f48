"""A request that the network held back arrives after all: what stands twice is mended."""

from __future__ import annotations

import pytest

from bot.message import Message
from bot.model import MessageRef, Person
from bot.ports import DeliveryError
from tests.chats import Post
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe comments:share")
    return world


def arrives_late(world: World, message: Message, key: str) -> MessageRef:
    """A second message with the same key stands in Slack now."""
    late = MessageRef(world.slack.channel, "late")
    world.slack.chat.posts[late.id] = Post(late.channel, message, "", key)
    return late


def first(world: World) -> tuple[MessageRef, Post]:
    card = world.slack.card_of(QWEN)
    return card, world.slack.chat.posts[card.id]


async def test_a_late_second_copy_is_removed(shared: World) -> None:
    await shared.news(QWEN)
    card, post = first(shared)
    late = arrives_late(shared, post.message, post.key)
    await shared.bot.delivered(post.key, late)
    await shared.settle()
    assert [number for number, _ in shared.slack.chat.standing("C1")] == [card.id]
    assert await shared.bot.waiting() == 0


async def test_the_echo_of_a_second_copy_told_ten_times_removes_it_once(shared: World) -> None:
    await shared.news(QWEN)
    card, post = first(shared)
    late = arrives_late(shared, post.message, post.key)
    for _ in range(10):
        await shared.bot.delivered(post.key, late)
        await shared.settle()
    assert shared.slack.chat.deletions == [late.id]
    assert [number for number, _ in shared.slack.chat.standing("C1")] == [card.id]


async def test_a_person_who_deletes_the_second_copy_does_nothing_to_the_first(
    shared: World,
) -> None:
    await shared.news(QWEN)
    _, post = first(shared)
    late = arrives_late(shared, post.message, post.key)
    await shared.bot.delivered(post.key, late)
    await shared.discord.says("On its way", under=QWEN, settle=False)
    shared.slack.chat.posts[late.id].deleted = True
    await shared.bot.comment_deleted(late)
    await shared.settle()
    assert shared.slack.reports() == [QWEN]
    assert shared.slack.thread(QWEN) == ["Ada (discord): On its way"]
    await shared.slack.says("Still here", under=QWEN)
    assert shared.discord.thread(QWEN) == ["Ada (slack): Still here"]


async def test_the_copy_under_which_people_wrote_already_stays(shared: World) -> None:
    """The first request is late: people answer it while the second one is on its way."""
    shared.slack.chat.fails_next(DeliveryError("the answer was lost", unsure=True))
    await shared.news(QWEN, settle=False)
    await shared.worker.deliver_due()
    with shared.store.read() as tx:
        reports = tx.deliveries.of_article(shared.number(QWEN))
    key = next(one.key for one in reports if one.channel == shared.slack.channel)
    late = MessageRef(shared.slack.channel, "late")
    said = MessageRef(late.channel, "h1")
    ada = Person("slack", "ada", "Ada")
    await shared.bot.comment_posted(said, late, ada, "First!", shared.clock.now)
    await shared.settle()
    card, post = first(shared)
    assert shared.discord.thread(QWEN) == []
    arrives_late(shared, post.message, key)
    await shared.bot.delivered(key, late)
    await shared.settle()
    assert [number for number, _ in shared.slack.chat.standing("C1")] == [late.id]
    assert shared.slack.chat.posts[card.id].deleted
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]
    await shared.discord.says("Second!", under=QWEN)
    assert shared.slack.thread(QWEN) == ["Ada (discord): Second!"]
