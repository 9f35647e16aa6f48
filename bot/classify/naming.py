"""Which companies a headline names, and how: as the one that acts, or as something used.

Names that are ordinary words too count under conditions (`bot.catalogue.Care`): with a capital,
before a version number, or only where something else shows that the company is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot import catalogue
from bot.classify.lexicon import Lexicon, Match, word_set
from bot.classify.reading import Reading, Word
from bot.query.text import fold, tokens

_BEFORE_USED = word_set(
    """
    with using use uses used on for via in into inside against like vs versus than over
    beyond without behind not onto
    """
)
_AFTER_USED = word_set(
    """
    backed like style powered based compatible alum alumni alternative alternatives clone
    rival rivals competitor competitors veteran veterans
    """
)
_LEFT = frozenset(("former", "ex"))
_COMPARED = word_set("rival alternative alternatives competitor answer compared similar")
_ACTS = word_set(
    """
    says said launches launched unveils unveiled raises raised acquires acquired buys sues
    sued announces announced releases released introduces adds gets wins hires plans wants
    is has will debuts rolls reports signs partners opens cuts lays files expands teams
    makes builds brings ships drops joins ceo founder cofounder executive inc
    """
)
_TEXT_LIMIT = 3000  # characters of the page that may confirm a name
_OFTEN = 2  # a text that names a company once may only compare


@dataclass(frozen=True, slots=True)
class Name:
    """What a phrase of the lexicon stands for. `form` is how the company writes it."""

    slug: str
    form: str
    role: str
    care: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A company at `tokens[start:end]`; `used` if it is only what somebody else works with."""

    slug: str
    form: str
    role: str
    start: int
    end: int
    used: bool = False


def _care_of(name: str) -> str:
    care, folded = catalogue.care(), fold(name)
    if folded in care.version:
        return "version"
    if folded in care.capital:
        return "capital"
    return "context" if folded in care.context else ""


def _roles(company: catalogue.Company) -> list[tuple[str, str]]:
    return [
        *((name, "name") for name in (company.short_name, company.name, *company.aliases)),
        *((name, "product") for name in company.products),
        *((name, "brand") for name in company.brands),
    ]


@cache
def lexicon() -> Lexicon[Name]:
    """All names of all companies; a company's own name goes before another's product."""
    entries = [
        (role, name, Name(company.slug, name, role, _care_of(name)))
        for company in catalogue.companies()
        for name, role in _roles(company)
    ]
    order = ("name", "product", "brand")
    entries.sort(key=lambda entry: order.index(entry[0]))
    return Lexicon((name, meaning) for _, name, meaning in entries)


def mentions(reading: Reading, official: str, about_ai: bool) -> tuple[Mention, ...]:
    """The companies in a headline, in order. `about_ai`: its other words speak of AI."""
    found = [match for match in lexicon().find(reading.tokens) if _plausible(match, reading)]
    certain = {official} | {m.value.slug for m in found if _certain(m, reading)}
    if any(m.value.slug not in certain for m in found):
        certain |= _certain_in_text(reading.text)
    kept = [m for m in found if m.value.slug in certain or (about_ai and _acts(m, reading))]
    return _with_use(kept, reading.words)


def _plausible(match: Match[Name], reading: Reading) -> bool:
    """Spelt like a name where that matters, and no neighbour that says otherwise."""
    name, spelt = match.value, reading.words[match.start]
    if not name.care:
        return True
    refused = catalogue.care().unless.get(fold(name.form), frozenset())
    near = reading.tokens[max(match.start - 1, 0) : match.start]
    near += reading.tokens[match.end : match.end + 1]
    if not refused.isdisjoint(near):
        return False
    if name.form.isupper() and len(name.form) > 1 and not _numbered(match, reading):
        return spelt.shape.isupper()
    return spelt.capital or name.form[0].islower()


def _certain(match: Match[Name], reading: Reading) -> bool:
    """Enough by itself to say that this company is meant."""
    if match.value.care == "version":
        return _numbered(match, reading)
    return match.value.care in ("", "capital")


def _numbered(match: Match[Name], reading: Reading) -> bool:
    following = reading.tokens[match.end : match.end + 1]
    return bool(following) and following[0][0].isdigit()


def _certain_in_text(text: str) -> set[str]:
    return set(_counted(text))


def told_of(text: str, most: int = 3) -> list[str]:
    """The companies that a text speaks of at least twice, the one it speaks of most first."""
    counted = _counted(text)
    often = [slug for slug, times in counted.items() if times >= _OFTEN and not _pays(slug)]
    return sorted(often, key=lambda slug: -counted[slug])[:most]


def _pays(slug: str) -> bool:
    """An investor in a text is who pays or writes, not whom the news is about."""
    company = catalogue.company(slug)
    return company is not None and company.kind == "investor"


def _counted(text: str) -> Counter[str]:
    """How often a text names each company, by names that mean nothing else."""
    cut = tokens(text[:_TEXT_LIMIT])
    return Counter(match.value.slug for match in lexicon().find(cut) if not match.value.care)


def _acts(match: Match[Name], reading: Reading) -> bool:
    """Written where only a name stands: it owns something, or a verb of companies follows."""
    if match.value.role != "name":
        return False
    owns = reading.words[match.end - 1].owns
    follows = reading.tokens[match.end : match.end + 1]
    return owns or (bool(follows) and follows[0] in _ACTS)


def _with_use(found: Sequence[Match[Name]], cut: Sequence[Word]) -> tuple[Mention, ...]:
    """The mentions with their use; neighbours of one company are one (`Google Gemini`)."""
    seen: list[Mention] = []
    for match in found:
        name = match.value
        one = Mention(name.slug, name.form, name.role, match.start, match.end)
        before = seen[-1] if seen else None
        if one.start and cut[one.start - 1].token in _LEFT:
            continue
        if before and before.slug == one.slug and before.end == one.start:
            role = one.role if before.role == "name" else before.role
            used = before.used or _follower(one, cut)
            seen[-1] = replace(before, end=one.end, role=role, used=used)
        else:
            seen.append(replace(one, used=_is_used(one, before, cut)))
    return tuple(seen)


def _is_used(one: Mention, before: Mention | None, cut: Sequence[Word]) -> bool:
    if _follower(one, cut):
        return True
    if one.start == 0:
        return False
    last = cut[one.start - 1].token
    if last == "to":
        return any(word.token in _COMPARED for word in cut[max(one.start - 4, 0) : one.start])
    if last in ("and", "or") and before and before.end == one.start - 1:
        return before.used
    return last in _BEFORE_USED or (one.role == "brand" and not leads(one, cut))


def leads(one: Mention, cut: Sequence[Word]) -> bool:
    """It stands first, owns something, or a verb of companies follows: it is the subject."""
    if one.start == 0 or cut[one.end - 1].owns:
        return True
    return one.end < len(cut) and cut[one.end].token in _ACTS


def _follower(one: Mention, cut: Sequence[Word]) -> bool:
    return one.end < len(cut) and cut[one.end].token in _AFTER_USED
