"""What a channel is told of its sources: that one is visited no more, or that nothing comes in."""

from __future__ import annotations

import pytest

from bot import notices, reading
from bot.model import MessageRef, Person
from bot.outbox import Wish
from bot.ports import Source, Visit
from tests.world import ChatSide, World

BLOG = "https://garden.example/blog"
FEED = "https://Garden-notes.example/feed"
NAME = "Garden notes"
OTHER = Source(0, "https://news.example/feed", "The Decoder")
GONE = Visit(86400, "the source is gone for good (410)", disabled=True)
FAILS = Visit(900, "garden.example answered with status 500")
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
async def garden(world: World) -> World:
    """Slack follows a page, Discord follows all other news; both sources have answered."""
    world.pages[BLOG] = NAME
    await world.discord.types("subscribe")
    await world.slack.types(f"subscribe {BLOG}")
    await world.bot.add_source(OTHER)
    await visits(world, garden=Visit(900), other=Visit(900))
    return world


async def visits(world: World, garden: Visit, other: Visit, after: float = HOUR) -> list[str]:
    """An hour later whatever is due is visited; which sources that were."""
    world.clock.now += after
    due = await world.bot.due_sources(10)
    for source in due:
        await world.bot.visited(source, garden if source.name == NAME else other)
    await world.settle()
    return sorted(one.name for one in due)


async def fails_for_long(world: World, other: Visit) -> None:
    for _ in range(notices.MOST_FAILURES):
        assert NAME in await visits(world, garden=FAILS, other=other)


def told(side: ChatSide) -> list[str]:
    return [message.text for message in side.messages() if not message.cards]


async def quiet(world: World, after: float = HOUR) -> None:
    """An hour later it is looked whether anything comes in."""
    world.clock.now += after
    await world.bot.look_whether_quiet()
    await world.settle()


async def test_who_follows_a_source_is_told_once_when_it_is_gone_for_good(garden: World) -> None:
    await visits(garden, garden=GONE, other=Visit(900))
    [notice] = told(garden.slack)
    assert notice.startswith(
        "**Garden notes is not visited any more**: the source is gone for good (410)."
    )
    assert "Its last answer was 24 Apr 2026, 04:06 UTC" in notice
    assert f"/botbeat subscribe {FEED}" in notice
    assert told(garden.discord) == []
    assert await visits(garden, garden=GONE, other=Visit(900), after=DAY) == ["The Decoder"]
    assert len(told(garden.slack)) == 1


async def test_a_source_that_fails_for_two_weeks_is_given_up_and_status_says_so(
    garden: World,
) -> None:
    await fails_for_long(garden, other=Visit(900))
    assert await visits(garden, garden=FAILS, other=Visit(900)) == ["The Decoder"]
    [notice] = told(garden.slack)
    assert "is not visited any more**: garden.example answered with status 500." in notice
    status = (await garden.slack.types("status")).text
    assert "Garden notes is not visited any more: garden.example answered with" in status
    assert "Garden notes" not in (await garden.discord.types("status")).text


async def test_none_is_given_up_while_nothing_answers_as_then_it_is_our_own_network(
    garden: World,
) -> None:
    await visits(garden, garden=FAILS, other=FAILS, after=DAY)
    await fails_for_long(garden, other=FAILS)
    assert NAME in await visits(garden, garden=FAILS, other=FAILS)
    assert told(garden.slack) == []


async def test_it_is_followed_again_by_its_address_and_the_notice_goes(garden: World) -> None:
    await visits(garden, garden=GONE, other=Visit(900))
    answer = await garden.slack.types(f"subscribe {BLOG}")
    assert "source is garden notes" in answer.text
    assert len(told(garden.slack)) == 1
    assert NAME in await visits(garden, garden=Visit(900), other=Visit(900))
    assert told(garden.slack) == []
    # And if it goes once more, that is said once more.
    await visits(garden, garden=GONE, other=Visit(900))
    assert len(told(garden.slack)) == 1


async def waits_in_the_night(garden: World) -> None:
    """The source is gone while the channel wants to hear nothing, and is added anew."""
    await garden.slack.types("settings quiet:20:00-08:00")
    garden.clock.now += DAY
    garden.becomes("22:00")
    assert NAME in await visits(garden, garden=GONE, other=Visit(900))
    assert told(garden.slack) == []
    await garden.bot.add_source(Source(0, FEED, NAME))


