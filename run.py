"""Start BotBeat with nothing but Python: `python3 run.py` is the demo, `python3 run.py test` the
tests, and anything else goes to `botbeat`.

It installs into `.venv` beside this file, by uv where there is one, else by pip; a second start
finds everything there. Only the standard library is used here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*command: str | Path) -> None:
    """Say what is run, run it, and end with one line if it fails."""
    print("$", " ".join(str(part) for part in command), flush=True)
    done = subprocess.run([str(part) for part in command], cwd=HERE, check=False)
    if done.returncode:
        sys.exit(f"That failed (exit code {done.returncode}). Nothing else was changed.")


def install(locked: str) -> None:
    """Bring `.venv` to what the lock file says, unless it is there already."""
    mark = VENV / f"installed-{locked}"
    wanted = hashlib.sha256(
        (HERE / locked).read_bytes() + (HERE / "pyproject.toml").read_bytes()
    ).hexdigest()
    if mark.exists() and mark.read_text() == wanted and PYTHON.exists():
        return
    print("Installing BotBeat into .venv: about a minute, the first time only.", flush=True)
    uv = shutil.which("uv")
    if uv:
        if not PYTHON.exists():
            run(uv, "venv", "--python", sys.executable, VENV)
        pip = [uv, "pip", "install", "--python", str(PYTHON)]
    else:
        if not PYTHON.exists():
            # Some systems have pip but not what `venv` needs to put it into a new environment.
            run(sys.executable, "-m", "venv", "--without-pip", VENV)
        pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install"]
        # What is never imported need not be compiled; the rest is, at its first import.
        pip += ["--disable-pip-version-check", "--no-compile"]
    # The lock names everything: were dependencies looked up, pip would refuse an extra of a pinned
    # package as soon as there is a newer one (https://github.com/pypa/pip/issues/9644).
    pip += ["--no-deps"]
    run(*pip, "--require-hashes", "-r", locked)
    run(*pip, "--editable", ".")
    mark.write_text(wanted)


def main() -> None:
    words = sys.argv[1:]
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python can read this far
        sys.exit(f"BotBeat needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if words[:1] == ["test"]:
        install("requirements-test.lock")
        command = [PYTHON, "-m", "pytest", *words[1:]]
    else:
        install("requirements.lock")
        command = [PYTHON, "-m", "adapters.terminal", *(words or ["demo"])]
    try:
        sys.exit(subprocess.run([str(part) for part in command], cwd=HERE, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
