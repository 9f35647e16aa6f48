"""What of a headline can tell two events apart: its weighty words, names, versions, amounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot import catalogue
from bot.classify.event_words import ACTIONS, BARE, COMMON, EXPLAINS, STOP, TONES, VARIANTS
from bot.classify.naming import Mention, mentions
from bot.classify.newcomers import newcomer
from bot.classify.owner import domain_owner
from bot.classify.reading import Reading, Word, read
from bot.classify.thesaurus import stem
from bot.query.text import fold

_AMOUNT = re.compile(
    r"[$€£]\s?(\d+(?:[.,]\d+)*)\s?(k|mn|m|bn|b|tn|t|million|billion|trillion)?\b", re.I
)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)*)\s?(?:%|percent|per cent)", re.I)
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_SIZE_UNITS = frozenset(("b", "m"))
_FLAIR = re.compile(r"^\s*\[(?:[a-z]|news|project|research|discussion)\]\s*", re.I)


@dataclass(frozen=True, slots=True)
class Traits:
    """One headline taken apart; `stems` are its words without endings, stop words left out.

    `opening` are the first three of them, `core` those of names and versions, `named` those written
    with a capital inside a sentence. `owner` is the company on whose page it stands. `raises` is
    who raises money: nobody does so twice in a week. `tones` tell how it speaks of the event if not
    as plain news.
    """

    stems: frozenset[str]
    opening: frozenset[str]
    core: frozenset[str]
    named: frozenset[str]
    companies: frozenset[str]
    owner: str
    versions: frozenset[str]
    variants: frozenset[str]
    amounts: frozenset[float]
    actions: frozenset[str]
    raises: str
    tones: frozenset[str]
    explains: bool

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
    counted = {number.replace(",", "") for number, _ in _AMOUNT.findall(title)}
    counted |= set(_PERCENT.findall(title))
    sizes = _sizes(reading.words) - counted
    versions = _versions(reading.words, sizes) - counted
    variants = sizes | (VARIANTS & frozenset(reading.tokens) if versions else frozenset())
    names = {word.token for one in named for word in reading.words[one.start : one.end]}
    told = [stem(word.token) for word in reading.words if word.token not in STOP]
    stems = frozenset(told)
    return Traits(
        stems=stems,
        opening=frozenset(told[:3]),
        core=stems & frozenset(map(stem, names | versions | variants | _SIZE_UNITS)),
        named=_capitals(reading) - frozenset(map(stem, names)),
        companies=_companies(reading, named),
        owner=domain_owner(reading.address),
        versions=versions,
        variants=variants,
        amounts=_amounts(title),
        actions=frozenset(match.value for match in ACTIONS.find(reading.tokens)),
        raises=_raises(reading),
        tones=_tones(reading),
        explains=bool(reading.tokens) and reading.tokens[0] in EXPLAINS,
    )


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


def _amounts(title: str) -> frozenset[float]:
    """In whole dollars, euros or pounds."""
    found = [(number.replace(",", "").split("."), unit) for number, unit in _AMOUNT.findall(title)]
    # Of `$1.5.2` the rest is no number.
    return frozenset(
        float(".".join(parts[:2])) * _SCALE[unit[:1].casefold()] for parts, unit in found
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
