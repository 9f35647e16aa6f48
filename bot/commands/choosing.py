"""settings and set: what holds in a channel, and when a subscription brings its reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from bot import comments, schedule, wording
from bot.commands.ask import Ask
from bot.message import Button, Message
from bot.model import ChannelSettings, Comments, Subscription
from bot.query.parse import QueryError, read
from bot.schedule import ScheduleError
from bot.sharing import MOST

SWITCHES = ("comments", "page", "managers", "tz", "quiet", "max", "writeup")
"""What holds for a whole channel."""
OWN = ("mode", "at", "days", "mention")
"""What a subscription has of its own."""
MODES = ("instant", "digest", "hourly", "daily", "weekly")
_VALUES = {
    "comments": ("off", "read", "share"),
    "page": ("on", "off"),
    "managers": ("everyone", "admins"),
    "writeup": ("on", "off"),
}
_MOST = 1000
MENTION = re.compile(r"<(@[&!]?[A-Za-z0-9]{1,30}|!subteam\^[A-Za-z0-9]{1,30})(?:\|[^>]*)?>")
"""As Slack and Discord write a person, a role or a group; never all of a channel.
https://docs.slack.dev/messaging/formatting-message-text and
https://docs.discord.com/developers/reference#message-formatting."""


def choose(ask: Ask) -> Message:
    """Show or change what holds in this channel."""
    if ask.text:
        ask.must_manage()
        query, switches = read(ask.text, ask.tx.now, SWITCHES)
        if query.clauses or not switches:
            raise QueryError(
                "Settings are comments:off|read|share, page:on|off, managers:everyone|admins, "
                "tz:Europe/Berlin, quiet:20:00-08:00, max:20 and writeup:on|off. Nothing was "
                "changed."
            )
        apply(ask, switches)
    settings = ask.tx.channels.place(ask.channel).settings
    now = comments.mode(settings, ask.default)
    buttons = [
        Button(label, f"settings {text}")
        for label, text, on in (
            ("Share comments", "comments:share", now == "share"),
            ("Keep comments here", "comments:read", now == "read"),
            ("Comments off", "comments:off", now == "off"),
            ("Show comments on the page", "page:on", settings.page or now != "share"),
            ("No comments on the page", "page:off", not settings.page),
        )
        if not on
    ]
    who = "anybody here" if settings.managers == "everyone" else "those who manage the channel"
    return Message(
        text=f"{what_holds(ask)}\n{when_holds(settings)}\nSubscriptions can be changed by {who}.",
        buttons=tuple(buttons),
    )


def link(ask: Ask) -> Message:
    """Which channels have one conversation: all of one BotBeat, as they are one team's."""
    mode = comments.mode(ask.tx.channels.place(ask.channel).settings, ask.default)
    share = Button("Share comments", "settings comments:share")
    return Message(
        text="All channels of this BotBeat belong together, so there is nothing to link: comments "
        f"go to each of them where the report stands.\n{what_holds(ask)}",
        buttons=() if mode == "share" else (share,),
    )


def apply(ask: Ask, switches: Mapping[str, str]) -> None:
    """Set what somebody who manages the channel has chosen."""
    before = ask.tx.channels.place(ask.channel).settings
    settings = before
    for name, value in switches.items():
        settings = _switched(settings, name, value)
    ask.tx.channels.choose(ask.channel, settings)
    if comments.mode(settings, ask.default) != "share":
        ask.tx.deliveries.give_up_copies(ask.channel)
    if (settings.zone, settings.quiet) != (before.zone, before.quiet):
        _reschedule(ask, settings)
    ask.note("settings " + " ".join(f"{name}:{value}" for name, value in switches.items()))


def _switched(settings: ChannelSettings, name: str, value: str) -> ChannelSettings:
    try:
        if name == "tz":
            return replace(settings, zone=schedule.zone_named(value))
        if name == "quiet":
            quiet = schedule.read_quiet(value)
            return replace(settings, quiet=str(quiet) if quiet else "")
    except ScheduleError as error:
        raise QueryError(str(error)) from None
    if name == "max":
        return replace(settings, most=_cap(value))
    if value not in _VALUES[name]:
        raise QueryError(
            f'"{name}:" is one of {", ".join(_VALUES[name])}, not "{value[:40]}". '
            "Nothing was changed."
        )
    if name == "comments":
        return replace(settings, comments=cast(Comments, value))
    if name == "page":
        return replace(settings, page=value == "on")
    if name == "writeup":
        return replace(settings, writeup=value == "on")
    return replace(settings, managers="everyone" if value == "everyone" else "admins")


def _cap(value: str) -> int:
    """`10`, `10/day`, or `all`."""
    number = value.casefold().removesuffix("/day")
    if number in ("all", "none", "off"):
        return -1
    if not number.isdecimal() or not 1 <= int(number[:9]) <= _MOST:
        raise QueryError(
            f'"max:" is how many reports come one by one in a day, 1 to {_MOST:,}, or all, '
            f'not "{value[:40]}". Nothing was changed.'
        )
    return int(number)


