"""docs/operations.md, read for its commands, and what is said of each as it is followed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
ORIGIN = "srv/botbeat.git"
"""Where the code is to be had, below the root of a machine."""


def section(heading: str) -> list[str]:
    """The blocks of commands under a heading of the page."""
    text = PAGE[PAGE.index(f"## {heading}\n") :].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", text, re.S | re.M)


def check(true: object, words: str) -> None:
    if not true:
        sys.exit(f"NOT SO: {words}")
    print(f"    so it is: {words}", flush=True)


def sets(file: Path, **lines: str) -> None:
    """What somebody writes into a `.env` with an editor."""
    for name, value in lines.items():
        text, found = re.subn(rf"^{name}=.*$", f"{name}={value}", file.read_text(), flags=re.M)
        check(found == 1, f"{name} has its line in .env")
        file.write_text(text)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return str(done.stdout).strip()


def has_origin(root: Path) -> None:
    """Lays the origin of the code, which has the commit before ours."""
    git(ROOT, "clone", "--quiet", "--bare", ".", str(root / ORIGIN))
    moves_origin(root, "HEAD~1")


def moves_origin(root: Path, commit: str) -> str:
    """Makes this commit of ours the newest that the origin has; its number."""
    number, origin = git(ROOT, "rev-parse", commit), root / ORIGIN
    git(origin, "update-ref", git(origin, "symbolic-ref", "HEAD"), number)
    return number
