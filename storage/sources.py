"""Sources and what they offered. An entry is stored once under its source's own key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, case, func, select, update

from bot.model import Channel, Found
from bot.ports import Entry, KeptOut, Source, Visit
from storage import schema as t
from storage.rows import Session, channel_id, over, short

_s, _e = t.source.c, t.entry.c
_REMOVED = "removed by hand"
_LONGEST_WAIT = 7 * 86400.0
_DOUBLED = 6
_LONGEST = 2.0**_DOUBLED


@cache
def _chosen() -> Select[Any]:
    return select(t.source, t.channel.c.platform, t.channel.c.external).join(
        t.channel, t.channel.c.id == _s.channel_id, isouter=True
    )


def source_of(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        url=row.url,
        name=row.name,
        kind=row.kind,
        company=row.company,
        channel=Channel(row.platform, row.external) if row.platform else None,
        etag=row.etag,
        modified=row.modified,
        body_hash=row.body_hash,
        baseline=row.baseline,
        next_visit=row.next_visit,
        last_success=row.last_success,
        failures=row.failures,
        reason=row.reason,
        disabled=row.disabled,
        claims=row.claims,
    )


class Sources:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def add(self, source: Source, *, listed: bool = False) -> int:
        made = self._session.insert(t.source).values(
            url=source.url,
            name=source.name,
            kind=source.kind,
            company=source.company,
            channel_id=channel_id(self._session, source.channel) if source.channel else None,
        )
        number = self._run(made.on_conflict_do_nothing().returning(_s.id)).scalar()
        if number is None:
            number = self._run(select(_s.id).where(_s.url == source.url)).scalar_one()
            if not listed:
                self._run(
                    update(t.source)
                    .where(_s.id == number, _s.disabled)
                    .values(disabled=False, reason="", next_visit=0.0)
                )
        return int(number)

    def all(self) -> list[Source]:
        chosen = _chosen().where(_s.reason != _REMOVED).order_by(_s.id)
        return [source_of(row) for row in self._run(chosen)]

    def remove(self, number: int) -> bool:
        gone = self._run(
            update(t.source)
            .where(_s.id == number, _s.reason != _REMOVED)
            .values(disabled=True, reason=_REMOVED)
            .returning(_s.id)
        )
        return gone.scalar() is not None

    def claim(self, lease: float, limit: int) -> list[Source]:
        now = self._session.now
        due = (over(_s.next_visit, now, _LONGEST_WAIT), ~_s.disabled)
        rows = self._run(
            _chosen()
            .where(*due)
            .order_by(_s.next_visit, _s.id)
            .limit(limit)
            .with_for_update(of=t.source, skip_locked=True)
        ).all()
        self._run(
            update(t.source)
            .where(_s.id.in_([row.id for row in rows]))
            .values(next_visit=now + lease, claims=_s.claims + 1)
        )
        return [replace(source_of(row), claims=row.claims + 1) for row in rows]

    def visited(self, source: Source, visit: Visit) -> bool:
        """Only under the claim it belongs to: a visit that took too long says nothing any more."""
        values: dict[str, Any] = {
            "next_visit": self._session.now + min(visit.wait, _LONGEST_WAIT),
            "reason": visit.reason,
            "disabled": visit.disabled,
        }
        if visit.reason:
            values["failures"] = _s.failures + 1
        else:
            values |= {
                "failures": 0,
                "last_success": self._session.now,
                "baseline": True,
                "etag": visit.etag,
                "modified": visit.modified,
                "body_hash": visit.body_hash,
            }
        claimed = (_s.id == source.id, _s.claims == source.claims)
        return self._run(update(t.source).where(*claimed).values(**values)).rowcount > 0

    def answered(self) -> float:
        return float(self._run(select(func.max(_s.last_success))).scalar() or 0)

    def offer(
        self, source: Source, found: Sequence[Found], *, fresh: Callable[[Found], bool]
    ) -> int:
        keys = {short(one.key): one for one in sorted(found, key=lambda one: one.published)}
        known = {
            row.key: row
            for row in self._run(
                select(_e.key, _e.id, _e.found).where(
                    _e.source_id == source.id, _e.key.in_(list(keys))
                )
            )
        }
        new = 0
        for key, one in keys.items():
            values: dict[str, Any] = {"found": asdict(one), "offered": self._session.now}
            if key not in known:
                made = self._session.insert(t.entry).values(
                    source_id=source.id, key=key, fresh=fresh(one), **values
                )
                taken = self._run(made.on_conflict_do_nothing().returning(_e.id)).scalar()
                new += taken is not None
            elif _differs(known[key].found, values["found"]):
                # The source has rewritten it: the same road again, which ends in a revision.
                self._run(
                    update(t.entry)
                    .where(_e.id == known[key].id)
                    .values(state="found", due=0.0, tries=0, claims=_e.claims + 1, **values)
                )
        return new

    def risen(self, source: Source, found: Sequence[Found]) -> list[tuple[int, Found, bool]]:
        voted = {short(one.key): one for one in found if one.points}
        rows = self._run(
            select(_e.id, _e.key, _e.found, _e.article_id, _e.fresh).where(
                _e.source_id == source.id, _e.state == "published", _e.key.in_(list(voted))
            )
        ).all()
        risen = []
        for row in rows:
            if voted[row.key].points > row.found["points"]:
                known = replace(Found(**row.found), points=voted[row.key].points)
                self._run(update(t.entry).where(_e.id == row.id).values(found=asdict(known)))
                risen.append((row.article_id, known, row.fresh))
        return risen

    def claim_entries(self, lease: float, limit: int) -> list[Entry]:
        now = self._session.now
        rows = self._run(
            _chosen()
            .add_columns(
                _e.id.label("entry_id"),
                _e.found,
                _e.fresh,
                _e.claims.label("entry_claims"),
                _e.tries,
            )
            .join(t.entry, _e.source_id == _s.id)
            .where(_e.state == "found", over(_e.due, now))
            .order_by(_e.fresh.desc(), _e.id)
            .limit(limit)
            .with_for_update(of=t.entry, skip_locked=True)
        ).all()
        # What kills whoever reads it is left alone for longer each time.
        waits = lease * case({n: 2.0**n for n in range(_DOUBLED)}, value=_e.tries, else_=_LONGEST)
        self._run(
            update(t.entry)
            .where(_e.id.in_([row.entry_id for row in rows]))
            .values(due=now + waits, claims=_e.claims + 1, tries=_e.tries + 1)
        )
        return [
            Entry(
                row.entry_id,
                source_of(row),
                Found(**row.found),
                row.fresh,
                row.entry_claims + 1,
                row.tries + 1,
            )
            for row in rows
        ]

    def close_entry(self, entry: Entry, state: str, reason: str = "", article: int = 0) -> bool:
        closed = self._run(
            update(t.entry)
            .where(_e.id == entry.id, _e.claims == entry.claims)
            .values(state=state, reason=reason, article_id=article)
        )
        return closed.rowcount > 0

    def open_entries(self) -> int:
        chosen = select(func.count()).select_from(t.entry).where(_e.state == "found")
        return int(self._run(chosen).scalar_one())

    def kept_out(self, limit: int) -> list[KeptOut]:
        rows = self._run(
            select(_e.offered, t.source.c.name, _e.found, _e.reason)
            .join(t.source, t.source.c.id == _e.source_id)
            .where(_e.state == "kept out")
            .order_by(_e.offered.desc(), _e.id.desc())
            .limit(limit)
        )
        return [
            KeptOut(row.offered, row.name, row.found["title"], row.found["url"], row.reason)
            for row in rows
        ]


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether its words have changed; other points or another date alone are no revision."""
    return any(old.get(name) != new[name] for name in ("title", "text", "url"))
