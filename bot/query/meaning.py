"""A query in plain words, so that nobody subscribes to something else than they meant."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot import catalogue
from bot.model import TYPES
from bot.query.language import ANY, Clause, Query, Term, slug

_KEYS = {"company": "company", "type": "type", "tag": "tag", "source": "source", "lang": "language"}
_IS = {
    "withdrawn": "it is withdrawn",
    "revised": "it was revised",
    ANY: "it may be AI news or not",
}
_HAS = {"discussion": "it has a discussion", "opinion": "it has an opinion"}


def meaning(query: Query) -> str:
    """`company is Alibaba or Mistral AI, and type is not Funding & Business`."""
    if not query.clauses:
        return "every report"
    return ", and ".join(_said(clause) for clause in query.clauses)


def _said(clause: Clause) -> str:
    key, no = clause.terms[0].key, clause.negated
    if key in _KEYS:
        return f"{_KEYS[key]} is {'not ' if no else ''}{_either(clause, _name, no)}"
    if key == "title":
        return f"the headline {'does not say' if no else 'says'} {_either(clause, _words, no)}"
    if key == "score":
        signs = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
        return f"importance is {'not ' if no else ''}" + _either(
            clause,
            lambda term: f"{signs[term.value.rstrip('0123456789.')]} " + term.value.lstrip("<>="),
            no,
        )
    if key in ("since", "until"):
        verb = "since" if key == "since" else "before"
        return f"{'not ' if no else ''}published {verb} " + _either(clause, _day, no)
    if key in ("is", "has"):
        told = _either(clause, lambda term: (_IS | _HAS).get(term.value, "any"), no)
        return ("not: " if no else "") + told
    return f"it {'does not say' if no else 'says'} {_either(clause, _words, no)}"


def _either(clause: Clause, say: Callable[[Term], str], negated: bool) -> str:
    return (" nor " if negated and len(clause.terms) > 1 else " or ").join(
        say(term) for term in clause.terms
    )


def _name(term: Term) -> str:
    if term.value == "*":
        return "any"
    if term.key == "company":
        known = catalogue.company(term.value)
        return known.name if known else term.value.replace("-", " ")
    if term.key == "type":
        return next((name.capitalize() for name in TYPES if slug(name) == term.value), term.value)
    if term.key == "tag":
        return next(
            (tag.name for tag in catalogue.TAGS if slug(tag.name) == term.value), term.value
        )
    return term.value.replace("-", " ")


def _words(term: Term) -> str:
    return f"“{term.value}{'…' if term.prefix else ''}”"


def _day(term: Term) -> str:
    return time.strftime("%d %b %Y", time.gmtime(float(term.value))).lstrip("0")