async def test_a_notice_that_is_over_before_it_was_sent_is_not_sent(garden: World) -> None:
    await waits_in_the_night(garden)
    assert NAME in await visits(garden, garden=Visit(900), other=Visit(900))
    garden.becomes("08:00")
    await garden.settle()
    assert told(garden.slack) == []


async def test_a_notice_that_waited_while_its_source_was_added_anew_says_that(
    garden: World,
) -> None:
    await waits_in_the_night(garden)
    garden.becomes("08:00")
    await garden.settle()
    [notice] = told(garden.slack)
    assert notice.startswith("**Garden notes was given up and is tried again now**. Its last")
    assert "subscribe" not in notice


async def test_who_subscribed_is_told_once_when_nothing_comes_in(garden: World) -> None:
    await quiet(garden, after=DAY - 2 * HOUR)
    assert told(garden.discord) == []
    await quiet(garden, after=2 * HOUR)
    await quiet(garden)
    for side in (garden.slack, garden.discord):
        [notice] = told(side)
        assert notice.startswith("**No news has come in since 24 Apr 2026, 04:06 UTC**")
        assert "none of the 2 sources answers" in notice
    assert told(garden.lounge) == []
    # It goes when one of them answers again, and comes anew at the next time.
    await visits(garden, garden=FAILS, other=Visit(900))
    await quiet(garden)
    assert told(garden.discord) == told(garden.slack) == []
    await quiet(garden, after=2 * DAY)
    assert len(told(garden.discord)) == len(told(garden.slack)) == 1


async def test_many_channels_are_told(garden: World) -> None:
    await garden.channels(notices.AT_ONCE + 1)
    await quiet(garden, after=2 * DAY)
    posts = garden.slack.chat.posts.values()
    assert len(posts) == notices.AT_ONCE + 2


async def test_a_notice_waits_for_the_end_of_quiet_hours(garden: World) -> None:
    await garden.discord.types("settings quiet:20:00-08:00")
    garden.clock.now += DAY
    garden.becomes("23:00")
    await quiet(garden, after=0)
    assert len(told(garden.slack)) == 1
    assert told(garden.discord) == []
    garden.becomes("08:00")
    await garden.settle()
    assert len(told(garden.discord)) == 1


@pytest.mark.parametrize("ended", ["pause", "unsubscribe"])
async def test_who_wants_no_news_is_not_told_that_none_comes(garden: World, ended: str) -> None:
    await garden.discord.types("pause" if ended == "pause" else "unsubscribe 1")
    await quiet(garden, after=2 * DAY)
    assert told(garden.discord) == []
    assert len(told(garden.slack)) == 1


async def test_before_a_first_answer_there_is_nothing_to_say(world: World) -> None:
    """Whoever starts BotBeat sees by themselves whether it works."""
    await world.slack.types("subscribe")
    await world.bot.add_source(OTHER)
    await quiet(world, after=9 * DAY)
    assert told(world.slack) == []


async def test_a_clock_that_jumped_tells_nothing(garden: World) -> None:
    garden.clock_jumps(400 * DAY)
    await garden.bot.look_whether_quiet()
    await garden.settle()
    assert told(garden.slack) == []


async def test_an_answer_to_a_visit_that_took_too_long_says_nothing(garden: World) -> None:
    garden.clock.now += HOUR
    slow = [one for one in await garden.bot.due_sources(10) if one.name == NAME]
    await visits(garden, garden=Visit(900), other=Visit(900))
    await garden.bot.visited(slow[0], GONE)
    await garden.settle()
    assert told(garden.slack) == []


async def test_people_see_it_in_a_local_channel_and_in_the_ledger(garden: World) -> None:
    await visits(garden, garden=GONE, other=Visit(900))
    view = reading.channel_view(garden.store, garden.slack.channel)
    assert [message.text[:14] for _, message in view.others] == ["**Garden notes"]
    with garden.store.read() as tx:
        listed = tx.deliveries.listed(Wish(channel=garden.slack.channel), 9)
    assert [(one.kind, one.state) for one in listed] == [("notice", "shown")]


async def test_a_comment_under_a_notice_is_no_comment_on_a_report(garden: World) -> None:
    await garden.slack.types("settings comments:share")
    await visits(garden, garden=GONE, other=Visit(900))
    [(number, _)] = garden.slack.chat.standing(garden.slack.channel.id)
    above = MessageRef(garden.slack.channel, number)
    said = MessageRef(garden.slack.channel, "human-1")
    await garden.bot.comment_posted(
        said, above, Person("slack", "ada", "Ada"), "What a pity", garden.clock.now
    )
    with garden.store.read() as tx:
        assert tx.comments.by_origin(said) is None
