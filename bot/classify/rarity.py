"""How rare a word is in headlines, so that `kvarn` tells an event and `model` none."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files

SELDOM = 3
"""Stems that fewer headlines have are not kept: they count as found in two."""


def rarity(stem: str) -> float:
    """The natural logarithm of one in how many headlines has it; some 2 to 9."""
    all_told, counts = _counted()
    return math.log(all_told / counts.get(stem, SELDOM - 1))


@cache
def _counted() -> tuple[int, dict[str, int]]:
    """Made by `benchmarks/word_counts.py`."""
    kept = json.loads((files("bot.classify") / "words.json").read_text(encoding="utf-8"))
    return kept["headlines"], kept["stems"]
