"""The machine's clock is set wrong, and right again: nothing is lost, old or said twice by it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.model import Found
from bot.outcomes import Timing
from bot.ports import DeliveryError, Pace, Visit
from tests.world import START, TITLES, World

QWEN = "Alibaba releases the Qwen 4 AI model"
HOUR = 3600.0
YEAR = 365 * 86400.0
WORDS = [first + second for first in "abcdef" for second in ("ori", "ulu", "enta", "isko", "ynd")]


@pytest.mark.parametrize("jump", [YEAR, -YEAR])
async def test_a_clock_that_jumps_a_year_makes_no_news_old(subscribed: World, jump: float) -> None:
    await subscribed.news("Mistral AI opens a research lab in Paris")
    await subscribed.news(QWEN, settle=False)
    subscribed.clock_jumps(jump)
    await subscribed.settle()
    assert QWEN in subscribed.slack.reports()
    # And what is found then is news of today.
    now = subscribed.real()
    key = "https://news.example/nova"
    nova = Found(key, key, "Alibaba releases the Nova AI model", now, "It is an AI model.")
    await subscribed.offer("Qwen blog", [nova])
    subscribed.clock_jumps(-jump)
    await subscribed.settle()
    assert nova.title in subscribed.slack.reports()
    assert subscribed.number(nova.title) >> 20 == int(now)


async def test_a_burst_that_is_gathered_under_a_wrong_clock_does_not_wait_for_hours(
    subscribed: World,
) -> None:
    for title in TITLES[:10]:
        await subscribed.news(title, settle=False)
    subscribed.clock_jumps(2 * HOUR)
    for title in TITLES[10:13]:
        await subscribed.news(title, settle=False)
    subscribed.clock_jumps(-2 * HOUR)
    await subscribed.settle()
    subscribed.clock.now += 180
    await subscribed.settle()
    shown = [card.title for one in subscribed.slack.messages() for card in one.cards]
    assert sorted(shown) == sorted(TITLES[:13])


async def test_a_clock_that_jumps_a_year_removes_nothing_that_is_kept(subscribed: World) -> None:
    await subscribed.news(QWEN)
    await subscribed.slack.says("Impressive!", under=QWEN)
    subscribed.clock_jumps(YEAR)
    assert await subscribed.bot.forget() == 0
    subscribed.clock_jumps(-YEAR)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += YEAR
    assert await subscribed.bot.forget() > 0


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 7200])
async def test_a_post_of_unknown_outcome_is_found_though_the_clock_was_wrong(
    subscribed: World, jump: float
) -> None:
    await subscribed.news("Mistral AI opens a research lab in Paris")
    await subscribed.news(QWEN, settle=False)
    subscribed.clock_jumps(jump)
    lost = DeliveryError("no answer", unsure=True)
    subscribed.slack.chat.fails_next(lost, accepted=True)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += Timing().lease
    await subscribed.worker.deliver_due()
    subscribed.clock_jumps(-jump)
    await subscribed.settle()
    assert subscribed.slack.reports().count(QWEN) == 1


async def test_a_clock_that_was_a_year_ahead_holds_nothing_back(subscribed: World) -> None:
    subscribed.clock.now += 365 * 86400
    subscribed.slack.chat.fails_next(DeliveryError("slower", retry_after=60, scope="install"))
    await subscribed.news(QWEN, settle=False)
    await subscribed.worker.deliver_due()
    assert await subscribed.bot.lease("a role", "somebody", 60)
    subscribed.clock.now = START
    assert await subscribed.bot.lease("a role", "another", 60)
    assert await subscribed.bot.ration("a ration", 60, 1) == 0
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


@pytest.mark.parametrize("jump", [2 * HOUR, 300, 100])
async def test_a_clock_that_jumps_takes_nothing_from_who_is_at_work(
    subscribed: World, jump: float
) -> None:
    """All leases seem to be over at once; nobody believes it before all have really ended."""
    await subscribed.news("Mistral AI opens a research lab in Paris")
    await subscribed.news(QWEN, settle=False)
    with subscribed.store.write() as tx:
        claimed = tx.deliveries.claim({"slack": Pace()}, Timing().lease, 1)
    subscribed.clock_jumps(jump)
    subscribed.clock.now += 30
    assert len(claimed) == 1
    assert await subscribed.worker.deliver_due() == 0
    subscribed.clock.now += 61
    await subscribed.settle()
    assert subscribed.slack.reports().count(QWEN) == 1


async def test_what_a_wrong_clock_made_wait_does_not_wait_when_it_is_right(
    subscribed: World,
) -> None:
    await subscribed.news("Mistral AI opens a research lab in Paris")
    subscribed.clock_jumps(2 * HOUR)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += Timing().lease
    subscribed.slack.chat.fails_next(DeliveryError("slower", retry_after=60, scope="install"))
    await subscribed.news(QWEN, settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock_jumps(-2 * HOUR)
    await subscribed.settle()
    assert QWEN in subscribed.slack.reports()


async def test_who_starts_after_the_clock_was_set_right_knows_it_too(subscribed: World) -> None:
    await subscribed.news("Mistral AI opens a research lab in Paris")
    subscribed.clock_jumps(2 * HOUR)
    subscribed.restarts()
    await subscribed.worker.deliver_due()
    subscribed.clock.now += Timing().lease
    subscribed.slack.chat.fails_next(DeliveryError("slower", retry_after=60, scope="install"))
    await subscribed.news(QWEN, settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock_jumps(-2 * HOUR)
    subscribed.restarts()
    assert await subscribed.worker.deliver_due() == 0
    await subscribed.settle()
    assert QWEN in subscribed.slack.reports()


async def test_a_clock_that_was_wrong_for_a_moment_makes_nobody_wait_either(
    subscribed: World,
) -> None:
    """Too short for anything to be delivered; but a source was visited, and waits for hours."""
    await subscribed.news("Mistral AI opens a research lab in Paris")
    subscribed.clock_jumps(2 * HOUR)
    await subscribed.worker.deliver_due()
    (source,) = await subscribed.bot.due_sources(1)
    await subscribed.bot.visited(source, Visit(60))
    subscribed.clock_jumps(-2 * HOUR)
    subscribed.restarts()
    for _ in range(4):
        await subscribed.worker.deliver_due()
        subscribed.clock.now += Timing().lease
    assert await subscribed.bot.due_sources(1)


async def test_a_channel_that_opens_while_the_clock_is_wrong_loses_nothing(
    subscribed: World,
) -> None:
    """What waits for it seems to have waited for hours, as long as the clock is ahead."""
    await subscribed.bot.channel_paused(subscribed.slack.channel, "archived")
    await subscribed.slack.types("settings max:all")
    titles = [f"Alibaba releases the {word} AI model" for word in WORDS]
    for title in titles:
        await subscribed.news(title, settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock_jumps(3 * HOUR)
    await subscribed.worker.deliver_due()
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    subscribed.clock_jumps(-3 * HOUR)
    await subscribed.settle(2000)
    assert sorted(subscribed.slack.reports()) == sorted(titles)


async def test_turns_counted_by_a_wrong_clock_hold_up_nobody(world: World) -> None:
    """Else Discord would not be listened to for hours after the clock was set right."""
    world.clock_jumps(2 * HOUR)
    assert await world.bot.ration("discord identify", 120, 20) == 0
    world.clock_jumps(-2 * HOUR)
    for _ in range(20):
        assert await world.bot.ration("discord identify", 120, 20) == 0
    assert await world.bot.ration("discord identify", 120, 20) == pytest.approx(120, abs=1)


@pytest.mark.parametrize(("then", "now"), [(0, -YEAR), (2 * HOUR, 0)])
async def test_a_thread_that_was_read_at_another_time_is_read_again(
    subscribed: World, then: float, now: float
) -> None:
    """Who starts while the clock is wrong cannot know it, and catches up all the same."""
    await subscribed.discord.types("subscribe comments:share")
    await subscribed.slack.types("settings comments:read")
    await subscribed.news(QWEN)
    await subscribed.discord.says("Is it open?", under=QWEN)
    subscribed.clock_jumps(then)
    subscribed.restarts()
    await subscribed.discord.comes_back()
    subscribed.clock_jumps(now - then)
    subscribed.discord.goes_away()
    await subscribed.discord.says("Impressive!", under=QWEN)
    subscribed.restarts()
    await subscribed.discord.comes_back()
    subscribed.clock_jumps(-now)
    await subscribed.settle()
    words = ["Ada (discord): Is it open?", "Ada (discord): Impressive!"]
    assert subscribed.slack.thread(QWEN) == words


@pytest.mark.parametrize("jump", [YEAR, -YEAR])
async def test_who_starts_while_the_clock_is_wrong_takes_no_news_for_old(
    subscribed: World, jump: float
) -> None:
    await subscribed.news("Mistral AI opens a research lab in Paris")
    subscribed.clock_jumps(jump)
    subscribed.restarts()
    key, now = "https://news.example/nova", subscribed.real()
    nova = Found(key, key, "Alibaba releases the Nova AI model", now, "It is an AI model.")
    await subscribed.offer("Qwen blog", [nova])
    subscribed.clock_jumps(-jump)
    subscribed.restarts()
    await subscribed.settle(400)
    assert nova.title in subscribed.slack.reports()
    assert subscribed.number(nova.title) >> 20 == int(now)


async def test_who_starts_after_the_clock_was_set_right_takes_nothing_for_a_backlog(
    subscribed: World,
) -> None:
    """What was stored while it was behind seems to have waited for hours when the channel opens."""
    await subscribed.news("Mistral AI opens a research lab in Paris")
    subscribed.clock_jumps(-2 * HOUR)
    await subscribed.bot.channel_paused(subscribed.slack.channel, "archived")
    await subscribed.slack.types("settings max:all")
    titles = [f"Alibaba releases the {word} AI model" for word in WORDS]
    for title in titles:
        await subscribed.news(title, settle=False)
    subscribed.clock_jumps(2 * HOUR)
    subscribed.restarts()
    await subscribed.worker.deliver_due()
    subscribed.clock.now += Timing().lease
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle(400)
    assert set(titles) <= set(subscribed.slack.reports())


@pytest.mark.parametrize("sent", [0.0, 2 * HOUR, YEAR])
@pytest.mark.parametrize("looked", [0.0, 2 * HOUR, -2 * HOUR, YEAR])
async def test_a_look_at_another_wrong_time_than_the_post_finds_it_all_the_same(
    subscribed: World, sent: float, looked: float
) -> None:
    """Where it looks from is a time of the platform, which nobody sets wrong."""
    await subscribed.worker.deliver_due()  # by a clock that is right
    subscribed.clock_jumps(sent)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += 2 * Timing().lease
    subscribed.slack.chat.fails_next(DeliveryError("no answer", unsure=True), accepted=True)
    await subscribed.news(QWEN, settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock_jumps(looked - sent)
    await subscribed.settle(seconds=600)
    await subscribed.settle(seconds=3 * 3600)
    assert subscribed.slack.reports() == [QWEN]


async def test_what_is_known_of_the_clock_is_kept_when_other_things_are_forgotten(
    subscribed: World,
) -> None:
    """Who starts while the clock is wrong must know it then, too; a host's turn is not kept."""
    await subscribed.news("Mistral AI opens a research lab in Paris")
    assert await subscribed.bot.ration("host news.example", 1, 1) == 0
    assert await subscribed.bot.lease("asked C1 17.5", "somebody", 3600)
    subscribed.clock.now += 2 * 86400
    await subscribed.worker.deliver_due()
    roles = {"before": kept_roles(subscribed)}
    await subscribed.bot.forget()
    roles["after"] = kept_roles(subscribed)
    assert roles["before"] - roles["after"] == {"host news.example", "asked C1 17.5"}
    believed = subscribed.real()
    subscribed.clock_jumps(YEAR)
    subscribed.restarts()
    with subscribed.store.read() as tx:
        assert tx.believed == pytest.approx(believed, abs=60)


def kept_roles(world: World) -> set[str]:
    with world.store._readers.connect() as connection:
        return set(connection.execute(text("SELECT role FROM lease")).scalars())
