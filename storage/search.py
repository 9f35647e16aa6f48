"""Full-text search: FTS5 on SQLite, tsvector on PostgreSQL, behind one function.

Both hold the tokens of `bot.query.text` and nothing else, facets such as `company:alibaba`
among them, so that one match of the index answers a whole query. Article ids are in order of
time: the newest matches are the highest ids, found without sorting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    cast,
    column,
    delete,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.query import Clause, Query, Term
from bot.query.language import Looked
from storage import schema as t
from storage.rows import Session

_GAP = 10  # positions between title and body, so that no phrase spans both

_lite = table("article_index", column("rowid"))
_post = table("article_index", column("article_id"), column("words"))


def index(session: Session, article: int, looked: Looked) -> None:
    """Put an article's tokens into the index, in place of what was there."""
    unindex(session, article)
    index_all(session, {article: looked})


def index_all(session: Session, articles: Mapping[int, Looked]) -> None:
    """Put the tokens of articles into the index that are not there yet."""
    if session.postgres:
        sql = "INSERT INTO article_index VALUES (:id, CAST(:words AS tsvector))"
        values = [{"id": n, "words": _vector(looked)} for n, looked in articles.items()]
    else:
        sql = "INSERT INTO article_index (rowid, title, body, facets) VALUES (:id, :t, :b, :f)"
        values = [
            {
                "id": n,
                "t": " ".join(looked.title),
                "b": " ".join(looked.body),
                "f": " ".join(looked.facets),
            }
            for n, looked in articles.items()
        ]
    session.connection.execute(text(sql), values)


def unindex(session: Session, article: int) -> None:
    where = _post.c.article_id if session.postgres else _lite.c.rowid
    session.connection.execute(delete(_post if session.postgres else _lite).where(where == article))


def newest(session: Session, query: Query, limit: int, offset: int) -> list[int]:
    """The newest articles that match."""
    found = session.connection.execute(
        _matching(session, query).order_by(t.article.c.id.desc()).limit(limit).offset(offset)
    )
    return [row[0] for row in found]


def ranked(session: Session, query: Query, limit: int, offset: int) -> list[int]:
    """The best matches of all by the database's own ranking; visits every match."""
    match = _match(session, query)
    if not match:
        return newest(session, query, limit, offset)
    if session.postgres:
        rank: ColumnElement[Any] = func.ts_rank_cd(_post.c.words, cast(match, TSQUERY)).desc()
    else:
        rank = literal_column("rank")
    found = session.connection.execute(
        _matching(session, query).order_by(rank, t.article.c.id.desc()).limit(limit).offset(offset)
    )
    return [row[0] for row in found]


def count(session: Session, query: Query, most: int = 10_000) -> int:
    """How many match, counted up to `most`."""
    some = _matching(session, query).limit(most).subquery()
    return int(session.connection.execute(select(func.count()).select_from(some)).scalar_one())


def busiest(session: Session, query: Query, shift: float) -> tuple[int, float]:
    """On which day the most match, and how many: the day's beginning, or 0 where none does. A day
    begins `shift` seconds before that of UTC."""
    found = _matching(session, query).subquery()
    day = cast(func.floor((t.article.c.published + shift) / 86400), Integer)
    row = session.connection.execute(
        select(day.label("day"), func.count().label("many"))
        .where(t.article.c.id.in_(select(found.c.id)))
        .group_by(day)
        .order_by(func.count().desc(), day.desc())
        .limit(1)
    ).one_or_none()
    return (row.many, row.day * 86400.0 - shift) if row else (0, 0.0)


def _matching(session: Session, query: Query) -> Select[Any]:
    chosen = select(t.article.c.id).where(_plain(query))
    if not query.takes_any:
        chosen = chosen.where(~t.article.c.followed)
    match = _match(session, query)
    if match:
        at = _post if session.postgres else _lite
        here = _post.c.article_id if session.postgres else _lite.c.rowid
        chosen = chosen.join(at, here == t.article.c.id).where(_found(session, match))
    without = _unwanted(session, query)
    if without:
        where = _post.c.article_id if session.postgres else _lite.c.rowid
        chosen = chosen.where(
            not_(t.article.c.id.in_(select(where).where(_found(session, without))))
        )
    return chosen


