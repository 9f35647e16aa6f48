"""One look settles what is unsure in a place, and nothing that somebody else is at."""

from __future__ import annotations

import asyncio

import pytest

from bot.looking import Look
from bot.message import Message
from bot.model import Person
from bot.outcomes import Timing
from bot.ports import DeliveryError, Pace
from tests.world import World

TITLES = [
    "Alibaba releases the Qwen 4 AI model",
    "DeepSeek V5 AI model beats every benchmark",
    "Mistral AI raises two billion euros",
    "Anthropic ships an AI model for spreadsheets",
]
LOST = DeliveryError("the connection broke", unsure=True)
ADA = Person("slack", "U1", "Ada")
SETTLE = Timing().settle


async def unsure(world: World, *arrived: bool) -> None:
    """So many reports in one channel whose answers were lost; some arrived all the same."""
    for title, accepted in zip(TITLES, arrived, strict=False):
        world.slack.chat.fails_next(LOST, accepted=accepted)
        await world.news(title, settle=False)
        await world.worker.deliver_due()
        world.clock.now += 1
    world.slack.chat.looks = 0


def states(world: World, count: int = 2) -> list[str]:
    return [world.state(title).partition(":")[0] for title in TITLES[:count]]


async def test_one_look_settles_a_channel(subscribed: World) -> None:
    await unsure(subscribed, True, False, True, False)
    assert states(subscribed, 4) == ["unsure"] * 4
    subscribed.clock.now += SETTLE
    await subscribed.worker.deliver_due()
    # What stands is known, and the others may be sent without another look.
    assert states(subscribed, 4) == ["shown", "pending", "shown", "pending"]
    await subscribed.settle()
    assert sorted(subscribed.slack.reports()) == sorted(TITLES)
    assert subscribed.slack.chat.looks == 1


async def test_what_is_unsure_in_a_thread_is_settled_in_its_order(subscribed: World) -> None:
    await subscribed.discord.types("subscribe comments:share")
    await subscribed.slack.types("settings comments:share")
    await subscribed.news(TITLES[0])
    for words, accepted in (("first", False), ("second", True), ("third", False)):
        subscribed.slack.chat.fails_next(LOST, accepted=accepted)
        await subscribed.discord.says(words, under=TITLES[0])
        await subscribed.worker.deliver_due()
    await subscribed.settle()
    said = [words.rpartition(" ")[2] for words in subscribed.slack.thread(TITLES[0])]
    assert said == ["first", "second", "third"]


async def test_what_is_younger_than_its_settle_time_is_left_alone(subscribed: World) -> None:
    await unsure(subscribed, False, False)
    subscribed.clock.now += SETTLE - 2
    await subscribed.worker.deliver_due()
    # The first was looked for and is sent again at once; the second may still arrive.
    assert states(subscribed) == ["shown", "unsure"]


@pytest.mark.parametrize("jump", [2 * 3600, 60])
async def test_a_look_whose_turn_comes_after_a_jump_settles_nothing_but_its_own(
    subscribed: World, jump: float
) -> None:
    """By such a clock a post that broke off a moment ago seems to be long settled; it may still
    arrive."""
    await unsure(subscribed, False, False)
    subscribed.clock.now += SETTLE - 2
    with subscribed.store.write() as tx:
        (first,) = tx.deliveries.claim({"slack": Pace()}, Timing().lease, 10)
    subscribed.clock_jumps(jump)
    look = Look(subscribed.slack.chat, first, Timing())
    await look.read(subscribed.store)
    with subscribed.store.write() as tx:
        look.settle(tx, "read")
    assert states(subscribed)[1] == "unsure"


async def test_a_look_that_fails_leaves_all_unsure_and_comes_less_and_less_often(
    subscribed: World,
) -> None:
    await unsure(subscribed, True, False, True, False)
    subscribed.slack.chat.closed = DeliveryError("Slack answered with nonsense")
    began, looks = subscribed.clock.now, []
    while subscribed.clock.now < began + 4 * 3600:
        subscribed.clock.now += 30
        await subscribed.worker.deliver_due()
        looks.append(subscribed.slack.chat.looks)
    assert states(subscribed, 4) == ["unsure"] * 4
    # In the first hour it is looked often, then every ten minutes, once for all four.
    assert looks[119] <= 11
    assert looks[-1] - looks[119] <= 19
    subscribed.slack.chat.closed = None
    await subscribed.settle(seconds=700)
    assert sorted(subscribed.slack.reports()) == sorted(TITLES)


async def test_what_is_lost_again_and_again_is_looked_for_one_settle_time_later(
    subscribed: World,
) -> None:
    for _ in range(6):
        subscribed.slack.chat.fails_next(LOST)
    await subscribed.news(TITLES[0], settle=False)
    for _ in range(7):
        await subscribed.worker.deliver_due()
        subscribed.clock.now += SETTLE
    assert subscribed.slack.reports() == [TITLES[0]]


