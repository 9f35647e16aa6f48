"""Small things that belong to nobody else: buttons, the audit trail, leases."""

from __future__ import annotations

from sqlalchemy import and_, case, exists, func, or_, select, update

from bot.model import Channel, Person
from bot.store import Note, Spent
from storage import leaving
from storage import schema as t
from storage.channels import person_id
from storage.outbox_rows import is_open
from storage.rows import Session, channel_id, find_channel, new_key, over

_HOUR = 3600.0


class Desk:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def button(self, text: str) -> str:
        made = self._session.insert(t.button).values(
            key=new_key()[:12], text=text, made=self._session.now
        )
        self._run(made.on_conflict_do_nothing())
        return str(self._run(select(t.button.c.key).where(t.button.c.text == text)).scalar_one())

    def pressed(self, key: str) -> str | None:
        return self._run(select(t.button.c.text).where(t.button.c.key == key)).scalar()

    def note(self, channel: Channel | None, person: Person | None, what: str) -> None:
        self._run(
            t.audit.insert().values(
                at=self._session.now,
                channel_id=channel_id(self._session, channel) if channel else None,
                person_id=person_id(self._session, person) if person else None,
                what=what,
            )
        )

    def notes(self, channel: Channel, limit: int) -> list[Note]:
        number = find_channel(self._session, channel)
        if number is None:
            return []  # What concerns no channel is nobody's to read there.
        audit, person = t.audit.c, t.person.c
        rows = self._run(
            select(audit.at, func.coalesce(person.name, ""), audit.what)
            .outerjoin(t.person, person.id == audit.person_id)
            .where(audit.channel_id == number)
            .order_by(audit.id.desc())
            .limit(limit)
        )
        return [Note(*row) for row in rows]

    def forget(self, waiting: float, deleted: float, old: float, removed: float) -> int:
        left = leaving.leave(self._session, removed)
        comment, delivery = t.comment.c, t.delivery.c
        touched = case((comment.edited > comment.written, comment.edited), else_=comment.written)
        # A copy that is still to be deleted somewhere needs its row until then.
        undone = exists().where(
            delivery.kind == "comment",
            delivery.subject == comment.id,
            is_open(delivery),
        )
        gone = select(comment.id).where(
            ~undone,
            or_(
                and_(comment.article_id == 0, comment.root != "", touched < waiting),
                and_(comment.deleted, touched < deleted),
                touched < old,
            ),
        )
        copies = self._run(
            t.delivery.delete().where(delivery.kind == "comment", delivery.subject.in_(gone))
        )
        comments = self._run(t.comment.delete().where(comment.id.in_(gone)))
        reports = self._run(
            t.delivery.delete().where(
                delivery.kind != "comment",
                delivery.created < old,
                or_(
                    delivery.state.in_(["shown", "refused", "given up", "expired"]),
                    delivery.digest != 0,
                ),
            )
        )
        # The turns of hosts that nobody asks any more, what was answered, and what was said under
        # two ids; other rows there are kept for good.
        role = t.lease.c.role
        passing = or_(*(role.startswith(one) for one in ("host ", "asked ", "said ")))
        self._run(t.lease.delete().where(passing, t.lease.c.until < waiting))
        return left + copies.rowcount + comments.rowcount + reports.rowcount

    def lease(self, role: str, owner: str, seconds: float) -> bool:
        now = self._session.now
        made = self._session.insert(t.lease).values(role=role, owner=owner, until=now + seconds)
        taken = self._run(
            made.on_conflict_do_update(
                index_elements=["role"],
                set_={"owner": owner, "until": now + seconds},
                where=or_(t.lease.c.owner == owner, over(t.lease.c.until, now)),
            ).returning(t.lease.c.role)
        )
        return taken.scalar() is not None

    def release(self, role: str, owner: str) -> None:
        self._run(t.lease.delete().where(t.lease.c.role == role, t.lease.c.owner == owner))

    def spend(self, tokens: int, per_hour: int, per_day: int) -> int:
        hour, spent = self._hour, t.spending.c
        one = self._session.insert(t.spending).values(hour=hour, reports=1, tokens=tokens)
        # Whoever spends in this hour waits for the row, so that all know what the others did.
        self._run(
            one.on_conflict_do_update(
                index_elements=["hour"],
                set_={"reports": spent.reports + 1, "tokens": spent.tokens + tokens},
            )
        )
        if self.spent(1).tokens <= per_hour and self.spent(24).tokens <= per_day:
            return hour
        self._add(hour, -tokens, reports=-1)
        return 0

    def correct(self, hour: int, tokens: int) -> None:
        self._add(hour, tokens)

    def spent(self, hours: int) -> Spent:
        spent = t.spending.c
        row = self._run(
            select(
                func.coalesce(func.sum(spent.reports), 0), func.coalesce(func.sum(spent.tokens), 0)
            ).where(spent.hour > self._hour - hours, spent.hour <= self._hour)
        ).one()
        return Spent(int(row[0]), int(row[1]))

    def _add(self, hour: int, tokens: int, reports: int = 0) -> None:
        spent = t.spending.c
        self._run(
            update(t.spending)
            .where(spent.hour == hour)
            .values(tokens=spent.tokens + tokens, reports=spent.reports + reports)
        )

    @property
    def _hour(self) -> int:
        return int(self._session.believed // _HOUR)

    def ration(self, name: str, every: float, burst: int) -> float:
        """The row's `until` runs ahead of the clock by `every` for each turn that was taken."""
        now, ahead = self._session.now, (burst - 1) * every
        until = t.lease.c.until
        # What is further ahead than any turn can be was written while the clock was wrong.
        gone = or_(until <= now, until > now + burst * every)
        begins = case((gone, now), else_=until)
        made = self._session.insert(t.lease).values(role=name, owner="", until=now + every)
        taken = self._run(
            made.on_conflict_do_update(
                index_elements=["role"],
                set_={"until": begins + every},
                where=or_(gone, until <= now + ahead),
            ).returning(t.lease.c.role)
        )
        if taken.scalar() is not None:
            return 0.0
        waits = self._run(select(until).where(t.lease.c.role == name)).scalar_one()
        return max(0.1, float(waits) - ahead - now)
