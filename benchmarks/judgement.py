"""Measures `bot.classify` against headlines labelled by hand.

    PYTHONPATH=. python benchmarks/judgement.py <folder>

The folder holds `headlines.jsonl` (headline, url, source, company, companies_also_ok, type,
type_alternatives, is_ai_news) and `same_story.jsonl` (label, a, b with title, url, date, source).
The type is measured on AI news only, since nothing else has one. Nothing is ever published from it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import catalogue
from bot.classify import Headline, judge, same_event

Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def slug(name: str | None) -> str:
    return (catalogue.resolve(name) or catalogue.slug(name)) if name else ""


def measure(labelled: list[Row]) -> tuple[Counter[str], Counter[str]]:
    """How often each question was answered rightly, and how often it was asked."""
    right, asked = Counter[str](), Counter[str]()

    def note(question: str, answer: bool) -> None:
        asked[question] += 1
        right[question] += answer

    for row in labelled:
        told = judge(row["headline"], row["url"] or "", source=row["source"] or "")
        first = told.companies[0] if told.companies else ""
        also = {slug(name) for name in row["companies_also_ok"]}
        note("is AI news", told.is_ai == row["is_ai_news"])
        note("company", first == slug(row["company"]))
        note("company, or one accepted", first in also | {slug(row["company"])})
        if row["is_ai_news"]:
            note("company (AI news only)", first == slug(row["company"]))
            note("type", told.type == row["type"])
            note("type, or one accepted", told.type in {row["type"], *row["type_alternatives"]})
    return right, asked


def headline(side: Row) -> Headline:
    day = side.get("date")
    date = datetime.fromisoformat(day[:10]).replace(tzinfo=UTC).timestamp() if day else 0.0
    return Headline(side["title"], side["url"] or "", date, side["source"] or "")


def pairs(labelled: list[Row]) -> Counter[str]:
    """How often a pair was merged or kept apart, by whether it should have been merged."""
    count = Counter[str]()
    for row in labelled:
        merged = same_event(headline(row["a"]), headline(row["b"]))
        count[f"{'merged' if merged else 'apart'} {row['label'] == 'same_story'}"] += 1
    return count


def main(folder: Path) -> None:
    right, asked = measure(rows(folder / "headlines.jsonl"))
    for question, times in asked.items():
        print(f"{question:28} {right[question]:4}/{times:<4} {right[question] / times:6.1%}")
    count = pairs(rows(folder / "same_story.jsonl"))
    merged = count["merged True"] + count["merged False"]
    same = count["merged True"] + count["apart True"]
    print(f"{'same event, precision':28} {count['merged True']:4}/{merged:<4}", end=" ")
    print(f"{count['merged True'] / merged:6.1%}" if merged else "  none")
    print(f"{'same event, recall':28} {count['merged True']:4}/{same:<4}", end=" ")
    print(f"{count['merged True'] / same:6.1%}" if same else "  none")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python benchmarks/judgement.py <folder with the labels>")
    main(Path(sys.argv[1]))
