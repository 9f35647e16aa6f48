"""subscribe: a standing search, never made silently.

The answer says what was understood, how much will come, shows the newest, and whether comments
stay. Nothing old is posted unless somebody asks for it.
"""

from __future__ import annotations

from bot import comments, wording
from bot.commands.ask import Ask, Refusal
from bot.commands.managing import SWITCHES, apply, what_holds
from bot.commands.searching import newest
from bot.model import Button, Message, Subscription
from bot.query import Query
from bot.query.meaning import meaning
from bot.query.parse import QueryError, read

_DAYS = 30
_NOT_STANDING = ("since", "until")


def subscribe(ask: Ask) -> Message:
    ask.must_manage()
    if "://" in ask.text:
        raise Refusal(
            "Following a page by its address is not possible yet; nothing was changed. "
            "Whoever runs BotBeat can add it: botbeat sources add <address>"
        )
    query, switches = read(ask.text, ask.tx.now, SWITCHES)
    _must_stand(query)
    if switches:
        apply(ask, switches)
    text = str(query)
    known = any(one.query == text for one in ask.tx.subscriptions.of(ask.channel))
    number = ask.tx.subscriptions.add(
        Subscription(0, ask.channel, text, ask.person, ask.tx.now), query.anchors()
    )
    if not known:
        ask.tx.desk.note(ask.channel, ask.person, f"subscribe {text}".strip())
    return _told(ask, number, query, known)


def _must_stand(query: Query) -> None:
    timed = [c.terms[0].key for c in query.clauses if c.terms[0].key in _NOT_STANDING]
    if timed or query.page > 1 or query.limit or query.sort != "best":
        what = f"{timed[0]}:" if timed else "sort:, page: and limit:"
        raise QueryError(
            f"A subscription is about what comes, so {what} cannot be part of it. "
            "Nothing was changed."
        )


def _told(ask: Ask, number: int, query: Query, known: bool) -> Message:
    lines = [
        f"Subscription {number} {'was here already' if known else 'is on'}: "
        f"{wording.escape(meaning(query))}. Reports are posted at once."
    ]
    lines.append(_how_many(ask, query))
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
        buttons=(*_next_steps(ask, number, shown[0].id if shown else 0),),
        footer="Nothing old is posted to the channel. The newest are shown to you alone."
        if shown
        else "",
    )


def _how_many(ask: Ask, query: Query) -> str:
    count = ask.tx.articles.count(query.since(ask.tx.now - _DAYS * 86400))
    if not count:
        return f"In the last {_DAYS} days no report matched."
    week = count * 7 / _DAYS
    rate = f"about {week:.0f} a week" if week >= 0.75 else "less than one a week"
    return f"In the last {_DAYS} days {wording.plural(count, 'report')} matched: {rate}."


def _next_steps(ask: Ask, number: int, newest_one: int) -> list[Button]:
    buttons = []
    if newest_one:
        buttons.append(Button("Post the newest here", f"share {newest_one}", primary=True))
    settings = ask.tx.channels.place(ask.channel).settings
    if comments.mode(settings, ask.default) == "share":
        buttons.append(Button("Keep comments here", "settings comments:read"))
    else:
        buttons.append(Button("Share comments", "settings comments:share"))
    buttons.append(Button("Undo", f"unsubscribe {number}"))
    return buttons
