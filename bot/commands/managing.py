"""unsubscribe, list, pause and resume: looking after what a channel gets."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from bot import wording
from bot.commands.ask import Ask, Refusal
from bot.commands.choosing import how_said
from bot.commands.following import as_query, retyped
from bot.commands.noting import changes
from bot.message import Button, Message
from bot.model import Channel, Subscription
from bot.query import Query, parse
from bot.query.meaning import meaning
from bot.query.parse import QueryError, moment

PAGE = 15
"""So many subscriptions fit into one answer on every platform."""
_EVERYWHERE = 60
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
        if len(several := _alike(ask)) > 1:
            return _which(ask, several)
        chosen = [pick(ask, ask.text)]
    for subscription in chosen:
        _remove(ask, subscription)
    back = retyped(ask, chosen[0].query) if len(chosen) == 1 else None
    return Message(
        text="\n".join(f"Subscription {one.id} is off: {_meaning(ask, one)}." for one in chosen)
        or "This channel has no subscription.",
        buttons=() if back is None else (Button("Undo", f"subscribe {back}".strip()),),
    )


def _named(one: Subscription) -> str:
    return f"{one.id} ({one.query or 'everything'})"


def _alike(ask: Ask) -> list[Subscription]:
    """The subscriptions that have all of these words and more, where none has just these."""
    if not ask.text or ask.text.lstrip("#").isdecimal():
        return []
    wanted = parse(as_query(ask, ask.text), ask.tx.now)
    here = ask.tx.subscriptions.of(ask.channel)
    if any(one.query == str(wanted) for one in here):
        return []
    clauses = set(wanted.clauses)
    return [one for one in here if clauses <= set(parse(one.query, ask.tx.now).clauses)]


def _which(ask: Ask, several: list[Subscription]) -> Message:
    lines = [f"• {one.id}: {_meaning(ask, one)}" for one in several[:PAGE]]
    if len(several) > PAGE:
        lines.append(f"… and {len(several) - PAGE} more.")
    return Message(
        text="\n".join(["Which of them? Nothing was changed.", *lines]),
        buttons=tuple(Button(f"Remove {one.id}", f"unsubscribe {one.id}") for one in several[:5]),
    )


def _remove(ask: Ask, subscription: Subscription) -> None:
    """End a subscription, and give up what is unsent and matched by nothing else here."""
    ask.tx.subscriptions.remove(subscription.id)
    ask.tx.deliveries.give_up_unsent(
        subscription, f"Subscription {subscription.id} was removed before it was sent."
    )
    ask.note(f"unsubscribe {_named(subscription)}")


def pick(ask: Ask, text: str) -> Subscription:
    """The subscription of this channel that a number or its own words name."""
    here = ask.tx.subscriptions.of(ask.channel)
    if not here:
        raise Refusal("This channel has no subscription. Nothing was changed.")
    if text.lstrip("#").isdecimal():
        found = [one for one in here if one.id == int(text.lstrip("#"))]
    else:
        wanted = str(parse(as_query(ask, text), ask.tx.now))
        found = [one for one in here if one.query == wanted]
    if not found or not text:
        known = ", ".join(map(_named, here[:8]))
        raise Refusal(f"Which subscription? Nothing was changed. Here: {known}")
    return found[0]


def list_here(ask: Ask) -> Message:
    """The subscriptions of this channel; with `all`, of all channels, for who manages this one;
    with `changes`, who changed them."""
    words = ask.text.casefold().split()
    if words[:1] == ["changes"]:
        return changes(ask)
    if words[:1] == ["all"]:
        return _list_everywhere(ask)
    here = ask.tx.subscriptions.of(ask.channel)
    if not here:
        return Message(
            text="This channel has no subscription yet. Try: `/botbeat subscribe company:alibaba`",
            buttons=(Button("Subscribe to everything", "subscribe"),),
        )
    pages = -(-len(here) // PAGE)
    page = min(pages, _page(words))
    shown = here[(page - 1) * PAGE : page * PAGE]
    settings = ask.tx.channels.place(ask.channel).settings
    lines = [f"**{wording.plural(len(here), 'subscription')} in this channel**"]
    if settings.paused:
        lines.append(f"Posting is paused: {wording.escape(settings.paused)}")
    lines += [_line(ask, one) for one in shown]
    buttons = [Button(f"Remove {one.id}", f"unsubscribe {one.id}") for one in shown[:5]]
    if page < pages:
        buttons.append(Button("More", f"list page:{page + 1}"))
    footer = f"Page {page} of {pages}" if pages > 1 else ""
    return Message(text="\n".join(lines), buttons=tuple(buttons), footer=footer)


def _page(words: list[str]) -> int:
    """`page:2`, or 1."""
    said = [word[5:] for word in words if word.startswith("page:")]
    return max(1, int(said[0])) if said and said[0].isdecimal() and len(said[0]) < 6 else 1


def _list_everywhere(ask: Ask) -> Message:
    if not ask.manages:
        raise Refusal("Only those who manage this channel can see what all channels get.")
    here = ask.tx.channels.place(ask.channel)
    found = ask.tx.subscriptions.everywhere(here.team, _EVERYWHERE + 1)
    lines, hidden = list[str](), set[Channel]()
    for channel, ones in groupby(found[:_EVERYWHERE], lambda one: one.channel):
        settings = ask.tx.channels.place(channel).settings
        if settings.visibility in ("private", "direct") and channel != ask.channel:
            hidden.add(channel)
            continue
        name = wording.escape(settings.name or channel.id)
        lines.append(f"**{name}** ({channel.platform})")
        lines += [_line(ask, one) for one in ones]
    if hidden:
        lines.append(f"{wording.plural(len(hidden), 'private channel')} not shown here.")
    if len(found) > _EVERYWHERE:
        lines.append(f"These are the first {_EVERYWHERE}; botbeat subscriptions export has all.")
    return Message(text="\n".join(lines) or "No channel has a subscription.")


def _line(ask: Ask, one: Subscription) -> str:
    made = f"by {one.made_by.name}, " if one.made_by.name else ""
    parts = [
        f"{one.id}: {_meaning(ask, one)}",
        how_said(ask, one),
        wording.escape(f"made {made}{wording.day(one.made)}"),
        f"last match {wording.hour(one.last_delivery)}"
        if one.last_delivery
        else _nothing_yet(ask, one),
    ]
    if one.paused_until >= FOR_EVER:
        parts.append("paused")
    elif one.paused_until > ask.tx.now:
        parts.append(f"paused until {wording.hour(one.paused_until)}")
    return "• " + " · ".join(parts)


def _nothing_yet(ask: Ask, one: Subscription) -> str:
    """Why nothing came: nothing was reported at all, or nothing for this."""
    reported = ask.tx.articles.count(Query().since(one.made))
    if not reported:
        return "nothing was reported since"
    return f"none of the {wording.plural(reported, 'report')} since was for it"


def _meaning(ask: Ask, one: Subscription) -> str:
    return wording.escape(meaning(parse(one.query, ask.tx.now)))


def pause(ask: Ask) -> Message:
    ask.must_manage()
    rest, options = _with_until(ask)
    until = FOR_EVER
    if "until" in options:
        until = _coming(options["until"], ask.tx.now)
    chosen = [pick(ask, rest)] if rest else ask.tx.subscriptions.of(ask.channel)
    if not chosen:
        raise Refusal("This channel has no subscription to pause.")
    for one in chosen:
        ask.tx.subscriptions.pause(one.id, until)
        ask.note(f"pause {_named(one)}")
    when = "" if until == FOR_EVER else f" until {wording.hour(until)}"
    numbers = ", ".join(f"subscription {one.id}" for one in chosen)
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
    chosen = [pick(ask, ask.text)] if ask.text else ask.tx.subscriptions.of(ask.channel)
    place = ask.tx.channels.place(ask.channel)
    if place.settings.paused:
        ask.tx.channels.choose(ask.channel, replace(place.settings, paused=""))
        ask.note("resume posting")
    for one in chosen:
        ask.tx.subscriptions.pause(one.id, 0)
        ask.note(f"resume {_named(one)}")
    named = ", ".join(f"subscription {one.id}" for one in chosen)
    numbers = named or "posting to this channel"
    return Message(text=f"Resumed: {numbers}. From now on reports are posted again.")
