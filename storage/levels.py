"""How full everything is, in a few statements that write nothing."""

from __future__ import annotations

from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from bot.levels import Sizes, Waiting
from bot.model import State
from storage import engine as opening
from storage import schema as t
from storage.claims import its_turn
from storage.outbox_rows import is_open
from storage.rows import Session, over

_AGAIN = 3
"""Who was tried so often was not only unlucky; when it arrives, it is counted anew."""
_SOON = 60.0
_d, _c, _i = t.delivery.c, t.channel.c, t.install.c
_open = t.delivery.join(t.channel, _c.id == _d.channel_id).outerjoin(
    t.install, and_(_i.platform == _c.platform, _i.team_id == _c.team_id)
)
_free = and_(_c.paused == "", or_(_i.paused.is_(None), _i.paused == ""))


class Levels:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def misfit(self) -> str:
        here = MigrationContext.configure(self._session.connection).get_current_revision()
        return opening.misfit(here)

    def waiting(self) -> list[Waiting]:
        now = self._session.now
        # What was due while the clock was wrong is due now, since nobody knows when.
        oldest = func.min(case((_d.due > now, now), else_=_d.due))
        due = self._by_platform(oldest, over(_d.due, now), its_turn())
        failing = self._by_platform(func.count(), _d.attempts >= _AGAIN)
        # Who asked us to slow down will soon be ready again.
        long = or_(_i.refusals > 0, _i.next_send > now + _SOON)
        held = set(self._run(select(_i.platform).where(_i.paused != "", long).distinct()).scalars())
        return [
            Waiting(
                platform,
                max(0.0, now - due[platform]) if platform in due else 0.0,
                int(failing.get(platform, 0)),
                platform in held,
            )
            for platform in sorted({*due, *failing, *held})
        ]

    def deliveries(self) -> dict[tuple[str, State], int]:
        # Channel by channel first, so that very many rows are joined to nothing.
        each = (
            select(_d.channel_id, _d.state, func.count().label("number"))
            .group_by(_d.channel_id, _d.state)
            .subquery()
        )
        rows = self._run(
            select(_c.platform, each.c.state, func.sum(each.c.number))
            .join(each, each.c.channel_id == _c.id)
            .group_by(_c.platform, each.c.state)
        )
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def sizes(self) -> Sizes:
        comment, subscription = t.comment.c, t.subscription.c
        return Sizes(
            self._count(select(func.count()).select_from(t.article)),
            self._count(select(func.count()).where(~comment.deleted, ~comment.hidden)),
            self._count(select(func.count()).where(subscription.removed == 0)),
        )

    def unrenewed(self, role: str) -> float | None:
        until = self._run(select(t.lease.c.until).where(t.lease.c.role == role)).scalar()
        return None if until is None else max(0.0, self._session.now - until)

    def _by_platform(
        self, figure: ColumnElement[Any], *where: ColumnElement[bool]
    ) -> dict[str, float]:
        """Of the open deliveries of channels to which something may be sent."""
        rows = self._run(
            select(_c.platform, figure)
            .select_from(_open)
            .where(is_open(_d), _free, *where)
            .group_by(_c.platform)
        )
        return {row[0]: row[1] for row in rows}

    def _count(self, counted: Select[Any]) -> int:
        return int(self._run(counted).scalar_one())
