"""The configuration and the database of a command, or the one line that says what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.terminal.settings import Settings, SettingsError, load, refusal

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from storage.store import SqlStore


NOT_TEXT = ".env is not UTF-8 text. Example of a line: PORT=8080"


VANISHES = (
    "This machine's disk is emptied at each restart (DYNO is set), and SQLite would keep "
    "everything there. Set DATABASE_URL to a PostgreSQL database. Nothing was changed."
)
_EX_CONFIG = 78  # sysexits.h


def configured(*, lasting: bool = True) -> Settings:
    """The configuration of this process, its database's address included; SettingsError.
    `lasting` refuses a database that would not outlive a restart."""
    try:
        settings = load()
    except UnicodeDecodeError:
        raise SettingsError(NOT_TEXT) from None
    url = address(settings)
    if lasting and vanishes(url):
        raise SettingsError(VANISHES, _EX_CONFIG)
    return settings


def vanishes(url: URL) -> bool:
    """Whether what is kept there is gone tomorrow, by
    https://devcenter.heroku.com/articles/dyno-restarts."""
    return bool(os.environ.get("DYNO")) and url.get_backend_name() == "sqlite"


def address(settings: Settings) -> URL:
    """Where the database is; SettingsError if that is no address of one."""
    from storage.engine import StoreError, database_url

    try:
        return database_url(settings.database)
    except StoreError:
        raise SettingsError(refusal("DATABASE_URL")) from None


def absent(url: URL) -> Path | None:
    """The file in which the database should be and is not."""
    name = url.database or ""
    inside = url.get_backend_name() != "sqlite" or name in ("", ":memory:")
    return None if inside or name.startswith("file:") or Path(name).exists() else Path(name)


@contextmanager
def opened(settings: Settings, *, make: bool) -> Iterator[SqlStore]:
    """The database, made now only if `make`; StoreError, with what to do, if it cannot be used."""
    from storage.engine import StoreError
    from storage.store import open_store

    url = address(settings)
    missing = absent(url)
    if missing and not make:
        raise StoreError(
            f"There is no database at {missing} yet: `botbeat run` and `db upgrade` make it."
        )
    store = (None if make else _current(url)) or open_store(settings.database)
    try:
        yield store
    finally:
        store.close()


def _current(url: URL) -> SqlStore | None:
    """The database without waiting for whoever writes to it; None if it has to be upgraded
    first."""
    from sqlalchemy.exc import DatabaseError

    from storage.engine import StoreError, connect, plain, revisions
    from storage.store import SqlStore

    readers = connect(url, write=False)
    try:
        with readers.connect() as connection:
            here, need = revisions(connection)
    except DatabaseError as error:
        readers.dispose()
        raise StoreError(plain(error)) from None
    if here == need:
        return SqlStore(readers, connect(url, write=True))
    readers.dispose()
    return None
