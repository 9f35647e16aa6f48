"""`classify` and `same-event`: the core's judgement of headlines, as filters of JSON lines."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.terminal.lines import BrokenLine, Row, answer, text_of
from adapters.terminal.moments import seconds
from bot import catalogue
from bot import classify as judgements


def classify(
    explain: Annotated[bool, typer.Option("--explain", help="Add the reasons.")] = False,
) -> None:
    """Is it AI news, whose, of which kind.

    Takes JSON lines with `title`, and if there are `url`, `text` and `source`; gives the same
    lines with `is_ai company companies type tags`.
    """
    answer(lambda row: _judged(row, explain))


def same_event() -> None:
    """Do two headlines tell of one event.

    Takes JSON lines with `a` and `b`, each with `title url date source`; gives the same lines
    with `same`.
    """
    answer(lambda row: {"same": judgements.same_event(_headline(row, "a"), _headline(row, "b"))})


def company_name(slug: str) -> str:
    """A company's plain name, the same wherever a program reads it: `Google`, `Alibaba`."""
    known = catalogue.company(slug)
    return known.short_name if known else catalogue.display_name(slug)


def _judged(row: Row, explain: bool) -> Row:
    judged = judgements.judge(
        text_of(row, "title", needed=True),
        text_of(row, "url"),
        text_of(row, "text"),
        text_of(row, "source"),
    )
    names = [company_name(slug) for slug in judged.companies]
    told: dict[str, Any] = {
        "is_ai": judged.is_ai,
        "company": names[0] if names else None,
        "companies": names,
        "type": judged.type,
        "tags": list(judged.tags),
    }
    return {**told, "reasons": list(judged.reasons)} if explain else told


def _headline(row: Row, side: str) -> judgements.Headline:
    one = row.get(side)
    if not isinstance(one, dict):
        raise BrokenLine(f"it has no “{side}” with a title, url, date and source")
    try:
        return judgements.Headline(
            text_of(one, "title", needed=True),
            text_of(one, "url"),
            seconds(one.get("date")),
            text_of(one, "source"),
        )
    except BrokenLine as error:
        raise BrokenLine(f"in “{side}”: {error}") from None
