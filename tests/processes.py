"""The words of the process tests: `botbeat` as real processes over one database, a Slack on this
machine for them to post to, and a door before PostgreSQL that can be shut.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.bot import Bot
from bot.model import Channel, Found, Judgement, Page, Person, Takeaway, Written
from bot.ports import Source
from storage.store import open_store
from tests.servers.slack import SlackServer
from tests.waiting import until

ROOT = Path(__file__).parent.parent
ADA = Person("slack", "UADA", "Ada")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A running `botbeat`; `said` is its stdout so far, `logged` its stderr, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self.logged: list[str] = []
        assert process.stdout
        assert process.stderr
        self._readers = [
            asyncio.create_task(_read(process.stdout, self.said)),
            asyncio.create_task(_read(process.stderr, self.logged)),
        ]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logged if line.startswith("{")]

    async def says(self, words: str, seconds: float = 30) -> str:
        """The first line of stdout with these words in it, which may be yet to come."""
        await until(lambda: any(words in line for line in self.said), seconds)
        return next(line for line in self.said if words in line)

    async def logs(self, words: str, seconds: float = 30) -> str:
        await until(lambda: any(words in line for line in self.logged), seconds)
        return next(line for line in self.logged if words in line)

    def end(self, times: int = 1) -> None:
        """SIGTERM, which a host may send more than once."""
        for _ in range(times):
            if self.process.returncode is None:
                self.process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float = 30) -> int:
        """Its exit code, once it has ended and all that it wrote was read."""
        code = await asyncio.wait_for(self.process.wait(), seconds)
        await asyncio.gather(*self._readers)
        return code


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for line in stream:
        lines.append(line.decode().rstrip("\n"))


@asynccontextmanager
async def program(folder: Path, *words: str, **variables: str) -> AsyncIterator[Program]:
    """`botbeat …` in an empty folder, with nothing configured but these variables."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    env = {**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), **variables}
    async with started((sys.executable, "-m", "adapters.terminal", *words), folder, env) as running:
        yield running


@asynccontextmanager
async def started(
    command: Sequence[str], folder: Path, env: Mapping[str, str]
) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Program(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await running.ended()


class Newsdesk:
    """Publishes through the core into `database`, and says what must stand in Slack then."""

    def __init__(self, database: str, slack: SlackServer, channels: int = 1) -> None:
        self.slack, self.database = slack, database
        self.store = open_store(database)
        self.bot = Bot(self.store)
        self.channels = [slack.adds_channel(f"news-{number}") for number in range(channels)]
        self.published: list[str] = []

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs to be told to post to this Slack."""
        return {
            "DATABASE_URL": self.database,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.url,
        }

    async def open(self) -> None:
        for channel in self.channels:
            await self.bot.command(Channel("slack", channel), ADA, "subscribe")
        address = "https://blog.example/feed"
        number = await self.bot.add_source(Source(0, address, "Blog"))
        self._source = Source(number, address, "Blog", baseline=True)

    async def publish(self, title: str) -> None:
        found = Found(title, f"https://blog.example/{title}", title, time.time(), "It is out.")
        await self.bot.offered(self._source, [found])
        for entry in await self.bot.open_entries(5):
            judged = await self.bot.judged(entry, Page(found.url))
            judged = replace(judged or Judgement(True, (), "UPDATE", ()), companies=("alibaba",))
            words = Written(title, (Takeaway("It is a model."),), "")
            await self.bot.published(entry, judged, words, [f"url:{found.url}"])
        self.published.append(title)

    def posts(self) -> Counter[tuple[str, str]]:
        """How often each headline was posted into each channel, by Slack's own ledger."""
        accepted = [one for one in self.slack.ledger if one.method == "chat.postMessage"]
        return Counter(
            (one.channel, title)
            for one in accepted
            for title in self.published
            if title in json.dumps(one.args)
        )

    def wanted(self) -> Counter[tuple[str, str]]:
        return Counter((channel, title) for channel in self.channels for title in self.published)

    def close(self) -> None:
        self.bot.close()
        self.store.close()


@asynccontextmanager
async def newsdesk(database: str, channels: int = 1) -> AsyncIterator[Newsdesk]:
    async with SlackServer() as slack:
        desk = Newsdesk(database, slack, channels)
        try:
            await desk.open()
            yield desk
        finally:
            desk.close()


class Door:
    """A way to a server, shut at first: it can be opened, shut again, and fall silent, so that
    no byte passes any more."""

    def __init__(self, address: str, host: str = "127.0.0.1") -> None:
        parts = urlsplit(address)
        self._target = (parts.hostname or "", parts.port or 5432)
        self.host, self.port = host, free_port()
        there = f"{parts.hostname}:{parts.port}/"
        self.address = address.replace(there, f"{host}:{self.port}/")
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def __aenter__(self) -> Door:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, self.host, self.port)

    async def shut(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        for pair in list(self._pairs):
            pair.cancel()
        await asyncio.gather(*self._pairs, return_exceptions=True)

    def fall_silent(self) -> None:
        self._flows.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = asyncio.current_task()
        assert pair
        self._pairs.add(pair)
        writers = [writer]
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(*self._target)
            writers.append(back)
            ways = {
                asyncio.create_task(self._pass_on(reader, back)),
                asyncio.create_task(self._pass_on(there, writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
        for one in writers:
            one.transport.abort()
        self._pairs.discard(pair)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._flows.wait()
                target.write(data)
                await target.drain()
