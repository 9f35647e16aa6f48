"""Do two headlines tell of the same event?

The same page, or titles that share words which few headlines have, close in time, with nothing that
keeps them apart: another company, another version, another amount, or one of them being an opinion
or an answer. One source seldom tells an event twice. When in doubt they are apart: a report too
many hurts less than one lost.
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
_BARE_DAYS = 3.0  # a launch told by its name alone
_HARMLESS = frozenset(("test", "trouble"))  # tones that a launch may be told in
_SURE = 0.8  # at this likeness of the words one source has told an event twice
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
    if not one.residue & other.residue:
        return days <= _BARE_DAYS and _same_launch(one, other)
    return _speaks_for(one, other, days) > 0


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
        (one.amounts, other.amounts),
        (one.actions, other.actions),
    )
    if "answer" in one.tones ^ other.tones or _count_on(one, other):
        return True
    if any(_differ(mine, theirs) for mine, theirs in pairs):
        return True
    if one.actions and other.actions and "failure" in one.actions ^ other.actions:
        return True
    return "roundup" in one.tones | other.tones


def _count_on(one: Traits, other: Traits) -> bool:
    """The same words with other numbers: two of a series."""
    mine, theirs = _numbers(one), _numbers(other)
    return _differ(mine, theirs) and one.stems - mine == other.stems - theirs


def _numbers(traits: Traits) -> frozenset[str]:
    return frozenset(word for word in traits.stems if word[0].isdigit())


def _differ(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine and theirs) and not mine & theirs


def _same_launch(one: Traits, other: Traits) -> bool:
    """Nothing but a name in common: then both must say that it is out, and which version.

    Without a version one of them must be the bare name: a company launches much in a day.
    """
    if one.versions != other.versions or one.variants != other.variants:
        return False
    if not one.versions and not (one.bare or other.bare):
        return False
    plain = one.tones == other.tones or _both_announce(one, other)
    named = bool((one.core & other.core) - one.versions)
    return named and plain and one.announces and other.announces


def _both_announce(one: Traits, other: Traits) -> bool:
    """Both say that something is out, in tones that do not make it another story."""
    return "launch" in one.actions & other.actions and one.tones ^ other.tones <= _HARMLESS


def _likeness(one: Traits, other: Traits) -> float:
    """Between 0 and 1: how much of the weight of their words the two share.

    The mean of what they share of both together and of the shorter one, since a short headline
    is often told at length elsewhere.
    """
    both, mine, theirs = _weight(one.stems & other.stems), _weight(one.stems), _weight(other.stems)
    return (both / (mine + theirs - both) + both / min(mine, theirs)) / 2


def _speaks_for(one: Traits, other: Traits, days: float) -> float:
    """What speaks for one event, less what speaks against it; above 0 it is one.

    A logistic regression over 379 pairs of headlines that were labelled by hand, near misses most
    of them; 0 is where six of ten such pairs were one event. Weights are of words in nats.
    """
    shared, telling = one.stems & other.stems, one.residue & other.residue
    return (
        -4.6
        + 4.8 * _likeness(one, other)
        + 0.05 * min(_weight(shared), 40)
        + 0.06 * min(_weight(telling), 30)
        + 0.4 * min(len(telling), 5)
        + 1.2 * min(len(one.companies & other.companies), 2)
        + 3.1 * bool(one.amounts & other.amounts)
        + 0.8 * (one.announces and other.announces)
        - 1.8 * ("talk" in one.tones | other.tones)
        - 1.5 * ("test" in one.tones ^ other.tones)
        - 4.3 * ("elsewhere" in one.tones ^ other.tones)
        - 0.65 * days
    )


def _weight(words: Iterable[str]) -> float:
    return sum(map(rarity, words))
