"""Taking what is due from the outbox, so that nobody else takes it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, update

from bot.model import Delivery
from storage import schema as t
from storage.outbox_rows import OPEN, chosen, delivery_of
from storage.rows import Session

_d = t.delivery.c


def _its_turn() -> ColumnElement[bool]:
    """In a thread the report goes before its comments, and comments keep their order.

    What has a message already may be edited or deleted at any time.
    """
    report, before = t.delivery.alias("parent"), t.delivery.alias("before")
    there = exists().where(
        report.c.channel_id == _d.channel_id,
        report.c.kind == "report",
        report.c.subject == _d.article_id,
        report.c.message.is_not(None),
        ~report.c.gone,
    )
    earlier = exists().where(
        before.c.channel_id == _d.channel_id,
        before.c.article_id == _d.article_id,
        before.c.kind == "comment",
        before.c.state.in_(OPEN),
        before.c.message.is_(None),
        or_(before.c.rank < _d.rank, and_(before.c.rank == _d.rank, before.c.id < _d.id)),
    )
    return or_(
        _d.kind.in_(["report", "digest"]),
        _d.message.is_not(None),
        _d.gone,
        and_(there, ~earlier),
    )


def claim(
    session: Session, platforms: Mapping[str, float], lease: float, limit: int
) -> list[Delivery]:
    now = session.now
    due = (
        _d.state.in_(OPEN),
        _d.due <= now,
        t.channel.c.platform.in_(list(platforms)),
        t.channel.c.next_send <= now,
        t.channel.c.paused == "",
    )
    nth = func.row_number().over(partition_by=_d.channel_id, order_by=(_d.due, _d.rank, _d.id))
    ready = (
        select(_d.id, _d.due, nth.label("nth"))
        .join(t.channel, t.channel.c.id == _d.channel_id)
        .where(*due, _its_turn())
        .subquery()
    )
    first = select(ready.c.id).where(ready.c.nth == 1).order_by(ready.c.due).limit(limit)
    # A window function cannot lock; so the first of each channel are locked by number, and
    # the channel's row with them, lest another worker takes that channel's second. NO KEY UPDATE
    # leaves the channel free for those who only refer to it, such as new deliveries.
    rows = session.connection.execute(
        chosen()
        .where(_d.id.in_(first), *due)
        .order_by(_d.due, _d.id)
        .with_for_update(of=[t.delivery, t.channel], skip_locked=True, key_share=True)
    ).all()
    if rows:
        _take(session, [row.id for row in rows], lease)
        _hold(session, rows, platforms)
    # The state is the one before this claim: it says whether an attempt may be open.
    return [
        replace(delivery_of(row), claims=row.claims + 1, attempts=row.attempts + 1) for row in rows
    ]


def _hold(session: Session, rows: Sequence[Row[Any]], platforms: Mapping[str, float]) -> None:
    """Keep each channel's pace: its next message not before its platform likes it."""
    for platform, pace in platforms.items():
        held = [row.channel_id for row in rows if pace and row.platform == platform]
        if held:
            session.connection.execute(
                update(t.channel)
                .where(t.channel.c.id.in_(held))
                .values(next_send=session.now + pace)
            )


def _take(session: Session, numbers: Sequence[int], lease: float) -> None:
    posts = and_(_d.state == "pending", _d.message.is_(None), ~_d.gone)
    now = session.now
    session.connection.execute(
        update(t.delivery)
        .where(_d.id.in_(numbers))
        .values(
            claims=_d.claims + 1,
            due=now + lease,
            attempts=_d.attempts + 1,
            sent_at=case((and_(posts, _d.sent_at == 0), now), else_=_d.sent_at),
            sent=case((and_(posts, _d.sent == 0), _d.wanted), else_=_d.sent),
            state=case((posts, "sending"), else_=_d.state),
        )
    )
