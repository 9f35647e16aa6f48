"""What is parked because nobody let us look, and what becomes of it when somebody does."""

from __future__ import annotations

import pytest

from bot.freshness import PARKED
from bot.model import Person
from bot.outcomes import Timing
from bot.ports import DeliveryError, Scope
from tests.world import World

ADA = Person("slack", "U1", "Ada")
QWEN = "Alibaba releases the Qwen 4 AI model"
LOST_ANSWER = DeliveryError("the connection broke", unsure=True)
DAY = 86400.0


async def unsure(world: World, title: str, *, accepted: bool) -> None:
    """A report whose answer is lost."""
    world.slack.chat.fails_next(LOST_ANSWER, accepted=accepted)
    await world.news(title, settle=False)
    await world.worker.deliver_due()


@pytest.mark.parametrize("accepted", [True, False])
async def test_what_was_parked_is_looked_for_again_when_the_channel_opens(
    subscribed: World, accepted: bool
) -> None:
    """And what people wrote meanwhile comes under it."""
    await subscribed.discord.types("subscribe comments:share")
    await subscribed.slack.types("settings comments:read")
    await unsure(subscribed, QWEN, accepted=accepted)
    subscribed.slack.chat.blind = "BotBeat is not in this channel"
    await subscribed.settle()
    assert subscribed.state(QWEN) == "parked: BotBeat is not in this channel"
    await subscribed.discord.says("Impressive!", under=QWEN)
    subscribed.slack.chat.blind = ""
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]
    assert subscribed.slack.thread(QWEN) == ["Ada (discord): Impressive!"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_what_is_parked_is_looked_for_again_each_hour_of_a_day(
    subscribed: World, accepted: bool
) -> None:
    """A right may come back without a word, or while a look without it is under way."""
    await unsure(subscribed, QWEN, accepted=accepted)
    subscribed.slack.chat.blind = "BotBeat is not in this channel"
    await subscribed.settle()
    looks = subscribed.slack.chat.looks
    for _ in range(3):
        subscribed.clock.now += 1.1 * PARKED
        await subscribed.settle()
    assert subscribed.slack.chat.looks == looks + 3
    assert subscribed.state(QWEN) == "parked: BotBeat is not in this channel"
    subscribed.slack.chat.blind = ""
    subscribed.clock.now += 1.1 * PARKED
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


@pytest.mark.parametrize("scope", ["channel", "install"])
async def test_a_look_that_finds_all_closed_holds_it_and_heals_with_it(
    subscribed: World, scope: Scope
) -> None:
    """A token that is withdrawn for an hour, while a post is looked for, parks nothing for good."""
    await unsure(subscribed, QWEN, accepted=False)
    await subscribed.bot.command(subscribed.lounge.channel, ADA, "subscribe")
    closed = DeliveryError("The token was withdrawn", permanent=True, scope=scope)
    subscribed.slack.chat.closed = closed
    subscribed.clock.now += Timing().settle
    await subscribed.worker.deliver_due()
    with subscribed.store.read() as tx:
        held = {hold.channel for hold in tx.deliveries.holds()}
    assert held >= {subscribed.slack.channel}
    subscribed.slack.chat.closed = None
    healing = subscribed.slack if scope == "channel" else subscribed.lounge
    await subscribed.bot.channel_resumed(healing.channel)
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


async def test_what_opens_after_days_brings_no_old_news(subscribed: World) -> None:
    await unsure(subscribed, QWEN, accepted=False)
    subscribed.slack.chat.blind = "BotBeat is not in this channel"
    await subscribed.settle()
    subscribed.slack.chat.blind = ""
    subscribed.clock.now += 2 * DAY
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle()
    assert subscribed.slack.reports() == []


async def test_a_post_that_was_looked_for_too_late_is_no_news_any_more(subscribed: World) -> None:
    await unsure(subscribed, QWEN, accepted=False)
    subscribed.clock.now += 2 * DAY
    await subscribed.settle()
    assert subscribed.slack.reports() == []
    assert subscribed.state(QWEN).startswith("expired: It was too old")
