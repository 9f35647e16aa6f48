"""What all tests share: a fresh database of either kind, and a world to tell stories in."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser

from adapters.feeds.fetch import Fetcher
from adapters.feeds.reader import Reader
from adapters.feeds.sandbox import Sandbox
from adapters.web import Limits
from storage.store import SqlStore, open_store
from tests.browser import running_browser
from tests.discord_place import Place, listening, opened
from tests.newsroom import Newsroom
from tests.pages import Installation, installation
from tests.postgres import running_postgres
from tests.servers.feeds import FeedServer
from tests.servers.model import ModelServer, model_server
from tests.terminal import Terminal
from tests.world import World

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The maintenance database of a real server, which the tests start themselves."""
    given = os.environ.get("BOTBEAT_TEST_DATABASE_URL")
    if given:
        yield given
    else:
        with running_postgres() as address:
            yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied: quicker than to migrate for each test."""
    file = tmp_path_factory.mktemp("template") / "botbeat.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables, to be copied."""
    name = f"botbeat_template_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        open_store(_on(postgres, name)).close()
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _on(address: str, database: str) -> str:
    return address.rsplit("/", 1)[0] + "/" + database


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    file = shutil.copy(sqlite_template, tmp_path / "botbeat.db")
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres: str, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = f"botbeat_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
        yield _on(postgres, name)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database: each test that asks for it runs on both kinds."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(kind))


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody at a terminal, in an empty folder."""
    return Terminal(tmp_path, monkeypatch)


@pytest.fixture
def store(database: str) -> Iterator[SqlStore]:
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    """A deployment with two chat platforms, both databases in turn."""
    world = World(database)
    yield world
    world.close()


@pytest.fixture
async def subscribed(world: World) -> World:
    """The same, with all reports wanted in Slack."""
    await world.slack.types("subscribe")
    return world


@pytest.fixture
async def site() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


@pytest.fixture
async def newsroom(sqlite_url: str, site: FeedServer) -> AsyncIterator[Newsroom]:
    """The collector with the real core, and a feed server to visit."""
    sandbox = Sandbox()
    allowed = frozenset({site.address})
    async with (
        Fetcher("BotBeat/0.1", allow=allowed, spacing=0) as fetcher,
        Reader(fetcher, sandbox=sandbox) as reader,
    ):
        made = Newsroom(sqlite_url, site, fetcher, reader, sandbox)
        yield made
        made.close()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """The bot can post to Discord, but does not listen."""
    async with opened() as made:
        yield made


@pytest.fixture
async def live() -> AsyncIterator[Place]:
    """The bot listens to Discord."""
    async with opened() as made, listening(made):
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    """The demo, with a worker at work."""
    roomy = Limits(reads=100_000, writes=100_000)
    async with installation(sqlite_url, demo=True, limits=roomy) as house:

        async def work() -> None:
            while True:
                await house.settle()
                await house.bot.changed.wait(0.2)

        working = asyncio.create_task(work())
        yield house
        working.cancel()
