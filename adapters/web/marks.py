"""Which words of a report a search found: a snippet around the first, and all of them marked."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.model import Article
from bot.query import Query
from bot.query.text import fold, phrase

_AROUND = 110
"""How many characters a snippet shows before and after the first word found."""

_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class Piece(NamedTuple):
    """Part of a text; `found` parts are shown marked."""

    text: str
    found: bool


def searched(query: Query) -> re.Pattern[str] | None:
    """A pattern for the plain words of a query, or None if it has none."""
    wanted = [
        _pattern(term.value, prefix=term.prefix)
        for clause in query.clauses
        if not clause.negated
        for term in clause.terms
        if term.key in ("", "title") or term.loose
    ]
    return re.compile("|".join(wanted), re.IGNORECASE) if wanted else None


def _pattern(value: str, *, prefix: bool) -> str:
    if _ASIAN.search(value):
        return re.escape(fold(value))
    words = [re.escape(word) for word in phrase(value)[0]]
    # The tokens of `Qwen3.6-27B` may be written with any punctuation between them, or none.
    joined = r"[\W_]{0,3}".join(words)
    return rf"(?<![^\W\d_]){joined}" + (r"[^\W_]*" if prefix else r"(?![^\W\d_])")


def marked(text: str, pattern: re.Pattern[str] | None) -> list[Piece]:
    """A text cut where marks begin and end."""
    if pattern is None:
        return [Piece(text, False)]
    pieces: list[Piece] = []
    at = 0
    for match in pattern.finditer(text):
        pieces += [Piece(text[at : match.start()], False), Piece(match[0], True)]
        at = match.end()
    pieces.append(Piece(text[at:], False))
    return [piece for piece in pieces if piece.text]


def snippet(article: Article, pattern: re.Pattern[str] | None) -> list[Piece]:
    """Some words of the report: those around what was searched, else its beginning."""
    texts = [article.summary, *(take.text for take in article.takeaways), article.source_title]
    for text in texts:
        match = pattern.search(text) if pattern else None
        if match:
            return marked(_window(text, match.start(), match.end()), pattern)
    first = next((text for text in texts if text), "")
    return [Piece(_window(first, 0, 0), False)] if first else []


def _window(text: str, start: int, end: int) -> str:
    """The text around a place, cut between words."""
    text_start = max(0, start - _AROUND)
    text_end = min(len(text), max(end + _AROUND, 2 * _AROUND))
    if text_start:
        text_start = text.find(" ", text_start, start) + 1 or text_start
    if text_end < len(text):
        space = text.rfind(" ", end, text_end)
        text_end = space if space > 0 else text_end
    shown = " ".join(text[text_start:text_end].split())
    return ("… " if text_start else "") + shown + (" …" if text_end < len(text) else "")
