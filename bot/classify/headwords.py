"""What of a headline can tell two events apart: its weighty words, names, versions, amounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot import catalogue
from bot.classify.event_words import ACTIONS, BARE, COMMON, STOP, TONES, VARIANTS
from bot.classify.naming import Mention, mentions
from bot.classify.newcomers import newcomer
from bot.classify.reading import Reading, Word, read
from bot.query.text import fold

_AMOUNT = re.compile(
    r"[$€£]\s?(\d+(?:[.,]\d+)*)\s?(k|mn|m|bn|b|tn|t|million|billion|trillion)?\b", re.I
)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)*)\s?(?:%|percent|per cent)", re.I)
_SIZE_UNITS = frozenset(("b", "m"))
_FLAIR = re.compile(r"^\s*\[(?:[a-z]|news|project|research|discussion)\]\s*", re.I)


@dataclass(frozen=True, slots=True)
class Traits:
    """One headline taken apart; `stems` are its words without endings, stop words left out.

    `core` are the stems of names and versions, `named` those written with a capital inside a
    sentence. `raises` is who raises money: nobody does so twice in a week. `tones` tell how it
    speaks of the event if not as plain news.
    """

    stems: frozenset[str]
    core: frozenset[str]
    named: frozenset[str]
    companies: frozenset[str]
    versions: frozenset[str]
    variants: frozenset[str]
    amounts: frozenset[str]
    actions: frozenset[str]
    raises: str
    tones: frozenset[str]

    @property
    def residue(self) -> frozenset[str]:
        """The words that are neither names nor in every other headline."""
        kept = self.stems - self.core - _COMMON_STEMS
        return frozenset(word for word in kept if len(word) > 1)

    @property
    def bare(self) -> bool:
        """It says nothing but a name, and perhaps that it is out."""
        return self.stems - self.core <= _BARE_STEMS

    @property
    def announces(self) -> bool:
        return "launch" in self.actions or self.bare


def traits(title: str, url: str) -> Traits:
    reading = read(_FLAIR.sub("", title), url)
    named = mentions(reading, "", True)
    amounts = _amounts(title)
    counted = {amount.rstrip("kmbt") for amount in amounts} | set(_PERCENT.findall(title))
    sizes = _sizes(reading.words) - counted
    versions = _versions(reading.words, sizes) - counted
    variants = sizes | (VARIANTS & frozenset(reading.tokens) if versions else frozenset())
    names = {word.token for one in named for word in reading.words[one.start : one.end]}
    stems = frozenset(stem(word.token) for word in reading.words if word.token not in STOP)
    return Traits(
        stems=stems,
        core=stems & frozenset(map(stem, names | versions | variants | _SIZE_UNITS)),
        named=_capitals(reading) - frozenset(map(stem, names)),
        companies=_companies(reading, named),
        versions=versions,
        variants=variants,
        amounts=amounts,
        actions=frozenset(match.value for match in ACTIONS.find(reading.tokens)),
        raises=_raises(reading),
        tones=_tones(reading),
    )


def stem(token: str) -> str:
    """A word without the ending that number or tense gives it."""
    for ending in ("ing", "ies", "ed", "es", "s", "e"):
        if token.endswith(ending) and len(token) - len(ending) >= 4 - (len(ending) == 1):
            return token[: -len(ending)]
    return token


_COMMON_STEMS = frozenset(map(stem, COMMON))
_BARE_STEMS = frozenset(map(stem, BARE))


def _companies(reading: Reading, named: Sequence[Mention]) -> frozenset[str]:
    known = frozenset(one.slug for one in named if one.role != "brand")
    # Who puts money into somebody is seldom what it is about.
    known = frozenset(slug for slug in known if not _invests(slug)) or known
    return known or frozenset({fold(newcomer(reading))} - {""})


def _invests(slug: str) -> bool:
    one = catalogue.company(slug)
    return one is not None and one.kind == "investor"


def _raises(reading: Reading) -> str:
    money = any(match.value == "money" for match in ACTIONS.find(reading.tokens))
    return fold(newcomer(reading)) if money else ""


def _sizes(cut: Sequence[Word]) -> frozenset[str]:
    """The 27 of `27B`: how large a model is."""
    pairs = pairwise(cut)
    return frozenset(a.token for a, b in pairs if a.token[0].isdigit() and b.token in _SIZE_UNITS)


def _versions(cut: Sequence[Word], sizes: frozenset[str]) -> frozenset[str]:
    """Numbers right behind a name: the `3.6` of `Qwen3.6`, not the `5` of `5 ways`."""
    found = set[str]()
    for before, word in pairwise(cut):
        follows = before.token[0].isdigit() or (before.capital and before.token != "apache")
        if follows and word.token[0].isdigit() and word.token not in sizes:
            found.add(word.token.replace(",", ""))
    return frozenset(found)


def _amounts(title: str) -> frozenset[str]:
    return frozenset(
        # `bn` and `billion` are both `b`.
        f"{number.replace(',', '')}{unit[:1].casefold()}"
        for number, unit in _AMOUNT.findall(title)
    )


def _capitals(reading: Reading) -> frozenset[str]:
    """Stems of words with a capital that no sentence's beginning and no title case explains."""
    if reading.title_case:
        return frozenset()
    return frozenset(
        stem(word.token)
        for word in reading.words[1:]
        if word.capital and word.token not in STOP and len(word.token) > 2
    )


def _tones(reading: Reading) -> frozenset[str]:
    found = {match.value for match in TONES.find(reading.tokens)}
    if reading.title.rstrip().endswith("?"):
        found.add("talk")
    return frozenset(found)
