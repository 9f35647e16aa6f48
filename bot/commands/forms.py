"""Forms that end as the text of a command, for platforms that can show them; and what a person's
own page shows of a channel.

Behind a button they are `form:subscribe`, `form:settings`, `form:set 12`, `form:attach`,
`form:comment 1842`, and `form:home`: nobody types these, and as a search they would be refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot import comments, wording
from bot.commands.ask import Ask, Refusal
from bot.commands.choosing import how_said
from bot.commands.managing import FOR_EVER, pick
from bot.message import Button, Card, Field, Form, Message
from bot.model import TYPES, Subscription
from bot.query import parse
from bot.query.language import slug
from bot.query.meaning import meaning
from bot.sharing import MOST

PREFIX = "form:"
_MODES = (
    ("instant", "At once, one by one"),
    ("hourly", "Together, each hour"),
    ("digest", "Together, each day"),
    ("weekly", "Together, each week"),
)
_MOST = 40
"""So many subscriptions of a channel a page shows, and so many reports a list to choose from."""


def fill(ask: Ask) -> Message:
    """The form of this name, or a refusal."""
    name, _, ask_for = ask.text.partition(" ")
    make = _FORMS.get(name)
    if make is None:
        raise Refusal("There is no such form. Nothing was changed; try `/botbeat help`.")
    return make(ask, ask_for)


def memo(form: Form) -> str:
    """What has to be kept until the form is sent off."""
    was = {field.name: [list(field.value), field.empty, field.stated] for field in form.fields}
    return json.dumps([form.command, was], ensure_ascii=False)


def typed(memo: str, filled: Mapping[str, Sequence[str]]) -> str:
    """The command that a form ends as, from what was kept and what stands in its fields."""
    command, was = json.loads(memo)
    read = {
        name: [value.strip() for value in filled.get(name, ()) if value.strip()] for name in was
    }
    if all(read[name] == before for name, (before, _, _) in was.items()):
        return str(command)
    parts = [command]
    for name, (before, empty, stated) in was.items():
        if (values := read[name]) != before or stated:
            parts.append(keyed(name, values, empty) if name else " ".join(values))
    return " ".join(part for part in parts if part)


def keyed(name: str, values: Sequence[str], empty: str = "") -> str:
    """`name:value` as it is typed; a value may have several parts, separated by commas."""
    each = (part.strip() for value in values for part in value.split(","))
    told = ",".join(_quoted(part) for part in each if part) or empty
    return f"{name}:{told}" if told else ""


def _quoted(value: str) -> str:
    """One value as it is typed in a command."""
    return f'"{value}"' if " " in value and '"' not in value else value


def _subscribe(ask: Ask, _: str) -> Message:
    types = tuple((slug(name), name.capitalize()) for name in TYPES)
    fields = (
        Field("company", "Companies", hint="For instance: alibaba, openai. Empty: all of them."),
        Field("type", "Kinds of news", options=types, many=True, hint="None chosen: all of them."),
        Field("", "Words", hint='What a report must have: qwen, "open weights", -funding'),
        Field("mode", "When reports come", ("instant",), _MODES, stated=True),
        Field("at", "Time of a digest", hint="For instance 09:00, which is the usual time."),
    )
    return Message(
        text="Type what reports must have: `/botbeat subscribe company:alibaba type:open-source`",
        form=Form("Subscribe this channel", "subscribe", fields, "Subscribe"),
    )


def _settings(ask: Ask, _: str) -> Message:
    return Message(
        text="Type what holds here: `/botbeat settings tz:Europe/Berlin quiet:20:00-08:00 max:10`",
        form=settings_form(ask),
    )


def settings_form(ask: Ask) -> Form:
    settings = ask.tx.channels.place(ask.channel).settings
    shared = (
        ("share", "Shown in the other channels of the team"),
        ("read", "Stay here; those of other channels are shown"),
        ("off", "Off: none are read, none are shown"),
    )
    most = "all" if settings.most < 0 else str(settings.most or "")
    hours = (settings.quiet,) if settings.quiet else ()
    zone = (settings.zone,) if settings.zone else ()
    who = (("everyone", "Anybody here"), ("admins", "Those who manage the channel"))
    fields = (
        Field("comments", "Comments", (comments.mode(settings, ask.default),), shared),
        Field(
            "page",
            "Comments on the report's page",
            ("on" if settings.page else "off",),
            (("on", "Shown there"), ("off", "Not shown there")),
        ),
        Field("tz", "Time zone", zone, hint="For instance Europe/Berlin.", empty="UTC"),
        Field("quiet", "Quiet hours", hours, hint="For instance 20:00-08:00.", empty="off"),
        Field(
            "max",
            "Reports that come one by one in a day",
            (most,) if most else (),
            hint="What is more comes together, the next morning. Empty is the usual number, "
            f"{MOST}; all: no limit.",
            empty=str(MOST),
        ),
        Field(
            "writeup",
            "The whole write-up",
            ("on" if settings.writeup else "off",),
            (("on", "First in each report's thread"), ("off", "Only on the report's page")),
        ),
        Field("managers", "Who may change subscriptions", (settings.managers,), who),
    )
    return Form("Settings of this channel", "settings", fields)


def _set(ask: Ask, number: str) -> Message:
    one = pick(ask, number)
    days, timed, at = one.mode.partition(" ")
    mode, days = ("digest", days) if timed else (one.mode, "")
    fields = (
        Field("mode", "When reports come", (mode,), _MODES, stated=mode == "instant"),
        Field(
            "at",
            "Time of a digest",
            (at,) if at else (),
            hint="For instance 09:00, which is the usual time.",
            empty="09:00" if at else "",
        ),
        Field(
            "days",
            "Days of a digest",
            (days,) if days else (),
            hint="For instance mon-fri; empty: every day.",
            empty="mon-sun" if days else "",
        ),
    )
    return Message(
        text=f"Type when it brings its reports: `/botbeat set {one.id} mode:digest at:09:00`",
        form=Form(f"Subscription {one.id}", f"set {one.id}", fields),
    )


def _attach(ask: Ask, _: str) -> Message:
    settings = ask.tx.channels.place(ask.channel).settings
    if comments.mode(settings, ask.default) == "off":
        raise Refusal("Comments are off in this channel. Nothing was changed.")
    here = ask.tx.deliveries.latest(ask.channel, 2 * _MOST)
    found = [one for one in here[::-1] if one.kind == "report"][:_MOST]
    articles = [(one, ask.tx.articles.one(one.article)) for one in found]
    options = tuple(
        (one.message, f"{wording.day(article.published)} · {article.title}")
        for one, article in articles
        if article
    )
    if not options:
        raise Refusal("No report stands in this channel yet. Nothing was changed.")
    shares = comments.mode(settings, ask.default) == "share"
    where = "; they are shown in the other channels of the team, too." if shares else "."
    hint = f"Your words become a comment on it, which you edit or delete where they stand{where}"
    field = Field("report", "Report", options=options, hint=hint)
    return Message(
        text="Reply in a report's thread instead.",
        form=Form("Attach to report", "attach", (field,), "Attach"),
    )


def _comment(ask: Ask, number: str) -> Message:
    """Words under a report, for people whose messages there we may not read. The form's command
    names the report's message; whoever shows the form tells `Bot.comment_posted` of the words."""
    settings = ask.tx.channels.place(ask.channel).settings
    if comments.mode(settings, ask.default) == "off":
        raise Refusal("Comments are off in this channel. Nothing was said.")
    article = replace(ask, text=number).article()
    here = ask.tx.deliveries.of_article(article.id, ask.channel)
    reports = [one for one in here if one.kind == "report" and not one.part]
    standing = [one for one in reports if one.message and not one.gone]
    if not standing:
        raise Refusal("That report does not stand in this channel. Nothing was said.")
    words = Field("", "Your comment", hint="It is shown under your name.", long=True)
    return Message(
        text="Write it in the report's thread instead.",
        form=Form("Comment", f"comment {article.id} {standing[0].message}", (words,), "Comment"),
    )


