"""`/botbeat` and `/botbeat-subs` as Discord knows them, and the text that one stands for.

The rule: each is the core's own grammar with fields for its parts, within 25 options and 8,000
characters: https://docs.discord.com/developers/interactions/application-commands.
"""

from __future__ import annotations

from typing import Any

import discord

from adapters.discord.render import Json
from bot.commands.forms import keyed
from bot.model import TYPES
from bot.query.language import slug

EVERYWHERE = [0, 1]
"""In servers and in direct messages with the bot, which are everybody's own to manage."""


def _text(name: str, description: str, *choices: str, **more: bool) -> Json:
    form = {"type": 3, "name": name, "description": description, "required": False, **more}
    return form | {"choices": [{"name": choice, "value": choice} for choice in choices]}


def _command(name: str, description: str, *options: Json, **more: Any) -> Json:
    form = {"type": 1, "name": name, "description": description}
    return form | {"options": list(options), **more}


_QUERY = _text("query", 'Such as: qwen, company:nvidia since:7d, "open weights"', autocomplete=True)
_FILTERS = _text("filters", "Such as: company:alibaba type:research", autocomplete=True)
_NARROWER = (
    _text("company", "Such as: alibaba, openai", autocomplete=True),
    _text("type", "A kind of news", *map(slug, TYPES)),
    _text("tag", "A topic, such as: open-source", autocomplete=True),
)
_WHICH = _text("subscription", "Its number or its query", autocomplete=True)
_UNTIL = _text("until", "Such as: monday, 7d, 2026-09-01")
_REPORT = _text("report", "Number or link of the report")
_COMMENTS = _text("comments", "Do comments enter or leave this channel?", "off", "read", "share")
_WHEN = (
    _text("mode", "When reports come", "instant", "hourly", "digest", "weekly"),
    _text("at", "Time of a digest, such as: 09:00"),
    _text("days", "Days of a digest, such as: mon-fri"),
    _text("mention", "Who is told of each report: a person or a role"),
)
_SWITCHES = (
    _COMMENTS,
    _text("page", "Do shared comments stand on the report's web page?", "on", "off"),
    _text("managers", "Who may change subscriptions?", "everyone", "admins"),
    _text("tz", "Time zone, such as: Europe/Berlin"),
    _text("quiet", "Quiet hours, such as: 20:00-08:00, or off"),
    _text("max", "So many reports come one by one in a day, or all"),
    _text("writeup", "Does all that was written stand first in the thread?", "on", "off"),
)
KEYED = {
    *(one["name"] for one in (*_NARROWER, *_WHEN, *_SWITCHES)),
    "until",
}
"""Options that the core's grammar writes as `name:value`."""
ABOUT = {"Why was this posted?": "why", "Find related reports": "related"}
"""What stands in the menu of a message, and the verb it stands for."""
COMMANDS = [
    _command(
        "botbeat",
        "Search AI news, or any command of BotBeat",
        _QUERY,
        *_NARROWER,
        contexts=EVERYWHERE,
    ),
    _command(
        "botbeat-subs",
        "Choose which AI news BotBeat posts in this channel",
        _command(
            "subscribe",
            "Post matching reports here; all if empty",
            _FILTERS,
            *_NARROWER,
            *_WHEN,
            _COMMENTS,
        ),
        _command("preview", "What a subscription would bring", _FILTERS, *_NARROWER),
        _command("set", "When a subscription comes", _WHICH | {"required": True}, *_WHEN),
        _command("unsubscribe", "Stop a subscription", _WHICH | {"required": True}),
        _command("list", "The subscriptions of this channel"),
        _command("pause", "Keep a subscription but post nothing", _WHICH, _UNTIL),
        _command("resume", "Go on posting", _WHICH),
        _command("why", "Why was a report posted here?", _REPORT),
        _command("latest", "The newest reports", _FILTERS, *_NARROWER),
        _command("settings", "What holds in this channel; a form if empty", *_SWITCHES),
        _command("status", "Whether news comes in, and what is on its way here"),
        _command("help", "What one can type"),
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
