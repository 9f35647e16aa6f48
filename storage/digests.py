"""Reports that go together: what is held, and the one message that it becomes.

A held report belongs to a digest from the transaction on that makes the digest, and to no other
one ever. What is due is told by the rows alone, so a missed hour is made up for.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, case, func, literal_column, select, update

from bot.model import Channel, Delivery
from storage import schema as t
from storage.outbox_rows import chosen, delivery_of, is_open
from storage.rows import Session, among, channel_id, new_key, over

_SOME = 50
_LONGEST = 9 * 86400.0
_d, _c, _i = t.delivery.c, t.channel.c, t.install.c
# Written out, for the sake of SQLite's partial indexes: see `is_open`.
_held = (_d.state == literal_column("'held'"), _d.digest == literal_column("0"))
_in_digests = _d.digest != literal_column("0")


def loads(session: Session, places: Sequence[int], since: float) -> dict[int, tuple[int, int]]:
    if not places:
        return {}
    waits = case((and_(is_open(_d), _d.message.is_(None)), 1), else_=0)
    rows = session.connection.execute(
        select(_d.channel_id, func.sum(waits), func.count())
        .where(among(session, _d.channel_id, places), _d.created >= since)
        .where(_d.kind == "report", _d.digest == 0, _d.state != "held")
        .group_by(_d.channel_id)
    )
    return {place: (int(waiting), lately) for place, waiting, lately in rows}


def due(session: Session) -> list[tuple[Channel, int]]:
    """The channels for which something held is due, each with the subscription or 0."""
    paused = select(t.subscription.c.id).where(t.subscription.c.paused_until > session.now)
    # By their numbers, lest SQLite goes through all that a channel ever had.
    held = select(_d.id).where(*_held, over(_d.due, session.now, _LONGEST))
    rows = session.connection.execute(
        select(_c.platform, _c.external, _d.subscription)
        .join(t.channel, _c.id == _d.channel_id)
        .outerjoin(t.install, and_(_i.platform == _c.platform, _i.team_id == _c.team_id))
        # What nobody can post now goes together with what comes until somebody can.
        .where(_c.paused == "", func.coalesce(_i.paused, "") == "")
        .where(_d.id.in_(held), _d.subscription.not_in(paused))
        .group_by(_c.platform, _c.external, _d.subscription)
        .order_by(func.min(_d.due))
        .limit(_SOME)
    )
    return [(Channel(row.platform, row.external), row.subscription) for row in rows]


def gather(session: Session, channel: Channel, subscription: int, most: int) -> int:
    """Make all that is held there into digests of so many reports; how many reports."""
    here, run = channel_id(session, channel), session.connection.execute
    # Whoever comes here at the same time waits, and finds nothing more to do.
    run(select(_c.id).where(_c.id == here).with_for_update(key_share=True))
    rows = run(
        select(_d.id, _d.subject)
        .where(*_held, _d.channel_id == here, _d.subscription == subscription)
        .order_by(_d.subject)
    ).all()
    if len(rows) == 1 and not subscription:
        # What waited alone comes as any other report does, and its age counts from now.
        now = {"state": "pending", "created": session.now, "due": session.now, "reason": ""}
        run(update(t.delivery).where(_d.id == rows[0].id).values(now))
        return 1
    for start in range(0, len(rows), most):
        some = [row.id for row in rows[start : start + most]]
        digest = run(
            session.insert(t.delivery)
            .values(
                channel_id=here,
                kind="digest",
                subject=some[0],
                article_id=0,
                key=new_key(),
                wanted=1,
                rank=start,
                created=session.now,
                due=session.now,
                subscription=subscription,
            )
            .returning(_d.id)
        ).scalar_one()
        run(update(t.delivery).where(_d.id.in_(some)).values(digest=digest))
    return len(rows)


def reschedule(session: Session, channel: Channel, subscription: int, due: float) -> None:
    session.connection.execute(
        update(t.delivery)
        .where(*_held, _d.channel_id == channel_id(session, channel))
        .where(_d.subscription == subscription)
        .values(due=due)
    )


def held(session: Session, channel: Channel) -> int:
    here = _d.channel_id == channel_id(session, channel)
    counted = select(func.count()).select_from(t.delivery).where(*_held, here)
    return int(session.connection.execute(counted).scalar_one())


def members(session: Session, digest: int) -> list[Delivery]:
    rows = session.connection.execute(
        chosen().where(_d.digest == digest, _in_digests).order_by(_d.subject)
    )
    return [delivery_of(row) for row in rows]


def raise_wanted(session: Session, digests: set[int]) -> None:
    """Something in them has changed: what stands is brought up to date."""
    stands = _d.message.is_not(None) & _d.state.in_(["shown", "refused", "parked"])
    session.connection.execute(
        update(t.delivery)
        .where(_d.id.in_(digests), ~_d.gone)
        .values(
            wanted=_d.wanted + 1,
            state=case((stands, "pending"), else_=_d.state),
            due=case((stands, session.now), else_=_d.due),
            attempts=case((stands, 0), else_=_d.attempts),
        )
    )
