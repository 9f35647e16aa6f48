"""Several processes write into one SQLite file: `python benchmarks/writers.py`.

Side by side in one run: our lane (`storage.lane`), and SQLite's own waiting, for which the same
store is given a writer that leaves it to SQLite. It prints how many writes each process did, and
how long a write waited at most.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import create_engine, event

from bot.store import StoreAway
from storage import engine
from storage.store import SqlStore, open_store

PROCESSES, THREADS, SECONDS = 3, 6, 6.0


class Unfair:
    """A lane in which everybody may go at once."""

    def turn(self) -> nullcontext[None]:
        return nullcontext()


def by_itself(path: str) -> SqlStore:
    """A store whose writers wait as SQLite has them wait."""
    url = engine.database_url(f"sqlite:///{path}")
    arguments = {"check_same_thread": False, "timeout": 10}
    writer = create_engine(url, pool_size=1, max_overflow=0, connect_args=arguments)
    event.listen(writer, "connect", engine._prepare_sqlite)
    event.listen(writer, "begin", lambda one: one.exec_driver_sql("BEGIN IMMEDIATE"))
    store = SqlStore(engine.connect(url, write=False), writer)
    store._lane = Unfair()  # type: ignore[assignment]  # SQLite's own waiting, to compare
    return store


def work(path: str, fair: bool, told: Any) -> None:
    store = open_store(f"sqlite:///{path}") if fair else by_itself(path)
    waits, ends = list[float](), time.monotonic() + SECONDS

    def write() -> None:
        nth = 0
        while time.monotonic() < ends:
            began, nth = time.monotonic(), nth + 1
            try:
                with store.write() as tx:
                    tx.desk.ration(f"host {threading.get_ident()} {nth % 50}", 0.001, 1)
            except StoreAway:
                continue
            waits.append(time.monotonic() - began)

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(waits)


def measure(name: str, fair: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/writers.db"
        open_store(f"sqlite:///{path}").close()
        told = multiprocessing.get_context("spawn").Queue()
        processes = [
            multiprocessing.get_context("spawn").Process(target=work, args=(path, fair, told))
            for _ in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        each = [told.get() for _ in processes]
        for process in processes:
            process.join()
    waits = sorted(wait for one in each for wait in one)
    print(
        f"{name:14} {len(waits) / SECONDS:6.0f} writes a second, by process "
        f"{sorted(len(one) for one in each)}; p50 {waits[len(waits) // 2]:.3f} s, "
        f"p99 {waits[int(len(waits) * 0.99)]:.3f} s, longest {waits[-1]:.2f} s"
    )


if __name__ == "__main__":
    for _ in range(2):
        measure("SQLite's own", fair=False)
        measure("in turns", fair=True)
