"""JSON lines, in and out, one at a time: a million of them need no more memory than one.

A line that is broken is named by its number, and the others go on.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import typer

from adapters.terminal.speaking import complain

Row = dict[str, Any]

LONGEST = 4 << 20
"""The most bytes that a line may have."""


class BrokenLine(ValueError):
    """A line that cannot be used; says why, in words that follow its number."""


def rows(stream: BinaryIO) -> Iterator[tuple[int, Row | BrokenLine]]:
    """Each line with its number, counted from 1. Empty lines are passed over."""
    number = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            _skip_rest(stream, line)
            yield number, BrokenLine(f"it is longer than {LONGEST >> 20} MiB")
        elif line.strip():
            yield number, _row(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def answer(change: Callable[[Row], Row]) -> None:
    """Write each line of stdin to stdout with what `change` adds to it; it may raise BrokenLine.

    Exits with 1 when a line was broken.
    """
    broken = 0
    for number, row in rows(sys.stdin.buffer):
        try:
            if isinstance(row, BrokenLine):
                raise row
            emit(row | change(row))
        except BrokenLine as error:
            broken += 1
            complain(f"line {number}: {error}")
    if broken:
        raise typer.Exit(1)


def emit(row: Row) -> None:
    """One line of JSON on stdout, at once."""
    try:
        line = json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half characters, which JSON can say and UTF-8 cannot, leave as they came.
        line = json.dumps(row).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def text_of(row: Row, *names: str, needed: bool = False) -> str:
    """The text under the first of these names that has one; empty if none has."""
    for name in names:
        value = row.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise BrokenLine(f"“{name}” must be a text")
        if value.strip():
            return value
    if needed:
        raise BrokenLine(f"it has no “{names[0]}”")
    return ""


def _row(line: bytes) -> Row | BrokenLine:
    try:
        row = json.loads(line.decode(), parse_constant=_finite, parse_float=_finite)
    except UnicodeDecodeError:
        return BrokenLine("it is not UTF-8")
    except (ValueError, RecursionError):
        return BrokenLine("it is not JSON")
    return row if isinstance(row, dict) else BrokenLine("it is JSON, but not an object")


def _finite(number: str) -> float:
    """What JSON can say: neither NaN, nor an infinity or what is too large to be anything else."""
    if not math.isfinite(float(number)):
        raise ValueError(f"{number} is no number of JSON")
    return float(number)


def _skip_rest(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(LONGEST)
