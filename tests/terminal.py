"""The words of the command line's tests: somebody at a terminal, in an empty folder, with
nothing configured. What is typed is carried out by the program's own `main`.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.terminal.cli import main
from adapters.terminal.settings import EXAMPLES


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: the exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaints(self) -> list[str]:
        return self.err.splitlines()


class Terminal:
    """`folder` is where it stands; only what a test sets is configured."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._patch = patch
        patch.chdir(folder)
        for name in EXAMPLES:
            patch.delenv(name, raising=False)
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))

    def sets(self, **values: str) -> None:
        for name, value in values.items():
            self._patch.setenv(name, value)

    def has(self, name: str, text: str | bytes) -> Path:
        """A file in the folder."""
        file = self.folder / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def types(self, *words: str, stdin: str | bytes = "") -> Said:
        given = io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin)
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(given, "utf-8"))
        with _logs_kept(), redirect_stdout(out), redirect_stderr(err):
            code = _code(words)
        return Said(code, _text(out), _text(err))

    async def types_beside(self, *words: str, stdin: str = "") -> Said:
        """The same, while servers of the test go on."""
        return await asyncio.to_thread(self.types, *words, stdin=stdin)


def _code(words: tuple[str, ...]) -> int:
    try:
        main(words)
    except SystemExit as end:
        return int(end.code or 0)


def _text(stream: io.TextIOWrapper) -> str:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@contextmanager
def _logs_kept() -> Iterator[None]:
    """`main` sends the logs of its process to stderr; the next test's are its own again."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
