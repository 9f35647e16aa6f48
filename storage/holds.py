"""Channels and installs to which nothing is sent for a while, and their healing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from bot.model import Channel
from bot.ports import Scope
from storage import schema as t
from storage.rows import Session, channel_id, one_of

_LATELY = 86400.0


def refused(session: Session, channel: Channel, scope: Scope, *, again: bool) -> int:
    if scope == "install":
        _make_install(session, channel)
    table, which = (
        (t.install, _installed(channel)) if scope == "install" else (t.channel, _is(channel))
    )
    counted = update(table).where(which).values(refusals=table.c.refusals + 1)
    if not again:
        counted = counted.where(table.c.paused == "")
    return session.connection.execute(counted.returning(table.c.refusals)).scalar() or 0


def hold(session: Session, channel: Channel, scope: Scope, until: float, reason: str) -> None:
    if scope == "install":
        _make_install(session, channel)
        held = update(t.install).where(_installed(channel))
    else:
        channel_id(session, channel)
        held = update(t.channel).where(_is(channel))
    # The newest word counts, whether it is for longer or not.
    session.connection.execute(held.values(next_send=until, paused=reason))


def on_hold(session: Session, channels: Collection[Channel]) -> set[Channel]:
    c, i = t.channel.c, t.install.c
    installed = and_(i.platform == c.platform, i.team_id == c.team_id)
    rows = session.connection.execute(
        select(c.platform, c.external)
        .outerjoin(t.install, installed)
        .where(one_of(channels), or_(c.paused != "", func.coalesce(i.paused, "") != ""))
    )
    return {Channel(row.platform, row.external) for row in rows}


def heal(session: Session, channel: Channel) -> None:
    now = session.now
    for table, which in ((t.channel, _is(channel)), (t.install, _installed(channel))):
        session.connection.execute(
            update(table)
            .where(which, table.c.paused != "")
            .values(paused="", refusals=0, next_send=now)
        )
    back = update(t.channel).where(_is(channel), t.channel.c.removed != 0)
    session.connection.execute(back.values(removed=0.0))
    here = select(t.channel.c.id).where(_is(channel))
    look_again(session, t.delivery.c.channel_id == here.scalar_subquery())


def look_again(session: Session, which: ColumnElement[bool]) -> None:
    """Perhaps one may look there now. What is older is not sent again, whatever is found."""
    d = t.delivery.c
    session.connection.execute(
        update(t.delivery)
        .where(d.state == "parked", d.message.is_(None), d.sent_at > session.believed - _LATELY)
        .where(which)
        .values(state="unsure", due=session.now)
    )


def _is(channel: Channel) -> ColumnElement[bool]:
    return and_(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)


def _team(channel: Channel) -> ColumnElement[int]:
    return select(t.channel.c.team_id).where(_is(channel)).scalar_subquery()


def _installed(channel: Channel) -> ColumnElement[bool]:
    return and_(t.install.c.platform == channel.platform, t.install.c.team_id == _team(channel))


def _make_install(session: Session, channel: Channel) -> None:
    channel_id(session, channel)
    team = session.connection.execute(select(_team(channel))).scalar_one()
    there = select(t.install.c.id).where(_installed(channel))
    if session.connection.execute(there).scalar() is None:
        made = session.insert(t.install).values(
            platform=channel.platform, team_id=team, external=""
        )
        session.connection.execute(made.on_conflict_do_nothing())
