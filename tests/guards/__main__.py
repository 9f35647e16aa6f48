"""`python -m tests.guards [--draw N] [--seed S] [--only 24,119]`: fails if a test stays green.

Each removal happens in a copy of the project; the copy's tests are run by this same Python.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.guards.guard import Guard
from tests.guards.table import GUARDS

ROOT = Path(__file__).parent.parent.parent
LONGEST = 300.0
FAILED = 1
"""pytest's exit code for tests that ran and failed; others say that none ran."""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.guards")
    parser.add_argument("--draw", type=int, default=0, help="so many at random; 0 takes all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="contract numbers, parted by commas")
    given = parser.parse_args(words)
    numbers = sorted({guard.number for guard in GUARDS})
    if given.only:
        numbers = [int(word) for word in given.only.split(",")]
    if given.draw:
        numbers = sorted(random.Random(given.seed).sample(numbers, given.draw))
    chosen = [guard for guard in GUARDS if guard.number in numbers]
    with tempfile.TemporaryDirectory(prefix="botbeat-guards-") as folder:
        copy = copied(Path(folder))
        if not are_green(copy, chosen):
            print("some of these tests fail with nothing removed")
            return 1
        caught = [is_caught(copy, guard) for guard in chosen]
    print(f"{sum(caught)} of {len(caught)} removals turned their test red (seed {given.seed})")
    return 0 if all(caught) else 1


def copied(folder: Path) -> Path:
    """The project as it stands, without what is not in its history."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def place_of(test: str) -> str:
    """Where a test stands, as pytest wants it."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        if re.search(rf"^\s*(async )?def {test}\(", file.read_text(encoding="utf-8"), re.M):
            return f"{file.relative_to(ROOT)}::{test}"
    raise LookupError(f"there is no {test}")


def are_green(copy: Path, guards: list[Guard]) -> bool:
    tests = sorted({place_of(guard.test) for guard in guards})
    return run_tests(copy, tests, LONGEST * 3) == 0


def is_caught(copy: Path, guard: Guard) -> bool:
    file = copy / guard.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(guard.old, guard.new, 1), encoding="utf-8")
    try:
        code = run_tests(copy, [place_of(guard.test)], LONGEST)
    finally:
        file.write_text(text, encoding="utf-8")
    said = {FAILED: "red", 0: "GREEN"}.get(code, f"did not run (pytest ended with {code})")
    print(f"{guard.number:>4} {guard.file}: {guard.test}: {said}", flush=True)
    return code == FAILED


def run_tests(copy: Path, tests: list[str], longest: float) -> int:
    try:
        return subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=longest,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        # A removal may make a test wait for ever for what no longer happens.
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
