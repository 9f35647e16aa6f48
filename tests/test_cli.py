"""The command line as a whole: exit codes, and one clear line for everything that goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from select import select
from typing import IO

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from adapters.terminal import cli
from adapters.terminal.settings import EXAMPLES
from bot import catalogue
from bot.ports import Source
from bot.store import StoreAway
from storage.store import open_store
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent


@contextmanager
def program(*words: str, stdin: int | IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """`botbeat` as a process of its own."""
    command = [sys.executable, "-m", "adapters.terminal", *words]
    pipe = subprocess.PIPE
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, cwd=ROOT, env=usual, stdin=stdin, stdout=pipe, stderr=pipe
    ) as process:
        yield process


@pytest.mark.parametrize(
    "words",
    [
        ("conect",),
        ("search",),
        ("search", "qwen", "--limit", "0"),
        ("search", "qwen", "--limits", "3"),
        ("sources", "remove", "first"),
        ("sources", "remove"),
        ("connect", "teams"),
        ("demo", "eighty"),
        ("demo", "65536"),
        ("fetch",),
    ],
)
def test_wrong_usage_is_one_line_that_says_where_help_is(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    said = terminal.types(*words)
    assert said.code == 2
    assert said.out == ""
    (line,) = said.complaints
    assert line.endswith("`botbeat --help` shows all commands.")


@pytest.mark.parametrize("words", [(), ("sources",), ("connect",), ("db",)])
def test_a_group_on_its_own_shows_its_commands(terminal: Terminal, words: tuple[str, ...]) -> None:
    said = terminal.types(*words)
    assert said.code == 2
    assert "Usage" in said.out + said.err
    assert "Traceback" not in said.err


def test_help_names_every_command(terminal: Terminal) -> None:
    said = terminal.types("--help")
    assert said.code == 0
    tools = ("fetch", "classify", "same-event", "extract", "import", "search")
    for name in ("demo", "run", "connect", "sources", "db", "doctor", *tools):
        assert name in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("demo",),
        ("search", "qwen"),
        ("import", "articles.jsonl"),
        ("sources", "list"),
        ("connect", "slack"),
        ("db", "upgrade"),
    ],
)
@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("DATABASE_URL", "mysql://me:secret@db/botbeat")]
)
def test_a_wrong_setting_is_refused_by_name_with_an_example(
    terminal: Terminal, words: tuple[str, ...], name: str, value: str
) -> None:
    terminal.sets(**{name: value})
    said = terminal.types(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.complaints == [f"{name} has a value that cannot be used. Example: {EXAMPLES[name]}"]


def test_a_settings_file_that_is_no_text_is_refused(terminal: Terminal) -> None:
    terminal.has(".env", b"PORT=8080\n\xff\xfe\x00")
    said = terminal.types("search", "qwen")
    assert (said.code, len(said.complaints)) == (2, 1)
    assert ".env is not UTF-8" in said.err


READING = [
    ("search", "qwen"),
    ("sources", "list"),
    ("sources", "check"),
    ("sources", "remove", "1"),
]


@pytest.mark.parametrize("words", READING)
def test_a_database_that_is_missing_is_said_and_not_made(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    file = terminal.folder / "none.db"
    terminal.sets(DATABASE_URL=f"sqlite:///{file}")
    said = terminal.types(*words)
    assert said.code == 1
    (line,) = said.complaints
    assert line.startswith(f"There is no database at {file} yet")
    assert not file.exists()


@pytest.mark.parametrize("words", [*READING, ("db", "upgrade"), ("run", "feeds", "--once")])
def test_a_database_of_a_newer_version_is_left_as_it_is(
    terminal: Terminal, words: tuple[str, ...], sqlite_template: Path
) -> None:
    file = newer(sqlite_template, terminal.folder)
    terminal.sets(DATABASE_URL=f"sqlite:///{file}")
    said = terminal.types(*words)
    assert said.code == 1
    assert said.complaints == [
        "The database was made by a newer version of BotBeat. Nothing was changed. "
        "Update BotBeat, or give another DATABASE_URL."
    ]


@pytest.mark.parametrize("words", [("search", "qwen"), ("sources", "list"), ("doctor",)])
def test_who_only_reads_does_not_wait_for_who_writes(
    terminal: Terminal, words: tuple[str, ...], sqlite_url: str
) -> None:
    terminal.sets(DATABASE_URL=sqlite_url)
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = terminal.types(*words)
    assert (said.code, said.err) == (0, "")


def test_collecting_once_fails_if_every_source_did_and_says_each_once(
    terminal: Terminal, sqlite_url: str
) -> None:
    terminal.sets(DATABASE_URL=sqlite_url)
    store = open_store(sqlite_url)
    with store.write() as tx:
        # What was removed by hand stays so: only the one inside our network is visited.
        for one in catalogue.sources():
            tx.sources.remove(tx.sources.add(Source(0, one.url, one.name), listed=True))
        tx.sources.add(Source(0, "http://127.0.0.1:1/feed", "Inside"))
    store.close()
    said = terminal.types("run", "feeds", "--once")
    assert (said.code, said.out.count("Inside: 127.0.0.1 is not on")) == (1, 1)
    assert said.complaints == [
        "Every source that was visited failed. `botbeat sources list` says why."
    ]
    none_due = terminal.types("run", "feeds", "--once")
    assert (none_due.code, none_due.err) == (0, "")


def newer(template: Path, folder: Path) -> Path:
    file = Path(shutil.copy(template, folder / "newer.db"))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    return file


@pytest.mark.parametrize("words", [("search", "qwen"), ("db", "upgrade")])
def test_a_file_that_is_no_database_is_left_as_it_is(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    file = terminal.has("letter.db", "Dear reader, " * 200)
    terminal.sets(DATABASE_URL=f"sqlite:///{file}")
    said = terminal.types(*words)
    assert said.code == 1
    (line,) = said.complaints
    assert "is something else than a database" in line
    assert file.read_text() == "Dear reader, " * 200


def test_a_server_that_is_not_there_is_one_line_without_the_password(terminal: Terminal) -> None:
    terminal.sets(DATABASE_URL="postgresql://me:secret@127.0.0.1:1/botbeat")
    said = terminal.types("search", "qwen")
    assert said.code == 1
    (line,) = said.complaints
    assert line.startswith("The database does not answer: ")
    assert "secret" not in line


def test_a_database_that_is_locked_meanwhile_is_one_line_too(sqlite_url: str) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    impatient = create_engine(sqlite_url, connect_args={"timeout": 0})
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with impatient.connect() as connection, pytest.raises(DatabaseError) as refused:
            connection.execute(text("INSERT INTO team (name) VALUES ('a secret name')"))
    impatient.dispose()
    line = cli._line(refused.value)
    assert line.startswith("The database is locked by another program. Nothing was changed.")
    assert "\n" not in line
    assert "secret" not in line


@pytest.mark.parametrize("address", ["", "sqlite:////data/botbeat.db"])
@pytest.mark.parametrize("words", [("search", "qwen"), ("sources", "list"), ("db", "upgrade")])
def test_where_the_disk_vanishes_sqlite_is_refused(
    terminal: Terminal, address: str, words: tuple[str, ...]
) -> None:
    terminal.sets(DYNO="web.1", DATABASE_URL=address)
    said = terminal.types(*words)
    (line,) = said.complaints
    assert (said.code, said.out) == (78, "")
    assert "emptied at each restart" in line
    assert "Set DATABASE_URL to a PostgreSQL database." in line
    assert f"FIX  database: {line}" in terminal.types("doctor").out.splitlines()


def test_where_the_disk_vanishes_postgresql_is_fine(terminal: Terminal, postgres_url: str) -> None:
    terminal.sets(DYNO="web.1", DATABASE_URL=postgres_url)
    assert terminal.types("sources", "list").code == 0


def test_a_database_that_goes_away_is_one_line_with_its_reason() -> None:
    assert cli._line(StoreAway("The database does not answer: it is gone")) == (
        "The database does not answer: it is gone"
    )


def test_upgrade_makes_the_tables_once(terminal: Terminal) -> None:
    terminal.sets(DATABASE_URL=f"sqlite:///{terminal.folder}/new.db")
    assert terminal.types("db", "upgrade").out == "The database is now up to date.\n"
    assert terminal.types("db", "upgrade").out == "The database was up to date already.\n"
    assert terminal.types("search", "qwen").code == 0


def test_a_bug_is_one_line_without_anybodys_words() -> None:
    try:
        json.loads("a comment of somebody")
    except ValueError as error:
        line = cli._line(error)
    assert line.startswith("BotBeat has a bug: JSONDecodeError in decoder.py, line ")
    assert "somebody" not in line


def test_a_reader_that_leaves_ends_the_program_without_a_word(terminal: Terminal) -> None:
    lines = terminal.has("lines.jsonl", b'{"title": "Qwen 4 released"}\n' * 5000)
    with lines.open("rb") as stdin, program("classify", stdin=stdin) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["is_ai"] is True
        process.stdout.close()
        assert process.wait(20) == 1
        assert process.stderr.read() == b""


def test_a_line_is_answered_before_the_next_one_is_there() -> None:
    with program("classify", stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b'{"title": "Anthropic raises $30 billion"}\n')
        process.stdin.flush()
        assert select([process.stdout], [], [], 20)[0]
        assert json.loads(process.stdout.readline())["company"] == "Anthropic"
        process.stdin.close()
        assert process.wait(20) == 0
