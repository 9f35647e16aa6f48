"""A delivery as a row, and back: with its channel, and the message of the report above it."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, select

from bot.model import Channel, Delivery
from storage import schema as t

OPEN = ("pending", "sending", "unsure")
"""The states in which something is left to do."""
ENDED = ("refused", "given up", "expired")
"""The states in which nothing is, and nothing new stands there."""
UNDER = ("comment", "note", "writeup")
"""The kinds that stand under a report; the others stand in a channel by themselves."""
_d = t.delivery.c


def is_open(delivery: Any) -> ColumnElement[bool]:
    """Written out in the statement, as SQLite does not see in a parameter that the index of the
    open ones will do: https://www.sqlite.org/partialindex.html#queries_using_partial_indexes"""
    states: BindParameter[str] = bindparam(
        "open", OPEN, expanding=True, literal_execute=True, unique=True
    )
    return cast(ColumnElement[bool], delivery.state.in_(states))


@cache
def chosen() -> Select[Any]:
    report = t.delivery.alias("report")
    thread = (
        select(report.c.message)
        .where(report.c.channel_id == _d.channel_id, report.c.kind == "report")
        .where(report.c.subject == _d.article_id, ~report.c.gone)
        .scalar_subquery()
    )
    return select(
        t.delivery, t.channel.c.platform, t.channel.c.external, thread.label("thread")
    ).join(t.channel, t.channel.c.id == _d.channel_id)


def delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        channel=Channel(row.platform, row.external),
        kind=row.kind,
        subject=row.subject,
        article=row.article_id,
        key=row.key,
        state=row.state,
        wanted=row.wanted,
        shown=row.shown,
        sent=row.sent,
        sent_at=row.sent_at,
        message=row.message or "",
        thread=(row.thread or "") if row.kind != "report" else "",
        gone=row.gone,
        due=row.due,
        claims=row.claims,
        attempts=row.attempts,
        reason=row.reason,
        created=row.created,
        posted=row.posted,
        part=row.part,
        silent=row.silent,
        changed=row.changed,
        digest=row.digest,
        subscription=row.subscription,
    )
