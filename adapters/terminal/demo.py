"""The demo: two local channels side by side and the report pages, on nothing but SQLite.

It collects from the built-in list, or without the internet from the samples that ship with
BotBeat, which go the same road: served and fetched over HTTP, parsed, written, delivered. The
database is written to by that road and by commands, never directly.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web as aiohttp_web

from adapters import web
from adapters.feeds.collect import Collector
from adapters.terminal import samples
from adapters.terminal.compose import add_catalogue, collecting
from adapters.terminal.ownfile import own_file
from adapters.terminal.running import keep
from adapters.terminal.settings import Settings, data_folder
from adapters.terminal.sources import finder
from bot import catalogue
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Person
from bot.outcomes import Timing
from bot.ports import Source
from bot.store import Store
from storage.store import open_store

HOST = "127.0.0.1"
_PORTS = 20
_SAMPLE_VISITS = 5.0  # seconds between two visits of a sample feed
_DEMO = Person("local", "demo", "the demo")


class Switch:
    """The worker with a button: stopped and started while one watches."""

    def __init__(self, worker: Worker, bot: Bot) -> None:
        self._worker = worker
        self._bot = bot
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        if not self.running:
            self._task = asyncio.create_task(self._worker.run(self._bot.changed))

    def stop(self) -> None:
        if self._task:
            self._task.cancel()


async def demo(settings: Settings, tell: Callable[[str], None], *, fresh: bool = False) -> None:
    """Run until interrupted, on a database file that no other demo uses."""
    with own_file(data_folder(), fresh=fresh) as file:
        await _demo(settings, tell, file)


async def _demo(settings: Settings, tell: Callable[[str], None], file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    bot = Bot(store, finder=finder)
    chat = web.LocalChat()
    switch = Switch(Worker(store, {"local": chat}, "", Timing()), bot)
    progress = Progress(tell)
    try:
        async with AsyncExitStack() as stack:
            address = await _serve(stack, bot, chat, switch, progress, settings.port)
            bot.base_url = address
            jobs = [keep("changes", bot.changed.run), keep("chat", lambda: chat.run(bot))]
            tasks = [asyncio.create_task(job) for job in jobs]
            switch.start()
            await _greet(bot, chat)
            tell(f"BotBeat is at {address} (Ctrl+C ends it; what you do is kept in {file})")
            sources = await _sources(bot, settings, address, progress)
            collector = await stack.enter_async_context(sources)
            tasks.append(asyncio.create_task(keep("feeds", collector.run)))
            try:
                await asyncio.gather(*tasks)
            finally:
                switch.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        bot.close()
        store.close()


class Progress:
    """What is being done, for the terminal and for the page."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.line = ""

    def __call__(self, line: str) -> None:
        self.line = line
        self._tell(line)


async def _serve(
    stack: AsyncExitStack,
    bot: Bot,
    chat: web.LocalChat,
    switch: Switch,
    progress: Progress,
    port: int,
) -> str:
    """Serve the pages and the samples at this port, or at the next free one; 0 is any."""
    started, last = time.time(), min(port + _PORTS - 1, 65535)
    for number in range(port, last + 1):
        app = web.create(bot, demo=True, chat=chat, worker=switch, progress=lambda: progress.line)
        app.router.add_get("/samples/{name}", _sample_feed(started))
        try:
            return await stack.enter_async_context(web.serve(app, HOST, number))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            progress(f"Port {number} is taken; trying the next one.")
    raise OSError(errno.EADDRINUSE, f"the ports {port} to {last} are all taken")


def _sample_feed(
    started: float,
) -> Callable[[aiohttp_web.Request], Awaitable[aiohttp_web.Response]]:
    async def answer(request: aiohttp_web.Request) -> aiohttp_web.Response:
        name = request.match_info["name"]
        if name not in samples.names():
            raise aiohttp_web.HTTPNotFound
        body = samples.feed(name, started, time.time(), f"http://{request.host}/samples")
        return aiohttp_web.Response(body=body, content_type=samples.media_type(name))

    return answer


async def _greet(bot: Bot, chat: web.LocalChat) -> None:
    """On the first start, choose what a newcomer would: share comments, and follow everything
    in the first channel. The second is left to them."""
    for number, room in enumerate(chat.rooms.values()):
        with bot.store.read() as tx:
            settings = tx.channels.place(room.channel).settings
        if not settings.comments:
            await bot.command(room.channel, _DEMO, "settings comments:share page:on")
            if number == 0:
                await bot.command(room.channel, _DEMO, "subscribe")


async def _sources(
    bot: Bot, settings: Settings, address: str, progress: Progress
) -> AbstractAsyncContextManager[Collector]:
    """A collector for the built-in list; for the samples if the internet is not there."""
    progress("Looking for the internet …")
    if await _is_online():
        progress(f"Collecting from {len(catalogue.sources())} sources …")
        await asyncio.to_thread(_leave_samples, bot.store)
        await add_catalogue(bot)
        return collecting(bot, settings, progress)
    progress("No internet here: using the sample news that ships with BotBeat.")
    await asyncio.to_thread(_leave_samples, bot.store, but=f"{address}/")
    for name in samples.names():
        await bot.add_source(Source(0, f"{address}/samples/{name}", samples.title(name)))
    place = urlsplit(address)
    return collecting(
        bot,
        settings,
        progress,
        allow=frozenset({(HOST, place.port or 80)}),
        pages=False,
        interval=_SAMPLE_VISITS,
        rest=1.0,
    )


def _leave_samples(store: Store, but: str | None = None) -> None:
    """Visit the samples of earlier demos no more: who listens at their ports now, if anybody
    does, is not us. Those whose address begins with `but` stay."""
    with store.write() as tx:
        for source in tx.sources.all():
            place = urlsplit(source.url)
            sample = place.hostname == HOST and place.path.startswith("/samples/")
            if sample and not (but and source.url.startswith(but)):
                tx.sources.remove(source.id)


async def _is_online() -> bool:
    """Whether any of three built-in sources can be reached within some seconds."""

    async def reach(host: str) -> None:
        _, writer = await asyncio.open_connection(host, 443)
        writer.close()

    hosts = {urlsplit(source.url).hostname or "" for source in catalogue.sources()}
    tries = [asyncio.create_task(reach(host)) for host in sorted(hosts)[:3]]
    done, late = await asyncio.wait(tries, timeout=5)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return any(task.exception() is None for task in done)
