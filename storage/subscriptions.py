"""Subscriptions and what they matched. A removed one stays, so that `why` can still answer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, update

from bot.model import Channel, Person, Subscription
from bot.query.language import ANY
from bot.store import Alike
from storage import schema as t
from storage.channels import person_id
from storage.rows import Session, channel_id, insert_all, one_of

_RANGE = 20_000
"""Of so many channels at once the candidates are read, so that memory does not grow with them."""


def _numbers(read: Any) -> list[int]:
    """An aggregate of numbers, which SQLite tells as JSON."""
    return [int(number) for number in (json.loads(read) if isinstance(read, str) else read)]


@cache
def _chosen() -> Select[Any]:
    last = (
        select(func.max(t.subscription_match.c.at))
        .where(t.subscription_match.c.subscription_id == t.subscription.c.id)
        .scalar_subquery()
    )
    return (
        select(
            t.subscription,
            t.channel.c.platform,
            t.channel.c.external,
            t.person.c.platform.label("maker_platform"),
            t.person.c.external.label("maker"),
            t.person.c.name.label("maker_name"),
            last.label("last"),
        )
        .join(t.channel, t.channel.c.id == t.subscription.c.channel_id)
        .join(t.person, t.person.c.id == t.subscription.c.person_id)
        .where(t.subscription.c.removed == 0)
    )


def _subscription_of(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        channel=Channel(row.platform, row.external),
        query=row.query,
        made_by=Person(row.maker_platform, row.maker, row.maker_name),
        made=row.made,
        paused_until=row.paused_until,
        mode=row.mode,
        last_delivery=row.last or 0.0,
        mention=row.options.get("mention", ""),
    )


def _options(subscription: Subscription) -> dict[str, str]:
    return {"mention": subscription.mention} if subscription.mention else {}


class Subscriptions:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def add(self, subscription: Subscription, terms: Iterable[tuple[str, str]]) -> int:
        channel = channel_id(self._session, subscription.channel)
        table = t.subscription
        made = self._session.insert(table).values(
            channel_id=channel,
            query=subscription.query,
            mode=subscription.mode,
            options=_options(subscription),
            person_id=person_id(self._session, subscription.made_by),
            made=subscription.made,
            removed=0.0,
        )
        number = self._run(made.on_conflict_do_nothing().returning(table.c.id)).scalar()
        if number is None:
            return int(
                self._run(
                    select(table.c.id).where(
                        table.c.channel_id == channel,
                        table.c.query == subscription.query,
                        table.c.removed == 0,
                    )
                ).scalar_one()
            )
        rows = [
            {"subscription_id": number, "kind": kind, "value": value, "channel_id": channel}
            for kind, value in terms
        ]
        self._run(t.subscription_term.insert(), rows)
        return int(number)

    def of(self, channel: Channel) -> list[Subscription]:
        rows = self._run(
            _chosen()
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .order_by(t.subscription.c.id)
        )
        return [_subscription_of(row) for row in rows]

    def one(self, number: int) -> Subscription | None:
        row = self._run(_chosen().where(t.subscription.c.id == number)).one_or_none()
        return _subscription_of(row) if row else None

    def candidates(self, keys: Iterable[tuple[str, str]]) -> Iterator[list[Alike]]:
        one, place, term = t.subscription.c, t.channel.c, t.subscription_term.c
        kinds = defaultdict[str, list[str]](list)
        for kind, value in keys:
            kinds[kind].append(value)
        one_of = [and_(term.kind == kind, term.value.in_(some)) for kind, some in kinds.items()]
        alike = (one.query, one.mode, place.zone, place.quiet, place.most)
        together = func.array_agg if self._session.postgres else func.json_group_array
        last = self._run(select(func.max(place.id))).scalar() or 0
        for first in range(0, last + 1, _RANGE):
            here = term.channel_id.between(first, first + _RANGE - 1)
            having = select(term.subscription_id).where(or_(*one_of), here).distinct()
            # Found first in any case: a planner that knows no figures yet would begin elsewhere.
            found = having.cte("found").prefix_with("MATERIALIZED")
            rows = self._run(
                select(*alike, together(one.id), together(one.channel_id))
                .join_from(found, t.subscription, one.id == found.c.subscription_id)
                .join(t.channel, place.id == one.channel_id)
                .where(one.removed == 0, one.paused_until <= self._session.now)
                .group_by(*alike)
            )
            yield [Alike(*row[:5], _numbers(row[5]), _numbers(row[6])) for row in rows]

    def remove(self, number: int) -> None:
        self._run(
            update(t.subscription)
            .where(t.subscription.c.id == number)
            .values(removed=self._session.now)
        )
        self._run(
            t.subscription_term.delete().where(t.subscription_term.c.subscription_id == number)
        )

    def pause(self, number: int, until: float) -> None:
        self._run(
            update(t.subscription).where(t.subscription.c.id == number).values(paused_until=until)
        )

    def change(self, subscription: Subscription) -> None:
        values = {"mode": subscription.mode, "options": _options(subscription)}
        table = t.subscription
        self._run(update(table).where(table.c.id == subscription.id).values(values))

    def mentions(self, article: int, channels: Collection[Channel]) -> dict[Channel, list[str]]:
        match, one, here = t.subscription_match.c, t.subscription.c, t.channel.c
        rows = self._run(
            select(one.options, here.platform, here.external)
            .join(t.subscription_match, match.subscription_id == one.id)
            .join(t.channel, here.id == one.channel_id)
            .where(one_of(channels), match.article_id == article, one.removed == 0)
            .order_by(one.id)
        )
        told: dict[Channel, list[str]] = {channel: [] for channel in channels}
        for row in rows:
            whom = row.options.get("mention", "")
            those = told.setdefault(Channel(row.platform, row.external), [])
            if whom and whom not in those:
                those.append(whom)
        return told

    def everywhere(self, team: int, limit: int) -> list[Subscription]:
        rows = self._run(
            _chosen()
            .where(t.channel.c.team_id == team)
            .order_by(t.subscription.c.channel_id, t.subscription.c.id)
            .limit(limit)
        )
        return [_subscription_of(row) for row in rows]

    def followers(self, source: str) -> list[Channel]:
        term, one = t.subscription_term.c, t.subscription.c
        named = select(term.subscription_id).where(term.kind == "source", term.value == source)
        return self._channels(one.id.in_(named), one.query.contains(f"is:{ANY}"))

    def channels(self) -> list[Channel]:
        return self._channels(t.subscription.c.paused_until <= self._session.now)

    def _channels(self, *where: ColumnElement[bool]) -> list[Channel]:
        here, one = t.channel.c, t.subscription.c
        some = select(one.channel_id).where(one.removed == 0, *where)
        rows = self._run(
            select(here.platform, here.external).where(here.id.in_(some)).order_by(here.id)
        )
        return [Channel(row.platform, row.external) for row in rows]

    def matched_all(self, numbers: Sequence[int], article: int) -> None:
        same = {"article_id": article, "at": self._session.now}
        rows = [{"subscription_id": one} for one in numbers]
        if rows:
            insert_all(self._session, t.subscription_match, rows, same)

    def reasons(self, channel: Channel, article: int) -> list[str]:
        rows = self._run(
            select(t.subscription.c.query)
            .join(
                t.subscription_match,
                t.subscription_match.c.subscription_id == t.subscription.c.id,
            )
            .join(t.channel, t.channel.c.id == t.subscription.c.channel_id)
            .where(t.subscription_match.c.article_id == article)
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .order_by(t.subscription.c.id)
        )
        return [row.query for row in rows]
