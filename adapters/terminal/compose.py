"""Puts the parts together and keeps them running.

One process runs whatever it is told to; the database is the only place where parts meet, so the
same code is one program on a laptop and many on a server.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from adapters.terminal.settings import Settings, SettingsError, agent
from bot.bot import Bot
from bot.delivery import Worker
from bot.outcomes import Timing
from bot.ports import ChatPort, Source
from storage.store import SqlStore, open_store

if TYPE_CHECKING:
    from adapters.feeds.collect import Collector

log = logging.getLogger(__name__)

PARTS = ("slack", "discord", "web", "feeds")
_SLOWEST = 60.0
_DRAIN = 20.0


def open_bot(settings: Settings) -> tuple[SqlStore, Bot]:
    """The core over its database. Raises `storage.engine.StoreError`."""
    store = open_store(settings.database)
    bot = Bot(store, base_url=settings.botbeat_base_url, default=settings.botbeat_comments)
    return store, bot


def chat(settings: Settings, name: str) -> ChatPort:
    """One platform. Its SDK is loaded only now: a part that does not run costs no memory."""
    if name == "slack":
        from adapters import slack

        return slack.create(
            settings.slack_bot_token.get_secret_value(),
            settings.slack_app_token.get_secret_value(),
            settings.slack_signing_secret.get_secret_value(),
            settings.slack_api_url,
        )
    from adapters import discord

    return discord.create(
        settings.discord_token.get_secret_value(),
        settings.discord_api_url,
        settings.discord_gateway_url,
    )


def chosen(settings: Settings, names: Sequence[str]) -> list[str]:
    """The parts to run: the named ones, or all that is configured. Raises `SettingsError`."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SettingsError(f"There is no part “{unknown[0]}”. The parts are: {', '.join(PARTS)}")
    missing = settings.missing()
    for name in names:
        if name in missing:
            raise SettingsError(f"{name} needs {' and '.join(missing[name])}.")
    return list(names) or [name for name in PARTS if name not in missing]


@asynccontextmanager
async def collecting(
    bot: Bot,
    settings: Settings,
    tell: Callable[[str], None],
    *,
    allow: frozenset[tuple[str, int]] = frozenset(),
    pages: bool = True,
    interval: float = 900.0,
    rest: float = 5.0,
) -> AsyncIterator[Collector]:
    """A collector with its fetcher; `allow` names local addresses that it may visit."""
    from adapters import writer
    from adapters.feeds.collect import Collector
    from adapters.feeds.fetch import Fetcher
    from adapters.feeds.reader import Reader

    words = writer.create(
        settings.model_address, settings.openai_api_key.get_secret_value(), settings.model
    )
    async with Fetcher(agent(bot.base_url), allow=allow) as fetcher, Reader(fetcher) as reader:
        yield Collector(
            bot,
            fetcher,
            reader,
            words,
            old_writer=writer.Extractor(),
            pages=pages,
            interval=interval,
            rest=rest,
            on_progress=tell,
        )


async def add_catalogue(bot: Bot) -> None:
    """Make the built-in sources known; those that were removed by hand stay removed."""
    from bot import catalogue

    for listed in catalogue.sources():
        await bot.add_source(
            Source(0, listed.url, listed.name, listed.kind, listed.company), listed=True
        )


async def run(
    settings: Settings, names: Sequence[str], tell: Callable[[str], None], *, once: bool = False
) -> bool:
    """Run parts until SIGTERM or SIGINT; with `once`, collect once and deliver what came.
    False if that visited sources and all of them failed."""
    parts = chosen(settings, names)
    store, bot = open_bot(settings)
    chats = {name: chat(settings, name) for name in parts if name in ("slack", "discord")}
    worker = Worker(store, chats, bot.base_url, Timing(), bot.default)
    try:
        async with AsyncExitStack() as stack:
            jobs: list[tuple[str, Callable[[], Awaitable[None]]]] = []
            if "feeds" in parts:
                await add_catalogue(bot)
                collector = await stack.enter_async_context(collecting(bot, settings, tell))
                if once:
                    before = await asyncio.to_thread(_visits, store)
                    await collector.once()
                    while chats and await worker.deliver_due():
                        pass
                    return _some_went_well(before, await asyncio.to_thread(_visits, store))
                jobs.append(("feeds", collector.run))
            if "web" in parts:
                address = await stack.enter_async_context(serving(bot, settings, chats))
                tell(f"Pages at {address}")
            jobs += [(name, _listener(port, bot)) for name, port in chats.items()]
            jobs.append(("changes", bot.changed.run))
            stack.enter_context(ticking(bot))
            await _until_told(worker, bot, [(name, keep(name, job)) for name, job in jobs])
            return True
    finally:
        bot.close()
        store.close()


def _visits(store: SqlStore) -> dict[int, tuple[float, int]]:
    """When each source was last read, and how often it has failed since."""
    with store.read() as tx:
        return {one.id: (one.last_success, one.failures) for one in tx.sources.all()}


def _some_went_well(
    before: dict[int, tuple[float, int]], after: dict[int, tuple[float, int]]
) -> bool:
    """Whether a source was read in between; also if none was due."""
    visited = [(before.get(number), now) for number, now in after.items()]
    changed = [(then or (0.0, 0), now) for then, now in visited if then != now]
    return not changed or any(now[0] > then[0] for then, now in changed)


def _listener(port: ChatPort, bot: Bot) -> Callable[[], Awaitable[None]]:
    return lambda: port.run(bot)


@asynccontextmanager
async def serving(bot: Bot, settings: Settings, chats: dict[str, ChatPort]) -> AsyncIterator[str]:
    """The pages, with the addresses at which platforms call us."""
    from aiohttp import web as aiohttp_web

    from adapters import web

    # What a platform calls is mounted beside the pages, whose guards are for browsers.
    mounts: dict[str, aiohttp_web.Application] = {}
    for name, port in chats.items():
        for method, path, handler in getattr(port, "routes", list)():
            mounted = mounts.setdefault(f"/{name}", aiohttp_web.Application())
            mounted.router.add_route(method, path.removeprefix(f"/{name}"), handler)
    app = web.create(bot, mounts=mounts)
    async with web.serve(app, "0.0.0.0", settings.port) as address:
        yield address


@contextmanager
def ticking(bot: Bot) -> Iterator[None]:
    """What is done by the clock. The scheduler only ticks; the database says what is due."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(bot.forget, "interval", hours=1, jitter=600)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def keep(name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run one part: what fails is started again, less and less often.

    A part that returns has said why in the log, and that starting it again cannot help.
    """
    wait = 1.0
    while True:
        try:
            await job()
            log.error("%s has ended; the other parts go on", name)
            return
        except Exception:
            log.exception("%s failed; it starts again in %.0f s", name, wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _SLOWEST)


async def _until_told(
    worker: Worker, bot: Bot, jobs: Sequence[tuple[str, Awaitable[None]]]
) -> None:
    """Run until the process is told to end; the deliveries on their way are finished first."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    delivering = asyncio.create_task(worker.run(bot.changed), name="worker")
    tasks = [asyncio.ensure_future(job) for _, job in jobs]
    await told.wait()
    worker.stop()
    await asyncio.wait([delivering], timeout=_DRAIN)
    for task in (*tasks, delivering):
        task.cancel()
    await asyncio.gather(*tasks, delivering, return_exceptions=True)
