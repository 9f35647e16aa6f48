"""A command that could not be carried out: said to the person in one line, and logged once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from bot.message import Message

log = logging.getLogger(__name__)

APOLOGY = Message(
    "BotBeat could not do this just now. Nothing was changed; please try again in a minute."
)


async def safely(work: Awaitable[Message], whose: str) -> Message:
    """The answer, or the apology; `whose` command it is, for the log."""
    try:
        return await work
    except Exception:
        log.exception("a command of %s failed", whose)
        return APOLOGY
