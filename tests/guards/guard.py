"""One promise without the lines that keep it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """In `file`, `old` (which stands there once) keeps contract `number`; with `new` instead the
    program still runs, and the duty is not done. `test` is one of the contract's tests."""

    number: int
    file: str
    old: str
    new: str
    test: str
