"""The commands under "Back-up and restore" of docs/operations.md, copied from it and run: what
there was is there again, over a database in use and over what came later.

`sqlite3` is the system's own; without it these tests of SQLite skip, as a user's would fail.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.bot import Bot
from bot.model import Channel, Person
from storage.store import open_store
from tests.postgres import binaries
from tests.processes import free_port, program

PAGE = (Path(__file__).parent.parent / "docs/operations.md").read_text(encoding="utf-8")
BOTBEAT = Path(sys.executable).parent


def block(words: str) -> list[str]:
    """The commands of the block in which these words stand."""
    section = PAGE[PAGE.index("## Back-up and restore") :]
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", section, re.S | re.M)
    return next(one for one in blocks if words in one).splitlines()


async def types(line: str, folder: Path, database: str) -> None:
    path = f"{BOTBEAT}:{binaries() / 'bin'}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", line),
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "DATABASE_URL": database},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, f"{line}: {said.decode()}"


async def subscribes(database: str, query: str) -> None:
    with closing(open_store(database)) as store, closing(Bot(store)) as bot:
        ada = Person("slack", "UADA", "Ada")
        await bot.command(Channel("slack", "C1"), ada, f"subscribe {query}", manages=True)


async def exported(folder: Path, database: str) -> str:
    async with program(folder, "subscriptions", "export", DATABASE_URL=database) as running:
        assert await running.ended() == 0
        return "\n".join(running.said)


async def tell_the_story(commands: list[str], folder: Path, database: str) -> None:
    backs_up, *brings_back = commands
    await subscribes(database, "company:alibaba")
    port = str(free_port())
    async with program(folder, "run", "web", DATABASE_URL=database, PORT=port) as running:
        await running.says("Pages at")
        await types(backs_up, folder, database)
        running.end()
        assert await running.ended() == 0
    await subscribes(database, "company:openai")
    assert "openai" in await exported(folder, database)
    for command in brings_back:
        await types(command, folder, database)
    told = await exported(folder, database)
    assert "alibaba" in told
    assert "openai" not in told


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="there is no sqlite3 on this machine")
async def test_a_back_up_of_sqlite_brings_back_what_there_was(
    tmp_path: Path, sqlite_url: str
) -> None:
    await tell_the_story(block("sqlite3 botbeat.db"), tmp_path, sqlite_url)


async def test_a_back_up_of_postgresql_brings_back_what_there_was(
    tmp_path: Path, postgres_url: str
) -> None:
    await tell_the_story(block("pg_dump --format=custom --file"), tmp_path, postgres_url)
