"""The order of search results: what the words say, then how new it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.model import Article
from bot.query import Query, looked_at

_FADE = 30 * 86400.0
"""After this time, in seconds, being new counts only a third."""


def best_first(articles: Sequence[Article], query: Query) -> list[Article]:
    """Articles with the words in the headline first, newer ones before older ones."""
    if not articles:
        return []
    latest = max(article.published for article in articles)
    wanted = [
        term
        for clause in query.clauses
        if not clause.negated
        for term in clause.terms
        if term.key in ("", "title", "company")
    ]

    def worth(article: Article) -> tuple[float, int]:
        looked = looked_at(article)
        headline = looked._replace(body=[])
        hits = sum(
            term.value == article.company if term.key == "company" else term.matches(headline)
            for term in wanted
        )
        fresh = math.exp((article.published - latest) / _FADE)
        return (hits / max(1, len(wanted)) + fresh, article.id)

    return sorted(articles, key=worth, reverse=True)
