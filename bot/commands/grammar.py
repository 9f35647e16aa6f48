"""The verbs and what each may be told, for platforms that show a field for each part of a command.

What is typed is read by `bot.query` and by each verb itself; the fields only help to type it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import TYPES
from bot.query.language import slug


@dataclass(frozen=True, slots=True)
class Part:
    """`keyed`: it is written as `name:value`. `suggested`: `Bot.completions` has what may follow
    what was typed."""

    name: str
    about: str
    choices: Sequence[str] = ()
    keyed: bool = True
    suggested: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    about: str
    parts: Sequence[Part] = ()


def _free(name: str, about: str, *, suggested: bool = False, required: bool = False) -> Part:
    return Part(name, about, keyed=False, suggested=suggested, required=required)


_FILTERS = _free("filters", "Such as: company:alibaba type:research", suggested=True)
_NARROWER = (
    Part("company", "Such as: alibaba, openai", suggested=True),
    Part("type", "A kind of news", tuple(map(slug, TYPES))),
    Part("tag", "A topic, such as: open-source", suggested=True),
)
_THAT = _free("subscription", "Its number or its query", suggested=True, required=True)
_WHICH = _free("subscription", "Its number or its query", suggested=True)
_REPORT = _free("report", "Number or link of the report")
_COMMENTS = Part("comments", "Do comments enter or leave this channel?", ("off", "read", "share"))
_WHEN = (
    Part("mode", "When reports come", ("instant", "hourly", "digest", "weekly")),
    Part("at", "Time of a digest, such as: 09:00"),
    Part("days", "Days of a digest, such as: mon-fri"),
    Part("mention", "Who is told of each report: a person or a role"),
)
_SWITCHES = (
    _COMMENTS,
    Part("page", "Do shared comments stand on the report's web page?", ("on", "off")),
    Part("managers", "Who may change subscriptions?", ("everyone", "admins")),
    Part("tz", "Time zone, such as: Europe/Berlin"),
    Part("quiet", "Quiet hours, such as: 20:00-08:00, or off"),
    Part("max", "So many reports come one by one in a day, or all"),
    Part("writeup", "Does all that was written stand first in the thread?", ("on", "off")),
)

SEARCH: Sequence[Part] = (
    _free("query", 'Such as: qwen, company:nvidia since:7d, "open weights"', suggested=True),
    *_NARROWER,
)
"""What a search may be told; instead of a query any command can be typed."""
VERBS: Sequence[Verb] = (
    Verb(
        "subscribe",
        "Post matching reports here; all if empty",
        (_FILTERS, *_NARROWER, *_WHEN, _COMMENTS),
    ),
    Verb("preview", "What a subscription would bring", (_FILTERS, *_NARROWER)),
    Verb("set", "When a subscription comes", (_THAT, *_WHEN)),
    Verb("unsubscribe", "Stop a subscription", (_THAT,)),
    Verb("list", "The subscriptions of this channel"),
    Verb(
        "pause",
        "Keep a subscription but post nothing",
        (_WHICH, Part("until", "Such as: monday, 7d, 2026-09-01")),
    ),
    Verb("resume", "Go on posting", (_WHICH,)),
    Verb(
        "why", "Why was a report posted here?", (_free("report", "Number or link of the report"),)
    ),
    Verb("latest", "The newest reports", (_FILTERS, *_NARROWER)),
    Verb("settings", "What holds in this channel; a form if empty", _SWITCHES),
    Verb("status", "Whether news comes in, and what is on its way here"),
    Verb("help", "What one can type"),
)
"""What a channel's manager types."""
