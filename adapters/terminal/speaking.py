"""Lines for the person at the terminal: answers on stdout, problems on stderr.

What strangers wrote is made plain first, since a terminal obeys the control characters in it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size


def say(line: str) -> None:
    """A line for the person at the terminal."""
    print(line, flush=True)


def complain(line: str) -> None:
    """What went wrong, beside the answers, so that those can be piped on."""
    print(line, file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """One line without anything that a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())


def columns(rows: Sequence[Sequence[str]], widest: int = 40) -> list[str]:
    """Rows as aligned lines. Each cell is cut at `widest`, but for the last of a row."""
    plained = [[plain(cell) for cell in row] for row in rows]
    sizes = [min(max(map(cell_len, column)), widest) for column in zip(*plained, strict=True)]
    return [
        "  ".join(
            [*(set_cell_size(cell, size) for cell, size in zip(row[:-1], sizes, strict=False)),
             row[-1]]
        ).rstrip()
        for row in plained
    ]  # fmt: skip