def _found(session: Session, match: str) -> ColumnElement[bool]:
    if session.postgres:
        return _post.c.words.op("@@", is_comparison=True)(cast(match, TSQUERY))
    return literal_column("article_index").op("MATCH", is_comparison=True)(match)


def _match(session: Session, query: Query) -> str:
    """The index's own language for everything that must be there."""
    write = _postgres if session.postgres else _sqlite
    parts = [
        write(clause.terms)
        for clause in query.clauses
        if not clause.negated and _is_in_index(clause)
    ]
    return (" & " if session.postgres else " AND ").join(parts)


def _unwanted(session: Session, query: Query) -> str:
    """The index's own language for everything that must not be there, as one disjunction."""
    write = _postgres if session.postgres else _sqlite
    parts = [
        write(clause.terms) for clause in query.clauses if clause.negated and _is_in_index(clause)
    ]
    return (" | " if session.postgres else " OR ").join(parts)


def _is_plain(clause: Clause) -> bool:
    return clause.terms[0].key in ("score", "since", "until")


def _is_in_index(clause: Clause) -> bool:
    return not _is_plain(clause) and not _is_any(clause)


def _is_any(clause: Clause) -> bool:
    """Whether everything satisfies it: see `bot.query.language.ANY`."""
    return any(term.is_any for term in clause.terms)


def _plain(query: Query) -> ColumnElement[bool]:
    """What is decided by columns, score and time, and by nothing."""
    wanted: list[ColumnElement[bool]] = [true()]
    for clause in query.clauses:
        if _is_any(clause) and clause.negated:
            wanted.append(false())
        if _is_plain(clause):
            either = or_(*(_compared(term) for term in clause.terms))
            wanted.append(not_(either) if clause.negated else either)
    return and_(*wanted)


def _compared(term: Term) -> ColumnElement[bool]:
    if term.key == "since":
        # An article's number holds its time, too, and that is what the table is in order of.
        newer = t.article.c.id >= int(term.value) << 20
        return and_(newer, t.article.c.published >= literal(float(term.value), Float(53)))
    if term.key == "until":
        return t.article.c.published < literal(float(term.value), Float(53))
    sign = term.value.rstrip("0123456789.")
    return t.article.c.score.op(sign)(literal(float(term.value[len(sign) :]), Float(53)))


def _sqlite(terms: Sequence[Term]) -> str:
    parts = []
    for term in terms:
        if term.key in ("", "title") or term.loose:
            where = "title" if term.key == "title" else "{title body}"
            words, prefix = term.words
            parts.append(f"{where} : {_quoted(' '.join(words))}{' *' if prefix else ''}")
        if term.key not in ("", "title"):
            value = "" if term.value == "*" else term.value
            star = " *" if term.value == "*" else ""
            parts.append(f"facets : {_quoted(f'{term.key}:{value}')}{star}")
    return "(" + " OR ".join(parts) + ")"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _postgres(terms: Sequence[Term]) -> str:
    parts = []
    for term in terms:
        if term.key in ("", "title") or term.loose:
            label = "A" if term.key == "title" else ""
            words, prefix = term.words
            last = len(words) - 1
            parts.append(
                "("
                + " <-> ".join(
                    _lexeme(word) + _labels("*" if prefix and i == last else "", label)
                    for i, word in enumerate(words)
                )
                + ")"
            )
        if term.key not in ("", "title"):
            value = "" if term.value == "*" else term.value
            parts.append(_facet(f"{term.key}:{value}") + (":*" if term.value == "*" else ""))
    return "(" + " | ".join(parts) + ")"


def _labels(prefix: str, label: str) -> str:
    return f":{prefix}{label}" if prefix or label else ""


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _facet(facet: str) -> str:
    """With a colon before it, as no word has: `type*` must not find each `type:…`, which stands
    at no place and so would also hide from a phrase that the word itself is there."""
    return _lexeme(f":{facet}")


def _vector(looked: Looked) -> str:
    """A tsvector's text: title words carry the label A, facets have no position."""
    at: dict[str, list[str]] = {}
    for place, word in enumerate(looked.title, 1):
        at.setdefault(word, []).append(f"{place}A")
    for place, word in enumerate(looked.body, len(looked.title) + _GAP):
        at.setdefault(word, []).append(str(place))
    words = [f"{_lexeme(word)}:{','.join(places)}" for word, places in at.items()]
    return " ".join([*words, *map(_facet, looked.facets)])
