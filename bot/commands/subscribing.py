"""subscribe: a standing search, never made silently.

The answer says what was understood, how much will come, shows the newest, and whether comments
stay. Nothing old is posted unless somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import comments, wording
from bot.commands.ask import Ask
from bot.commands.changing import typed
from bot.commands.choosing import (
    OWN,
    SWITCHES,
    apply,
    changed,
    how_said,
    read_mention,
    read_mode,
    what_holds,
    when_holds,
)
from bot.commands.following import address_in, followed, must_follow
from bot.commands.rehearsing import must_stand, rehearsed
from bot.commands.searching import newest
from bot.message import Button, Message
from bot.model import Subscription
from bot.query import Query, QueryError
from bot.query.meaning import meaning
from bot.query.parse import read

MOST_HERE = 1000
"""So many subscriptions one channel may have."""


def subscribe(ask: Ask) -> Message:
    ask.must_manage()
    asked = followed(ask, ask.text) if address_in(ask.text) else ask.text
    query, chosen = read(asked, ask.tx.now, (*SWITCHES, *OWN))
    must_stand(query)
    if asked == ask.text:
        must_follow(ask, query)
    mode, mention = read_mode(chosen) or "instant", read_mention(chosen) or ""
    if switches := {name: chosen[name] for name in SWITCHES if name in chosen}:
        apply(ask, switches)
    text = str(query)
    here = ask.tx.subscriptions.of(ask.channel)
    known = [one for one in here if one.query == text]
    if known:
        now = changed(ask, known[0], chosen)
        became = "was here already" if now == known[0] else "is changed"
        undo = f"set {now.id} {typed(known[0])}" if now != known[0] else ""
        return _told(ask, now, query, became, undo)
    must_have_room(here)
    made = Subscription(0, ask.channel, text, ask.person, ask.tx.now, mode=mode, mention=mention)
    made = replace(made, id=ask.tx.subscriptions.add(made, query.anchors()))
    ask.note(f"subscribe {text}".strip())
    return _told(ask, made, query, "is on", f"unsubscribe {made.id}")


def must_have_room(here: Sequence[Subscription]) -> None:
    """A channel with more is a mistake, or malice."""
    if len(here) >= MOST_HERE:
        raise QueryError(
            f"This channel has {MOST_HERE:,} subscriptions, and more are not possible. Nothing was "
            "changed; one subscription can name many companies, separated by commas."
        )


def _told(ask: Ask, one: Subscription, query: Query, became: str, undo: str) -> Message:
    settings = ask.tx.channels.place(ask.channel).settings
    lines = [
        f"Subscription {one.id} {became}: "
        f"{wording.escape(meaning(query))}. Reports are posted {how_said(ask, one)}."
    ]
    if one.mode == "instant":
        lines.append(when_holds(settings))
    lines.append(rehearsed(ask, query))
    if query.takes_any:
        lines.append("What stands there already is not posted; what is new there from now on is.")
    lines += [
        f"No report names {wording.escape(term.value)} yet; BotBeat will watch for the name."
        for clause in query.clauses
        for term in clause.terms
        if term.loose and not clause.negated and not ask.tx.articles.count(Query((clause,)))
    ]
    lines.append(what_holds(ask))
    shown = newest(ask, query, 3)
    return Message(
        text="\n".join(lines),
        cards=tuple(wording.compact(article, ask.base_url) for article in shown),
        buttons=(
            *_next_steps(ask, shown[0].id if shown else 0),
            *([Button("Undo", undo)] if undo else []),
        ),
        footer="Nothing old is posted to the channel. The newest are shown to you alone."
        if shown
        else "",
    )


def _next_steps(ask: Ask, newest_one: int) -> list[Button]:
    buttons = []
    if newest_one:
        buttons.append(Button("Post the newest here", f"share {newest_one}", primary=True))
    settings = ask.tx.channels.place(ask.channel).settings
    if comments.mode(settings, ask.default) == "share":
        buttons.append(Button("Keep comments here", "settings comments:read"))
    else:
        buttons.append(Button("Share comments", "settings comments:share"))
    return buttons
