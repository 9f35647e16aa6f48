"""What a process that nobody watches writes into its log."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.terminal.logs import set_up


@contextmanager
def written_meanwhile(
    monkeypatch: pytest.MonkeyPatch, level: int = logging.INFO
) -> Iterator[io.StringIO]:
    """All that is logged meanwhile, as it is written."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, usual = root.handlers[:], root.level
    try:
        set_up(level)
        yield written
    finally:
        root.handlers[:] = before
        root.setLevel(usual)


def lines(written: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]
