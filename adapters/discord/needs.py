"""The permissions that BotBeat needs in a channel, called as in Discord's settings."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot import wording

LOOKING = ("View Channel", "Read Message History")
REPORTS = ("View Channel", "Send Messages", "Embed Links")
COMMENTS = (*LOOKING, "Create Public Threads", "Send Messages in Threads")


def lacking(mine: discord.Permissions, needs: Sequence[str]) -> list[str]:
    """Those of `needs` that we have not."""
    return [need for need in needs if not getattr(mine, need.lower().replace(" ", "_"))]


def missing(mine: discord.Permissions, channel: str) -> str:
    """What to give us in the channel of this name before anything can come, or nothing."""
    reports = lacking(mine, REPORTS)
    comments = [need for need in lacking(mine, COMMENTS) if need not in reports]
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
