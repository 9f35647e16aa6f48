"""Articles: each stored once, under every identity it was ever seen by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, func, insert, select, text, true, update

from bot.classify import Headline
from bot.model import Article, Sighting
from bot.query import Query, looked_at
from bot.ranking import best_first
from bot.store import Results
from storage import schema as t
from storage import search
from storage.rows import Session, article_of, short

_PUBLISHING = 0x626F7463  # the advisory lock under which one process at a time publishes
_NEAR = 2000  # so many headlines are compared to find the same event
_RECENT = 200  # so many of the newest matches are put in order of relevance


class Articles:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def lock_publishing(self) -> None:
        if self._session.postgres:
            self._run(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PUBLISHING})

    def keyed(self, keys: Iterable[str]) -> int | None:
        found = self._run(
            select(t.article_key.c.article_id)
            .where(t.article_key.c.key.in_([short(key) for key in keys]))
            .order_by(t.article_key.c.article_id)
            .limit(1)
        ).scalar()
        return None if found is None else int(found)

    def near(self, published: float, days: float) -> list[tuple[int, Headline]]:
        span = days * 86400
        seen = t.article_source.c
        first = (
            select(seen.source)
            .where(seen.article_id == t.article.c.id)
            .order_by(seen.published, seen.source)
            .limit(1)
            .scalar_subquery()
        )
        rows = self._run(
            select(
                t.article.c.id,
                t.article.c.source_title,
                t.article.c.url,
                t.article.c.published,
                first.label("first"),
            )
            .where(t.article.c.id >= int(max(0, published - span)) << 20)
            .where(t.article.c.id <= int(published + span) << 20)
            .order_by(t.article.c.id.desc())
            .limit(_NEAR)
        )
        return [
            (row.id, Headline(row.source_title, row.url, row.published, row.first or ""))
            for row in rows
        ]

    def add(self, article: Article, keys: Iterable[str]) -> int | None:
        names = [short(key) for key in keys]
        if self.keyed(names) is not None:
            return None
        number = article.id
        columns = _columns(article) | {"added": self._session.now}
        while True:
            made = self._session.insert(t.article).values(id=number, **columns)
            if self._run(made.on_conflict_do_nothing().returning(t.article.c.id)).scalar():
                break
            number += 1
        self._name(number, names)
        for sighting in article.sightings:
            self._sight(number, sighting)
        self._index(article, number)
        return number

    def add_all(self, articles: Iterable[tuple[Article, Iterable[str]]]) -> int:
        """Store many, in a few statements, as `add` stores one; how many were new."""
        offered = [(article, [short(key) for key in keys]) for article, keys in articles]
        taken = self._taken(t.article_key.c.key, {key for _, keys in offered for key in keys})
        fresh: dict[int, tuple[Article, list[str]]] = {}
        numbers = self._taken(t.article.c.id, {article.id for article, _ in offered})
        for article, keys in offered:
            if taken.isdisjoint(keys):
                taken.update(keys)
                number = article.id
                while number in numbers:
                    number += 1
                    numbers |= self._taken(t.article.c.id, {number})
                numbers.add(number)
                fresh[number] = (article, keys)
        self._store_all(fresh)
        return len(fresh)

    def _taken(self, column: Column[Any], values: set[Any]) -> set[Any]:
        return set(self._run(select(column).where(column.in_(values))).scalars())

    def _store_all(self, fresh: Mapping[int, tuple[Article, list[str]]]) -> None:
        if not fresh:
            return
        now = self._session.now
        self._run(
            insert(t.article),
            [_columns(article) | {"id": n, "added": now} for n, (article, _) in fresh.items()],
        )
        self._run(
            insert(t.article_key),
            [
                {"key": key, "article_id": n}
                for n, (_, keys) in fresh.items()
                for key in dict.fromkeys(keys)
            ],
        )
        sightings = [
            {
                "article_id": n,
                "source": seen.source,
                "url": seen.url,
                "discussion": seen.discussion,
                "points": seen.points,
                "published": seen.published,
            }
            for n, (article, _) in fresh.items()
            for seen in article.sightings
        ]
        if sightings:
            self._run(insert(t.article_source), sightings)
        search.index_all(
            self._session, {n: looked_at(article) for n, (article, _) in fresh.items()}
        )

    def revise(self, article: Article, keys: Iterable[str]) -> None:
        self._run(update(t.article).where(t.article.c.id == article.id).values(**_columns(article)))
        self._name(article.id, [short(key) for key in keys])
        for sighting in article.sightings:
            self._sight(article.id, sighting)
        self._index(article, article.id)

    def one(self, article: int) -> Article | None:
        found = self.many([article])
        return found[0] if found else None

    def many(self, articles: Sequence[int]) -> list[Article]:
        rows = self._run(select(t.article).where(t.article.c.id.in_(articles)))
        seen = self._sightings(articles)
        by_id = {row.id: article_of(row, tuple(seen.get(row.id, ()))) for row in rows}
        return [by_id[number] for number in articles if number in by_id]

    def search(self, query: Query, limit: int, offset: int) -> Results:
        if query.sort == "exact":
            found = self.many(search.ranked(self._session, query, limit, offset))
        elif query.sort == "new" or offset + limit > _RECENT or not query.clauses:
            found = self.many(search.newest(self._session, query, limit, offset))
        else:
            recent = self.many(search.newest(self._session, query, _RECENT, 0))
            found = best_first(recent, query)[offset : offset + limit]
        return Results(tuple(found), self.count(query))

    def count(self, query: Query) -> int:
        return search.count(self._session, query)

    def busiest(self, query: Query, shift: float) -> tuple[int, float]:
        return search.busiest(self._session, query, shift)

    def names(self) -> dict[str, int]:
        each = func.json_array_elements_text if self._session.postgres else func.json_each
        company = each(t.article.c.companies).table_valued("value")
        chosen: Select[Any] = (
            select(company.c.value, func.count())
            .select_from(t.article.join(company, true()))
            .group_by(company.c.value)
            .order_by(func.count().desc(), company.c.value)
        )
        return {row[0]: row[1] for row in self._run(chosen)}

    def _name(self, article: int, keys: Sequence[str]) -> None:
        for key in dict.fromkeys(keys):
            made = self._session.insert(t.article_key).values(key=key, article_id=article)
            self._run(made.on_conflict_do_nothing())

    def _sight(self, article: int, sighting: Sighting) -> None:
        values = {
            "url": sighting.url,
            "discussion": sighting.discussion,
            "points": sighting.points,
            "published": sighting.published,
        }
        made = self._session.insert(t.article_source).values(
            article_id=article, source=sighting.source, **values
        )
        self._run(made.on_conflict_do_update(index_elements=["article_id", "source"], set_=values))

    def _sightings(self, articles: Sequence[int]) -> dict[int, list[Sighting]]:
        rows = self._run(
            select(t.article_source)
            .where(t.article_source.c.article_id.in_(articles))
            .order_by(t.article_source.c.published, t.article_source.c.source)
        )
        seen: dict[int, list[Sighting]] = {}
        for row in rows:
            seen.setdefault(row.article_id, []).append(
                Sighting(row.source, row.url, row.discussion, row.points, row.published)
            )
        return seen

    def _index(self, article: Article, number: int) -> None:
        stored = self.one(number) or article
        search.index(self._session, number, looked_at(stored))


def _columns(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "source_title": article.source_title,
        "url": article.url,
        "published": article.published,
        "company": article.company,
        "companies": list(article.companies),
        "type": article.type,
        "takeaways": [[take.text, take.quote] for take in article.takeaways],
        "summary": article.summary,
        "opinion": article.opinion,
        "tags": list(article.tags),
        "lang": article.lang,
        "score": article.score,
        "writer": article.writer,
        "revision": article.revision,
        "withdrawn": article.withdrawn,
        "followed": article.followed,
        "corrected": article.corrected,
    }
