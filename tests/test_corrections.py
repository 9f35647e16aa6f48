"""Reports that change after they were posted, and reports that come back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Found, MessageRef, Page, Written
from bot.ports import DeliveryError, Source
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


async def test_the_ninth_correction_arrives_like_the_first(world: World) -> None:
    await world.slack.types("subscribe")
    for number in range(9):
        await world.news(f"{QWEN}, version {number}", key="q")
    assert world.slack.reports() == [f"{QWEN}, version 8"]


async def test_a_correction_that_comes_while_the_article_is_read_is_not_lost(
    world: World,
) -> None:
    number = await world.bot.add_source(Source(0, "https://q.example/feed", "Qwen blog"))
    with world.store.read() as tx:
        source = next(one for one in tx.sources.all() if one.id == number)
    source = replace(source, baseline=True)
    found = Found("q", "https://q.example/1", QWEN, world.clock.now - 60, "An AI model.")
    await world.bot.offered(source, [found])
    (entry,) = await world.bot.open_entries(10)
    await world.bot.offered(source, [replace(found, title=f"{QWEN} today")])
    judgement = await world.bot.judged(entry, Page(found.url))
    assert judgement
    await world.bot.published(entry, judgement, Written(QWEN, (), "An AI model."), ("q",))
    (again,) = await world.bot.open_entries(10)
    assert again.found.title == f"{QWEN} today"


async def test_older_words_that_are_written_late_replace_nothing(world: World) -> None:
    """Who read the first version was stopped, and goes on when the correction is published."""
    await world.slack.types("subscribe")
    number = await world.bot.add_source(Source(0, "https://q.example/feed", "Qwen blog"))
    with world.store.read() as tx:
        source = replace(next(one for one in tx.sources.all() if one.id == number), baseline=True)
    found = Found("q", "https://q.example/1", QWEN, world.clock.now - 60, "An AI model.")
    await world.bot.offered(source, [found])
    (slow,) = await world.bot.open_entries(10)
    await world.bot.offered(source, [replace(found, title=f"{QWEN} today")])
    (quick,) = await world.bot.open_entries(10)
    for entry in (quick, slow):
        judgement = await world.bot.judged(entry, Page(found.url))
        assert judgement
        words = Written(entry.found.title, (), "An AI model.")
        published = await world.bot.published(entry, judgement, words, ("q",))
        assert (published is None) == (entry is slow)
    await world.settle()
    assert world.slack.reports() == [f"{QWEN} today"]


async def test_a_report_whose_correction_was_refused_still_gets_its_comments(world: World) -> None:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe comments:share")
    await world.news(QWEN, key="q")
    world.slack.chat.fails_next(DeliveryError("this is too long", permanent=True))
    await world.news(f"{QWEN} today", key="q")
    await world.discord.says("Impressive!", under=f"{QWEN} today")
    assert world.slack.thread(QWEN) == ["Ada (discord): Impressive!"]


async def test_a_typo_mended_weeks_later_is_no_news(world: World) -> None:
    await world.news(QWEN, key="q")
    world.clock.now += 20 * 86400
    await world.slack.types("subscribe")
    await world.news(f"{QWEN} today", key="q", ago=20 * 86400 + 60)
    assert world.slack.reports() == []


async def test_an_expired_report_can_be_shared_by_hand(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, settle=False)
    world.clock.now += 25 * 3600
    await world.settle()
    assert world.slack.reports() == []
    await world.slack.types(f"share {world.number(QWEN)}")
    assert world.slack.reports() == [QWEN]


async def test_a_removed_report_comes_back_only_if_somebody_shares_it(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    card = world.slack.card_of(QWEN)
    world.slack.chat.posts[card.id].deleted = True
    await world.bot.comment_deleted(MessageRef(world.slack.channel, card.id))
    await world.news(f"{QWEN} today", key="q")
    assert world.slack.reports() == []
    await world.slack.types(f"share {world.number(f'{QWEN} today')}")
    assert world.slack.reports() == [f"{QWEN} today"]


async def test_one_message_that_must_wait_does_not_hold_up_its_channel(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    world.slack.chat.fails_next(DeliveryError("old messages change slowly", retry_after=3600))
    await world.news(f"{QWEN} today", key="q", settle=False)
    await world.worker.deliver_due()
    await world.news("OpenAI raises five billion dollars for data centers", settle=False)
    await world.settle(30)
    assert len(world.slack.reports()) == 2


async def test_a_post_that_could_not_be_written_down_is_not_sent_twice(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, settle=False)
    world.slack.chat.forgets_next = True
    await world.settle()
    assert world.slack.reports() == [QWEN]
    assert len(world.slack.chat.posts) == 1


def notes(world: World, title: str) -> list[str]:
    under = world.slack.card_of(title).id
    standing = world.slack.chat.standing(world.slack.channel.id, under)
    return [message.text for _, message in standing if message.author is None]


@pytest.mark.parametrize(
    "now",
    [
        "Alibaba releases the Qwen 5 AI model",
        "Alibaba denies it releases the Qwen 4 AI model",
        "Microsoft buys a stake in an AI company",
    ],
)
async def test_a_correction_that_matters_is_told_in_the_thread(world: World, now: str) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    await world.news(now, key="q")
    assert world.slack.reports() == [now]
    said = f"Its source has corrected this report, which said before: “{QWEN}”"
    assert notes(world, now) == [said]


@pytest.mark.parametrize("now", [f"{QWEN} today", "Alibaba has released the Qwen 4 AI model"])
async def test_other_words_for_the_same_are_changed_without_a_note(world: World, now: str) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    await world.news(now, key="q")
    assert world.slack.reports() == [now]
    assert notes(world, now) == []


async def test_the_next_correction_changes_the_note_in_place(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    for number in (5, 6):
        await world.news(f"Alibaba releases the Qwen {number} AI model", key="q")
    (note,) = notes(world, "Alibaba releases the Qwen 6 AI model")
    assert "Qwen 5" in note


async def test_who_has_not_read_it_before_is_told_nothing(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q", settle=False)
    await world.news("Alibaba releases the Qwen 5 AI model", key="q")
    assert notes(world, "Alibaba releases the Qwen 5 AI model") == []
