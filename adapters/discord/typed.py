"""Commands as they are typed on Discord, where each part of one has a field of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.message import Message

_COMMAND = re.compile(r"`/botbeat(?: (subscribe\b ?)?([^`]*))?`")


def typed(message: Message) -> Message:
    """What we say ourselves; the words of people stay as they are."""
    if message.author or "`/botbeat" not in message.text:
        return message
    return replace(message, text=_COMMAND.sub(_here, message.text))


def _here(command: re.Match[str]) -> str:
    if command[1] and command[2]:
        return f"`/botbeat-subs subscribe filters: {command[2]}`"
    if command[1]:
        return "`/botbeat-subs subscribe`"
    return f"`/botbeat query: {command[2]}`" if command[2] else "`/botbeat query:`"
