"""The query language: one parser and one meaning for searches and subscriptions.

Space is AND, a comma is OR, a leading `-` is NOT. Storage translates a `Query` to SQL; a
property test holds both to what `Query.matches` says.
"""

from __future__ import annotations

from bot.query.language import Clause, Query, Term, facets_of, looked_at
from bot.query.parse import QueryError, parse

__all__ = ["Clause", "Query", "QueryError", "Term", "facets_of", "looked_at", "parse"]
