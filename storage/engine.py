"""Opening a database and bringing it up to date.

SQLite has one writer lane (see `storage.lane`) and a few readers. A write begins with BEGIN
IMMEDIATE, because a transaction that reads first and writes later fails with "database is locked"
under load.
"""

from __future__ import annotations

import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from storage.lane import begin

_MIGRATIONS = Path(__file__).parent / "migrations"
# A server's passing refusals, as when it is stopped or restarted.
_PASSING = ("starting up", "shutting down", "recovery", "too many", "terminating connection")
_UPGRADE_LOCK = 0x626F7462  # any number that nobody else uses on this server


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do. What `passes` is over
    without anybody's help, as a restart of the database's server is."""

    def __init__(self, text: str, *, passes: bool = False) -> None:
        super().__init__(text)
        self.passes = passes


def database_url(address: str) -> URL:
    """A database's address as SQLAlchemy wants it; `postgres://` of hosting services too."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreError(
            "DATABASE_URL is no database address. Examples: sqlite:////home/me/botbeat.db, "
            "postgresql://user:password@host/botbeat"
        ) from None
    if "@" in (url.host or ""):
        # The end of the password would be taken for a host, and told to everybody.
        raise StoreError("DATABASE_URL's password has an @ in it: write it as %40 there.")
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"DATABASE_URL names {url.get_backend_name()}; BotBeat runs on sqlite and postgresql."
        )
    return url


def connect(url: URL, *, write: bool, patience: float = 10) -> Engine:
    """An engine for reading or for writing. Nothing is opened yet.

    `patience` is for how many seconds to wait for another writer of an SQLite file. Errors hide
    the values of a statement: one of them may be the text of a comment.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            pool_size=1 if write else 4,
            max_overflow=0 if write else 4,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": patience},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        if write:
            event.listen(engine, "connect", _wait_by_itself)
            event.listen(engine, "begin", partial(begin, patience=patience))
        else:
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    return create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 10,
            # A process that was stopped in the middle of a transaction holds up nobody for long.
            "options": "-c statement_timeout=30000 -c lock_timeout=15000"
            " -c idle_in_transaction_session_timeout=10000",
        },
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _wait_by_itself(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout=0")


def script(connection: Connection) -> Config:
    """Alembic's configuration: our migrations, on this connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revisions(connection: Connection) -> tuple[str | None, str]:
    """The version that the database has, and the one that this program needs."""
    here = MigrationContext.configure(connection).get_current_revision()
    need = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert need is not None
    return here, need


@cache
def _steps() -> tuple[str, ...]:
    """All versions of the tables that this program knows, the one that it needs first."""
    return tuple(step.revision for step in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def misfit(here: str | None) -> str:
    """Why this program cannot work with tables of this version; empty if it can."""
    if here == _steps()[0]:
        return ""
    if here is None or here in _steps():
        return (
            "The tables are older than this BotBeat; `botbeat db upgrade` brings them up to date."
        )
    return "The tables were made by a newer version of BotBeat. Update BotBeat."


def upgrade(engine: Engine) -> bool:
    """Bring the tables up to date; several processes may try at once. True if it did something."""
    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                # The lock lasts to the end of the transaction: the others wait, then find nothing.
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK}
                )
            here, need = revisions(connection)
            if here == need:
                return False
            command.upgrade(script(connection), "head")
            return True
    except CommandError:
        raise StoreError(
            "The database was made by a newer version of BotBeat. Nothing was changed. "
            "Update BotBeat, or give another DATABASE_URL."
        ) from None
    except DatabaseError as error:
        raise StoreError(plain(error), passes=passes(error)) from None


def passes(error: DBAPIError) -> bool:
    """Whether it is worth waiting for: not where the server refuses who asks, or a file is bad."""
    reason = str(error.orig)
    if "FATAL" in reason:
        return any(word in reason for word in _PASSING)
    if error.orig is not None and type(error.orig).__module__.startswith("sqlite3"):
        return "locked" in reason or "full" in reason or "disk I/O" in reason
    # A server is read-only while another one takes over from it.
    return isinstance(error, OperationalError) or "read-only" in reason


def plain(error: DBAPIError) -> str:
    """A database's complaint in one line, without the statement and its values."""
    reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
    if "locked" in reason:
        return (
            "The database is locked by another program. Nothing was changed. "
            "Close it, or wait and try again."
        )
    if any(words in reason for words in ("is full", "disk I/O error", "No space left")):
        return (
            "The database's disk is full, or fails. Nothing was changed. Make room there; "
            "BotBeat goes on by itself."
        )
    if "unable to open" in reason:
        return "The database file cannot be opened. Does its folder exist, and may BotBeat write?"
    if "not a database" in reason:
        return "The database file is something else than a database. Nothing was changed."
    return f"The database does not answer: {reason}"
