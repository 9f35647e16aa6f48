"""What `bot.ports.Store` asks for, over SQLAlchemy Core.

A transaction is one `with` block; nothing inside it can wait for a network.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.freshness import Evenly, boot, steady
from bot.store import StoreAway, StoreClash
from storage import engine as opening
from storage import waits
from storage.articles import Articles
from storage.channels import Channels
from storage.comments import Comments
from storage.cursors import Cursors
from storage.deliveries import Deliveries
from storage.desk import Desk
from storage.engine import StoreError
from storage.lane import Lane
from storage.levels import Levels
from storage.rows import Session
from storage.sources import Sources
from storage.subscriptions import Subscriptions

_BUSY = 30.0
"""For so many seconds a thread waits until those before it have written."""


class Tx:
    """One transaction; each part of it speaks of one subject."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def now(self) -> float:
        return self._session.now

    @property
    def believed(self) -> float:
        return self._session.believed

    @property
    def undisturbed(self) -> float:
        return self._session.undisturbed

    def calm(self, seconds: float) -> bool:
        return self._session.calm(seconds)

    @cached_property
    def articles(self) -> Articles:
        return Articles(self._session)

    @cached_property
    def channels(self) -> Channels:
        return Channels(self._session)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self._session)

    @cached_property
    def comments(self) -> Comments:
        return Comments(self._session)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self._session)

    @cached_property
    def cursors(self) -> Cursors:
        return Cursors(self._session)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self._session)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self._session)

    @cached_property
    def levels(self) -> Levels:
        return Levels(self._session)


class SqlStore:
    """A database in use. `clock` replaces the database's own clock, `even` the one that nobody
    sets."""

    def __init__(
        self,
        readers: Engine,
        writer: Engine,
        clock: Callable[[], float] | None = None,
        even: Callable[[], float] = steady,
    ) -> None:
        self._readers = readers
        self._writer = writer
        self._clock = clock
        self._evenly = Evenly(even)
        # What is known of a clock holds for one steady one, which ends with the machine's run.
        self._steady = boot() if even is steady else "a test's clock"
        self._postgres = writer.dialect.name == "postgresql"
        self._lane = None if self._postgres else Lane(_BUSY)
        self._watching = threading.Lock()
        self._watch: Connection | psycopg.Connection | None = None
        self._heard = 0
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with _answering(), self._readers.connect() as connection, connection.begin():
            yield Tx(Session(connection, self._clock, self._evenly, writes=False))

    @contextmanager
    def write(self) -> Iterator[Tx]:
        with (
            _answering(),
            self._lane.turn() if self._lane else nullcontext(),
            self._writer.connect() as connection,
            connection.begin(),
        ):
            session = Session(connection, self._clock, self._evenly, writes=True)
            yield Tx(session)
            unknown = self._steady and self._evenly.unknown()
            if unknown:
                waits.leave(session, self._steady, unknown)
            if self._postgres:
                connection.execute(_NOTIFY)
        if unknown:
            self._evenly.left(unknown)

    def recall(self) -> None:
        """Know of the clock what earlier processes knew. Whatever it does from now on, it is known
        how long ago this was."""
        with _answering(), self._readers.connect() as connection, connection.begin():
            session = Session(connection, self._clock, self._evenly, writes=False)
            self._evenly.recall(waits.left(session, self._steady))
            assert session.now

    def version(self) -> int:
        """Moves whenever any process has committed: from SQLite's counter, or by NOTIFY."""
        with self._watching:
            if self._closed:
                return self._heard  # the last look of a thread that outlived its task
            if self._postgres:
                return self._listen()
            if self._watch is None:
                self._watch = self._readers.connect()
                # A transaction would freeze what this connection sees.
                self._watch.rollback()
            assert isinstance(self._watch, Connection)
            cursor = self._watch.connection.cursor()
            try:
                return int(cursor.execute("PRAGMA data_version").fetchone()[0])
            finally:
                cursor.close()

    def _listen(self) -> int:
        assert self._watch is None or isinstance(self._watch, psycopg.Connection)
        try:
            if self._watch is None or self._watch.closed:
                address = self._writer.url.set(drivername="postgresql")
                self._watch = psycopg.connect(
                    address.render_as_string(hide_password=False), autocommit=True
                )
                self._watch.execute("LISTEN botbeat")
                self._heard += 1
            self._heard += sum(1 for _ in self._watch.notifies(timeout=0))
        except psycopg.Error:
            # The connection broke; what was said meanwhile is lost, so look once more.
            if self._watch is not None:
                self._watch.close()
            self._watch = None
            self._heard += 1
        return self._heard

    def close(self) -> None:
        with self._watching:
            self._closed = True
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._readers.dispose()
        self._writer.dispose()


_NOTIFY = text("SELECT pg_notify('botbeat', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL")
"""Heard by the others only if this transaction commits, and sent only if it wrote something: else
two workers with nothing to do would wake each other for ever."""


@contextmanager
def _answering() -> Iterator[None]:
    """What the database cannot do for now is told apart from what we did wrong."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreAway("The database is too busy.") from error
    except DBAPIError as error:
        if not _is_away(error):
            raise
        if isinstance(error.orig, psycopg.errors.DeadlockDetected):
            raise StoreClash(opening.plain(error)) from error
        raise StoreAway(opening.plain(error)) from error


def _is_away(error: DBAPIError) -> bool:
    """SQLite calls a wrong statement an operational error too: its plain code 1."""
    mistake = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    away = isinstance(error, OperationalError | InterfaceError | InternalError)
    return error.connection_invalidated or (away and not mistake)


def open_store(
    address: str,
    clock: Callable[[], float] | None = None,
    even: Callable[[], float] | None = None,
) -> SqlStore:
    """Open a database, make or upgrade its tables. Raises `StoreError` with what to do. A `clock`
    of a test is even, unless the test has another one for that."""
    url = opening.database_url(address)
    writer = opening.connect(url, write=True)
    try:
        opening.upgrade(writer)
    except StoreError:
        writer.dispose()
        raise
    readers = opening.connect(url, write=False) if url.get_backend_name() == "sqlite" else writer
    store = SqlStore(readers, writer, clock, even or clock or steady)
    try:
        store.recall()
    except StoreAway as error:
        store.close()
        raise StoreError(str(error), passes=True) from None
    return store