async def test_what_a_look_found_before_it_failed_is_kept(subscribed: World) -> None:
    await unsure(subscribed, True, True, False)
    subscribed.clock.now += SETTLE

    def fails() -> None:
        raise DeliveryError("the connection broke")

    subscribed.slack.chat.after_look = fails
    await subscribed.worker.deliver_due()
    assert states(subscribed, 3) == ["shown", "shown", "unsure"]


async def test_a_look_says_nothing_of_what_was_tried_again_meanwhile(subscribed: World) -> None:
    """Another worker looks, too, and posts, while the answer of the first look is on its way."""
    await unsure(subscribed, False, False)
    subscribed.clock.now += SETTLE
    others = []

    def another_worker_is_quicker() -> None:
        subscribed.slack.chat.after_look = lambda: None
        with subscribed.store.write() as tx:
            others.extend(tx.deliveries.claim({"slack": subscribed.slack.chat.pace}, 90, 1))
            assert tx.deliveries.resend(others[0], 90)

    subscribed.slack.chat.after_look = another_worker_is_quicker
    await subscribed.worker.deliver_due()
    (other,) = others
    with subscribed.store.read() as tx:
        now = tx.deliveries.numbered(other.id)
    assert now
    assert now.state == "sending"


async def test_what_may_kill_whoever_tries_it_is_not_freed_by_anothers_look(
    subscribed: World,
) -> None:
    await unsure(subscribed, False, False)
    subscribed.clock.now += SETTLE
    with subscribed.store.write() as tx:
        second = tx.deliveries.of_article(subscribed.number(TITLES[1]))[0]
        tx.deliveries.postpone(second, "unsure", tx.now, "", silent=2)
    await subscribed.worker.deliver_due()
    assert states(subscribed) == ["shown", "unsure"]


async def test_what_killed_workers_left_is_settled_by_one_look(subscribed: World) -> None:
    """And it is not forgotten that somebody may have died of it."""
    for title in TITLES:
        await subscribed.news(title, settle=False)
    pace = {"slack": Pace()}
    with subscribed.store.write() as tx:
        left = [one for _ in TITLES for one in tx.deliveries.claim(pace, 90, 10)]
    await subscribed.slack.chat.post(left[0].channel, Message(), None, left[0].key)
    subscribed.clock.now += 90
    await subscribed.worker.deliver_due()
    assert sorted(states(subscribed, 4)) == ["pending", "pending", "pending", "shown"]
    assert subscribed.slack.chat.looks == 1
    with subscribed.store.read() as tx:
        now = [tx.deliveries.numbered(one.id) for one in left]
    assert [one.silent for one in now if one and one.state == "pending"] == [1, 1, 1]


async def test_a_report_that_is_too_old_after_the_look_is_not_sent(subscribed: World) -> None:
    await unsure(subscribed, False, True)
    subscribed.clock.now += 2 * 86400
    await subscribed.settle()
    assert subscribed.slack.reports() == [TITLES[1]]
    assert states(subscribed) == ["expired", "shown"]


async def twelve_unsure(world: World) -> None:
    await world.channels(12)
    world.slack.chat.closed = LOST
    await world.news(TITLES[0], settle=False)
    await world.worker.deliver_due()
    world.slack.chat.closed = None
    world.slack.chat.looks = 0
    world.clock.now += SETTLE


async def test_a_few_look_at_once_and_the_others_wait_for_their_turn(world: World) -> None:
    """After a kill or an outage a hundred channels have something to look for."""
    await twelve_unsure(world)
    under_way = [0, 0]

    async def looking() -> None:
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0.01)
        under_way[0] -= 1

    world.slack.chat.while_looking = looking
    await world.worker.deliver_due()
    assert under_way == [0, 3]
    assert len(world.slack.chat.posts) == 12


async def test_who_waits_too_long_for_a_turn_leaves_it_to_another_worker(world: World) -> None:
    await twelve_unsure(world)
    begun, slow = asyncio.Event(), asyncio.Event()

    async def looking() -> None:
        if world.slack.chat.looks == 3:
            begun.set()
        await slow.wait()

    world.slack.chat.while_looking = looking
    with world.store.write() as tx:
        for one in tx.deliveries.of_article(world.number(TITLES[0])):
            tx.deliveries.postpone(one, "unsure", tx.now, "", silent=1)
    trying = asyncio.create_task(world.worker.deliver_due())
    await begun.wait()
    world.clock.now += Timing().lease
    slow.set()
    await trying
    assert world.slack.chat.looks == 3
    with world.store.read() as tx:
        left = tx.deliveries.of_article(world.number(TITLES[0]))
    assert [one.silent for one in left if one.state == "unsure"] == [1] * 9
    # By now it is theirs; nothing was sent twice.
    await world.settle()
    assert len(world.slack.chat.posts) == 12
