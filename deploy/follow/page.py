"""docs/operations.md, read for its commands, and what is said of each as it is followed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def section(heading: str) -> list[str]:
    """The blocks of commands under a heading of the page."""
    text = PAGE[PAGE.index(f"## {heading}\n") :].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", text, re.S | re.M)


def check(true: object, words: str) -> None:
    if not true:
        sys.exit(f"NOT SO: {words}")
    print(f"    so it is: {words}", flush=True)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return str(done.stdout).strip()
