"""What `/botbeat status` says of the sources and of the channel."""

from __future__ import annotations

from bot.model import Channel
from bot.ports import Source, Visit
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


async def visits(world: World, url: str, reason: str = "", channel: Channel | None = None) -> None:
    name = f"{url.split('/')[2]} *news*"
    await world.bot.add_source(Source(0, url, name, channel=channel))
    if channel:
        world.pages[url] = name
        await world.discord.types(f"subscribe {url}")
    for source in await world.bot.due_sources(10):
        await world.bot.visited(source, Visit(900, reason))


async def test_status_names_the_sources_that_do_not_answer(world: World) -> None:
    await visits(world, "https://good.example/feed")
    await visits(world, "https://bad.example/feed", "bad.example answered with status 503")
    answer = await world.slack.types("status")
    assert answer.text.splitlines() == [
        "**1 of 2 sources** answer; the last visit was 24 Apr 2026, 03:06 UTC.",
        r"• bad.example \*news\*: bad.example answered with status 503; last answer never; "
        "next visit 24 Apr 2026, 03:21 UTC",
        "To this channel 0 messages are on their way, and 0 reports are held.",
    ]


async def test_status_counts_what_waits_for_this_channel_and_says_why(world: World) -> None:
    await world.slack.types("subscribe mode:digest at:09:00")
    await world.news(QWEN)
    await world.bot.channel_paused(world.slack.channel, "it is archived")
    await world.slack.types(f"share {world.number(QWEN)}")
    lines = (await world.slack.types("status")).text.splitlines()
    assert lines[-2] == "To this channel 1 message is on its way, and 0 reports are held."
    assert lines[-1].startswith("Posting to this channel is paused: it is archived.")


async def test_status_keeps_to_itself_what_another_channel_follows(world: World) -> None:
    await visits(world, "https://ours.example/feed", "it is broken", world.discord.channel)
    assert "ours.example" not in (await world.slack.types("status")).text
    assert "ours.example" in (await world.discord.types("status")).text


async def test_link_says_which_channels_have_one_conversation(world: World) -> None:
    answer = await world.slack.types("link 4711")
    assert answer.text.startswith("All channels of this BotBeat belong together")
    await world.slack.presses(answer, "Share comments")
    assert "are shown in the other channels" in (await world.slack.types("link")).text
