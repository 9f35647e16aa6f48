"""The outbox: nothing lost, nothing said twice, whatever a platform answers."""

from __future__ import annotations

import asyncio
import itertools

from bot.delivery import Worker
from bot.message import Card, Message
from bot.model import MessageRef
from bot.outcomes import Timing
from bot.ports import DeliveryError, Pace
from tests.world import World

HEADLINES = (
    "Alibaba releases the Qwen 4 AI model",
    "OpenAI raises five billion dollars for data centers",
    "Mistral AI opens a research lab in Paris",
    "Nvidia shows a chip for robots",
    "Anthropic publishes a paper on interpretability",
    "Europe delays parts of the AI Act",
)
LOST_ANSWER = DeliveryError("the connection broke", unsure=True)


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=True)
    await subscribed.news("Qwen 4 model released")
    assert subscribed.slack.reports() == ["Qwen 4 model released"]
    assert subscribed.state("Qwen 4 model released") == "shown: "


async def test_a_post_that_never_arrived_is_sent_again(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=False)
    await subscribed.news("Qwen 4 model released")
    assert subscribed.slack.reports() == ["Qwen 4 model released"]


async def test_nobody_looks_before_a_late_request_had_time_to_arrive(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=False)
    await subscribed.news("Qwen 4 model released", settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += Timing().settle - 1
    assert await subscribed.worker.deliver_due() == 0
    subscribed.clock.now += 1
    assert await subscribed.worker.deliver_due() == 1


async def test_where_one_may_not_look_an_unsure_post_is_parked_and_not_guessed(
    subscribed: World,
) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=True)
    subscribed.slack.chat.blind = "BotBeat may not read here"
    await subscribed.news("Qwen 4 model released")
    assert len(subscribed.slack.reports()) == 1
    assert subscribed.state("Qwen 4 model released") == "parked: BotBeat may not read here"


async def test_the_platforms_own_echo_settles_what_was_parked(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=True)
    subscribed.slack.chat.blind = "BotBeat may not read here"
    await subscribed.news("Qwen 4 model released")
    ((number, post),) = subscribed.slack.chat.posts.items()
    await subscribed.bot.delivered(post.key, MessageRef(post.channel, number))
    assert subscribed.state("Qwen 4 model released") == "shown: "


async def test_a_killed_workers_post_is_looked_for_before_it_is_sent_again(
    subscribed: World,
) -> None:
    await subscribed.news("Qwen 4 model released", settle=False)
    with subscribed.store.write() as tx:
        (claimed,) = tx.deliveries.claim({"slack": Pace()}, 90, 10)
    # The worker was killed after the platform accepted, before it could write that down.
    assert claimed.state == "pending"
    card = Message(cards=(Card("Qwen 4 model released", "https://x"),))
    await subscribed.slack.chat.post(claimed.channel, card, None, claimed.key)
    subscribed.restarts()
    assert await subscribed.worker.deliver_due() == 0
    await subscribed.settle()
    assert len(subscribed.slack.reports()) == 1


async def test_a_worker_that_wakes_after_its_lease_cannot_undo_what_another_did(
    subscribed: World,
) -> None:
    await subscribed.news("Qwen 4 model released", settle=False)
    with subscribed.store.write() as tx:
        (slow,) = tx.deliveries.claim({"slack": Pace()}, 90, 10)
    subscribed.clock.now += 91
    await subscribed.settle()
    assert subscribed.state("Qwen 4 model released") == "shown: "
    with subscribed.store.write() as tx:
        tx.deliveries.postpone(slow, "refused", tx.now, "too late")
    assert subscribed.state("Qwen 4 model released") == "shown: "


async def test_two_workers_never_take_the_same_delivery(subscribed: World) -> None:
    for title in HEADLINES:
        await subscribed.news(title, settle=False)
    chats = {"slack": subscribed.slack.chat}
    others = [Worker(subscribed.store, chats, "", Timing()) for _ in range(3)]
    for _ in range(8):
        await asyncio.gather(*(worker.deliver_due() for worker in others))
    assert sorted(subscribed.slack.reports()) == sorted(HEADLINES)


async def test_an_edit_that_came_while_the_post_was_unsure_is_shown_in_the_end(
    subscribed: World,
) -> None:
    subscribed.slack.chat.fails_next(LOST_ANSWER, accepted=True)
    await subscribed.news("Qwen 4 model relaesed", key="q", settle=False)
    await subscribed.worker.deliver_due()
    await subscribed.news("Qwen 4 model released", key="q")
    assert subscribed.slack.reports() == ["Qwen 4 model released"]


async def test_three_quick_edits_are_one(subscribed: World) -> None:
    await subscribed.news("Qwen model A released", key="q")
    for title in ("Qwen model B released", "Qwen model C released", "Qwen model D released"):
        await subscribed.news(title, key="q", settle=False)
    await subscribed.settle()
    (post,) = subscribed.slack.chat.posts.values()
    assert (post.message.cards[0].title, post.edits) == ("Qwen model D released", 1)


