"""Digests: reports that come together at a time of day, each hour or each week."""

from __future__ import annotations

import pytest

from bot import reading
from bot.model import MessageRef, Person
from bot.outcomes import Timing
from bot.ports import DeliveryError
from tests.world import TITLES, World

QWEN = "Alibaba releases the Qwen 4 AI model"
NOVA = "Alibaba releases the Nova AI model"
OPENAI = "OpenAI raises five billion dollars for AI data centers"


async def test_a_digest_has_all_that_matched_since_the_last_one(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    for title in (QWEN, OPENAI, NOVA):
        await world.news(title, source="Tech news")
        world.clock.now += 5
    assert world.slack.reports() == []
    world.becomes("09:00")
    await world.settle()
    (digest,) = world.slack.messages()
    # Those of a company stand together, and whoever is in most comes first.
    assert [card.title for card in digest.cards] == [QWEN, NOVA, OPENAI]
    assert [card.heading for card in digest.cards] == ["Alibaba (Cloud)", "", "OpenAI"]
    assert digest.footer == "3 matched, 3 shown"
    assert digest.text == "**3 reports**"


async def test_a_digest_is_never_empty_and_never_has_the_same_twice(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    for _ in range(3):
        world.becomes("09:00")
        await world.settle()
    assert [[card.title for card in one.cards] for one in world.slack.messages()] == [[QWEN]]


async def test_a_digest_that_was_missed_comes_when_the_bot_is_back(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    world.clock.now += 3 * 86400
    world.restarts()
    await world.settle()
    assert [[card.title for card in one.cards] for one in world.slack.messages()] == [[QWEN]]


async def test_a_digest_has_more_messages_when_one_does_not_hold_it(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    for title in TITLES[:20]:
        await world.news(title, settle=False)
    world.becomes("09:00")
    await world.settle()
    shown = [card.title for one in world.slack.messages() for card in one.cards]
    assert sorted(shown) == sorted(TITLES[:20])
    assert [one.footer for one in world.slack.messages()] == [
        "15 matched, 15 shown",
        "5 matched, 5 shown",
    ]


async def test_a_digest_whose_answer_is_lost_is_not_sent_twice(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.news(NOVA)
    world.becomes("09:00")
    world.slack.chat.fails_next(DeliveryError("no answer", unsure=True), accepted=True)
    await world.settle()
    assert len(world.slack.messages()) == 1


async def test_a_correction_mends_the_digest_in_place(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN, key="q")
    await world.news(NOVA)
    world.becomes("09:00")
    await world.settle()
    await world.news(f"{QWEN} today", key="q")
    (digest,) = world.slack.messages()
    assert {card.title for card in digest.cards} == {f"{QWEN} today", NOVA}


async def test_a_report_for_both_a_digest_and_at_once_comes_once(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.slack.types("subscribe company:alibaba")
    await world.news(QWEN)
    await world.news(OPENAI, source="Tech news")
    assert world.slack.reports() == [QWEN]
    world.becomes("09:00")
    await world.settle()
    assert [[card.title for card in one.cards] for one in world.slack.messages()] == [
        [QWEN],
        [OPENAI],
    ]


async def test_nobody_is_told_of_comments_under_what_came_in_a_digest(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00 comments:share")
    await world.discord.types("subscribe comments:share")
    await world.news(QWEN)
    await world.news(NOVA)
    await world.discord.says("Impressive!", under=QWEN)
    world.becomes("09:00")
    await world.settle()
    await world.discord.says("And cheap.", under=QWEN)
    assert [len(one.cards) for one in world.slack.messages()] == [2]
    ref = MessageRef(world.slack.channel, "human-1")
    digest = MessageRef(world.slack.channel, next(iter(world.slack.chat.posts)))
    await world.bot.comment_posted(ref, digest, Person("slack", "ada", "Ada"), "Hm", 1.0)
    await world.settle()
    assert world.discord.thread(QWEN) == []


async def test_what_is_held_can_be_shared_by_hand(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.slack.types(f"share {world.number(QWEN)}")
    await world.settle()
    assert world.slack.reports() == [QWEN]
    world.becomes("09:00")
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_another_time_moves_what_is_held(world: World) -> None:
    await world.slack.types("subscribe mode:weekly")
    await world.news(QWEN)
    answer = await world.slack.types("set 1 mode:digest at:17:30")
    assert answer.text == (
        "Subscription 1: every report. Reports are posted in a digest each day at 17:30 (UTC)."
    )
    assert answer.buttons[0].command == "set 1 mode:digest at:09:00 days:mon mention:off"
    world.becomes("17:30")
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_at_once_after_all_lets_what_is_held_come_now(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.slack.types("set 1 mode:instant")
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_unsubscribing_gives_up_what_is_held(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.slack.types("unsubscribe 1")
    world.becomes("09:00")
    await world.settle()
    assert world.slack.messages() == []
    assert (
        "was removed before it was sent"
        in (await world.slack.types(f"why {world.number(QWEN)}")).text
    )


async def test_a_paused_digest_comes_after_it_is_resumed(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.slack.types("pause 1")
    world.becomes("09:00")
    await world.settle()
    assert world.slack.messages() == []
    await world.slack.types("resume 1")
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_a_channel_that_is_closed_while_its_digest_is_written_gets_it_later(
    world: World,
) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    world.becomes("09:00")
    gone = DeliveryError("the channel is archived", permanent=True, scope="channel")
    world.slack.chat.fails_next(gone)
    await world.settle(5)
    assert world.slack.messages() == []
    world.clock.now += Timing().probe
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_where_messages_are_drawn_by_us_a_digest_is_drawn_after_a_restart(
    world: World,
) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.news(NOVA)
    world.becomes("09:00")
    await world.settle()
    world.restarts()
    view = reading.channel_view(world.store, world.slack.channel, base_url=world.bot.base_url)
    assert [message for _, message in view.others] == world.slack.messages()


async def test_what_came_in_a_digest_is_kept_no_longer_than_other_reports(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    world.becomes("09:00")
    await world.settle()
    world.clock.now += 200 * 86400
    assert await world.bot.forget() == 2
    assert await world.bot.forget() == 0


async def test_one_subscription_brings_its_reports_as_another_does(world: World) -> None:
    await world.slack.types("subscribe company:alibaba mode:digest at:08:30,17:00 days:mon-fri")
    await world.slack.types("subscribe type:research mention:<@U1>")
    answer = await world.slack.types("set 2 like:1")
    with world.store.read() as tx:
        first, second = tx.subscriptions.of(world.slack.channel)
    assert (second.query, second.mode, second.mention) == ("type:research", first.mode, "")
    await world.slack.presses(answer, "Undo")
    with world.store.read() as tx:
        assert tx.subscriptions.of(world.slack.channel)[1].mode == "instant"


async def test_a_moderator_who_removes_a_digest_is_obeyed(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN, key="q")
    world.becomes("09:00")
    await world.settle()
    (number,) = world.slack.chat.posts
    world.slack.chat.posts[number].deleted = True
    await world.bot.comment_deleted(MessageRef(world.slack.channel, number))
    await world.news(f"{QWEN} today", key="q")
    world.becomes("09:00")
    await world.settle()
    assert world.slack.messages() == []


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("subscribe mode:digset", '"mode:" is one of instant, digest, hourly, daily, weekly'),
        ("subscribe at:25:00", '"25:00" is no time of day'),
        ("subscribe at:09:00 days:mun", '"mun" is no day'),
        ("subscribe mode:instant at:09:00", "at: and days: are for mode:digest"),
        ("subscribe mode:hourly at:09:00", "Each hour means all hours"),
        ("subscribe tz:Berln", 'no time zone "Berln". Did you mean: Europe/Berlin'),
        ("subscribe quiet:8", '"quiet:" is like 20:00-08:00'),
        ("subscribe quiet:08:00-08:00", "would let nothing through"),
        ("subscribe max:0", '"max:" is how many'),
        ("settings max:many", '"max:" is how many'),
        ("set 1 at:noon", '"noon" is no time of day'),
        ("set 1 company:alibaba", "Of a subscription one can set"),
        ("set 1 like:7", "Which subscription? Nothing was changed."),
        ("set 1 like:1 mode:weekly", "Of a subscription one can set"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    subscribed: World, typed: str, answer: str
) -> None:
    said = await subscribed.slack.types(typed)
    assert answer in said.text
    with subscribed.store.read() as tx:
        (one,) = tx.subscriptions.of(subscribed.slack.channel)
        settings = tx.channels.place(subscribed.slack.channel).settings
    assert (one.query, one.mode) == ("", "instant")
    assert (settings.zone, settings.quiet, settings.most) == ("", "", 0)
