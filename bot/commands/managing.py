"""unsubscribe, list, pause, resume and settings: looking after what a channel gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from bot import comments, wording
from bot.commands.ask import Ask, Refusal
from bot.model import Button, Comments, Message, Subscription
from bot.query import parse
from bot.query.meaning import meaning
from bot.query.parse import QueryError, moment, read

SWITCHES = ("comments", "page", "managers")
_VALUES = {
    "comments": ("off", "read", "share"),
    "page": ("on", "off"),
    "managers": ("everyone", "admins"),
}
FOR_EVER = 4102444800.0  # the year 2100: paused until somebody resumes it


def unsubscribe(ask: Ask) -> Message:
    ask.must_manage()
    if ask.text == "all":
        chosen = ask.tx.subscriptions.of(ask.channel)
        if not chosen:
            raise Refusal("This channel has no subscription.")
        return Message(
            text=f"Remove {wording.plural(len(chosen), 'subscription')} of this channel?",
            buttons=(Button("Remove all", "unsubscribe all yes"),),
        )
    if ask.text == "all yes":
        chosen = ask.tx.subscriptions.of(ask.channel)
    else:
        chosen = [_one(ask, ask.text)]
    for subscription in chosen:
        _remove(ask, subscription)
    back = chosen[0].query if len(chosen) == 1 else None
    return Message(
        text="\n".join(f"Subscription {one.id} is off: {_meaning(ask, one)}." for one in chosen)
        or "This channel has no subscription.",
        buttons=() if back is None else (Button("Undo", f"subscribe {back}".strip()),),
    )


def _remove(ask: Ask, subscription: Subscription) -> None:
    """End a subscription, and give up what is unsent and matched by nothing else here."""
    ask.tx.subscriptions.remove(subscription.id)
    ask.tx.deliveries.give_up_unsent(
        subscription, f"Subscription {subscription.id} was removed before it was sent."
    )
    ask.tx.desk.note(ask.channel, ask.person, f"unsubscribe {subscription.id}")


def _one(ask: Ask, text: str) -> Subscription:
    """The subscription of this channel that a number or its own words name."""
    here = ask.tx.subscriptions.of(ask.channel)
    if not here:
        raise Refusal("This channel has no subscription. Nothing was changed.")
    if text.lstrip("#").isdecimal():
        found = [one for one in here if one.id == int(text.lstrip("#"))]
    else:
        wanted = str(parse(text, ask.tx.now))
        found = [one for one in here if one.query == wanted]
    if not found or not text:
        known = ", ".join(f"{one.id} ({one.query or 'everything'})" for one in here[:8])
        raise Refusal(f"Which subscription? Nothing was changed. Here: {known}")
    return found[0]


def list_all(ask: Ask) -> Message:
    here = ask.tx.subscriptions.of(ask.channel)
    if not here:
        return Message(
            text="This channel has no subscription yet. Try: /botbeat subscribe company:alibaba",
            buttons=(Button("Subscribe to everything", "subscribe"),),
        )
    place = ask.tx.channels.place(ask.channel)
    lines = [f"**{wording.plural(len(here), 'subscription')} in this channel**"]
    if place.settings.paused:
        lines.append(f"Posting is paused: {wording.escape(place.settings.paused)}")
    lines += [_line(ask, one) for one in here]
    buttons = [Button(f"Remove {one.id}", f"unsubscribe {one.id}") for one in here[:5]]
    return Message(text="\n".join(lines), buttons=tuple(buttons))


def _line(ask: Ask, one: Subscription) -> str:
    made = f"by {one.made_by.name}, " if one.made_by.name else ""
    parts = [
        f"{one.id}: {_meaning(ask, one)}",
        wording.escape(f"made {made}{wording.day(one.made)}"),
        f"last report {wording.hour(one.last_delivery)}"
        if one.last_delivery
        else "nothing matched yet",
    ]
    if one.paused_until >= FOR_EVER:
        parts.append("paused")
    elif one.paused_until > ask.tx.now:
        parts.append(f"paused until {wording.hour(one.paused_until)}")
    return "• " + " · ".join(parts)


def _meaning(ask: Ask, one: Subscription) -> str:
    return wording.escape(meaning(parse(one.query, ask.tx.now)))


def pause(ask: Ask) -> Message:
    ask.must_manage()
    rest, options = _with_until(ask)
    until = FOR_EVER
    if "until" in options:
        until = _coming(options["until"], ask.tx.now)
    chosen = [_one(ask, rest)] if rest else ask.tx.subscriptions.of(ask.channel)
    if not chosen:
        raise Refusal("This channel has no subscription to pause.")
    for one in chosen:
        ask.tx.subscriptions.pause(one.id, until)
        ask.tx.desk.note(ask.channel, ask.person, f"pause {one.id}")
    when = "" if until == FOR_EVER else f" until {wording.hour(until)}"
    numbers = ", ".join(str(one.id) for one in chosen)
    return Message(
        text=f"Paused{when}: {numbers}. What comes meanwhile is not posted; nothing is deleted.",
        buttons=(Button("Resume", f"resume {rest}".strip()),),
    )


def _with_until(ask: Ask) -> tuple[str, dict[str, str]]:
    words = ask.text.split()
    until = [word for word in words if word.startswith("until:")]
    rest = " ".join(word for word in words if not word.startswith("until:"))
    return rest, {"until": until[0][6:]} if until else {}


def _coming(text: str, now: float) -> float:
    """A moment ahead: `until:monday` is the coming one, `until:2h` is in two hours."""
    when = float(moment(text, now))
    if when <= now:
        when = now + (now - when) if text[-1:] in "hdwm" and text[:1].isdecimal() else when + 604800
    if when <= now:
        raise QueryError(f'"{text}" is over. Nothing was changed.')
    return when


def resume(ask: Ask) -> Message:
    ask.must_manage()
    chosen = [_one(ask, ask.text)] if ask.text else ask.tx.subscriptions.of(ask.channel)
    place = ask.tx.channels.place(ask.channel)
    if place.settings.paused:
        ask.tx.channels.choose(ask.channel, replace(place.settings, paused=""))
    for one in chosen:
        ask.tx.subscriptions.pause(one.id, 0)
        ask.tx.desk.note(ask.channel, ask.person, f"resume {one.id}")
    numbers = ", ".join(str(one.id) for one in chosen) or "posting to this channel"
    return Message(text=f"Resumed: {numbers}. From now on reports are posted again.")


def choose(ask: Ask) -> Message:
    """Show or change what holds in this channel."""
    if ask.text:
        ask.must_manage()
        query, switches = read(ask.text, ask.tx.now, SWITCHES)
        if query.clauses or not switches:
            raise QueryError(
                "Settings are comments:off|read|share, page:on|off and "
                "managers:everyone|admins. Nothing was changed."
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
            ("Show them on the page", "page:on", settings.page or now != "share"),
            ("Not on the page", "page:off", not settings.page),
        )
        if not on
    ]
    who = "anybody here" if settings.managers == "everyone" else "those who manage the channel"
    return Message(
        text=f"{what_holds(ask)}\nSubscriptions can be changed by {who}.", buttons=tuple(buttons)
    )


def apply(ask: Ask, switches: Mapping[str, str]) -> None:
    """Set what somebody who manages the channel has chosen."""
    for name, value in switches.items():
        if value not in _VALUES[name]:
            raise QueryError(
                f'"{name}:" is one of {", ".join(_VALUES[name])}, not "{value[:40]}". '
                "Nothing was changed."
            )
    settings = ask.tx.channels.place(ask.channel).settings
    if "comments" in switches:
        settings = replace(settings, comments=cast(Comments, switches["comments"]))
    if "page" in switches:
        settings = replace(settings, page=switches["page"] == "on")
    if "managers" in switches:
        everyone = switches["managers"] == "everyone"
        settings = replace(settings, managers="everyone" if everyone else "admins")
    ask.tx.channels.choose(ask.channel, settings)
    if comments.mode(settings, ask.default) != "share":
        ask.tx.deliveries.give_up_copies(ask.channel)
    ask.tx.desk.note(
        ask.channel, ask.person, " ".join(f"{name}:{value}" for name, value in switches.items())
    )


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
