"""What a channel is spared: quiet hours, the cap, a burst, what came while it was closed."""

from __future__ import annotations

from bot.ports import DeliveryError
from tests.world import TITLES, World

QWEN = "Alibaba releases the Qwen 4 AI model"
NOVA = "Alibaba releases the Nova AI model"


async def test_quiet_hours_hold_and_then_one_message_has_it_all(world: World) -> None:
    answer = await world.slack.types("subscribe quiet:20:00-08:00 tz:Europe/Berlin")
    assert "from 20:00 to 08:00 (Europe/Berlin)" in answer.text
    world.becomes("19:30")  # half past nine in Berlin
    for title in TITLES[:11]:
        await world.news(title)
    assert world.slack.messages() == []
    assert (
        "held for quiet hours" in (await world.slack.types(f"why {world.number(TITLES[0])}")).text
    )
    world.becomes("06:00")
    await world.settle()
    (message,) = world.slack.messages()
    assert message.footer == "11 matched, 11 shown"
    assert message.text == "**11 reports** held for quiet hours"
    await world.news(QWEN)
    assert world.slack.reports()[-1] == QWEN
    assert "It came with others" in (await world.slack.types(f"why {world.number(TITLES[0])}")).text


async def test_one_report_held_alone_comes_as_any_other(world: World) -> None:
    await world.slack.types("subscribe quiet:20:00-08:00")
    world.becomes("21:00")
    await world.news(QWEN)
    world.becomes("08:00")
    await world.settle()
    assert world.slack.reports() == [QWEN]
    assert world.slack.messages()[0].buttons == ()


async def test_what_was_held_for_longer_than_a_day_is_none_too_old(world: World) -> None:
    await world.slack.types("subscribe max:1 quiet:22:00-10:00")
    world.becomes("10:30")
    await world.news(QWEN)
    world.becomes("10:40")
    await world.news(NOVA)
    world.clock.now += 86400
    world.slack.chat.fails_next(DeliveryError("slower", retry_after=300))
    await world.settle(5)
    world.clock.now += 300
    await world.settle()
    assert world.slack.reports() == [QWEN, NOVA]


async def test_what_is_above_the_cap_comes_together_the_next_morning(world: World) -> None:
    answer = await world.slack.types("subscribe max:3/day")
    assert "Up to 3 reports a day come one by one" in answer.text
    for title in TITLES[:6]:
        await world.news(title)
    assert world.slack.reports() == TITLES[:3]
    world.becomes("09:00")
    await world.settle()
    assert sorted(card.title for card in world.slack.messages()[-1].cards) == sorted(TITLES[3:6])


async def test_a_burst_becomes_one_message(world: World) -> None:
    answer = await world.slack.types("subscribe")
    assert "Up to 20 reports a day come one by one" in answer.text
    for title in TITLES[:16]:
        await world.news(title, settle=False)
    await world.settle()
    world.clock.now += 120
    await world.settle()
    assert [len(one.cards) for one in world.slack.messages()] == [*[1] * 10, 6]
    shown = [card.title for one in world.slack.messages() for card in one.cards]
    assert sorted(shown) == sorted(TITLES[:16])


async def test_a_burst_just_before_quiet_hours_does_not_come_in_them(world: World) -> None:
    await world.slack.types("subscribe quiet:20:00-08:00")
    world.becomes("19:59")
    for title in TITLES[:12]:
        await world.news(title, settle=False)
    await world.settle(30)
    world.clock.now += 3600
    await world.settle()
    assert [len(one.cards) for one in world.slack.messages()] == [1] * 10
    world.becomes("08:00")
    await world.settle()
    assert [len(one.cards) for one in world.slack.messages()] == [*[1] * 10, 2]


async def test_a_channel_that_opens_after_hours_gets_what_it_missed_together(world: World) -> None:
    await world.slack.types("subscribe")
    world.slack.chat.closed = DeliveryError("archived", permanent=True, scope="channel")
    for title in TITLES:
        await world.news(title, settle=False)
        await world.worker.deliver_due()
        world.clock.now += 400
    world.slack.chat.closed = None
    await world.bot.channel_resumed(world.slack.channel)
    await world.settle()
    assert [len(one.cards) for one in world.slack.messages()] == [*[1] * 10, 15, 5]
    shown = [card.title for one in world.slack.messages() for card in one.cards]
    assert sorted(shown) == sorted(TITLES)


async def test_a_digest_waits_for_the_end_of_the_quiet_hours(world: World) -> None:
    await world.slack.types("subscribe mode:hourly quiet:20:00-08:00")
    world.becomes("21:10")
    for title in TITLES[:3]:
        await world.news(title)
    for hour in ("22:00", "23:00", "03:00"):
        world.becomes(hour)
        await world.settle()
    assert world.slack.messages() == []
    world.becomes("08:00")
    await world.settle()
    (message,) = world.slack.messages()
    assert message.footer == "3 matched, 3 shown"


async def test_quiet_hours_that_are_set_later_hold_a_digest_as_well(world: World) -> None:
    await world.slack.types("subscribe mode:hourly")
    world.becomes("21:10")
    await world.news(QWEN)
    await world.slack.types("settings quiet:20:00-08:00")
    world.becomes("22:00")
    await world.settle()
    assert world.slack.messages() == []
    await world.slack.types("settings quiet:off")
    world.becomes("23:00")
    await world.settle()
    assert len(world.slack.messages()) == 1
