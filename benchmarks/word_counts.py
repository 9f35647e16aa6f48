"""Counts in how many headlines each word stands, for `bot/classify/words.json`:
`python benchmarks/word_counts.py HEADLINES.jsonl > bot/classify/words.json`.

Each line of the file is an object with a `title`; two lines with one title count once.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.classify.headwords import traits
from bot.classify.rarity import SELDOM


def main(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    titles = {json.loads(line)["title"] for line in lines if line.strip()}
    counts = Counter(stem for title in sorted(titles) for stem in traits(title, "").stems)
    kept = {stem: count for stem, count in sorted(counts.items()) if count >= SELDOM}
    told = {"headlines": len(titles), "stems": kept}
    print(json.dumps(told, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python benchmarks/word_counts.py HEADLINES.jsonl")
    main(Path(sys.argv[1]))
