"""What the files of this folder share: connections' clock, and rows as values."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Table,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.freshness import Evenly
from bot.model import Article, Channel, ChannelSettings, Sighting, Takeaway
from storage import schema as t


class Session:
    """One connection inside one transaction, with the database's clock read at most once.

    `channels` are the rows that were looked up already.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] | None,
        evenly: Evenly,
        *,
        writes: bool,
    ) -> None:
        self.connection = connection
        self._evenly = evenly
        self.writes = writes
        self.postgres = connection.dialect.name == "postgresql"
        self.channels: dict[Channel, int] = {}
        self._clock = clock
        self._now = 0.0

    @property
    def now(self) -> float:
        if not self._now:
            if self._clock:
                self._now = self._clock()
            else:
                sql = (
                    "SELECT extract(epoch FROM clock_timestamp())"
                    if self.postgres
                    else "SELECT (julianday('now') - 2440587.5) * 86400.0"
                )
                self._now = float(self.connection.execute(text(sql)).scalar_one())
            self._evenly.told(self._now)
        return self._now

    @property
    def undisturbed(self) -> float:
        return self._evenly.undisturbed if self.now else 0.0

    def calm(self, seconds: float) -> bool:
        # Whoever asks this first asks of the clock as it is now.
        return bool(self.now) and self._evenly.calm(seconds)

    @property
    def believed(self) -> float:
        return self._evenly.believed(self.now)

    def insert(self, table: Table) -> Any:
        """An INSERT that can say ON CONFLICT, which SQLAlchemy has once for each database."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)


def over(
    moment: ColumnElement[float],
    now: float | ColumnElement[float],
    longest: float = 2 * 86400.0,
) -> ColumnElement[bool]:
    """Whether a wait is over. None is longer than `longest`: such a time was written while the
    clock was wrong, and would else hold for ever what nobody holds."""
    return or_(moment <= now, moment > now + longest)


def among(
    session: Session, column: ColumnElement[int], numbers: Sequence[int]
) -> ColumnElement[bool]:
    """Whether a column has one of many numbers, which are one parameter however many they are."""
    if session.postgres:
        return column == any_(literal([*numbers], ARRAY(Integer)))
    each = func.json_each(literal(json.dumps([*numbers]))).table_valued("value")
    return column.in_(select(each.c.value))


def insert_all(
    session: Session, table: Table, rows: list[dict[str, Any]], same: dict[str, Any]
) -> None:
    """Store many rows, which have `same` in common, but those that are there already."""
    if not session.postgres:
        made = session.insert(table).on_conflict_do_nothing()
        session.connection.execute(made, [row | same for row in rows])
        return
    # One statement with an array for each column, as its driver sends one for each row.
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    many = func.unnest(*arrays).table_valued(*names).render_derived()
    fixed = [literal(value, table.c[name].type) for name, value in same.items()]
    chosen = select(*(many.c[name] for name in names), *fixed)
    made = session.insert(table).from_select([*names, *same], chosen)
    session.connection.execute(made.on_conflict_do_nothing())


def new_key() -> str:
    """24 random characters. Never made from a row's number: a new database repeats those."""
    (key,) = new_keys(1)
    return key


def new_keys(count: int) -> list[str]:
    """So many of them at once, for which the system is asked for randomness once."""
    letters = base64.b32encode(secrets.token_bytes(15 * count)).decode().lower()
    return [letters[at : at + 24] for at in range(0, 24 * count, 24)]


def short(key: str) -> str:
    """An identity as it fits an index: PostgreSQL refuses entries of more than 2,700 bytes."""
    if len(key) <= 300:
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def find_channel(session: Session, channel: Channel) -> int | None:
    """The row of a channel, if there is one."""
    query = select(t.channel.c.id).where(
        t.channel.c.platform == channel.platform, t.channel.c.external == channel.id
    )
    return session.connection.execute(query).scalar()


def one_of(channels: Collection[Channel]) -> ColumnElement[bool]:
    """Whether a row is one of these channels, or has the id of one on another platform, which is
    rare: SQLite uses no index for pairs."""
    here = t.channel.c
    ids = here.external.in_([one.id for one in channels])
    return and_(here.platform.in_({one.platform for one in channels}), ids)


def channel_id(session: Session, channel: Channel) -> int:
    """The row of a channel, made now if it was not there."""
    found = session.channels.get(channel) or find_channel(session, channel)
    if found is None:
        made = session.insert(t.channel).values(
            platform=channel.platform, external=channel.id, team_id=1
        )
        session.connection.execute(made.on_conflict_do_nothing())
        found = find_channel(session, channel)
    assert found is not None
    session.channels[channel] = found
    return found


def settings_of(row: Row[Any]) -> ChannelSettings:
    return ChannelSettings(
        name=row.name,
        visibility=row.visibility,
        comments=row.comments,
        page=row.page,
        managers=row.managers,
        paused=row.paused,
        zone=row.zone,
        quiet=row.quiet,
        most=row.most,
        writeup=row.writeup,
    )


def article_of(row: Row[Any], sightings: tuple[Sighting, ...] = ()) -> Article:
    return Article(
        id=row.id,
        title=row.title,
        source_title=row.source_title,
        url=row.url,
        published=row.published,
        companies=tuple(row.companies),
        type=row.type,
        takeaways=tuple(Takeaway(take[0], take[1]) for take in row.takeaways),
        summary=row.summary,
        opinion=row.opinion,
        tags=tuple(row.tags),
        sightings=sightings,
        lang=row.lang,
        score=row.score,
        writer=row.writer,
        revision=row.revision,
        withdrawn=row.withdrawn,
        followed=row.followed,
        corrected=row.corrected,
    )
