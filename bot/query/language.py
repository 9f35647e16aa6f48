"""What a parsed query is, how it is written back, and what it matches.

A query is a conjunction of clauses; a clause is a disjunction of terms, or its negation. An
article is looked at as three lists of tokens: title, body and facets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from bot import catalogue
from bot.model import Article
from bot.query.text import fold, phrase, tokens

FACETS = ("company", "type", "tag", "source", "lang", "is", "has")
KEYS = (*FACETS, "title", "score", "since", "until")
SORTS = ("best", "new", "exact")
ANY = "any"
"""`is:any`: also what is for those alone who follow its source. Without it that is left out."""
FOLLOWED = "is:followed"


def slug(text: str) -> str:
    """A name as it is written in a query: `FUNDING & BUSINESS` is `funding-business`."""
    return "-".join(tokens(text))


class Looked(NamedTuple):
    """An article as a query sees it. The index of either database holds exactly this."""

    title: list[str]
    body: list[str]
    facets: list[str]
    score: float
    published: float


def facets_of(article: Article) -> list[str]:
    """The exact properties of an article, each as one token such as `company:alibaba`."""
    found = [f"company:{name}" for name in article.companies]
    found.append(f"type:{slug(article.type)}")
    found += [f"tag:{slug(tag)}" for tag in article.tags]
    for sighting in article.sightings:
        found.append(f"source:{slug(sighting.source)}")
        if sighting.discussion:
            found.append("has:discussion")
    if article.lang:
        found.append(f"lang:{fold(article.lang)[:2]}")
    if article.opinion:
        found.append("has:opinion")
    if article.withdrawn:
        found.append("is:withdrawn")
    if article.revision > 1:
        found.append("is:revised")
    if article.followed:
        found.append(FOLLOWED)
    return list(dict.fromkeys(found))


def looked_at(article: Article) -> Looked:
    """An article as tokens; its companies are found by the names that people know."""
    names = [catalogue.display_name(company) for company in article.companies]
    body = [take.text for take in article.takeaways]
    body += [article.summary, article.source_title, *article.tags, *names, *article.companies]
    return Looked(
        tokens(article.title),
        tokens(" \n".join(body)),
        facets_of(article),
        article.score,
        article.published,
    )


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: `key` is empty for plain words. `*` as value means any.

    `loose` marks a company that the catalogue does not know: it is also found by its name in
    the text, since no article can have it as a property.
    """

    key: str
    value: str
    prefix: bool = False
    quoted: bool = False
    loose: bool = False

    def __str__(self) -> str:
        value = f'"{self.value}"' if self.quoted else self.value
        return value + ("*" if self.prefix else "")

    @property
    def is_any(self) -> bool:
        return (self.key, self.value) == ("is", ANY)

    @property
    def words(self) -> tuple[tuple[str, ...], bool]:
        """The tokens of a plain word or phrase, and whether the last is a prefix."""
        found, prefix = phrase(self.value)
        return found, prefix or self.prefix

    def matches(self, looked: Looked) -> bool:
        if self.key == "":
            return self._stands_in(looked.title) or self._stands_in(looked.body)
        if self.key == "title":
            return self._stands_in(looked.title)
        if self.key == "score":
            return compares(looked.score, self.value)
        if self.key == "since":
            return looked.published >= float(self.value)
        if self.key == "until":
            return looked.published < float(self.value)
        if self.is_any:
            return True
        if self.value == "*":
            return any(facet.startswith(self.key + ":") for facet in looked.facets)
        if self.loose and (self._stands_in(looked.title) or self._stands_in(looked.body)):
            return True
        return f"{self.key}:{self.value}" in looked.facets

    def _stands_in(self, text: list[str]) -> bool:
        words, prefix = self.words
        last = len(words) - 1
        for start in range(len(text) - last):
            here = text[start : start + last + 1]
            if tuple(here[:-1]) != words[:-1]:
                continue
            if here[-1] == words[-1] or (prefix and here[-1].startswith(words[-1])):
                return True
        return False


def compares(score: float, comparison: str) -> bool:
    """Whether a score satisfies `>=7`, `<3` … as the parser leaves them."""
    for sign in (">=", "<=", ">", "<"):
        if comparison.startswith(sign):
            bound = float(comparison[len(sign) :])
            return {
                ">=": score >= bound,
                "<=": score <= bound,
                ">": score > bound,
                "<": score < bound,
            }[sign]
    return score == float(comparison)


@dataclass(frozen=True, slots=True)
class Clause:
    """One of these terms; or none of them, where `negated`. All have the same key."""

    terms: tuple[Term, ...]
    negated: bool = False

    def __str__(self) -> str:
        key = self.terms[0].key
        return (
            ("-" if self.negated else "")
            + (f"{key}:" if key else "")
            + ",".join(str(term) for term in self.terms)
        )

    def matches(self, looked: Looked) -> bool:
        return any(term.matches(looked) for term in self.terms) is not self.negated


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. Without clauses it matches everything."""

    clauses: tuple[Clause, ...] = ()
    sort: str = "best"
    page: int = 1
    limit: int = 0

    def __str__(self) -> str:
        parts = [str(clause) for clause in self.clauses]
        if self.sort != "best":
            parts.append(f"sort:{self.sort}")
        if self.page > 1:
            parts.append(f"page:{self.page}")
        if self.limit:
            parts.append(f"limit:{self.limit}")
        return " ".join(parts)

    @property
    def takes_any(self) -> bool:
        """Whether it is also about what is for those alone who follow its source."""
        return any(
            term.is_any for clause in self.clauses if not clause.negated for term in clause.terms
        )

    def matches(self, looked: Looked) -> bool:
        if FOLLOWED in looked.facets and not self.takes_any:
            return False
        return all(clause.matches(looked) for clause in self.clauses)

    def on_page(self, page: int) -> Query:
        return replace(self, page=page)

    def since(self, seconds: float) -> Query:
        """The same query, for what was published at or after a time."""
        return replace(self, clauses=(*self.clauses, Clause((Term("since", str(int(seconds))),))))

    def anchors(self) -> list[tuple[str, str]]:
        """The terms under which a subscription is kept: a match has at least one of them.

        The clause with the rarest kind of term is enough, because every match satisfies it:
        a company is rarer than a source, a source than a tag, a tag than a word or a type. Where
        `is:any` is said it is the source, by which its followers are found.
        """
        rank = {"company": 0, "source": 1, "tag": 2, "": 3, "title": 3, "type": 4, "lang": 5}
        usable = [
            clause
            for clause in self.clauses
            if not clause.negated
            and clause.terms[0].key in rank
            and all(_anchor(term)[0] for term in clause.terms)
        ]
        if not usable:
            return [("*", "*")]
        if self.takes_any:
            rank["source"] = -1
        best = min(usable, key=lambda clause: rank[clause.terms[0].key])
        return list(dict.fromkeys(_anchor(term) for term in best.terms))


def _anchor(term: Term) -> tuple[str, str]:
    """Under what a term is found again; an empty pair where nothing exact is required."""
    if term.key in ("", "title") or term.loose:
        words, prefix = term.words
        exact = words[:-1] if prefix else words
        return ("word", max(exact, key=len)) if exact else ("", "")
    return (term.key, term.value) if term.value != "*" else ("", "")


def keys_of(looked: Looked) -> list[tuple[str, str]]:
    """All anchors that an article answers to: see `Query.anchors`."""
    found = [("*", "*")]
    found += [(facet.split(":", 1)[0], facet.split(":", 1)[1]) for facet in looked.facets]
    found += [("word", word) for word in dict.fromkeys([*looked.title, *looked.body])]
    return found
