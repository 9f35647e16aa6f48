"""The judgement of one headline: AI news or not, companies, type, tags, and why."""

from __future__ import annotations

from functools import cache

from bot import catalogue
from bot.catalogue import TAGS, Tag
from bot.classify import gate, owner
from bot.classify.kinds import is_paper, kind
from bot.classify.lexicon import Lexicon
from bot.classify.naming import Mention, leads, mentions, told_of
from bot.classify.newcomers import newcomer
from bot.classify.reading import Reading, read
from bot.model import Judgement
from bot.query.text import tokens

_PERSONAL = frozenset(("i", "i'm", "i've", "i'd", "my", "me"))
_MOST_TAGS = 5
_TAG_FROM = 0.8  # one word in the headline is enough, in the text it takes four
_TEXT_LIMIT = 3000  # characters
_TYPE_TAGS = {
    "OPEN SOURCE": "Open Source",
    "POLICY & REGULATION": "Regulation & Policy",
    "FUNDING & BUSINESS": "Market Trends",
}


def judge(
    title: str, url: str = "", text: str = "", source: str = "", source_company: str = ""
) -> Judgement:
    """Judge a headline by its words, its address and its source.

    `source_company` is the slug of the company whose own feed it comes from. `text` is the
    page or the feed's description: it confirms, and it counts where the headline names nobody.
    """
    reading = read(title, url, source, text)
    official = (
        source_company or owner.domain_owner(reading.address) or owner.source_owner(reading.source)
    )
    named = mentions(reading, official, gate.spoken_of(reading.tokens))
    slugs, whose = _companies(reading, named, official)
    signs = gate.signs(reading, named, official)
    is_ai = sum(points for points, _ in signs) >= gate.ENOUGH
    found = kind(reading, named, official)
    why = [sign[1] for sign in signs[:2]] or ["Nothing in it speaks of AI."]
    if signs and not is_ai:
        why.append("That alone is too little to be AI news.")
    reasons = (*why, *whose, found.reason)
    # One clear sign, or none at all, leaves no doubt.
    doubtful = bool(signs) and max(points for points, _ in signs) < gate.ENOUGH
    return Judgement(is_ai, slugs, found.type, _tags(reading, found.type), reasons, doubtful)


def _companies(
    reading: Reading, named: tuple[Mention, ...], official: str
) -> tuple[tuple[str, ...], list[str]]:
    """The slugs, the one that acts first, and the sentence that says why it is first."""
    acting = [one for one in named if not one.used]
    used = [one for one in named if one.used]
    if is_paper(reading):
        # A paper about a product is its authors' work; who they are the headline does not say.
        acting, used = [one for one in acting if one.role == "name"], []
    elif _is_personal(reading):
        acting, used = [one for one in acting if leads(one, reading.words)], []
    order = [one.slug for one in (*acting, *used)]
    if official and not (_judges_others(official) and acting and acting[0].start < 3):
        return _distinct([official, *order]), [f"{_name(official)} says it itself."]
    if not acting:
        for name, why in (
            (newcomer(reading), "is the one that the money is about"),
            (owner.own_name(reading), "has the name of its site"),
        ):
            if name:
                return _distinct([catalogue.slug(name), *order, official]), [f"{name} {why}."]
    if not order:
        told = [] if is_paper(reading) or _is_personal(reading) else told_of(reading.text)
        if told:
            return _distinct([*told, official]), [f"Its text speaks of {_name(told[0])}."]
        return _distinct([official]), ["It names no company."]
    first = (*acting, *used)[0]
    return _distinct([*order, official]), [f"“{first.form}” stands for {_name(first.slug)}."]


def _distinct(slugs: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug for slug in slugs if slug))


def _name(slug: str) -> str:
    return catalogue.display_name(slug)


def _judges_others(slug: str) -> bool:
    """An evaluator's own page is mostly about somebody else's product."""
    one = catalogue.company(slug)
    return one is not None and one.kind == "evaluation"


def _is_personal(reading: Reading) -> bool:
    """A person's own account or project: the products used in it do not make it a company's."""
    return bool(reading.mark) or not _PERSONAL.isdisjoint(reading.tokens)


@cache
def _topics() -> Lexicon[tuple[Tag, ...]]:
    words: dict[str, list[Tag]] = {}
    for tag in TAGS:
        for word in tag.words:
            words.setdefault(word, []).append(tag)
    return Lexicon((word, tuple(tags)) for word, tags in words.items())


def _tags(reading: Reading, type_: str) -> tuple[str, ...]:
    """The names of its topics: what the headline names, then what its text names often."""
    count = {_TYPE_TAGS[type_]: 0.9} if type_ in _TYPE_TAGS else {}
    for words, points in ((reading.tokens, 1.0), (tokens(reading.text[:_TEXT_LIMIT]), 0.2)):
        for match in _topics().find(words):
            for tag in match.value:
                count[tag.name] = count.get(tag.name, 0) + points
    best = sorted(count, key=lambda name: -count[name])
    return tuple(name for name in best if count[name] >= _TAG_FROM)[:_MOST_TAGS]
