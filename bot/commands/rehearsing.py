"""preview: what a subscription would have brought, before anybody makes it."""

from __future__ import annotations

from datetime import datetime

from bot import schedule, wording
from bot.commands.ask import Ask
from bot.commands.choosing import OWN, SWITCHES, read_mention, read_mode
from bot.commands.following import must_follow
from bot.commands.searching import newest
from bot.message import Button, Message
from bot.query import Query
from bot.query.meaning import meaning
from bot.query.parse import QueryError, read

_DAYS = 30
_NOT_STANDING = ("since", "until")


def preview(ask: Ask) -> Message:
    """What `subscribe` with the same words would bring; nothing is changed by it."""
    query, chosen = read(ask.text, ask.tx.now, (*SWITCHES, *OWN))
    must_stand(query)
    must_follow(ask, query)
    read_mode(chosen)
    read_mention(chosen)
    shown = newest(ask, query, 3)
    return Message(
        text=f"It would bring: {wording.escape(meaning(query))}. {rehearsed(ask, query)}",
        cards=tuple(wording.compact(article, ask.base_url) for article in shown),
        buttons=(Button("Subscribe", f"subscribe {ask.text}".strip(), primary=True),),
        footer="Nothing was changed. Only you see this.",
    )


def must_stand(query: Query) -> None:
    """Refuse what is about the past, or about how a search is shown."""
    timed = [c.terms[0].key for c in query.clauses if c.terms[0].key in _NOT_STANDING]
    if timed or query.page > 1 or query.limit or query.sort != "best":
        what = f"{timed[0]}:" if timed else "sort:, page: and limit:"
        raise QueryError(
            f"A subscription is about what comes, so {what} cannot be part of it. "
            "Nothing was changed."
        )


def rehearsed(ask: Ask, query: Query) -> str:
    """How many reports of the last 30 days match, and on the busiest day."""
    lately = query.since(ask.tx.now - _DAYS * 86400)
    count = ask.tx.articles.count(lately)
    if not count:
        return f"In the last {_DAYS} days no report matched."
    week = count * 7 / _DAYS
    rate = f"about {week:.0f} a week" if week >= 0.75 else "less than one a week"
    zone = schedule.zone_of(ask.tx.channels.place(ask.channel).settings.zone)
    offset = datetime.fromtimestamp(ask.tx.now, zone).utcoffset()
    shift = offset.total_seconds() if offset else 0.0
    most, day = ask.tx.articles.busiest(lately, shift)
    busiest = f"{most} on the busiest day, {wording.day(day + shift)}"
    if most == 1:
        busiest = "never two on one day"
    return f"In the last {_DAYS} days {wording.plural(count, 'report')} matched: {rate}, {busiest}."
