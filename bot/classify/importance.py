"""How much a report matters, from 0 to 10, and why: who acts, who says it, how many noticed.

The weights are a rule of thumb that people can follow, and `why` says each of them. Nothing is
learnt from what single people read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot import catalogue
from bot.classify import owner
from bot.classify.reading import address
from bot.model import Article

_BASE, _MOST = 3.0, 10.0
_KINDS = {
    "PRODUCT LAUNCH": (1.0, "something new is out"),
    "OPEN SOURCE": (1.0, "it can be had by anybody"),
    "FUNDING & BUSINESS": (0.5, "money moves"),
    "POLICY & REGULATION": (0.5, "a state or a court acts"),
    "UPDATE": (-0.5, "it changes something that was there"),
    "OPINION": (-1.5, "it is an opinion"),
}
_POINTS = ((500, 3.0), (250, 2.0), (100, 1.0))
_MOST_SOURCES = 3.0


@dataclass(frozen=True, slots=True)
class Importance:
    """`reasons` are what was added or taken off, in the order of their weight."""

    score: float
    reasons: tuple[str, ...]


def importance(article: Article) -> Importance:
    """Of an article as it stands, with all its sightings."""
    weighed = sorted(_weighed(article), key=lambda one: -abs(one[0]))
    score = _BASE + sum(points for points, _ in weighed)
    return Importance(
        max(0.0, min(_MOST, score)), tuple(f"{why} ({points:+g})" for points, why in weighed)
    )


def _weighed(article: Article) -> Iterator[tuple[float, str]]:
    acting = catalogue.company(article.company)
    if acting and acting.ai:
        yield 1.5, f"AI is all that {acting.short_name} does"
    elif acting:
        yield 0.5, f"{acting.short_name} is well known"
    if article.company and any(_is_own(one.url, article.company) for one in article.sightings):
        yield 1.0, f"{catalogue.display_name(article.company)} says it itself"
    if article.type in _KINDS:
        yield _KINDS[article.type]
    sources = len({one.source for one in article.sightings})
    if sources > 1:
        yield min(_MOST_SOURCES, sources - 1.0), f"{sources} sources tell of it"
    points = max((one.points for one in article.sightings), default=0)
    for least, worth in _POINTS:
        if points >= least:
            yield worth, f"{points:,} people voted for it"
            return


def _is_own(url: str, company: str) -> bool:
    return owner.domain_owner(address(url)) == company
