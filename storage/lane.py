"""Whose turn it is to write into an SQLite file, of which there is one writer at a time.

SQLite lets those wait who sleep, ever longer, and look again: whoever writes much takes the file
again before they do. Here a thread waits behind those who came before it, and a process looks
again so often that each gets its share.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.store import StoreAway

_SHORTEST, _LONGEST = 0.001, 0.004
"""Seconds between two looks whether another process has written."""


class Lane:
    """The threads of a process, one after the other in the order in which they came."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting = deque[threading.Lock]()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises StoreAway after so many seconds of patience."""
        self._take()
        try:
            yield
        finally:
            self._leave()

    def _take(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=self._patience):
            return
        with self._mutex:
            late = mine not in self._waiting
            if not late:
                self._waiting.remove(mine)
        if late:
            self._leave()  # It was handed over at the last moment, and goes to the next one.
        raise StoreAway("The database is too busy.")

    def _leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def begin(connection: Connection, patience: float) -> None:
    """BEGIN IMMEDIATE, as soon as no other process writes; OperationalError after so many seconds.
    SQLite itself must not wait: `PRAGMA busy_timeout=0`."""
    ends = time.monotonic() + patience
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
            if code != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(random.uniform(_SHORTEST, _LONGEST))
        else:
            return
