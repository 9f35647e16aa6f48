"""The outbox: what each channel should show, and what it shows.

`due` is the schedule, the back-off and the lease in one; `claims` is the fence. A result is
written only under the claim it belongs to, except a receipt of success, which is always kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select, update

from bot.model import Channel, Delivery, Kind, MessageRef, State
from storage import schema as t
from storage.rows import Session, channel_id, new_key

_OPEN = ("pending", "sending", "unsure")
_ENDED = ("refused", "given up", "expired")
_d = t.delivery.c


def _chosen() -> Select[Any]:
    report = t.delivery.alias("report")
    thread = (
        select(report.c.message)
        .where(report.c.channel_id == _d.channel_id, report.c.kind == "report")
        .where(report.c.subject == _d.article_id, ~report.c.gone)
        .scalar_subquery()
    )
    return select(
        t.delivery, t.channel.c.platform, t.channel.c.external, thread.label("thread")
    ).join(t.channel, t.channel.c.id == _d.channel_id)


def delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        channel=Channel(row.platform, row.external),
        kind=row.kind,
        subject=row.subject,
        article=row.article_id,
        key=row.key,
        state=row.state,
        wanted=row.wanted,
        shown=row.shown,
        sent=row.sent,
        sent_at=row.sent_at,
        message=row.message or "",
        thread=(row.thread or "") if row.kind != "report" else "",
        gone=row.gone,
        due=row.due,
        claims=row.claims,
        attempts=row.attempts,
        reason=row.reason,
        created=row.created,
        posted=row.posted,
    )


def _its_turn() -> ColumnElement[bool]:
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
        before.c.kind == "comment",
        before.c.state.in_(_OPEN),
        before.c.message.is_(None),
        or_(before.c.rank < _d.rank, and_(before.c.rank == _d.rank, before.c.id < _d.id)),
    )
    return or_(
        _d.kind.in_(["report", "digest"]),
        _d.message.is_not(None),
        _d.gone,
        and_(there, ~earlier),
    )


class Deliveries:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def want(
        self,
        channel: Channel,
        kind: Kind,
        subject: int,
        article: int,
        revision: int,
        *,
        due: float = 0,
        rank: float = 0,
    ) -> bool:
        number, now = channel_id(self._session, channel), self._session.now
        made = self._session.insert(t.delivery).values(
            channel_id=number,
            kind=kind,
            subject=subject,
            article_id=article,
            key=new_key(),
            wanted=revision,
            rank=rank,
            due=due or now,
            created=now,
        )
        if self._run(made.on_conflict_do_nothing().returning(_d.id)).scalar() is not None:
            return True
        revived = self._run(
            update(t.delivery)
            .where(_d.channel_id == number, _d.kind == kind, _d.subject == subject)
            .where(_d.state.in_(_ENDED), _d.message.is_(None))
            .values(state="pending", gone=False, wanted=revision, shown=0, due=now, reason="")
            .returning(_d.id)
        )
        return revived.scalar() is not None

    def raise_wanted(self, kind: Kind, subject: int, revision: int, *, gone: bool = False) -> int:
        shown = _d.state == "shown"
        # What waited for its author's name, and was never tried, need not wait any longer.
        at_once = or_(shown, and_(_d.state == "pending", _d.attempts == 0))
        raised = self._run(
            update(t.delivery)
            .where(_d.kind == kind, _d.subject == subject, _d.wanted < revision, ~_d.gone)
            .values(
                wanted=revision,
                gone=gone,
                state=case((shown, "pending"), else_=_d.state),
                due=case((at_once, self._session.now), else_=_d.due),
            )
            .returning(_d.id)
        )
        return len(raised.all())

    def claim(self, platforms: Mapping[str, float], lease: float, limit: int) -> list[Delivery]:
        now = self._session.now
        due = (
            _d.state.in_(_OPEN),
            _d.due <= now,
            t.channel.c.platform.in_(list(platforms)),
            t.channel.c.next_send <= now,
            t.channel.c.paused == "",
        )
        nth = func.row_number().over(partition_by=_d.channel_id, order_by=(_d.due, _d.rank, _d.id))
        ready = (
            select(_d.id, _d.due, nth.label("nth"))
            .join(t.channel, t.channel.c.id == _d.channel_id)
            .where(*due, _its_turn())
            .subquery()
        )
        first = select(ready.c.id).where(ready.c.nth == 1).order_by(ready.c.due).limit(limit)
        # A window function cannot lock; so the first of each channel are locked by number, and
        # the channel's row with them, lest another worker takes that channel's second.
        rows = self._run(
            _chosen()
            .where(_d.id.in_(first), *due)
            .order_by(_d.due, _d.id)
            .with_for_update(of=[t.delivery, t.channel], skip_locked=True)
        ).all()
        # The state is the one before this claim: it says whether an attempt may be open.
        found = [replace(delivery_of(row), claims=row.claims + 1) for row in rows]
        if found:
            self._take(found, lease)
            for platform, pace in platforms.items():
                held = [row.channel_id for row in rows if pace and row.platform == platform]
                if held:
                    self._run(
                        update(t.channel)
                        .where(t.channel.c.id.in_(held))
                        .values(next_send=now + pace)
                    )
        return found

    def _take(self, found: list[Delivery], lease: float) -> None:
        posts = and_(_d.state == "pending", _d.message.is_(None), ~_d.gone)
        now = self._session.now
        self._run(
            update(t.delivery)
            .where(_d.id.in_([delivery.id for delivery in found]))
            .values(
                claims=_d.claims + 1,
                due=now + lease,
                attempts=_d.attempts + case((posts, 1), else_=0),
                sent_at=case((and_(posts, _d.sent_at == 0), now), else_=_d.sent_at),
                sent=case((and_(posts, _d.sent == 0), _d.wanted), else_=_d.sent),
                state=case((posts, "sending"), else_=_d.state),
            )
        )

    def resend(self, delivery: Delivery, lease: float) -> bool:
        now = self._session.now
        taken = self._run(
            self._claimed(delivery)
            .values(
                state="sending",
                sent_at=now,
                sent=_d.wanted,
                due=now + lease,
                attempts=_d.attempts + 1,
            )
            .returning(_d.id)
        )
        return taken.scalar() is not None

    def receipt(self, key: str, ref: MessageRef) -> bool:
        now = self._session.now
        kept = self._run(
            update(t.delivery)
            .where(_d.key == key, _d.message.is_(None))
            .values(
                message=ref.id,
                shown=_d.sent,
                sent=0,
                sent_at=0.0,
                posted=now,
                due=now,
                reason="",
                state=case((or_(_d.wanted > _d.sent, _d.gone), "pending"), else_="shown"),
            )
            .returning(_d.id)
        ).scalar()
        if kept is not None:
            return True
        known = self._run(select(_d.message).where(_d.key == key)).scalar()
        return known == ref.id

    def settle(self, delivery: Delivery, shown: int) -> None:
        self._run(
            self._claimed(delivery).values(
                shown=shown,
                reason="",
                due=self._session.now,
                state=case((_d.wanted > shown, "pending"), else_="shown"),
            )
        )

    def postpone(
        self, delivery: Delivery, state: State, due: float, reason: str, *, settled: bool = False
    ) -> None:
        values: dict[str, Any] = {"state": state, "due": due, "reason": reason}
        if settled:
            values |= {"sent": 0, "sent_at": 0.0}
        self._run(self._claimed(delivery).values(**values))

    def hold_channel(self, channel: Channel, until: float) -> None:
        self._run(
            update(t.channel)
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .where(t.channel.c.next_send < until)
            .values(next_send=until)
        )

    def one(self, key: str) -> Delivery | None:
        return self._single(_d.key == key)

    def at(self, ref: MessageRef) -> Delivery | None:
        return self._single(
            t.channel.c.platform == ref.channel.platform,
            t.channel.c.external == ref.channel.id,
            _d.message == ref.id,
        )

    def of_article(self, article: int, channel: Channel | None = None) -> list[Delivery]:
        chosen = _chosen().where(_d.article_id == article).order_by(_d.rank, _d.id)
        if channel:
            chosen = chosen.where(
                t.channel.c.platform == channel.platform, t.channel.c.external == channel.id
            )
        return [delivery_of(row) for row in self._run(chosen)]

    def latest(self, channel: Channel, limit: int) -> list[Delivery]:
        rows = self._run(
            _chosen()
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .where(_d.kind == "report", _d.message.is_not(None), ~_d.gone)
            .order_by(_d.posted.desc(), _d.id.desc())
            .limit(limit)
        )
        return [delivery_of(row) for row in rows][::-1]

    def remove(self, delivery: Delivery, reason: str) -> None:
        self._run(
            update(t.delivery)
            .where(_d.id == delivery.id)
            .values(gone=True, state="given up", shown=_d.wanted, reason=reason)
        )

    def give_up_unsent(self, channel: Channel, articles: Iterable[int], reason: str) -> int:
        ended = self._run(
            update(t.delivery)
            .where(_d.channel_id == channel_id(self._session, channel))
            .where(_d.article_id.in_(list(articles)), _d.kind == "report")
            .where(_d.message.is_(None), _d.state.in_(["pending", "held"]))
            .values(state="given up", reason=reason)
            .returning(_d.id)
        )
        return len(ended.all())

    def pending(self, platform: str = "") -> int:
        chosen = (
            select(func.count())
            .select_from(t.delivery.join(t.channel, t.channel.c.id == _d.channel_id))
            .where(_d.state.in_(_OPEN))
        )
        if platform:
            chosen = chosen.where(t.channel.c.platform == platform)
        return int(self._run(chosen).scalar_one())

    def _single(self, *where: Any) -> Delivery | None:
        row = self._run(_chosen().where(*where)).one_or_none()
        return delivery_of(row) if row else None

    def _claimed(self, delivery: Delivery) -> Any:
        return update(t.delivery).where(_d.id == delivery.id, _d.claims == delivery.claims)
