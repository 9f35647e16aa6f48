"""Channels with what they chose, and the people in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, or_, select, update

from bot.model import Channel, ChannelSettings, Person
from bot.store import Place
from storage import schema as t
from storage.outbox_rows import ENDED
from storage.rows import Session, channel_id, find_channel, one_of, settings_of

_AT_ONCE = 500
"""Channels asked for by one statement."""


class Channels:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def place(self, channel: Channel) -> Place:
        chosen = select(t.channel).where(
            t.channel.c.platform == channel.platform, t.channel.c.external == channel.id
        )
        if self._session.writes:
            # Who reads it in order to change something is alone with it until the end.
            chosen = chosen.with_for_update(key_share=True)
        row = self._run(chosen).one_or_none()
        if row is None and self._session.writes:
            channel_id(self._session, channel)
            row = self._run(chosen).one()
        if row is None:
            return Place(channel, 1, ChannelSettings())
        self._session.channels[channel] = row.id
        return _place_of(row)

    def several(self, channels: Collection[Channel]) -> dict[Channel, Place]:
        rows = self._run(select(t.channel).where(one_of(channels)))
        return {place.channel: place for place in map(_place_of, rows)}

    def knows(self, channel: Channel) -> bool:
        return find_channel(self._session, channel) is not None

    def heard(self, channel: Channel, at: float) -> bool:
        number = channel_id(self._session, channel)
        newer = self._run(
            update(t.channel)
            .where(t.channel.c.id == number, t.channel.c.told < at)
            .values(told=at)
            .returning(t.channel.c.id)
        )
        return newer.scalar() is not None

    def choose(self, channel: Channel, settings: ChannelSettings) -> None:
        number = channel_id(self._session, channel)
        self._run(update(t.channel).where(t.channel.c.id == number).values(**asdict(settings)))

    def removed(self, channel: Channel, at: float) -> None:
        number = channel_id(self._session, channel)
        first = update(t.channel).where(t.channel.c.id == number, t.channel.c.removed == 0)
        self._run(first.values(removed=at))

    def known(self, channels: Sequence[Channel]) -> list[Channel]:
        here, found = t.channel.c, set[Channel]()
        for start in range(0, len(channels), _AT_ONCE):
            some = channels[start : start + _AT_ONCE]
            ids = here.external.in_([one.id for one in some])
            rows = self._run(select(here.platform, here.external).where(ids))
            found |= {Channel(row.platform, row.external) for row in rows}
        return [one for one in channels if one in found]

    def gone(self, channels: Sequence[Channel]) -> list[Channel]:
        here, wanted = t.channel.c, {*channels}
        rows = self._run(select(here.platform, here.external).where(here.removed != 0))
        removed = (Channel(row.platform, row.external) for row in rows)
        return [one for one in removed if one in wanted]

    def places(self, platform: str = "") -> list[Place]:
        chosen = select(t.channel).order_by(t.channel.c.id)
        if platform:
            chosen = chosen.where(t.channel.c.platform == platform)
        return [_place_of(row) for row in self._run(chosen)]

    def showing(self, article: int) -> list[Place]:
        rows = self._run(
            select(t.channel)
            .join(t.delivery, t.delivery.c.channel_id == t.channel.c.id)
            .where(t.delivery.c.kind == "report", t.delivery.c.subject == article)
            # What was refused may be a correction of a report that stands; under what comes in a
            # digest, nothing stands.
            .where(
                or_(t.delivery.c.state.not_in([*ENDED, "held"]), t.delivery.c.message.is_not(None))
            )
            .where(~t.delivery.c.gone)
            .order_by(t.channel.c.id)
        )
        return [_place_of(row) for row in rows]

    def person(self, platform: str, person: str) -> tuple[str, float]:
        row = self._run(
            select(t.person.c.name, t.person.c.fetched).where(
                t.person.c.platform == platform, t.person.c.external == person
            )
        ).one_or_none()
        return (row.name, row.fetched) if row else ("", 0.0)

    def meet(self, person: Person) -> bool:
        who = (t.person.c.platform == person.platform, t.person.c.external == person.id)
        first = None
        if person.name:
            # Of two at once the second waits for the first, and then finds a name.
            first = self._run(
                update(t.person)
                .where(*who, t.person.c.name == "")
                .values(name=person.name, fetched=self._session.now)
                .returning(t.person.c.id)
            ).scalar()
        person_id(self._session, person)
        return first is not None


def _place_of(row: Row[Any]) -> Place:
    return Place(Channel(row.platform, row.external), row.team_id, settings_of(row))


def person_id(session: Session, person: Person) -> int:
    """The row of a person, with the newest name that we were told."""
    run = session.connection.execute
    table = t.person.c
    query = select(table.id).where(table.platform == person.platform, table.external == person.id)
    found = None if person.name else run(query).scalar()
    if found is None:
        named = {"name": person.name, "fetched": session.now} if person.name else {}
        if person.picture:
            # Who types a command comes without one.
            named["picture"] = person.picture
        made = session.insert(t.person).values(
            platform=person.platform, external=person.id, **named
        )
        kept = named or {"name": table.name}
        upsert = made.on_conflict_do_update(index_elements=["platform", "external"], set_=kept)
        found = run(upsert.returning(table.id)).scalar_one()
    return int(found)
