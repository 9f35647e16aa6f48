"""The outbox: what each channel should show, and what it shows.

`due` is the schedule, the back-off and the lease in one; `claims` is the fence. A result is
written only under the claim it belongs to, except a receipt of success, which is always kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select, update

from bot.model import Channel, Delivery, Kind, MessageRef, State, Subscription
from bot.outbox import Hold, Wanted, Wish
from bot.ports import Pace, Scope
from storage import digests, endings, holds, ledger, seconds, waits, wanting
from storage import schema as t
from storage.claims import claim, unsure_beside
from storage.outbox_rows import UNDER, chosen, delivery_of, is_open
from storage.rows import Session, channel_id, over

_ARRIVING = 600.0  # seconds within which people may answer to a post that we are not sure of
_d = t.delivery.c
# A statement that each delivery asks for is made once, as that takes longer than to run it.
_AT = chosen().where(
    t.channel.c.platform == bindparam("platform"),
    t.channel.c.external == bindparam("channel"),
    _d.message == bindparam("message"),
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
        again: bool = False,
    ) -> bool:
        number, row = channel_id(self._session, channel), (kind, subject, article, revision)
        if wanting.want(self._session, number, *row, due, rank):
            return True
        return again and wanting.want_again(self._session, number, kind, subject, revision)

    def want_all(self, article: int, revision: int, wanted: Sequence[Wanted]) -> None:
        wanting.want_all(self._session, article, revision, wanted)

    def loads(self, places: Sequence[int], since: float) -> dict[int, tuple[int, int]]:
        return digests.loads(self._session, places, since)

    def due_digests(self) -> list[tuple[Channel, int]]:
        return digests.due(self._session)

    def reschedule(self, channel: Channel, subscription: int, due: float) -> None:
        digests.reschedule(self._session, channel, subscription, due)

    def gather(self, channel: Channel, subscription: int, most: int) -> int:
        return digests.gather(self._session, channel, subscription, most)

    def held(self, channel: Channel) -> int:
        return digests.held(self._session, channel)

    def together(self, digest: int) -> list[Delivery]:
        return digests.members(self._session, digest)

    def raise_wanted(self, kind: Kind, subject: int, revision: int, *, gone: bool = False) -> int:
        return wanting.raise_wanted(self._session, kind, subject, revision, gone=gone)

    def claim(self, platforms: Mapping[str, Pace], lease: float, limit: int) -> list[Delivery]:
        return claim(self._session, platforms, lease, limit)

    def unsure_beside(self, delivery: Delivery, suspect: int) -> list[Delivery]:
        return unsure_beside(self._session, delivery, suspect)

    def resend(self, delivery: Delivery, lease: float) -> bool:
        now = self._session.now
        taken = self._run(
            self._claimed(delivery)
            .values(
                state="sending",
                sent_at=self._session.believed,
                sent=_d.wanted,
                due=now + lease,
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
                # Whoever is still at it has nothing more to say: its claim is over.
                claims=_d.claims + 1,
                shown=_d.sent,
                sent=0,
                posted=now,
                due=now,
                reason="",
                **self._heard(),
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
                **self._heard(),
                state=case((_d.wanted > shown, "pending"), else_="shown"),
            )
        )

    def postpone(
        self,
        delivery: Delivery,
        state: State,
        due: float,
        reason: str,
        *,
        settled: bool = False,
        silent: int = 0,
    ) -> None:
        now = self._session.now
        values: dict[str, Any] = {"state": state, "due": due, "reason": reason}
        values |= {"silent": silent, "changed": now}
        if settled:
            values |= {"sent": 0, "sent_at": 0.0}
        self._run(self._claimed(delivery).values(**values))

    def hold(self, channel: Channel, scope: Scope, until: float, reason: str) -> None:
        holds.hold(self._session, channel, scope, until, reason)

    def refused(self, channel: Channel, scope: Scope, *, again: bool) -> int:
        return holds.refused(self._session, channel, scope, again=again)

    def on_hold(self, channels: Collection[Channel]) -> set[Channel]:
        return holds.on_hold(self._session, channels)

    def heal(self, channel: Channel) -> None:
        holds.heal(self._session, channel)

    def second(self, key: str, ref: MessageRef, *, keep: bool = False) -> bool:
        return seconds.second(self._session, key, ref, keep=keep)

    def is_set_back(self) -> bool:
        return waits.is_set_back(self._session)

    def hasten(self, longest: float) -> None:
        waits.hasten(self._session, longest)

    def several(self, keys: Collection[str]) -> dict[str, Delivery]:
        rows = self._run(chosen().where(_d.key.in_(keys)))
        return {row.key: delivery_of(row) for row in rows}

    def numbered(self, number: int) -> Delivery | None:
        return self._single(chosen().where(_d.id == number))

    def posting(self, channel: Channel) -> bool:
        some = (
            select(_d.id)
            .join(t.channel, t.channel.c.id == _d.channel_id)
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .where(_d.kind == "report", _d.message.is_(None))
            .where(_d.state.in_(["sending", "unsure"]))
            .where(_d.sent_at > self._session.believed - _ARRIVING)
            .limit(1)
        )
        return self._run(some).scalar() is not None

    def at(self, ref: MessageRef) -> Delivery | None:
        where = {"platform": ref.channel.platform, "channel": ref.channel.id, "message": ref.id}
        return self._single(_AT, **where)

    def of_article(self, article: int, channel: Channel | None = None) -> list[Delivery]:
        wanted = chosen().where(_d.article_id == article, _d.part == 0).order_by(_d.rank, _d.id)
        if channel:
            wanted = wanted.where(
                t.channel.c.platform == channel.platform, t.channel.c.external == channel.id
            )
        return [delivery_of(row) for row in self._run(wanted)]

    def latest(self, channel: Channel, limit: int) -> list[Delivery]:
        rows = self._run(
            chosen()
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .where(_d.kind.not_in(UNDER), _d.message.is_not(None), ~_d.gone)
            .order_by(_d.posted.desc(), _d.id.desc())
            .limit(limit)
        )
        return [delivery_of(row) for row in rows][::-1]

    def remove(self, delivery: Delivery, reason: str) -> None:
        endings.remove(self._session, delivery, reason)

    def expire(self, since: float, before: float, reason: str) -> int:
        return endings.expire(self._session, since, before, reason)

    def expire_backlog(
        self, channel: Channel, keep: int, since: float, before: float, reason: str
    ) -> int:
        return endings.expire_backlog(self._session, channel, keep, since, before, reason)

    def give_up_thread(self, channel: Channel, article: int) -> None:
        endings.give_up_thread(self._session, channel_id(self._session, channel), article)

    def look_again(self, after: float) -> None:
        holds.look_again(self._session, over(_d.changed + after, self._session.now))

    def give_up_orphans(self) -> None:
        endings.give_up_orphans(self._session)

    def give_up_unsent(self, subscription: Subscription, reason: str) -> int:
        return endings.give_up_unsent(self._session, subscription, reason)

    def give_up_report(self, article: int, reason: str) -> None:
        endings.give_up_report(self._session, article, reason)

    def give_up_copies(self, origin: Channel) -> None:
        endings.give_up_copies(self._session, origin)

    def pending(self, platform: str = "") -> int:
        counted = (
            select(func.count())
            .select_from(t.delivery.join(t.channel, t.channel.c.id == _d.channel_id))
            .where(is_open(_d))
        )
        if platform:
            counted = counted.where(t.channel.c.platform == platform)
        return int(self._run(counted).scalar_one())

    def listed(self, wish: Wish, limit: int) -> list[Delivery]:
        return ledger.listed(self._session, wish, limit)

    def counted(self, wish: Wish) -> dict[State, int]:
        return ledger.counted(self._session, wish)

    def holds(self) -> list[Hold]:
        return ledger.holds(self._session)

    def _single(self, asked: Select[Any], **values: str) -> Delivery | None:
        row = self._run(asked, values).one_or_none()
        return delivery_of(row) if row else None

    def _heard(self) -> dict[str, Any]:
        return {"attempts": 0, "silent": 0, "changed": self._session.now}

    def _claimed(self, delivery: Delivery) -> Any:
        return update(t.delivery).where(_d.id == delivery.id, _d.claims == delivery.claims)