def _home(ask: Ask, _: str) -> Message:
    """What this channel gets, each subscription with what can be done to it."""
    here = ask.tx.subscriptions.of(ask.channel)
    settings = ask.tx.channels.place(ask.channel).settings
    direct = settings.visibility == "direct"
    name = "Your messages with BotBeat" if direct else f"#{settings.name or ask.channel.id}"
    lines = [f"**{wording.escape(name)}**"]
    if settings.paused:
        lines.append(f"Posting is paused: {wording.escape(settings.paused)}")
    if len(here) > _MOST:
        lines.append(f"The first {_MOST} of {len(here):,} subscriptions; `list` has all of them.")
    return Message(
        text="\n".join(lines) if here else "",
        cards=tuple(_subscription(ask, one) for one in here[:_MOST]),
        buttons=(Button("Add a subscription", "form:subscribe"), Button("Settings", "settings")),
    )


def _subscription(ask: Ask, one: Subscription) -> Card:
    paused = one.paused_until > ask.tx.now
    ends = "" if one.paused_until >= FOR_EVER else f" until {wording.hour(one.paused_until)}"
    came = f"last match {wording.hour(one.last_delivery)}" if one.last_delivery else "no match yet"
    said = (f"paused{ends}" if paused else "", how_said(ask, one), came)
    return Card(
        title=f"{one.id}: {meaning(parse(one.query, ask.tx.now))}",
        url="",
        byline=" · ".join(part for part in said if part),
        buttons=(
            Button("Edit", f"form:set {one.id}"),
            Button("Resume", f"resume {one.id}") if paused else Button("Pause", f"pause {one.id}"),
            Button("Test", f"preview {one.query}".strip()),
            Button("Unsubscribe", f"unsubscribe {one.id}"),
        ),
    )


_FORMS: dict[str, Callable[[Ask, str], Message]] = {
    "subscribe": _subscribe,
    "settings": _settings,
    "set": _set,
    "attach": _attach,
    "comment": _comment,
    "home": _home,
}
