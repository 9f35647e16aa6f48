"""Somebody is told of what matches, if a channel asked for it, and nobody else ever is."""

from __future__ import annotations

import pytest

from adapters.discord import render as in_discord
from adapters.slack import render as in_slack
from bot.message import Card, Message
from tests.servers.discord import Pings
from tests.servers.discord.pings import pings_of
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
OPENAI = "OpenAI raises five billion dollars for AI data centers"
LOUD = Card("@everyone <@11> <!channel> <@U11> reads", "https://x.example", byline="<@&12>")


async def test_a_match_mentions_whom_the_subscription_names(world: World) -> None:
    answer = await world.slack.types("subscribe company:alibaba mention:<!subteam^S7|@ai-leads>")
    assert "Reports are posted at once, with a mention." in answer.text
    await world.slack.types("subscribe")
    await world.news(QWEN)
    await world.news(OPENAI, source="Tech news")
    told = {message.cards[0].title: message.mentions for message in world.slack.messages()}
    assert told == {QWEN: ("<!subteam^S7>",), OPENAI: ()}


async def test_a_mention_can_be_taken_away_again(world: World) -> None:
    await world.slack.types("subscribe mention:<@U7>")
    await world.slack.types("set 1 mention:off")
    await world.news(QWEN)
    assert world.slack.messages()[0].mentions == ()


@pytest.mark.parametrize("whom", ["@everyone", "<!channel>", "<!here>", "@ai-leads", "<#C1>"])
async def test_all_of_a_channel_cannot_be_mentioned(world: World, whom: str) -> None:
    answer = await world.slack.types(f"subscribe mention:{whom}")
    assert "Nothing was changed" in answer.text
    assert "no subscription yet" in (await world.slack.types("list")).text


def test_discord_pings_them_and_nobody_else() -> None:
    message = Message(cards=(LOUD,), mentions=("<@&34>", "<@56>", "<@everyone>"))
    body = in_discord.payload(message, "a" * 24)
    pings = pings_of(body["content"], body["components"], body["allowed_mentions"])
    assert pings == Pings(users=("56",), roles=("34",))
    assert body["content"].endswith("\n<@&34> <@56>")
    assert in_discord.thread_name(body) == "@everyone <@11> <!channel> <@U11> reads"


def test_slack_pings_them_and_nobody_else() -> None:
    shown = in_slack.rendered(Message(cards=(LOUD,), mentions=("<@U56>", "<!channel>")))
    told = [block["text"]["text"] for block in shown["blocks"] if "<@U56>" in str(block)]
    assert told == ["<@U56>"]
    assert "<!channel>" not in str(shown)
