"""Do two headlines tell of the same event?

The same page, or titles that share words which few headlines have, close in time, with nothing that
keeps them apart: another company, another version, another amount, or one of them being an answer.
One source seldom tells an event twice. When in doubt they are apart: a report too many hurts less
than one lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.classify.headwords import Traits, traits
from bot.classify.rarity import rarity

_DAY = 86400.0  # seconds
_MOST_DAYS = 4.0
_HARMLESS = frozenset(("test", "trouble", "rumour"))  # tones that a launch may be told in
_ROUNDING = 0.02
_FORUMS = ("reddit", "hacker news", "lobsters", "dev community")
_SURE = 0.8  # at this likeness of the words one source has told an event twice
_BASE = -6.13
_WEIGHTS = {
    "words shared": 0.92,
    "telling words shared": 0.4,
    "capitals shared": -0.41,
    "rarest word shared": 0.6,
    "rarest word not shared": -0.13,
    "openings shared": 0.34,
    "words of the shorter": -0.22,
    "companies shared": 0.59,
    "amounts shared": 2.1,
    "versions shared": -0.83,
    "both announce": 1.1,
    "one is the company's own": 0.91,
    "one explains": -1.13,
    "one talks": -1.29,
    "one is elsewhere": -2.45,
    "one is a roundup": -1.71,
    "both are forums": -0.97,
    "days apart": -0.59,
}
"""A logistic regression over 948 pairs of headlines that were labelled by hand, half of them near
misses of at most four days. Above 0 it is one event: two of three such pairs are, at 0."""
_TRACKING = ("utm_", "mtm_", "fbclid", "gclid", "ref")


@dataclass(frozen=True, slots=True)
class Headline:
    """One sighting of some news. `date` is its time of publication in seconds, 0 if unknown."""

    title: str
    url: str
    date: float
    source: str


def same_event(a: Headline, b: Headline) -> bool:
    """Whether both tell of one event. Symmetric."""
    one, other = _traits(a), _traits(b)
    if _same_page(a.url, b.url) and not _differ(one.versions, other.versions):
        return True
    days = abs(a.date - b.date) / _DAY if a.date and b.date else 0.0
    if days > _MOST_DAYS:
        return False
    if not one.stems & other.stems or _contradict(one, other):
        return False
    if one.raises and one.raises == other.raises:
        return True
    if a.source == b.source and _likeness(one, other) < _SURE:
        return False
    if _same_launch(one, other):
        return True
    signs = _signs(one, other, days) | {"both are forums": _forum(a) and _forum(b)}
    return _BASE + sum(_WEIGHTS[sign] * value for sign, value in signs.items()) > 0


@lru_cache(maxsize=8192)
def _traits(headline: Headline) -> Traits:
    return traits(headline.title, headline.url)


def _same_page(a: str, b: str) -> bool:
    """One page, and not two places on it (a page of release notes tells of many releases)."""
    mine, theirs = _page(a), _page(b)
    places = {mine[1], theirs[1]} - {""}
    return bool(mine[0]) and mine[0] == theirs[0] and len(places) < 2


@lru_cache(maxsize=8192)
def _page(url: str) -> tuple[str, str]:
    """An address without what does not tell pages apart, and the place on the page."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    if not host:
        return "", ""
    asked = [each for each in parse_qsl(parts.query) if not each[0].startswith(_TRACKING)]
    return f"{host}{parts.path.rstrip('/')}?{urlencode(sorted(asked))}", parts.fragment


def _contradict(one: Traits, other: Traits) -> bool:
    """Both name something of one kind, and nothing in common; or one tells of a failure, or answers
    to what the other tells."""
    pairs = (
        (one.companies, other.companies),
        (one.versions, other.versions),
        (one.variants, other.variants),
        (one.actions, other.actions),
    )
    if "answer" in one.tones ^ other.tones or "roundup" in one.tones & other.tones:
        return True
    if _count_on(one, other):
        return True
    if any(_differ(mine, theirs) for mine, theirs in pairs):
        return True
    if one.amounts and other.amounts and not _agree(one.amounts, other.amounts):
        return True
    return bool(one.actions and other.actions and "failure" in one.actions ^ other.actions)


def _count_on(one: Traits, other: Traits) -> bool:
    """The same words with other numbers: two of a series."""
    mine, theirs = _numbers(one), _numbers(other)
    return _differ(mine, theirs) and one.stems - mine == other.stems - theirs


def _numbers(traits: Traits) -> frozenset[str]:
    return frozenset(word for word in traits.stems if word[0].isdigit())


def _differ(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine and theirs) and not mine & theirs


def _same_launch(one: Traits, other: Traits) -> bool:
    """Both say that one version of something is out, which it is once."""
    versioned = bool(one.versions) and one.versions == other.versions
    named = bool((one.core & other.core) - one.versions)
    plain = one.tones ^ other.tones <= _HARMLESS and one.variants == other.variants
    return versioned and named and plain and one.announces and other.announces


def _agree(mine: frozenset[float], theirs: frozenset[float]) -> bool:
    """Whether one amount stands in both, which each may have rounded."""
    return any(a == b or abs(a - b) <= _ROUNDING * max(a, b) for a in mine for b in theirs)


def _likeness(one: Traits, other: Traits) -> float:
    """Between 0 and 1: how much of the weight of their words the two share.

    The mean of what they share of both together and of the shorter one, since a short headline
    is often told at length elsewhere.
    """
    both, mine, theirs = _weight(one.stems & other.stems), _weight(one.stems), _weight(other.stems)
    return (both / (mine + theirs - both) + both / min(mine, theirs)) / 2


def _signs(one: Traits, other: Traits, days: float) -> dict[str, float]:
    """What speaks for one event and what against it; rarities are in nats."""
    shared, capitals = one.stems & other.stems, one.named & other.stems | other.named & one.stems
    mine, theirs = _rarest(one.stems - shared), _rarest(other.stems - shared)
    owned = {one.owner} & other.companies or {other.owner} & one.companies
    return {
        "words shared": min(len(shared), 8),
        "telling words shared": min(len(one.residue & other.residue), 5),
        "capitals shared": min(len(capitals), 3),
        "rarest word shared": _rarest(shared),
        "rarest word not shared": min(mine, theirs),
        "openings shared": len(one.opening & other.opening),
        "words of the shorter": min(len(one.stems), len(other.stems)),
        "companies shared": min(len(one.companies & other.companies), 2),
        "amounts shared": _agree(one.amounts, other.amounts),
        "versions shared": bool(one.versions & other.versions),
        "both announce": one.announces and other.announces,
        "one is the company's own": bool(owned),
        "one explains": one.explains != other.explains,
        "one talks": "talk" in one.tones | other.tones,
        "one is elsewhere": "elsewhere" in one.tones ^ other.tones,
        "one is a roundup": "roundup" in one.tones | other.tones,
        "days apart": days,
    }


def _forum(headline: Headline) -> bool:
    """People talk about news there, and seldom in its own words."""
    return any(name in headline.source.casefold() for name in _FORUMS)


def _rarest(words: Iterable[str]) -> float:
    return max(map(rarity, words), default=0.0)


def _weight(words: Iterable[str]) -> float:
    return sum(map(rarity, words))
