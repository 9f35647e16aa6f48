"""What a subscription would bring is said before it is made, and it is true."""

from __future__ import annotations

from bot import sharing
from bot.model import Channel, Person
from bot.query import parse
from tests.world import World

DAY = 86400.0
TITLES = (
    ("Alibaba releases the Qwen 4 AI model", 1.2),
    ("Alibaba opens the weights of its Nova AI model", 1.1),
    ("OpenAI raises five billion dollars for AI data centers", 2.0),
    ("Alibaba raises money for AI chips", 3.0),
    ("Alibaba releases the Old AI model", 33.0),
)


async def stocked(world: World) -> None:
    for title, days in TITLES:
        await world.news(title, source="Tech news", ago=days * DAY)


async def test_a_preview_says_how_much_would_come_and_changes_nothing(world: World) -> None:
    await stocked(world)
    answer = await world.slack.types("preview company:alibaba")
    assert answer.text == (
        "It would bring: company is Alibaba (Cloud). In the last 30 days 3 reports matched: "
        "less than one a week, never two on one day."
    )
    assert len(answer.cards) == 3
    assert [button.command for button in answer.buttons] == ["subscribe company:alibaba"]
    assert "no subscription" in (await world.slack.types("list")).text


async def test_the_busiest_day_is_one_by_the_clock_of_the_channel(world: World) -> None:
    """Two days in UTC are one day where it is 14 hours later."""
    await stocked(world)
    await world.slack.types("settings tz:Pacific/Kiritimati")
    answer = await world.slack.types("preview company:alibaba")
    assert "2 on the busiest day, 23 Apr 2026." in answer.text


async def test_a_preview_counts_what_delivery_would_have_brought(world: World) -> None:
    await stocked(world)
    for text in ("company:alibaba", "", "ai -type:funding-business", "model,chips -nova"):
        said = (await world.slack.types(f"preview {text}")).text
        channel = Channel("slack", f"C-{text}")
        await world.bot.command(channel, Person("slack", "U1", "Ada"), f"subscribe max:all {text}")
        with world.store.read() as tx:
            lately = [
                one
                for one in tx.articles.search(parse("sort:new", tx.now), 100, 0).articles
                if one.published >= tx.now - 30 * DAY
            ]
        with world.store.write() as tx:
            for article in lately:
                sharing.share(tx, article)
        await world.settle()
        posted = [one for one in world.slack.chat.posts.values() if one.channel == channel]
        assert f" {len(posted)} report" in said, said


async def test_what_cannot_stand_cannot_be_previewed(world: World) -> None:
    answer = await world.slack.types("preview qwen since:7d")
    assert "cannot be part of it" in answer.text
