"""A database file for each running demo, however many run at once.

Whoever holds the lock beside a file owns it; the system lets go of the lock when its holder
ends, however it ends, so that nothing has to be cleaned up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from storage.engine import StoreError

if sys.platform == "win32":
    import msvcrt

    def _lock(opened: IO[bytes]) -> None:
        msvcrt.locking(opened.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(opened: IO[bytes]) -> None:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)


_MOST = 9


@contextmanager
def own_file(folder: Path, *, fresh: bool) -> Iterator[Path]:
    """The first of `demo.db`, `demo-2.db` … that no other demo has, ours while the context
    lasts; emptied before if `fresh`. StoreError if all are taken."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, _MOST + 1):
        name = "demo" if number == 1 else f"demo-{number}"
        with open(folder / f"{name}.lock", "ab") as lock:
            try:
                _lock(lock)
            except OSError:
                continue  # another demo's
            if fresh:
                for old in folder.glob(f"{name}.db*"):
                    old.unlink()
            yield folder / f"{name}.db"
            return
    raise StoreError(f"{_MOST} demos run already. End one of them with Ctrl+C.")
