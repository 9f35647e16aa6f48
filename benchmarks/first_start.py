"""How long a newcomer waits, and what is on their disk then: `python benchmarks/first_start.py`.

It clones the last commit here into an empty folder, with an empty home and so an empty cache, types
what the README says, and ends when the first report stands in a channel of the page of the demo.
Only Python's standard library is needed. The demo visits real feeds where there is an internet.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 600.0
CARD = 'class="card"'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home, clone = place / "home", place / "botbeat"
        home.mkdir()
        kept = ("PATH", "LANG", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "SSL_CERT_FILE")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env |= {"HOME": str(home), "PORT": "0"}
        began = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        started = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=clone, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            address = told_address(started, began)
            waited = until_reports(address, began)
            print(f"{waited:5.1f} s  the first report stands in a channel")
        finally:
            os.killpg(started.pid, signal.SIGINT)
            started.wait(30)
        packages = len(list((clone / ".venv").glob("lib/python*/site-packages/*.dist-info")))
        size = sum(file.stat().st_size for file in (clone / ".venv").rglob("*") if file.is_file())
        print(f"{size / 1e6:.0f} MB in .venv, {packages} packages")


def told_address(started: subprocess.Popen[str], began: float) -> str:
    """Prints what a newcomer sees, with the second in which it came; the page's address."""
    assert started.stdout
    for line in started.stdout:
        print(f"{time.monotonic() - began:5.1f} s  {line.rstrip()[:100]}", flush=True)
        if found := re.search(r"BotBeat is at (http://\S+)", line):
            return found[1]
    sys.exit("The demo ended before it said where it is.")


def until_reports(address: str, began: float) -> float:
    while time.monotonic() - began < LONGEST:
        with urllib.request.urlopen(address, timeout=10) as page:
            if CARD in page.read().decode():
                return time.monotonic() - began
        time.sleep(0.2)
    sys.exit(f"No report within {LONGEST:.0f} s.")


if __name__ == "__main__":
    main()
