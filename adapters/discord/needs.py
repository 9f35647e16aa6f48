"""The permissions that BotBeat needs in a channel, called as in Discord's settings."""

from __future__ import annotations

import discord

from adapters.discord.history import LOOKING
from bot import wording

REPORTS = ("View Channel", "Send Messages", "Embed Links")
COMMENTS = (*LOOKING, "Create Public Threads", "Send Messages in Threads")


def missing(mine: discord.Permissions, channel: str) -> str:
    """What to give us in the channel of this name before anything can come, or nothing."""

    def lacking(needs: tuple[str, ...]) -> list[str]:
        return [need for need in needs if not getattr(mine, need.lower().replace(" ", "_"))]

    reports = lacking(REPORTS)
    comments = [need for need in lacking(COMMENTS) if need not in reports]
    place = f"#{wording.escape(channel)}" if channel else "this channel"
    where = "Give it to BotBeat's role: Edit Channel, Permissions. What was set is kept."
    if reports:
        too = f"; for comments also {', '.join(comments)}" if comments else ""
        said = f"**BotBeat cannot post in {place} yet.** It lacks {', '.join(reports)}{too}."
        return f"{said} {where}"
    if comments:
        said = f"**BotBeat cannot show comments in {place} yet.** It lacks {', '.join(comments)}."
        return f"{said} {where}"
    return ""
