"""What the outbox did and will do, for people to read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from bot.model import Channel, Delivery, State
from bot.outbox import Hold, Wish
from storage import schema as t
from storage.outbox_rows import chosen, delivery_of
from storage.rows import Session

_LONG = 600.0  # seconds after which one asks why something has not been posted yet
_d, _c, _i = t.delivery.c, t.channel.c, t.install.c
# Rows from before their states had times have the time at which they were wanted.
_last = case((_d.changed > 0, _d.changed), else_=_d.created)


def listed(session: Session, wish: Wish, limit: int) -> list[Delivery]:
    order: tuple[Any, ...] = (_last.desc(), _d.id.desc())
    if wish.wrong_first:
        order = (case((_is_wrong(session.now), 0), else_=1), *order)
    rows = session.connection.execute(chosen().where(*_wished(wish)).order_by(*order).limit(limit))
    return [delivery_of(row) for row in rows]


def counted(session: Session, wish: Wish) -> dict[State, int]:
    rows = session.connection.execute(
        select(_d.state, func.count())
        .select_from(t.delivery.join(t.channel, _c.id == _d.channel_id))
        .where(*_wished(wish))
        .group_by(_d.state)
        .order_by(_d.state)
    )
    return {row[0]: int(row[1]) for row in rows}


def holds(session: Session) -> list[Hold]:
    installed = and_(_i.platform == _c.platform, _i.team_id == _c.team_id)
    rows = session.connection.execute(
        select(
            _c.platform,
            _c.external,
            _c.paused,
            _c.next_send,
            func.coalesce(_i.paused, "").label("install_paused"),
            func.coalesce(_i.next_send, 0.0).label("install_next"),
        )
        .join(t.install, installed, isouter=True)
        .where(or_(_c.paused != "", _i.paused != ""))
        .order_by(_c.id)
    )
    found = []
    for row in rows:
        channel = Channel(row.platform, row.external)
        if row.paused:
            found.append(Hold(channel, "channel", row.paused, row.next_send))
        if row.install_paused:
            found.append(Hold(channel, "install", row.install_paused, row.install_next))
    return found


def _is_wrong(now: float) -> ColumnElement[bool]:
    """What somebody should know of: it ended badly, or takes longer than it should."""
    unsent = and_(_d.message.is_(None), _d.created < now - _LONG)
    waiting = and_(_d.state.in_(["pending", "sending"]), or_(unsent, _d.attempts > 1))
    return or_(_d.state.in_(["parked", "refused", "unsure"]), waiting)


def _wished(wish: Wish) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wish.article:
        where.append(_d.article_id == wish.article)
    if wish.kind:
        where.append(_d.kind == wish.kind)
    if wish.channel:
        where += [_c.platform == wish.channel.platform, _c.external == wish.channel.id]
    if wish.state:
        where.append(_d.state == wish.state)
    if wish.since:
        where.append(_last >= wish.since)
    return where
