"""`/botbeat` and `/botbeat-subs` as Discord knows them, and the text that one stands for.

The rule: each is the core's own grammar with fields for its parts, within 25 options and 8,000
characters: https://docs.discord.com/developers/interactions/application-commands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord

from adapters.discord.render import Json
from bot.commands.forms import keyed
from bot.commands.grammar import SEARCH, VERBS, Part

EVERYWHERE = [0, 1]
"""In servers and in direct messages with the bot, which are everybody's own to manage."""


KEYED = {
    part.name for parts in (SEARCH, *(verb.parts for verb in VERBS)) for part in parts if part.keyed
}
"""Options that the core's grammar writes as `name:value`."""
ABOUT = {"Why was this posted?": "why", "Find related reports": "related"}
"""What stands in the menu of a message, and the verb it stands for."""


def _option(part: Part) -> Json:
    form = {"type": 3, "name": part.name, "description": part.about, "required": part.required}
    choices = [{"name": choice, "value": choice} for choice in part.choices]
    return {**form, "choices": choices, **({"autocomplete": True} if part.suggested else {})}


def _command(name: str, description: str, options: Iterable[Json], **more: Any) -> Json:
    form = {"type": 1, "name": name, "description": description}
    return form | {"options": list(options), **more}


COMMANDS = [
    _command(
        "botbeat",
        "Search AI news, or any command of BotBeat",
        map(_option, SEARCH),
        contexts=EVERYWHERE,
    ),
    _command(
        "botbeat-subs",
        "Choose which AI news BotBeat posts in this channel",
        (_command(verb.name, verb.about, map(_option, verb.parts)) for verb in VERBS),
        contexts=EVERYWHERE,
        default_member_permissions=str(discord.Permissions(manage_channels=True).value),
    ),
    *({"type": 3, "name": name, "contexts": EVERYWHERE} for name in ABOUT),
]


def command_text(data: Any) -> str:
    """What the person would have typed after `/botbeat`."""
    verb, options = _inside(data)
    said = [(str(one["name"]), str(one["value"])) for one in options]
    parts = [keyed(name, [value]) if name in KEYED else value for name, value in said]
    # Filters may stand in any order, but the words come first: they may begin with a verb.
    parts.sort(key=lambda part: part.partition(":")[0] in KEYED)
    return " ".join(part for part in (verb, *parts) if part)


def being_typed(data: Any) -> tuple[str, str]:
    """What stands before the field in which somebody is typing, and what they have typed."""
    verb, options = _inside(data)
    focused: Any = next((one for one in options if one.get("focused")), {"name": "", "value": ""})
    key = f"{focused['name']}:" if focused["name"] in KEYED else ""
    return f"{verb} " * bool(verb) + key, str(focused["value"])


def _inside(data: Any) -> tuple[str, list[Any]]:
    """The verb of a sub-command, if it is one, and what was filled in."""
    options = data.get("options") or []
    if data["name"] == "botbeat":
        return "", options
    return str(options[0]["name"]), options[0].get("options") or []