async def test_a_headline_rewritten_from_scratch_is_still_the_same_report(
    subscribed: World,
) -> None:
    await subscribed.news(HEADLINES[0], key="q")
    await subscribed.news(HEADLINES[3], key="q", url="https://news.example/moved")
    assert subscribed.slack.reports() == [HEADLINES[3]]
    assert [post.thread for post in subscribed.slack.chat.posts.values()].count("") == 1


async def test_a_busy_platform_is_obeyed(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(
        DeliveryError("too many requests", retry_after=30, scope="channel")
    )
    await subscribed.news("Qwen 4 model released", settle=False)
    await subscribed.news("Llama 5 model released", settle=False)
    await subscribed.worker.deliver_due()
    subscribed.clock.now += 29
    assert await subscribed.worker.deliver_due() == 0
    await subscribed.settle()
    assert len(subscribed.slack.reports()) == 2


async def test_a_channel_that_refuses_us_is_paused_and_loses_nothing(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(
        DeliveryError("BotBeat is not in this channel", permanent=True, scope="channel")
    )
    await subscribed.news("Qwen 4 model released", settle=False)
    await subscribed.news("Llama 5 model released", settle=False)
    await subscribed.worker.deliver_due()
    assert await subscribed.worker.deliver_due() == 0
    answer = await subscribed.slack.types(f"why {subscribed.number('Llama 5 model released')}")
    assert "not in this channel" in answer.text
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle()
    assert sorted(subscribed.slack.reports()) == [
        "Llama 5 model released",
        "Qwen 4 model released",
    ]


async def test_a_refused_message_ends_with_its_reason(subscribed: World) -> None:
    subscribed.slack.chat.fails_next(DeliveryError("invalid blocks", permanent=True))
    await subscribed.news("Qwen 4 model released")
    assert subscribed.slack.reports() == []
    assert subscribed.state("Qwen 4 model released") == "refused: invalid blocks"


async def test_what_keeps_failing_is_tried_less_and_less_often(subscribed: World) -> None:
    await subscribed.news("Qwen 4 model relaesed", key="q")
    await subscribed.news("Qwen 4 model released", key="q", settle=False)
    began = subscribed.clock.now
    tried: list[float] = []
    for _ in range(6):
        subscribed.slack.chat.fails_next(DeliveryError("the platform is down"))
    while len(tried) < 7:
        if await subscribed.worker.deliver_due():
            tried.append(subscribed.clock.now - began)
        subscribed.clock.now += 1
    waits = [later - before for before, later in itertools.pairwise(tried)]
    assert waits == sorted(waits)
    assert waits[-1] >= 32
    assert subscribed.slack.reports() == ["Qwen 4 model released"]


async def test_a_platform_that_is_down_for_hours_costs_nothing(subscribed: World) -> None:
    await subscribed.news(HEADLINES[0], settle=False)
    for _ in range(40):
        subscribed.slack.chat.fails_next(DeliveryError("unreachable", retry_after=5))
    while subscribed.slack.chat.faults:
        await subscribed.worker.deliver_due()
        subscribed.clock.now += 60
        if subscribed.clock.now > 1_777_000_000 + 20 * 3600:
            subscribed.slack.chat.faults.clear()
    await subscribed.settle(4000)
    assert subscribed.slack.reports() == [HEADLINES[0]]


async def test_old_news_is_worse_than_none(subscribed: World) -> None:
    await subscribed.bot.channel_paused(subscribed.slack.channel, "archived")
    await subscribed.news("Qwen 4 model released")
    subscribed.clock.now += 25 * 3600
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle()
    assert subscribed.slack.reports() == []
    assert subscribed.state("Qwen 4 model released").startswith("expired")


async def test_one_channel_gets_one_message_at_a_time(subscribed: World) -> None:
    subscribed.slack.chat.pace = Pace(channel=1.0)
    for title in HEADLINES[:3]:
        await subscribed.news(title, settle=False)
    assert await subscribed.worker.deliver_due() == 1
    assert await subscribed.worker.deliver_due() == 0
    subscribed.clock.now += 1
    assert await subscribed.worker.deliver_due() == 1


async def test_a_stuck_channel_does_not_hold_up_the_others(world: World) -> None:
    await world.slack.types("subscribe")
    await world.discord.types("subscribe")
    world.slack.chat.fails_next(DeliveryError("busy", retry_after=3600, scope="channel"))
    await world.news("Qwen 4 model released", settle=False)
    await world.worker.deliver_due()
    await world.worker.deliver_due()
    assert world.discord.reports() == ["Qwen 4 model released"]


async def test_one_report_for_two_subscriptions(subscribed: World) -> None:
    await subscribed.slack.types("subscribe company:alibaba")
    await subscribed.news("Alibaba releases the Qwen 4 model")
    assert subscribed.slack.reports() == ["Alibaba releases the Qwen 4 model"]
    why = await subscribed.slack.types(f"why {subscribed.number(subscribed.slack.reports()[0])}")
    assert "every report" in why.text
    assert "Alibaba" in why.text.split("\n", 1)[1]
