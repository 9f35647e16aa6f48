"""What else there is to read for who has read a report."""

from __future__ import annotations

from bot.model import Article
from bot.query import Clause, Query, Term
from bot.query.language import slug
from bot.store import Tx

_WEEKS = 21 * 86400.0


def more(tx: Tx, article: Article, most: int = 3) -> tuple[Article, ...]:
    """The newest reports about the company that acts in it."""
    if not article.company:
        return ()
    query = Query((Clause((Term("company", article.company),)),), sort="new")
    found = tx.articles.search(query, most + 1, 0).articles
    return tuple(other for other in found if other.id != article.id)[:most]


def suggested(tx: Tx, article: Article, most: int = 3) -> tuple[Article, ...]:
    """Reports of the same weeks that share most tags with this one, by other companies."""
    if not article.tags:
        return ()
    clauses = [
        Clause(tuple(Term("tag", slug(tag)) for tag in article.tags)),
        Clause((Term("since", str(int(article.published - _WEEKS))),)),
        Clause((Term("until", str(int(article.published + _WEEKS))),)),
    ]
    if article.companies:
        others = tuple(Term("company", name) for name in article.companies)
        clauses.append(Clause(others, negated=True))
    found = tx.articles.search(Query(tuple(clauses), sort="new"), 60, 0).articles
    tags = set(article.tags)
    best = sorted(
        (other for other in found if other.id != article.id and not other.withdrawn),
        key=lambda other: (
            -len(tags & set(other.tags)),
            abs(other.published - article.published),
        ),
    )
    return tuple(best[:most])
