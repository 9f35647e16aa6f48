"""`/healthz` and `/readyz`: what they answer, whatever the database does, and that a platform that
is down never makes a process look dead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from sqlalchemy import create_engine, text

from adapters import web
from adapters.web import health as answering
from adapters.web import metrics
from adapters.web.health import Shared
from bot.health import Process
from bot.model import Channel
from bot.ports import Source
from bot.store import Store
from storage.engine import database_url
from storage.store import SqlStore, open_store
from tests.health_world import QWEN, ROLE, WITHDRAWN, listens, passes
from tests.pages import installation
from tests.processes import Door
from tests.world import World


def set_version(database: str, version: str) -> None:
    engine = create_engine(database_url(database))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()


@dataclass
class Answer:
    status: int
    told: dict[str, object]
    text: str


class Asked:
    """Asks one address of BotBeat."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address

    async def get(self, path: str) -> Answer:
        async with asyncio.timeout(20), self._session.get(self._address + path) as answer:
            is_json = answer.content_type == "application/json"
            told = await answer.json() if is_json else {}
            return Answer(answer.status, told, await answer.text())


@asynccontextmanager
async def asking(process: Process) -> AsyncIterator[Asked]:
    app = metrics.application(process)
    async with web.serve(app, "127.0.0.1", 0) as at, aiohttp.ClientSession() as session:
        yield Asked(session, at)


async def test_ready_says_how_all_stands_and_that_costs_no_write(
    subscribed: World, database: str
) -> None:
    await subscribed.news(QWEN, settle=False)
    await subscribed.bot.lease(ROLE, "another process", 30)
    process = listens(slack=3.14)
    process.store = subscribed.store
    before = _writes(database)
    async with asking(process) as asked:
        answer = await asked.get("/readyz")
    assert (answer.status, answer.told) == (
        200,
        {
            "status": "ok",
            "reasons": [],
            "leases": {ROLE: 0.0, "collecting": None},
            "sockets": {"slack": 3.1},
            "oldest_due": {"slack": 0.0},
        },
    )
    assert _writes(database) == before


def _writes(database: str) -> str:
    """Moves with every transaction that writes: SQLite's counter in the file's header and its log,
    PostgreSQL's next number of a transaction."""
    url = database_url(database)
    if url.get_backend_name() == "sqlite":
        files = [open(f"{url.database}{end}", "rb") for end in ("", "-wal")]  # noqa: SIM115 - closed below
        content = [file.read() for file in files]
        for file in files:
            file.close()
        return str([hash(one) for one in content])
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())"))
        number = str(found.scalar_one())
    engine.dispose()
    return number


async def test_a_platform_that_is_down_leaves_it_ready(subscribed: World) -> None:
    subscribed.slack.chat.closed = WITHDRAWN
    await subscribed.news(QWEN, settle=False)
    await passes(subscribed, 3600)
    process = listens(slack=3600.0, discord=3600.0)
    process.store = subscribed.store
    async with asking(process) as asked:
        ready, live = await asked.get("/readyz"), await asked.get("/healthz")
    assert (ready.status, ready.told["status"]) == (200, "degraded")
    assert len(str(ready.told["reasons"]).split("', ")) == 4
    assert (live.status, live.told) == (200, {"status": "ok"})


@pytest.mark.parametrize(("version", "word"), [("0001", "older"), ("9999", "newer")])
async def test_tables_of_another_version_are_not_worked_with(
    store: SqlStore, database: str, version: str, word: str
) -> None:
    set_version(database, version)
    async with asking(Process(store)) as asked:
        answer = await asked.get("/readyz")
    assert (answer.status, answer.told["status"]) == (503, "misfit")
    assert word in str(answer.told["reasons"])


async def test_who_was_told_to_end_lives_and_is_not_ready(store: SqlStore) -> None:
    async with asking(Process(store, ending=lambda: True)) as asked:
        ready, live = await asked.get("/readyz"), await asked.get("/healthz")
    assert (ready.status, ready.told["status"]) == (503, "ending")
    assert live.status == 200


async def test_before_the_database_has_answered_it_lives_and_is_not_ready() -> None:
    async with asking(Process()) as asked:
        ready, live = await asked.get("/readyz"), await asked.get("/healthz")
        measured = await asked.get("/metrics")
    assert (ready.status, ready.told["status"]) == (503, "away")
    assert live.status == 200
    assert "botbeat_database_up 0.0" in measured.text
    assert "process_resident_memory_bytes" in measured.text


async def test_a_database_that_hangs_is_said_soon(postgres_url: str) -> None:
    async with behind(postgres_url) as (door, asked):
        door.fall_silent()
        hangs, live = await asked.get("/readyz"), await asked.get("/healthz")
    assert (hangs.status, hangs.told["status"]) == (503, "away")
    assert live.status == 200
    assert answering.PATIENCE < 2


async def test_a_database_that_is_away_is_said_without_its_address_until_it_is_back(
    postgres_url: str,
) -> None:
    async with behind(postgres_url) as (door, asked):
        assert (await asked.get("/readyz")).status == 200
        await door.shut()
        while (away := await asked.get("/readyz")).status == 200:
            pass  # what was seen a moment ago holds for a second
        measured = await asked.get("/metrics")
        await door.open()
        back = await asked.get("/readyz")
    assert (away.status, away.told["status"]) == (503, "away")
    assert "botbeat_database_up 0.0" in measured.text
    assert str(door.port) not in away.text + measured.text
    assert "botbeat" not in away.text
    assert (back.status, back.told["status"]) == (200, "ok")


@asynccontextmanager
async def behind(address: str) -> AsyncIterator[tuple[Door, Asked]]:
    """A process whose database is behind a door, which is open."""
    async with Door(address) as door:
        await door.open()
        store = await asyncio.to_thread(open_store, door.address)
        try:
            async with asking(Process(store)) as asked:
                yield door, asked
        finally:
            await door.shut()
            store.close()


async def test_however_many_ask_one_look_is_under_way(store: SqlStore) -> None:
    looks, over = [], threading.Event()

    def look(store: Store) -> int:
        looks.append(1)
        assert over.wait(30)
        return len(looks)

    shared = Shared(look, lasts=60)
    asked = [asyncio.create_task(shared.seen(store)) for _ in range(20)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in done} == {TimeoutError}
    assert len(looks) == 1
    over.set()
    assert await shared.seen(store) == 1
    assert await shared.seen(store) == 1


async def test_the_pages_say_how_all_is_and_hide_what_is_measured(sqlite_url: str) -> None:
    async with installation(sqlite_url) as house, aiohttp.ClientSession() as session:
        asked = Asked(session, house.address)
        assert (await asked.get("/healthz")).told == {"status": "ok"}
        ready = await asked.get("/readyz")
        assert (ready.status, ready.told["status"]) == (200, "ok")
        assert (await asked.get("/metrics")).status == 404


async def test_no_name_of_a_channel_and_no_words_of_others_are_in_the_answer(world: World) -> None:
    channel = Channel("slack", "C-CANARY")
    await world.bot.channel_seen(channel, "CANARY", "public")
    await world.bot.add_source(Source(0, "https://canary.example/feed", "CANARY"))
    await world.bot.channel_paused(channel, "CANARY")
    async with asking(Process(world.store)) as asked:
        for path in ("/readyz", "/metrics"):
            assert "canary" not in (await asked.get(path)).text.lower()
