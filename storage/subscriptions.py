"""Subscriptions and what they matched. A removed one stays, so that `why` can still answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_, update

from bot.model import Channel, Person, Subscription
from storage import schema as t
from storage.channels import person_id
from storage.rows import Session, channel_id


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
    )


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
            options={},
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
        rows = [{"subscription_id": number, "kind": kind, "value": value} for kind, value in terms]
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

    def candidates(self, keys: Iterable[tuple[str, str]]) -> list[Subscription]:
        term = t.subscription_term
        wanted = list(keys)
        found: dict[int, Subscription] = {}
        for start in range(0, len(wanted), 400):
            some = wanted[start : start + 400]
            having = select(term.c.subscription_id).where(
                tuple_(term.c.kind, term.c.value).in_(some)
            )
            for row in self._run(_chosen().where(t.subscription.c.id.in_(having))):
                found[row.id] = _subscription_of(row)
        return [found[number] for number in sorted(found)]

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

    def matched(self, number: int, article: int) -> None:
        made = self._session.insert(t.subscription_match).values(
            subscription_id=number, article_id=article, at=self._session.now
        )
        self._run(made.on_conflict_do_nothing())

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
