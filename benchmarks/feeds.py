"""How many real feeds are read right: `python benchmarks/feeds.py FOLDER`.

FOLDER holds `feeds/MANIFEST.json`, a list of {file, format, entries, wellformed}. A feed is read
right when as many entries come out as the manifest counts, those included that cannot be news
(they are named); every other feed is named with the reason.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.feeds.feed import NotAFeed
from adapters.feeds.parse import parse


def outcome(folder: Path, known: dict[str, Any]) -> tuple[int, str]:
    """The number of entries, and what was said about them."""
    body = (folder / known["file"]).read_bytes()
    try:
        feed = parse(body, "https://feeds.example/feed")
    except NotAFeed as refusal:
        return 0, refusal.reason
    for one in feed.left_out:
        print(f"{known['file']}: left out as {one.reason}: {one.entry.title[:60]!r}")
    return len(feed.entries) + len(feed.left_out), "; ".join(feed.warnings)


def main(folder: Path) -> None:
    manifest = json.loads((folder / "feeds" / "MANIFEST.json").read_text())
    right = {True: 0, False: 0}
    total = {True: 0, False: 0}
    entries, size, started = 0, 0, time.perf_counter()
    for known in manifest:
        count, said = outcome(folder, known)
        good, entries, size = bool(known["wellformed"]), entries + count, size + known["bytes"]
        total[good] += 1
        right[good] += count == known["entries"]
        if count != known["entries"]:
            print(f"{known['file']}: {count} entries instead of {known['entries']} ({said})")
    spent = time.perf_counter() - started
    print(f"well-formed: {right[True]} of {total[True]} right ({right[True] / total[True]:.1%})")
    print(f"broken: {right[False]} of {total[False]} right")
    print(
        f"{entries} entries, {size / 1e6:.1f} MB in {spent:.1f} s: {entries / spent:.0f} a second"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
