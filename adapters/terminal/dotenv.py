"""Writing `.env`: only what changes, and for nobody else's eyes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

_PLAIN = re.compile(r"[\w.:/+=-]+")
"""What means the same to every program that reads such a file, without quotes."""


def write(file: Path, values: Mapping[str, str]) -> None:
    """Set these variables and keep all other lines; the file is its owner's alone (mode 600).

    It is replaced in one step, so that a full disk or a crash leaves the old one.
    """
    if not all(_PLAIN.fullmatch(value) for value in values.values()):
        raise ValueError("a value with spaces, quotes or other signs is not written")
    file = file.resolve()
    lines = file.read_bytes().splitlines() if file.exists() else []
    for name, value in values.items():
        set_before = re.compile(rf"\s*(export\s+)?{name}\s*=".encode(), re.IGNORECASE)
        old = [place for place, line in enumerate(lines) if set_before.match(line)]
        line = f"{name}={value}".encode()
        if not old:
            lines.append(line)
        else:
            # Of several the last one counts; one that stayed above it would be an old secret.
            lines[old[-1]] = line
            lines = [kept for place, kept in enumerate(lines) if place not in old[:-1]]
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".env-")
    try:
        with open(handle, "wb") as opened:
            opened.write(b"\n".join(lines) + b"\n")
        os.replace(temporary, file)
    except OSError:
        os.unlink(temporary)
        raise
