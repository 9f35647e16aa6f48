"""Channels and installs to which nothing is sent for a while, and their healing."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, case, select, update

from bot.model import Channel
from bot.ports import Scope
from storage import schema as t
from storage.rows import Session, channel_id, over


def hold(session: Session, channel: Channel, scope: Scope, until: float, reason: str) -> None:
    if scope == "install":
        _make_install(session, channel)
        _held(session, t.install, _installed(channel), until, reason)
    else:
        channel_id(session, channel)
        _held(session, t.channel, _is(channel), until, reason)


def heal(session: Session, channel: Channel) -> None:
    now = session.now
    for table, which in ((t.channel, _is(channel)), (t.install, _installed(channel))):
        session.connection.execute(
            update(table).where(which, table.c.paused != "").values(paused="", next_send=now)
        )


def _held(
    session: Session, table: Table, which: ColumnElement[bool], until: float, reason: str
) -> None:
    before = case((over(table.c.next_send, session.now), 0.0), else_=table.c.next_send)
    # Of two holds the longer one counts, but not what a burst of our own has moved.
    longer = case((and_(table.c.paused != "", before > until), before), else_=until)
    session.connection.execute(update(table).where(which).values(next_send=longer, paused=reason))


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
