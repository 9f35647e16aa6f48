"""The places of a run: channels on both platforms, what each chose, and who may see what there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.bot import Bot
from bot.model import Channel, Person
from bot.ports import Source
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

COMPANY, OTHER = "alibaba", "mistral"
FADING = Source(0, "https://fading.example/feed", "Fading blog")
"""A source that is given up and answers again, all the while: who follows it is told each time."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One channel. `blind`: BotBeat may not read there, so it cannot look for its messages.
    `gathers`: a burst comes there in digests. `follows` the source that fades."""

    platform: Literal["slack", "discord"]
    id: str
    comments: Literal["share", "read", "off"] = "share"
    company: str = COMPANY
    blind: bool = False
    gathers: bool = False
    follows: bool = False

    @property
    def channel(self) -> Channel:
        return Channel(self.platform, self.id)


def settle_in(slack: SlackServer, discord: DiscordServer, user: str, count: int) -> list[Spot]:
    """So many channels on each platform. Two on each share comments, so that threads grow; one in
    Slack only reads them, one is about others; one on Discord is blind; one on each gets what
    comes in a burst together. In longer runs three more on each get notices and no reports, behind
    which notices would wait until they are over; the rest are silent."""
    slack_ids = [slack.adds_channel(f"lab-{n}", members=[user]) for n in range(count)]
    discord_ids = [discord.adds_channel(f"news-{n}").id for n in range(count)]
    discord.revokes("READ_MESSAGE_HISTORY", channel=discord_ids[3])
    return [
        Spot("slack", slack_ids[0]),
        Spot("slack", slack_ids[1]),
        Spot("slack", slack_ids[2], "read"),
        Spot("slack", slack_ids[3], company=OTHER, follows=True),
        Spot("slack", slack_ids[4], "off", gathers=True),
        *(Spot("slack", each, "off", OTHER, follows=True) for each in slack_ids[5:8]),
        *(Spot("slack", each, "off") for each in slack_ids[8:]),
        Spot("discord", discord_ids[0]),
        Spot("discord", discord_ids[1]),
        Spot("discord", discord_ids[2], "read"),
        Spot("discord", discord_ids[3], "off", blind=True),
        Spot("discord", discord_ids[4], "off", gathers=True, follows=True),
        *(Spot("discord", each, "off", OTHER, follows=True) for each in discord_ids[5:8]),
        *(Spot("discord", each, "off") for each in discord_ids[8:]),
    ]


async def subscribe(bot: Bot, spots: list[Spot]) -> None:
    ada = Person("slack", "U1", "Ada")
    if any(spot.follows for spot in spots):
        await bot.add_source(FADING)
    for spot in spots:
        most = 1000 if spot.gathers else "all"
        asked = f"subscribe company:{spot.company} comments:{spot.comments} max:{most}"
        answer = await bot.command(spot.channel, replace(ada, platform=spot.platform), asked)
        if "is on" not in answer.text:
            raise RuntimeError(f"not subscribed: {answer.text}")
        if spot.follows:
            followed = f"subscribe {FADING.url}"
            await bot.command(spot.channel, replace(ada, platform=spot.platform), followed)