def read_mode(chosen: Mapping[str, str]) -> str | None:
    """How `mode:`, `at:` and `days:` are stored; None where none of them was said."""
    own = {name: chosen[name] for name in ("mode", "at", "days") if name in chosen}
    if not own:
        return None
    mode = own.get("mode", "digest").casefold()
    if mode not in MODES:
        raise QueryError(
            f'"mode:" is one of {", ".join(MODES)}, not "{mode[:40]}". Nothing was changed.'
        )
    try:
        if mode != "instant":
            return str(schedule.read_schedule(mode, own.get("at", ""), own.get("days", "")))
    except ScheduleError as error:
        raise QueryError(str(error)) from None
    if len(own) > 1:
        raise QueryError("at: and days: are for mode:digest. Nothing was changed.")
    return "instant"


def read_mention(chosen: Mapping[str, str]) -> str | None:
    """Whom `mention:` names; empty for nobody, None where it was not said."""
    if "mention" not in chosen:
        return None
    text = chosen["mention"]
    if text.casefold() in ("off", "none", "nobody"):
        return ""
    found = MENTION.fullmatch(text)
    if not found:
        raise QueryError(
            '"mention:" takes a person, a role or a group as you pick it from the list after '
            f'typing @, not "{text[:40]}". Nothing was changed.'
        )
    return f"<{found[1]}>"


def changed(ask: Ask, before: Subscription, chosen: Mapping[str, str]) -> Subscription:
    """Store what was chosen for a subscription; it as it is now. What it holds comes when it
    would come now."""
    mode, mention = read_mode({**_kept(before, chosen), **chosen}), read_mention(chosen)
    now = replace(
        before,
        mode=before.mode if mode is None else mode,
        mention=before.mention if mention is None else mention,
    )
    if now == before:
        return before
    ask.tx.subscriptions.change(now)
    ask.note(f"set {now.id} {now.mode} {now.mention}".strip())
    if now.mode != before.mode:
        settings, due = ask.tx.channels.place(ask.channel).settings, ask.tx.now
        if now.mode != "instant":
            zone = schedule.zone_of(settings.zone)
            due = schedule.next_digest(now.mode, settings.quiet, due, zone)
        ask.tx.deliveries.reschedule(ask.channel, now.id, due)
    return now


def _kept(before: Subscription, chosen: Mapping[str, str]) -> dict[str, str]:
    """The time of a digest of which only the days are changed, or its days."""
    days, timed, at = before.mode.partition(" ")
    partly = timed and "mode" not in chosen and not chosen.keys().isdisjoint(("at", "days"))
    return {"at": at, "days": days} if partly else {}


def how_said(ask: Ask, one: Subscription) -> str:
    """`at once`, `in a digest each day at 09:00 (Europe/Berlin), with a mention`."""
    said = "at once"
    if one.mode != "instant":
        said = f"in a digest {schedule.stored(one.mode).said()}"
    if " at " in said:
        said += f" ({ask.tx.channels.place(one.channel).settings.zone or 'UTC'})"
    return f"{said}, with a mention" if one.mention else said


def _reschedule(ask: Ask, settings: ChannelSettings) -> None:
    """What is held for a time of day comes at that time by the clock that holds now."""
    zone, now = schedule.zone_of(settings.zone), ask.tx.now
    for one in ask.tx.subscriptions.of(ask.channel):
        if one.mode != "instant":
            due = schedule.next_digest(one.mode, settings.quiet, now, zone)
            ask.tx.deliveries.reschedule(ask.channel, one.id, due)
    quiet = schedule.read_quiet(settings.quiet) if settings.quiet else None
    due = quiet.until(now, zone) if quiet else 0.0
    ask.tx.deliveries.reschedule(ask.channel, 0, due or now)


def what_holds(ask: Ask) -> str:
    """What becomes of comments here, in words."""
    settings = ask.tx.channels.place(ask.channel).settings
    said = {
        "off": "Comments are off here: none are read, none are shown.",
        "read": "Comments written here stay here; shared comments of other channels are shown.",
        "share": "Comments written here are shown in the other channels of your team",
    }[comments.mode(settings, ask.default)]
    if said.endswith("team"):
        said += " and on the report's page." if settings.page else "."
    return said


def when_holds(settings: ChannelSettings) -> str:
    """How many reports come one by one, and when nothing comes, in words."""
    most = settings.most or MOST
    said = [
        "All reports come one by one."
        if most < 0
        else f"Up to {wording.plural(most, 'report')} a day come one by one; more come together, "
        "the next morning."
    ]
    zone = settings.zone or "UTC"
    if settings.quiet:
        said.append(
            f"What comes from {settings.quiet.replace('-', ' to ')} ({zone}) is posted together "
            "after that; so are digests whose time is in these hours."
        )
    elif settings.zone:
        said.append(f"The time zone here is {zone}.")
    if settings.writeup:
        said.append("All that was written of a report stands first in its thread.")
    return " ".join(said)
