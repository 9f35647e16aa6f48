"""What a channel had that was removed is deleted after a time of grace, and nothing of others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from bot.bot import Bot
from bot.model import Channel
from storage.engine import connect, database_url
from tests.world import World

DAY = 86400.0
QWEN = "Alibaba releases the Qwen 4 AI model"


@pytest.fixture
async def shared(world: World) -> World:
    """Two channels with one report and what people have said under it in both."""
    for side in (world.slack, world.discord):
        await side.types("subscribe company:alibaba comments:share")
    await world.news(QWEN)
    await world.slack.says("Ours stays", under=QWEN, by="Grace")
    await world.discord.says("Theirs goes", under=QWEN)
    await world.slack.comes_back()
    await world.discord.comes_back()
    return world


def rows(database: str, channel: Channel) -> dict[str, int]:
    """How many rows of each table belong to the channel."""
    tables = ("subscription", "subscription_term", "delivery", "cursor", "comment", "audit")
    here = "(SELECT id FROM channel WHERE platform = :platform AND external = :id)"
    asked = {table: f"SELECT count(*) FROM {table} WHERE channel_id = {here}" for table in tables}
    asked["subscription_match"] = (
        "SELECT count(*) FROM subscription_match JOIN subscription ON id = subscription_id "
        f"WHERE channel_id = {here}"
    )
    engine = connect(database_url(database), write=False)
    with engine.connect() as connection:
        which = {"platform": channel.platform, "id": channel.id}
        found = {name: connection.execute(text(sql), which).scalar() for name, sql in asked.items()}
    engine.dispose()
    return {name: int(count or 0) for name, count in found.items()}


async def test_a_removed_channel_loses_all_that_it_had_after_thirty_days(
    shared: World, database: str
) -> None:
    gone, other = shared.discord.channel, shared.slack.channel
    before, kept = rows(database, gone), rows(database, other)
    assert all(before.values())
    await shared.bot.channel_removed(gone, "BotBeat was removed.")
    shared.clock.now += 29 * DAY
    assert await shared.bot.forget() == 0
    assert rows(database, gone) == before
    shared.clock.now += 2 * DAY
    assert await shared.bot.forget() > 0
    # What is copied elsewhere has no words any more, and goes as soon as the copies are gone.
    assert {name: count for name, count in rows(database, gone).items() if count} == {"comment": 1}
    await shared.settle()
    assert shared.slack.thread(QWEN) == []
    await shared.bot.forget()
    assert not any(rows(database, gone).values())
    assert rows(database, other) == {**kept, "delivery": kept["delivery"] - 1}
    assert shared.slack.reports() == [QWEN]
    assert await shared.bot.forget() == 0


async def test_a_channel_that_was_forgotten_may_begin_anew(shared: World) -> None:
    gone = shared.discord.channel
    await shared.bot.channel_removed(gone, "BotBeat was removed.")
    shared.clock.now += 31 * DAY
    await shared.bot.forget()
    await shared.bot.channel_joined(gone)
    await shared.settle()
    assert shared.discord.messages()[-1].text.startswith("**BotBeat is in this channel.**")
    await shared.discord.types("subscribe company:alibaba")
    again = await shared.news("Alibaba opens the weights of an AI model")
    assert again in [card.title for one in shared.discord.messages() for card in one.cards]


@pytest.mark.parametrize(
    "back",
    [
        lambda bot, channel: bot.channel_resumed(channel),
        lambda bot, channel: bot.channel_joined(channel),
        lambda bot, channel: bot.channels_stand({channel: ("", "public")}),
    ],
)
async def test_who_comes_back_in_time_loses_nothing(
    shared: World, database: str, back: Callable[[Bot, Channel], Awaitable[None]]
) -> None:
    channel = shared.discord.channel
    before = rows(database, channel)
    await shared.bot.channel_removed(channel, "BotBeat was removed.")
    shared.clock.now += 20 * DAY
    await back(shared.bot, channel)
    shared.clock.now += 40 * DAY
    await shared.bot.forget()
    assert rows(database, channel) == before
    assert "removed" not in (await shared.discord.types("status")).text


async def test_a_removal_says_nothing_of_other_channels_or_of_unknown_ones(
    shared: World, database: str
) -> None:
    before = rows(database, shared.slack.channel)
    await shared.bot.channel_removed(Channel("discord", "elsewhere"), "BotBeat was removed.")
    here = [Channel("discord", "elsewhere"), shared.discord.channel]
    await shared.bot.channels_stand(dict.fromkeys(here, ("", "public")))
    shared.clock.now += 40 * DAY
    assert await shared.bot.forget() == 0
    assert rows(database, shared.slack.channel) == before


async def test_a_clock_that_jumps_ends_no_time_of_grace(shared: World, database: str) -> None:
    channel = shared.discord.channel
    before = rows(database, channel)
    await shared.bot.channel_removed(channel, "BotBeat was removed.")
    shared.clock_jumps(60 * DAY)
    assert await shared.bot.forget() == 0
    shared.clock.now += DAY / 2
    assert await shared.bot.forget() == 0
    assert rows(database, channel) == before


@pytest.mark.parametrize("noted", [1.0, 4e9])
async def test_a_removal_noted_by_a_wrong_clock_counts_from_now(
    shared: World, database: str, noted: float
) -> None:
    channel = shared.discord.channel
    before = rows(database, channel)
    with shared.store.write() as tx:
        tx.channels.removed(channel, noted)
    assert await shared.bot.forget() == 0
    assert rows(database, channel) == before
    shared.clock.now += 31 * DAY
    assert await shared.bot.forget() > 0


async def test_what_only_a_forgotten_channel_followed_is_not_visited_any_more(world: World) -> None:
    world.pages = {"https://both.example": "both", "https://one.example": "one"}
    await world.discord.types("subscribe https://one.example")
    for side in (world.discord, world.slack):
        await side.types("subscribe https://both.example")
    await world.bot.channel_removed(world.discord.channel, "BotBeat was removed.")
    world.clock.now += 31 * DAY
    await world.bot.forget()
    assert [source.name for source in await world.bot.due_sources(10)] == ["both"]
