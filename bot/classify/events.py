"""Do two headlines tell of the same event?

The same page, or titles with the same weighty words, close in time, with nothing that keeps them
apart: another company, another version, another amount, or one of them being a test, an opinion
or a follow-up. When in doubt they are apart: two reports are better than one report too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.classify.headwords import Traits, traits, weight

_DAY = 86400.0
_MOST_DAYS = 4.0
_TRACKING = ("utm_", "mtm_", "fbclid", "gclid", "ref")
_SURE = 0.78  # likeness at which a difference in tone does not matter
_LIKELY = 0.46  # likeness that is enough for two pieces of news about one name
_ALONE = 0.62  # the same where no name is shared
_PER_DAY = 0.05  # what each day between them asks for in addition


@dataclass(frozen=True, slots=True)
class Headline:
    """One sighting of some news. `date` is its time of publication, 0 if unknown."""

    title: str
    url: str
    date: float
    source: str


def same_event(a: Headline, b: Headline) -> bool:
    """Whether both tell of one event. Symmetric."""
    page = _page(a.url)
    if page and page == _page(b.url):
        return True
    days = abs(a.date - b.date) / _DAY if a.date and b.date else 0.0
    if days > _MOST_DAYS:
        return False
    one, other = _traits(a), _traits(b)
    if not one.stems & other.stems or _contradict(one, other):
        return False
    likeness = _likeness(one, other)
    if one.tone != other.tone and likeness < _SURE:
        return False
    shared = bool(one.companies & other.companies or one.versions & other.versions)
    return likeness >= (_LIKELY if shared else _ALONE) + _PER_DAY * days


@lru_cache(maxsize=8192)
def _traits(headline: Headline) -> Traits:
    return traits(headline.title, headline.url)


@lru_cache(maxsize=8192)
def _page(url: str) -> str:
    """An address without what does not tell pages apart."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if not host:
        return ""
    asked = [each for each in parse_qsl(parts.query) if not each[0].startswith(_TRACKING)]
    return f"{host}{parts.path.rstrip('/')}?{urlencode(sorted(asked))}"


def _contradict(one: Traits, other: Traits) -> bool:
    """Both name something of one kind, and not the same."""
    for mine, theirs in (
        (one.companies, other.companies),
        (one.versions, other.versions),
        (one.variants, other.variants),
        (one.amounts, other.amounts),
    ):
        if mine and theirs and not mine & theirs:
            return True
    return False


def _likeness(one: Traits, other: Traits) -> float:
    """Between 0 and 1: how much of the weight of their words the two share.

    The mean of what they share of both together and of the shorter one, since a bare headline
    ("Qwen 4") is often told at length elsewhere.
    """
    both = sum(map(weight, one.stems & other.stems))
    mine, theirs = sum(map(weight, one.stems)), sum(map(weight, other.stems))
    return (both / (mine + theirs - both) + both / min(mine, theirs)) / 2
