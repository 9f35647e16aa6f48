"""Measures `bot.classify` against headlines labelled by hand.

    PYTHONPATH=. python benchmarks/judgement.py <folder>

The folder holds `headlines.jsonl` (headline, url, source, company, companies_also_ok, type,
type_alternatives, is_ai_news) and `same_story.jsonl` (label, a, b with title, url, date, source).
Company and type are measured on AI news only, since nothing else is published. Each line is a
share with its count and a 95% interval: Wilson's for a share, and for F1 that of 2,000 resamples.
Nothing is ever published from it.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
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


def measure(labelled: list[Row]) -> dict[str, list[bool]]:
    """For each question, whether each answer was right."""
    told = defaultdict[str, list[bool]](list)
    for row in labelled:
        found = judge(row["headline"], row["url"] or "", source=row["source"] or "")
        if not row["is_ai_news"]:
            continue
        first = found.companies[0] if found.companies else ""
        right = slug(row["company"])
        also = {slug(name) for name in row["companies_also_ok"]}
        told["company"].append(first == right)
        told["company, or one accepted"].append(first in also | {right})
        told["type"].append(found.type == row["type"])
        told["type, or one accepted"].append(found.type in {row["type"], *row["type_alternatives"]})
    return told


def gated(labelled: list[Row]) -> list[tuple[bool, bool]]:
    """Whether each headline is AI news, and whether we say so."""
    told = [
        judge(row["headline"], row["url"] or "", source=row["source"] or "") for row in labelled
    ]
    return [(row["is_ai_news"], one.is_ai) for row, one in zip(labelled, told, strict=True)]


def f1(answers: Sequence[tuple[bool, bool]]) -> float:
    hits = sum(is_ai and said for is_ai, said in answers)
    wrong = sum(is_ai != said for is_ai, said in answers)
    return 2 * hits / (2 * hits + wrong) if hits else 0.0


def resampled(answers: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    chance = random.Random(1)
    scores = sorted(f1(chance.choices(answers, k=len(answers))) for _ in range(2000))
    return scores[50], scores[1949]


def wilson(hits: int, times: int) -> tuple[float, float]:
    """https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval"""
    share, z = hits / times, 1.96
    middle = (share + z * z / (2 * times)) / (1 + z * z / times)
    half = z * math.sqrt(share * (1 - share) / times + z * z / (4 * times * times))
    half /= 1 + z * z / times
    return middle - half, middle + half


def show(question: str, share: float, count: str, bounds: tuple[float, float]) -> None:
    low, high = bounds
    print(f"{question:26} {share:6.3f}  {count:>9}  95%: {low:.3f} to {high:.3f}")


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
    headlines = rows(folder / "headlines.jsonl")
    answers = gated(headlines)
    show("is AI news, F1", f1(answers), f"n={len(answers)}", resampled(answers))
    shares = {name: (sum(told), len(told)) for name, told in measure(headlines).items()}
    if (folder / "same_story.jsonl").exists():
        count = pairs(rows(folder / "same_story.jsonl"))
        merged = count["merged True"] + count["merged False"]
        same = count["merged True"] + count["apart True"]
        shares["same event, precision"] = (count["merged True"], merged)
        shares["same event, recall"] = (count["merged True"], same)
    for name, (hits, times) in shares.items():
        if times:
            show(name, hits / times, f"{hits}/{times}", wilson(hits, times))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python benchmarks/judgement.py <folder with the labels>")
    main(Path(sys.argv[1]))
