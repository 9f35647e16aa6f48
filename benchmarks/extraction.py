"""How much of an article's text is found on its page, and how much else, beside trafilatura alone.

    PYTHONPATH=. python benchmarks/extraction.py <folder>

The folder holds `ground-truth.json` (`{name: {"articleBody": …, "url": …}}`) and `<name>.html.gz`,
as in https://github.com/scrapinghub/article-extraction-benchmark. As there, a text is a bag of all
four words in a row. Prints the mean F1 over all pages, of either; fails if ours is the worse one.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from pathlib import Path
from statistics import mean

from trafilatura import extract as trafilatura

from adapters.feeds.page import extract

TOGETHER = 4
Bag = Counter[tuple[str, ...]]


def bag(text: str) -> Bag:
    words = re.findall(r"\w+", text)
    if len(words) < TOGETHER:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(TOGETHER)), strict=False))


def f1(found: str, truth: str) -> float:
    mine, theirs = bag(found), bag(truth)
    both = (mine & theirs).total()
    return 2 * both / (mine.total() + theirs.total()) if mine or theirs else 1.0


def main(folder: Path) -> int:
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    scores = []
    for page in sorted(folder.glob("*.html.gz")):
        html, truth = gzip.decompress(page.read_bytes()), truths[page.name.removesuffix(".html.gz")]
        url, body = truth.get("url", ""), truth["articleBody"]
        # Its own default keeps the comments, which are no part of an article.
        alone = trafilatura(html, url=url, include_comments=False) or ""
        scores.append((f1(extract(html, url).text, body), f1(alone, body)))
    ours, theirs = (mean(score) for score in zip(*scores, strict=True))
    print(f"main text, mean F1 of {len(scores)} pages: {ours:.3f}; trafilatura alone: {theirs:.3f}")
    return int(ours < theirs)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python benchmarks/extraction.py <folder with the pages>")
    raise SystemExit(main(Path(sys.argv[1])))
