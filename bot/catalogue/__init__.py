"""What BotBeat knows beforehand: companies, news sources and topics.

The facts stand in the JSON files beside this one, read once at the first question. A company
that is not among them can be followed all the same: its slug is `slug(name)`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from bot.catalogue.tags import TAGS, Tag
from bot.query.text import tokens

__all__ = [
    "TAGS",
    "Care",
    "Company",
    "ListedSource",
    "Tag",
    "care",
    "companies",
    "company",
    "display_name",
    "key",
    "nearest",
    "resolve",
    "shared_hosts",
    "slug",
    "sources",
]


@dataclass(frozen=True, slots=True)
class Company:
    """One company. `products` are its AI products; `brands` are things it owns besides.

    `labs` are those of its domains that are about AI only; `accounts` its names on code hosts.
    `ai` says that AI is its whole business. `color` is `#rrggbb`, `country` two letters.
    """

    slug: str
    name: str
    monogram: str
    color: str
    country: str
    kind: str
    ai: bool = False
    aliases: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def short_name(self) -> str:
        """The name without what explains it: `Alibaba`, not `Alibaba (Cloud)`."""
        return self.name.split(" (")[0].split(" / ")[0]


@dataclass(frozen=True, slots=True)
class Care:
    """Names that are ordinary words too, folded; `bot.classify` says what each class needs.

    `unless` maps a name to the neighbours that show that the company is not meant.
    """

    version: frozenset[str]
    capital: frozenset[str]
    context: frozenset[str]
    unless: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source anybody may subscribe to. `company` is a slug if it is a company's own.

    `evidence` says where its address was seen; nobody promises that it still answers.
    """

    url: str
    name: str
    kind: str
    evidence: str
    company: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    companies: Mapping[str, Company]
    care: Care
    shared_hosts: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)


def _load(name: str) -> Any:
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _company(row: dict[str, Any]) -> Company:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Company(**values)


@cache
def _facts() -> _Facts:
    raw = _load("companies.json")
    known = {row["slug"]: _company(row) for row in raw["companies"]}
    words = raw["care"]
    ordinary = Care(
        frozenset(words["version"]),
        frozenset(words["capital"]),
        frozenset(words["context"]),
        MappingProxyType({k: frozenset(v) for k, v in words["unless"].items()}),
    )
    return _Facts(known, ordinary, frozenset(raw["shared_hosts"]), _names(known))


def _names(known: Mapping[str, Company]) -> dict[str, str]:
    """Every key under which a company is found. A name goes before another's product."""
    found: dict[str, str] = {}
    every = known.values()
    for one in every:
        found[key(one.slug)] = one.slug
    for one in every:
        found.setdefault(key(one.name), one.slug)
        found.setdefault(key(one.short_name), one.slug)
    for one in every:
        for alias in one.aliases:
            found.setdefault(key(alias), one.slug)
    for one in every:
        for owned in (*one.products, *one.brands):
            found.setdefault(key(owned), one.slug)
    found.pop("", None)
    return found


def key(name: str) -> str:
    """A name without differences of case, spaces and punctuation."""
    return "".join(tokens(name))


def slug(name: str) -> str:
    """The slug of a name that the catalogue need not know: `Ada & Sons` is `ada-sons`."""
    return "-".join(token.replace(".", "-").replace(",", "-") for token in tokens(name))


def companies() -> tuple[Company, ...]:
    """All companies, in order of their slugs."""
    return tuple(_facts().companies.values())


def company(slug: str) -> Company | None:
    return _facts().companies.get(slug)


def display_name(slug: str) -> str:
    """The name to show; a company that is not in the catalogue is shown by its slug's words."""
    known = company(slug)
    return known.name if known else " ".join(word.capitalize() for word in slug.split("-"))


_FORMS = frozenset(tokens("ai co company corp corporation group inc labs limited llc ltd pbc plc"))


def resolve(name: str) -> str | None:
    """The slug that a name, an alias, a product or a brand stands for.

    Case, spaces and punctuation do not matter, nor does what stands in brackets or says the
    kind of company: `Acme Inc.` is Acme.
    """
    names = _facts().names
    parts = [name, *name.replace(" / ", "(").replace(")", "(").split("(")]
    for part in parts:
        words = tokens(part)
        while words:
            if "".join(words) in names:
                return names["".join(words)]
            if words.pop() not in _FORMS:
                break
    return None


def nearest(name: str, n: int = 3) -> list[str]:
    """Up to `n` slugs whose names look most like this one, best first."""
    names = _facts().names
    close = difflib.get_close_matches(key(name), names, n=4 * n, cutoff=0.6)
    return list(dict.fromkeys(names[each] for each in close))[:n]


def care() -> Care:
    return _facts().care


def shared_hosts() -> frozenset[str]:
    """Hosts where anybody publishes: their owner does not speak there."""
    return _facts().shared_hosts


@cache
def sources() -> tuple[ListedSource, ...]:
    return tuple(ListedSource(**row) for row in _load("sources.json"))
