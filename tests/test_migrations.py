"""The database's tables: made once, the same on both kinds, and never touched when unknown."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bot.model import Article
from bot.query import parse
from storage.columns import metadata
from storage.engine import StoreError, connect, database_url, passes, script, upgrade
from storage.store import open_store


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = connect(database_url(database), write=True)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new.db'}"


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        different = compare_metadata(context, metadata)
    # The full-text index is raw SQL of either database, so the code has no table of it.
    assert [one for one in different if "article_index" not in str(one)] == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    assert upgrade(engine) is False


def test_several_processes_may_upgrade_an_empty_database_at_once(
    postgres: str, postgres_template: str
) -> None:
    name = "botbeat_empty_upgrade"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        address = database_url(postgres.rsplit("/", 1)[0] + f"/{name}")
        engines = [connect(address, write=True) for _ in range(4)]
        done: list[bool] = []
        threads = [
            threading.Thread(target=lambda one=one: done.append(upgrade(one))) for one in engines
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in engines:
            one.dispose()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert sorted(done) == [False, False, False, True]


def test_a_newer_database_is_refused_and_left_alone(database: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer version of BotBeat\. Nothing was changed"):
        open_store(database)


def test_a_locked_database_is_told_in_one_line(empty: str) -> None:
    file = empty.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN EXCLUSIVE")
    engine = connect(database_url(empty), write=True, patience=0.2)
    try:
        with pytest.raises(StoreError, match="locked by another program"):
            upgrade(engine)
    finally:
        engine.dispose()
        other.close()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sqlite:////no/such/folder/botbeat.db", "cannot be opened"),
        ("mysql://here/db", "sqlite and postgresql"),
        ("not an address", "no database address"),
        ("postgresql://nobody@127.0.0.1:1/none", "does not answer"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(address: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as refused:
        open_store(address)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ada, this is a letter and no database at all. " * 50)
    with pytest.raises(StoreError, match="something else than a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear Ada")


def test_the_hosting_services_way_to_write_an_address_is_understood() -> None:
    assert database_url("postgres://u:p@h/d").drivername == "postgresql+psycopg"


def test_the_first_step_can_be_gone_back(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin():
        command.downgrade(script(connection), "base")
    assert upgrade(engine) is True


def test_an_index_from_before_finds_properties_and_words_after_the_upgrade(
    postgres_url: str,
) -> None:
    article = Article(1, "Types of models", "https://x", 1.0, ("alibaba",), "RESEARCH")
    store = open_store(postgres_url)
    with store.write() as tx:
        tx.articles.add(article, ["one"])
    store.close()
    engine = connect(database_url(postgres_url), write=True)
    with engine.connect() as connection, connection.begin():
        command.downgrade(script(connection), "0002")
        before = connection.execute(text("SELECT words FROM article_index")).scalar_one()
    engine.dispose()
    assert "'company:alibaba'" in before
    store = open_store(postgres_url)
    with store.read() as tx:
        found = {asked: tx.articles.count(parse(asked, 1.0)) for asked in
                 ("company:alibaba", "type:research", "type*", "compan*")}  # fmt: skip
    store.close()
    assert found == {"company:alibaba": 1, "type:research": 1, "type*": 1, "compan*": 0}


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("FATAL:  terminating connection due to administrator command"),
        psycopg.OperationalError("FATAL:  the database system is starting up"),
        psycopg.errors.ReadOnlySqlTransaction("cannot execute UPDATE in a read-only transaction"),
    ],
)
def test_a_server_that_is_restarted_or_taken_over_from_is_waited_for(error: psycopg.Error) -> None:
    told = DBAPIError.instance("", {}, error, psycopg.Error)
    assert isinstance(told, DBAPIError)
    assert passes(told)
