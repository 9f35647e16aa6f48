"""A message that stands twice: a request that the network held back arrived after all."""

from __future__ import annotations

from sqlalchemy import func, select, update

from bot.model import MessageRef
from storage import schema as t
from storage.rows import Session, new_key

_d = t.delivery.c


def second(session: Session, key: str, ref: MessageRef, *, keep: bool = False) -> bool:
    run = session.connection.execute
    # Locked, so that two copies that turn up at once get different parts.
    first = run(select(t.delivery).where(_d.key == key).with_for_update()).one_or_none()
    if first is None or first.message in (None, ref.id):
        return False
    same = (_d.channel_id == first.channel_id, _d.kind == first.kind)
    parts = select(func.max(_d.part)).where(*same, _d.subject == first.subject)
    there = select(_d.id).where(_d.channel_id == first.channel_id, _d.message == ref.id)
    if run(there).scalar() is not None:
        return False
    if keep:
        run(update(t.delivery).where(_d.id == first.id).values(message=ref.id))
    now = session.now
    run(
        t.delivery.insert().values(
            channel_id=first.channel_id,
            kind=first.kind,
            subject=first.subject,
            part=int(run(parts).scalar_one()) + 1,
            article_id=first.article_id,
            key=new_key(),
            message=first.message if keep else ref.id,
            gone=True,
            wanted=1,
            due=now,
            created=now,
            reason="It stood here twice.",
        )
    )
    return True
