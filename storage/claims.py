"""Taking what is due from the outbox, so that nobody else takes it too, at the platforms' pace.

All times are the database's. One that lies further ahead than anything we ever set was written
while that clock was wrong, and counts as over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Float,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from bot.model import Delivery
from bot.ports import Pace
from storage import schema as t
from storage.outbox_rows import UNDER, chosen, delivery_of, is_open
from storage.rows import Session, over

_UNLIMITED = 1e9
_TOGETHER = 200  # deliveries are looked for at once: as many as a page of history shows
_LATELY, _LONG_AGO = 2 * 86400.0, 30 * 86400.0
_d, _c, _i = t.delivery.c, t.channel.c, t.install.c


def claim(
    session: Session, platforms: Mapping[str, Pace], lease: float, limit: int
) -> list[Delivery]:
    claimed: list[Delivery] = []
    for platform, pace in platforms.items():
        room = limit - len(claimed)
        values = {"now": session.now, "platform": platform, "room": room}
        rows = session.connection.execute(_ready(pace), values).all()
        if rows:
            _take(session, [row.id for row in rows], lease)
            _hold_channels(session, rows, pace, lease)
            _hold_installs(session, rows, pace, lease)
        claimed += [_claimed(row, session.believed) for row in rows]
    return claimed


@cache
def _ready(pace: Pace) -> Select[Any]:
    """What may be taken: a statement that is made once, as that takes longer than to run it."""
    # A window function cannot lock; so the first of each channel are locked by number, and
    # the channel's row with them, lest another worker takes that channel's second. NO KEY
    # UPDATE leaves the channel free for those who only refer to it, such as new deliveries.
    return (
        chosen()
        .outerjoin(t.install, _installed)
        .add_columns(*_held, _c.team_id)
        .where(_d.id.in_(_first(pace)))
        .where(is_open(_d), over(_d.due, _NOW))
        .where(_c.platform == _PLATFORM, over(_c.next_send, _NOW))
        .order_by(_d.due, _d.id)
        .with_for_update(of=[t.delivery, t.channel], skip_locked=True, key_share=True)
    )


def _claimed(row: Row[Any], now: float) -> Delivery:
    """As it was before this claim: the state says whether an attempt may be open."""
    probing = bool(row.channel_held or row.install_held)
    # Written while the clock was wrong and nobody knew: it was sent at some time, and lately.
    sent_at = row.sent_at if now - _LONG_AGO < row.sent_at <= now else now - _LATELY
    return replace(
        delivery_of(row),
        claims=row.claims + 1,
        attempts=row.attempts + 1,
        probing=probing,
        sent_at=sent_at if row.sent_at else 0.0,
    )


def unsure_beside(session: Session, delivery: Delivery, suspect: int) -> list[Delivery]:
    alike: ColumnElement[bool] = _d.kind.not_in(UNDER)
    if delivery.kind in UNDER:
        alike = and_(_d.kind.in_(UNDER), _d.article_id == delivery.article)
    rows = session.connection.execute(
        chosen()
        .where(t.channel.c.platform == delivery.channel.platform, _d.id != delivery.id, alike)
        .where(t.channel.c.external == delivery.channel.id)
        # Both are open, which is said besides for the sake of the index.
        .where(_d.state.in_(["sending", "unsure"]), is_open(_d), _d.message.is_(None))
        .where(_d.silent < suspect, _d.part == 0)
        .where(_d.due <= session.now, _d.sent_at.between(delivery.sent_at, session.believed))
        .order_by(_d.sent_at, _d.id)
        .limit(_TOGETHER)
    )
    return [delivery_of(row) for row in rows]


_held = (_c.paused.label("channel_held"), func.coalesce(_i.paused, "").label("install_held"))
_installed = and_(_i.platform == _c.platform, _i.team_id == _c.team_id)
"""The install of a channel, which need not be stored yet."""


_NOW: BindParameter[float] = bindparam("now", type_=Float(53))
_PLATFORM: BindParameter[str] = bindparam("platform", type_=Text)
_ROOM: BindParameter[int] = bindparam("room", type_=Integer)


def _first(pace: Pace) -> Select[Any]:
    """The numbers of the first delivery of each channel, as many as their install may send."""
    next_send, held = func.coalesce(_i.next_send, 0.0), func.coalesce(_i.paused, "") != ""
    waits = case((over(next_send, _NOW), 0.0), else_=next_send - _NOW)
    # An install may run ahead of its pace by a burst; a held one sends a single message.
    most: ColumnElement[Any] = literal(_UNLIMITED)
    if pace.install:
        most = (pace.burst * pace.install - waits) / pace.install
    first = (
        select(_d.id)
        .where(_d.channel_id == _c.id, is_open(_d), over(_d.due, _NOW), its_turn())
        .order_by(_d.due, _d.rank, _d.id)
        .limit(1)
        .correlate(t.channel)
        .scalar_subquery()
    )
    ready = (
        select(first.label("id"), _c.team_id)
        .add_columns(case((and_(held, waits > 0), 0), (held, 1), else_=most).label("most"))
        .select_from(t.channel.outerjoin(t.install, _installed))
        .where(_c.platform == _PLATFORM, over(_c.next_send, _NOW), _c.id.in_(_waiting()))
        .cte("ready")
        # Else PostgreSQL reads all deliveries to find these few.
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    place = func.row_number().over(partition_by=ready.c.team_id, order_by=(_d.due, _d.id))
    firsts = (
        select(_d.id, _d.due, ready.c.most, place.label("place"))
        .join(ready, ready.c.id == _d.id)
        .subquery()
    )
    allowed = select(firsts.c.id).where(firsts.c.place <= firsts.c.most)
    return allowed.order_by(firsts.c.due).limit(_ROOM)


def _waiting() -> Select[Any]:
    """The channels in which something is open, each found in the index by the one before it: a
    long backlog costs no more than a short one. https://wiki.postgresql.org/wiki/Loose_indexscan
    """
    # In this order there is that index alone; of others PostgreSQL might take one.
    least = select(_d.channel_id).where(is_open(_d)).order_by(_d.channel_id, _d.due).limit(1)
    found = select(least.scalar_subquery().label("id")).cte("waiting", recursive=True)
    after = least.where(_d.channel_id > found.c.id).scalar_subquery()
    return select(found.union_all(select(after).where(found.c.id.is_not(None))).c.id)


def its_turn() -> ColumnElement[bool]:
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
        before.c.kind.in_(UNDER),
        is_open(before.c),
        before.c.message.is_(None),
        or_(before.c.rank < _d.rank, and_(before.c.rank == _d.rank, before.c.id < _d.id)),
    )
    return or_(
        _d.kind.not_in(UNDER),
        _d.message.is_not(None),
        _d.gone,
        and_(there, ~earlier),
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
            # Counted until something is written down of what became of it.
            silent=_d.silent + 1,
            # What a platform's own times are compared with.
            sent_at=case((and_(posts, _d.sent_at == 0), session.believed), else_=_d.sent_at),
            sent=case((and_(posts, _d.sent == 0), _d.wanted), else_=_d.sent),
            state=case((posts, "sending"), else_=_d.state),
        )
    )


def _hold_channels(session: Session, rows: Sequence[Row[Any]], pace: Pace, lease: float) -> None:
    """Keep each channel's pace; of one that refused us nobody takes another one meanwhile."""
    now = session.now
    session.connection.execute(
        update(t.channel)
        .where(_c.id.in_([row.channel_id for row in rows]))
        .values(next_send=case((_c.paused != "", now + lease), else_=now + pace.channel))
    )


def _hold_installs(session: Session, rows: Sequence[Row[Any]], pace: Pace, lease: float) -> None:
    """Keep each install's pace, which several workers move at once."""
    now = session.now
    if not pace.install and not any(row.install_held for row in rows):
        return
    for team in {row.team_id for row in rows}:
        sent = sum(row.team_id == team for row in rows)
        begins = case((over(_i.next_send, now), now), else_=_i.next_send)
        moved = begins + sent * pace.install
        platform = rows[0].platform
        here = session.connection.execute(
            update(t.install)
            .where(_i.platform == platform, _i.team_id == team)
            .values(next_send=case((_i.paused != "", now + lease), else_=moved))
            .returning(_i.id)
        )
        if here.scalar() is None:
            made = session.insert(t.install).values(
                platform=platform, team_id=team, external="", next_send=now + sent * pace.install
            )
            session.connection.execute(made.on_conflict_do_nothing())
