"""What is wanted in a channel: one row for each thing, or one that is wanted anew or newer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, case, or_, true, update

from bot.model import Kind
from bot.outbox import Wanted
from storage import digests
from storage import schema as t
from storage.outbox_rows import ENDED
from storage.rows import Session, insert_all, new_key, new_keys

_d = t.delivery.c


def want(
    session: Session,
    channel: int,
    kind: Kind,
    subject: int,
    article: int,
    revision: int,
    due: float,
    rank: float,
) -> bool:
    """`channel` is the number of its row."""
    now = session.now
    made = session.insert(t.delivery).values(
        channel_id=channel,
        kind=kind,
        subject=subject,
        article_id=article,
        key=new_key(),
        wanted=revision,
        rank=rank,
        due=due or now,
        created=now,
    )
    made = made.on_conflict_do_nothing().returning(_d.id)
    return session.connection.execute(made).scalar() is not None


def want_all(session: Session, article: int, revision: int, wanted: Sequence[Wanted]) -> None:
    if not wanted:
        return
    now, keys = session.now, new_keys(len(wanted))
    same = {
        "kind": "report",
        "subject": article,
        "article_id": article,
        "wanted": revision,
        "created": now,
    }
    rows = [
        {
            "channel_id": one.place,
            "key": key,
            "due": one.due or now,
            "state": "held" if one.held else "pending",
            "reason": one.held,
            "subscription": one.subscription,
        }
        for one, key in zip(wanted, keys, strict=True)
    ]
    insert_all(session, t.delivery, rows, same)


def want_again(session: Session, channel: int, kind: Kind, subject: int, revision: int) -> bool:
    now = session.now
    removed = and_(_d.gone, _d.state.in_(["given up", "shown"]))
    revived = session.connection.execute(
        update(t.delivery)
        .where(_d.channel_id == channel, _d.kind == kind, _d.subject == subject, _d.part == 0)
        .where(or_(and_(_d.state.in_(ENDED), _d.message.is_(None)), removed, _d.state == "held"))
        .values(
            # A new message gets a new key: the old one's may still be seen somewhere.
            key=new_key(),
            message=None,
            state="pending",
            gone=False,
            wanted=revision,
            shown=0,
            sent=0,
            sent_at=0.0,
            attempts=0,
            created=now,
            due=now,
            reason="",
        )
        .returning(_d.id)
    )
    return revived.scalar() is not None


def raise_wanted(session: Session, kind: Kind, subject: int, revision: int, *, gone: bool) -> int:
    # A refused edit must not forbid a later one, or a deletion.
    shown = or_(
        _d.state == "shown",
        and_(_d.message.is_not(None), _d.state.in_(["refused", "parked"])),
    )
    # What waited for its author's name, and was never tried, need not wait any longer.
    at_once = or_(shown, and_(_d.state == "pending", _d.attempts == 0))
    about = {"report": subject, "writeup": subject, "note": abs(subject)}
    # By the article, for which there is an index, where the subject names it.
    found = _d.article_id == about[kind] if kind in about else true()
    raised = session.connection.execute(
        update(t.delivery)
        .where(found, _d.kind == kind, _d.subject == subject, _d.wanted < revision, ~_d.gone)
        .values(
            wanted=revision,
            gone=gone,
            state=case((shown, "pending"), else_=_d.state),
            due=case((at_once, session.now), else_=_d.due),
            attempts=case((shown, 0), else_=_d.attempts),
        )
        .returning(_d.digest)
    ).all()
    if together := {row.digest for row in raised} - {0}:
        digests.raise_wanted(session, together)
    return len(raised)
