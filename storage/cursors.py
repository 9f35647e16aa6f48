"""Which threads are to be read again after a time in which nobody listened, and which were."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select

from bot.model import Channel, Comment, MessageRef
from bot.store import Place
from bot.threads import Thread
from storage import schema as t
from storage.outbox_rows import is_open
from storage.rows import Session, channel_id, new_key, settings_of

_GATHERING = 5.0  # seconds a note waits for more comments that it is to count
_COUNTED = "Many comments were missed while BotBeat was away; a note stands for this one."
_d, _c = t.delivery.c, t.channel.c
_OWED = t.cursor.c.at == literal_column("0")


class Cursors:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def places(self, platform: str, since: float) -> list[Place]:
        shows = exists().where(_d.channel_id == _c.id, _d.posted >= since)
        commented = exists().where(t.comment.c.channel_id == _c.id, t.comment.c.written >= since)
        rows = self._run(
            select(t.channel).where(_c.platform == platform, or_(shows, commented)).order_by(_c.id)
        )
        return [
            Place(Channel(row.platform, row.external), row.team_id, settings_of(row))
            for row in rows
        ]

    def threads(self, channel: Channel, active: Sequence[MessageRef], since: float) -> list[Thread]:
        last = func.coalesce(t.cursor.c.at, 0.0)
        rows = self._run(
            select(_d.message, _d.article_id, last.label("read"))
            .outerjoin(
                t.cursor,
                and_(t.cursor.c.channel_id == _d.channel_id, t.cursor.c.thread == _d.message),
            )
            .where(_d.channel_id == channel_id(self._session, channel))
            .where(_d.kind == "report", _d.message.is_not(None))
            .where(or_(_d.message.in_([ref.id for ref in active]), _commented(since)))
            .order_by(_d.posted, _d.id)
        )
        return [Thread(MessageRef(channel, row.message), row.article_id, row.read) for row in rows]

    def undecided(self, platform: str) -> bool:
        some = (
            select(_d.id)
            .join(t.channel, _c.id == _d.channel_id)
            .where(_c.platform == platform, _d.kind == "report", _d.message.is_(None))
            .where(is_open(_d), _d.state.in_(["sending", "unsure"]))
            .limit(1)
        )
        return self._run(some).scalar() is not None

    def owe(self, report: MessageRef) -> None:
        self.move(report, 0.0)

    def owed(self, platform: str) -> list[MessageRef]:
        rows = self._run(
            select(_c.external, t.cursor.c.thread)
            .select_from(t.channel)
            .join(t.cursor, and_(t.cursor.c.channel_id == _c.id, _OWED))
            .where(_c.platform == platform)
            .order_by(_c.id, t.cursor.c.thread)
        )
        return [MessageRef(Channel(platform, row.external), row.thread) for row in rows]

    def pay(self, reports: Collection[MessageRef]) -> None:
        for report in reports:
            number = channel_id(self._session, report.channel)
            here = (t.cursor.c.channel_id == number, t.cursor.c.thread == report.id)
            self._run(t.cursor.delete().where(*here, _OWED))

    def read(self, report: MessageRef) -> float:
        at = self._run(
            select(t.cursor.c.at).where(
                t.cursor.c.channel_id == channel_id(self._session, report.channel),
                t.cursor.c.thread == report.id,
            )
        ).scalar()
        return at or 0.0

    def move(self, report: MessageRef, at: float) -> None:
        made = self._session.insert(t.cursor).values(
            channel_id=channel_id(self._session, report.channel), thread=report.id, at=at
        )
        self._run(
            made.on_conflict_do_update(index_elements=["channel_id", "thread"], set_={"at": at})
        )

    def count(self, channel: Channel, comment: Comment) -> None:
        number, now = channel_id(self._session, channel), self._session.now
        row = {"channel_id": number, "article_id": comment.article, "created": now, "changed": now}
        counted = self._session.insert(t.delivery).values(
            **row,
            kind="comment",
            subject=comment.id,
            key=new_key(),
            wanted=comment.revision,
            rank=comment.written,
            state="expired",
            reason=_COUNTED,
        )
        if self._run(counted.on_conflict_do_nothing().returning(_d.id)).scalar() is None:
            return
        note = self._session.insert(t.delivery).values(
            **row,
            kind="note",
            subject=comment.article,
            key=new_key(),
            wanted=1,
            rank=comment.written,
            due=now + _GATHERING,
        )
        ended = and_(_d.message.is_not(None), _d.state.in_(["refused", "parked"]))
        shown = or_(_d.state == "shown", ended)
        waits = or_(shown, and_(_d.state == "pending", _d.attempts == 0))
        raised = note.on_conflict_do_update(
            index_elements=["channel_id", "kind", "subject", "part"],
            set_={
                "wanted": _d.wanted + 1,
                "state": case((shown, "pending"), else_=_d.state),
                "due": case((waits, now + _GATHERING), else_=_d.due),
                "attempts": case((shown, 0), else_=_d.attempts),
            },
            where=~_d.gone,
        )
        self._run(raised)


def _commented(since: float) -> ColumnElement[bool]:
    """Whether something of ours or of people stands in the thread, written since then."""
    copy = t.delivery.alias("copy")
    return or_(
        exists().where(
            t.comment.c.channel_id == _d.channel_id,
            t.comment.c.article_id == _d.article_id,
            t.comment.c.written >= since,
            ~t.comment.c.deleted,
        ),
        exists().where(
            copy.c.channel_id == _d.channel_id,
            copy.c.article_id == _d.article_id,
            copy.c.kind.in_(["comment", "note"]),
            copy.c.posted >= since,
            copy.c.message.is_not(None),
            ~copy.c.gone,
        ),
    )
