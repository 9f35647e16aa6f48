"""A report whose source has rewritten it. Its cards change in place and nobody is told, unless who
has read it would be wrong now: then a quiet note stands in each thread."""

from __future__ import annotations

from bot.model import Article
from bot.query.text import tokens
from bot.store import Tx

_DENIALS = frozenset(
    {"no", "not", "never", "without", "deny", "denies", "denied", "cancels", "cancelled"}
    | {"fails", "failed"}
)


def is_material(before: Article, after: Article) -> bool:
    """Whether it says something else now: of another company, with other figures, the contrary, or
    in words of which less than half are the same."""
    was, now = set(tokens(before.title)), set(tokens(after.title))
    return (
        before.company != after.company
        or _figures(was) != _figures(now)
        or was & _DENIALS != now & _DENIALS
        or 2 * len(was & now) < min(len(was), len(now))
    )


def tell(tx: Tx, article: Article) -> None:
    """A note, which says what it said before, under each card that people may have read."""
    for one in tx.deliveries.of_article(article.id):
        if one.kind == "report" and one.message and not one.gone:
            subject = -article.id
            tx.deliveries.want(
                one.channel, "note", subject, article.id, article.revision, rank=tx.now
            )
    tx.deliveries.raise_wanted("note", -article.id, article.revision)


def _figures(words: set[str]) -> set[str]:
    return {word for word in words if any(letter.isdigit() for letter in word)}
