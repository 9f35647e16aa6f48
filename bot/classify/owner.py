"""Whose page an address is, and whose voice a source.

A company speaks on its own domains and in its own feeds. Hosts where anybody publishes tell
something only by the account in the path (`github.com/QwenLM/...`).
"""

from __future__ import annotations

from functools import cache

from bot import catalogue
from bot.catalogue import key
from bot.classify.lexicon import word_set
from bot.classify.reading import Address, Reading
from bot.query.text import tokens

_CODE_HOSTS = frozenset({"github.com", "huggingface.co", "hf.co", "modelscope.cn"})
_HUB_PAGES = frozenset({"blog", "docs", "learn", "changelog"})
_PLAIN_WORDS = word_set(
    """
    the a an on at of by from and blog blogs news newsroom research engineering developer
    developers updates update official publications papers publication feed technology tech
    labs lab team press releases release changelog product products science ai ml
    """
)
_AI_SECTIONS = word_set(
    "ai machine-learning machinelearning artificial-intelligence ai-artificial-intelligence"
)
_SECOND_LEVEL = word_set("co com org net ac gov edu")


@cache
def _domains() -> dict[str, str]:
    return {domain: one.slug for one in catalogue.companies() for domain in one.domains}


@cache
def _labs() -> frozenset[str]:
    return frozenset(domain for one in catalogue.companies() for domain in one.labs)


@cache
def _accounts() -> dict[str, str]:
    return {account: one.slug for one in catalogue.companies() for account in one.accounts}


def _suffixes(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[i:]) for i in range(len(labels) - 1)]


def domain_owner(where: Address) -> str:
    """The slug of the company that publishes there, or an empty text."""
    if where.host in _CODE_HOSTS:
        return _hub_owner(where)
    if where.host in catalogue.shared_hosts():
        return ""
    return next((_domains()[each] for each in _suffixes(where.host) if each in _domains()), "")


def _hub_owner(where: Address) -> str:
    """The account's company; the hub's own where it is the hub's blog or manual."""
    for part in where.path[:2]:
        if part in _accounts():
            return _accounts()[part]
    own = where.path[:1] and where.path[0] in _HUB_PAGES and len(where.path) < 3
    return _domains().get(where.host, "") if own else ""


def is_lab(where: Address) -> bool:
    """A page of a company's AI department: by its domain, or `ai` in the host or the path."""
    if any(each in _labs() for each in _suffixes(where.host)):
        return True
    parts = {*where.labels[:-1], *where.path[:-1]}
    return not parts.isdisjoint(_AI_SECTIONS)


def source_owner(source: str) -> str:
    """The company whose voice a source's name promises: `The Cohere Blog`, `Waymo Research`."""
    known = catalogue.resolve(source)
    if known:
        return known if not _bare_word(source) else ""
    kept = [word for word in tokens(source) if word not in _PLAIN_WORDS]
    return (catalogue.resolve(" ".join(kept)) or "") if len(kept) < len(tokens(source)) else ""


def _bare_word(source: str) -> bool:
    """`Reddit` or `X` alone names where something was found, not who speaks."""
    one = catalogue.company(catalogue.resolve(source) or "")
    return one is not None and (one.kind == "consumer" or one.slug == "github")


def own_name(reading: Reading) -> str:
    """A company that the catalogue does not know, whose site bears a name of the headline.

    `beespace.io` and "Beespace opens in Oslo" give `Beespace`. At least five letters, since short
    labels are words. A person's project on Hacker News is no company, nor is a site whose name
    is the whole headline, nor the outlet that reports.
    """
    labels = [label for label in reading.address.labels[:-1] if label not in _SECOND_LEVEL]
    if not labels or len(labels[-1]) < 5 or reading.mark:
        return ""
    wanted = labels[-1].replace("-", "")
    for start, word in enumerate(reading.words):
        name = ""
        for end in range(start, min(start + 4, len(reading.words))):
            name += reading.words[end].token
            whole = end - start + 1 == len(reading.words) or name == key(reading.source)
            if name == wanted and word.capital and not whole:
                return " ".join(each.shape for each in reading.words[start : end + 1])
    return ""
