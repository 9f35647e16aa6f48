"""The end of channels that were removed: all that they had is deleted, and nothing of others."""

from __future__ import annotations

from sqlalchemy import and_, case, or_, select, update

from storage import schema as t
from storage.rows import Session

_AT_ONCE = 20
"""So many channels end in one transaction, lest others wait for long."""
_LONGEST = 365 * 86400.0
_ENDED = ("refused", "parked")


def leave(session: Session, before: float) -> int:
    """End some of the channels that were removed before then; how many rows went."""
    here, now = t.channel.c, session.believed
    # What was noted while the clock was wrong counts from now.
    wrong = and_(here.removed != 0, or_(here.removed > now, here.removed < now - _LONGEST))
    session.connection.execute(update(t.channel).where(wrong).values(removed=now))
    ended = session.connection.execute(
        select(here.id, here.removed)
        .where(here.removed != 0, here.removed < before)
        .order_by(here.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    return sum(_end(session, row.id, row.removed) for row in ended)


def _end(session: Session, number: int, removed: float) -> int:
    _take_back(session, number, removed)
    one = t.subscription.c
    theirs = select(one.id).where(one.channel_id == number)
    gone = [
        t.subscription_term.delete().where(t.subscription_term.c.subscription_id.in_(theirs)),
        t.subscription_match.delete().where(t.subscription_match.c.subscription_id.in_(theirs)),
        *(
            table.delete().where(table.c.channel_id == number)
            for table in (t.subscription, t.delivery, t.cursor, t.audit)
        ),
    ]
    rows = sum(session.connection.execute(one).rowcount for one in gone)
    # The row stays, as a source that it added is still its own: nobody visits what nobody follows.
    fresh = {"paused": "", "refusals": 0, "told": 0.0, "removed": 0.0, "next_send": 0.0}
    fresh |= {"name": "", "comments": "", "page": False, "managers": "everyone"}
    fresh |= {"zone": "", "quiet": "", "most": 0, "writeup": False}
    session.connection.execute(update(t.channel).where(t.channel.c.id == number).values(fresh))
    return rows


def _take_back(session: Session, number: int, removed: float) -> None:
    """What was written there is deleted, as if by its authors: its copies go, then its rows."""
    d, said = t.delivery.c, t.comment.c
    written = select(said.id).where(said.channel_id == number, ~said.deleted)
    about = select(said.article_id).where(said.channel_id == number)
    shown = or_(d.state == "shown", and_(d.message.is_not(None), d.state.in_(_ENDED)))
    # What is under way is left to whoever is at it, as `wanting.raise_wanted` leaves it.
    at_once = or_(shown, and_(d.state == "pending", d.attempts == 0))
    session.connection.execute(
        update(t.delivery)
        .where(d.article_id.in_(about), d.kind == "comment", d.subject.in_(written), ~d.gone)
        .values(
            wanted=d.wanted + 1,
            gone=True,
            state=case((shown, "pending"), else_=d.state),
            due=case((at_once, session.now), else_=d.due),
            attempts=case((shown, 0), else_=d.attempts),
        )
    )
    erased = update(t.comment).where(said.channel_id == number)
    session.connection.execute(
        erased.values(text="", deleted=True, edited=removed, revision=said.revision + 1)
    )
