"""Deliveries that end without being sent, and messages that are wanted no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from bot.model import Channel, Delivery, Subscription
from storage import schema as t
from storage.outbox_rows import ENDED, UNDER, is_open
from storage.rows import Session, channel_id

_d = t.delivery.c
_UNSENT = (
    _d.kind == "report",
    _d.state == "pending",
    _d.message.is_(None),
    _d.sent_at == 0,
    ~_d.gone,
)


def remove(session: Session, delivery: Delivery, reason: str) -> None:
    session.connection.execute(
        update(t.delivery)
        .where(_d.id == delivery.id)
        .values(**_ended(session, "given up", reason), gone=True, shown=_d.wanted)
    )


def expire(session: Session, since: float, before: float, reason: str) -> int:
    return _expire(session, _d.created.between(since, before), reason=reason)


def expire_backlog(
    session: Session, channel: Channel, keep: int, since: float, before: float, reason: str
) -> int:
    here = channel_id(session, channel)
    newest = (
        select(_d.id)
        .where(_d.channel_id == here, *_UNSENT)
        .order_by(_d.created.desc(), _d.id.desc())
        .limit(keep)
    )
    old = (_d.channel_id == here, _d.created.between(since, before), _d.id.not_in(newest))
    return _expire(session, *old, reason=reason)


def give_up_thread(session: Session, channel: int, article: int) -> None:
    _give_up(session, _d.channel_id == channel, _d.article_id == article, _d.kind != "report")


def give_up_orphans(session: Session) -> None:
    report = t.delivery.alias("report")
    never = and_(report.c.message.is_(None), report.c.state.in_(ENDED))
    ended = exists().where(
        report.c.channel_id == _d.channel_id,
        report.c.kind == "report",
        report.c.subject == _d.article_id,
        or_(report.c.gone, never),
    )
    # What is under way is left to whoever is at it.
    _give_up(session, _d.kind.in_(UNDER), _d.due <= session.now, ended)


def _give_up(session: Session, *where: ColumnElement[bool]) -> None:
    session.connection.execute(
        update(t.delivery)
        .where(_d.message.is_(None), is_open(_d), *where)
        .values(**_ended(session, "given up", "The report does not stand in this channel."))
    )


def give_up_unsent(session: Session, subscription: Subscription, reason: str) -> int:
    match, other = t.subscription_match, t.subscription
    brought = select(match.c.article_id).where(match.c.subscription_id == subscription.id)
    here = channel_id(session, subscription.channel)
    wanted = (
        select(match.c.article_id)
        .join(other, other.c.id == match.c.subscription_id)
        .where(other.c.channel_id == here, other.c.removed == 0)
        .where(other.c.id != subscription.id)
    )
    ended = session.connection.execute(
        update(t.delivery)
        .where(_d.channel_id == here, _d.kind == "report")
        .where(_d.article_id.in_(brought), _d.article_id.not_in(wanted))
        .where(_d.message.is_(None), _d.state.in_(["pending", "held"]))
        .values(**_ended(session, "given up", reason))
        .returning(_d.id)
    )
    return len(ended.all())


def give_up_report(session: Session, article: int, reason: str) -> None:
    unsent = and_(_d.state == "pending", _d.sent_at == 0)
    session.connection.execute(
        update(t.delivery)
        .where(_d.kind == "report", _d.subject == article, _d.message.is_(None))
        .where(or_(unsent, and_(_d.state == "held", _d.digest == 0)))
        .values(**_ended(session, "given up", reason))
    )


def give_up_copies(session: Session, origin: Channel) -> None:
    written = select(t.comment.c.id).where(t.comment.c.channel_id == channel_id(session, origin))
    copies = (
        update(t.delivery)
        .where(_d.kind == "comment", _d.subject.in_(written), ~_d.gone)
        .where(_d.state == "pending")
    )
    run = session.connection.execute
    ended = _ended(session, "given up", "Comments of its channel are shared no more.")
    run(copies.where(_d.message.is_(None)).values(**ended))
    run(copies.where(_d.message.is_not(None)).values(state="shown", shown=_d.wanted))


def _expire(session: Session, *where: ColumnElement[bool], reason: str) -> int:
    ended = session.connection.execute(
        update(t.delivery)
        .where(*where, *_UNSENT)
        .values(**_ended(session, "expired", reason))
        .returning(_d.channel_id, _d.article_id)
    ).all()
    for row in ended:
        give_up_thread(session, row.channel_id, row.article_id)
    return len(ended)


def _ended(session: Session, state: str, reason: str) -> dict[str, Any]:
    return {"state": state, "reason": reason, "changed": session.now}
