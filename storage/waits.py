"""What waits, when the clock by which it waits was set wrong and then right again.

The highest time that anybody has seen is kept in the database, so that also who starts later knows
that the clock was ahead; and so is how far it was ahead of a machine's steady clock, so that who
starts while it is wrong knows that too.
"""

from __future__ import annotations

from sqlalchemy import select, update

from storage import schema as t
from storage.outbox_rows import is_open
from storage.rows import Session

_ROLE = "clock"
_EVERY, _BACK = 10.0, 60.0  # seconds: how often the time is noted, and what counts as set back
_WAITS = (
    (t.delivery, "due"),
    (t.entry, "due"),
    (t.channel, "next_send"),
    (t.install, "next_send"),
    (t.source, "next_visit"),
    (t.lease, "until"),
)


def is_set_back(session: Session) -> bool:
    run, now, seen = session.connection.execute, session.now, t.lease.c.until
    highest = run(select(seen).where(t.lease.c.role == _ROLE)).scalar()
    if highest is None:
        made = session.insert(t.lease).values(role=_ROLE, owner="", until=now)
        run(made.on_conflict_do_nothing())
    elif now > highest + _EVERY:
        run(update(t.lease).where(t.lease.c.role == _ROLE, seen < now).values(until=now))
    return highest is not None and now < highest - _BACK


def hasten(session: Session, longest: float) -> None:
    run, now = session.connection.execute, session.now
    for table, wait in _WAITS:
        late = update(table).where(table.c[wait] > now + longest)
        if table is t.delivery:
            # What is held waits for a time of day, and not for so many seconds.
            late = late.where(is_open(t.delivery.c))
        run(late.values({wait: now + longest}))
    run(update(t.lease).where(t.lease.c.role == _ROLE).values(until=now))


def leave(session: Session, steady: str, known: str) -> None:
    """Keep what is known of the clock, by the steady one of this name."""
    made = session.insert(t.lease).values(role=f"{_ROLE} {steady}", owner=known, until=0.0)
    kept = made.on_conflict_do_update(index_elements=["role"], set_={"owner": known})
    session.connection.execute(kept)


def left(session: Session, steady: str) -> str:
    """What was kept of it last, if anything."""
    chosen = select(t.lease.c.owner).where(t.lease.c.role == f"{_ROLE} {steady}")
    return session.connection.execute(chosen).scalar() or ""
