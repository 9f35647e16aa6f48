"""Puts the parts together and keeps them running.

One process runs whatever it is told to; the database is the only place where parts meet, so the
same code is one program on a laptop and many on a server.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from adapters.terminal.running import keep, opened_store, run_until_told, ticking, told_to_end
from adapters.terminal.settings import Settings, SettingsError, agent
from adapters.terminal.sources import finder
from bot.bot import Bot
from bot.budget import Budget
from bot.delivery import Worker
from bot.health import Process
from bot.outcomes import Timing
from bot.ports import ChatPort, Source
from bot.store import Store
from storage.store import SqlStore, open_store

if TYPE_CHECKING:
    from adapters.feeds.collect import Collector

PARTS = ("slack", "discord", "web", "feeds")


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
    from adapters.feeds.politeness import shared_by
    from adapters.feeds.reader import Reader

    budget = Budget(bot.store, settings.botbeat_model_hour, settings.botbeat_model_day)
    key = settings.openai_api_key.get_secret_value()
    model = (settings.model_address, key, settings.model, budget)
    share = shared_by(bot)
    async with (
        Fetcher(agent(bot.base_url), allow=allow, share=share) as fetcher,
        Reader(fetcher) as reader,
    ):
        yield Collector(
            bot,
            fetcher,
            reader,
            writer.create(*model),
            old_writer=writer.Extractor(),
            adviser=writer.adviser(*model),
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


async def run(settings: Settings, names: Sequence[str], tell: Callable[[str], None]) -> None:
    """Run parts until SIGTERM or SIGINT. Raises `storage.engine.StoreError`, `SettingsError`."""
    parts = chosen(settings, names)
    told = told_to_end()
    if "slack" in parts and "web" not in parts and not settings.slack_app_token.get_secret_value():
        tell("Slack calls BotBeat where the pages are: `run web slack` hears it, this only sends.")
    process = Process(parts=parts, ending=told.is_set)
    async with measuring(settings, process, tell):
        store = await opened_store(settings.database, told, tell)
        if store is not None:
            await _run(settings, process, store, told, tell)


async def _run(
    settings: Settings,
    process: Process,
    store: SqlStore,
    told: asyncio.Event,
    tell: Callable[[str], None],
) -> None:
    parts = process.parts
    async with _parts(settings, parts, store) as (bot, chats, worker), AsyncExitStack() as stack:
        stack.enter_context(_acquainted(process, store, chats))
        jobs: list[tuple[str, Callable[[], Awaitable[None]]]] = [("changes", bot.changed.run)]
        if "feeds" in parts:
            collector = await stack.enter_async_context(collecting(bot, settings, tell))
            jobs.append(("feeds", lambda: _collect(bot, collector)))
        if "web" in parts:
            address = await stack.enter_async_context(serving(bot, settings, chats, process))
            tell(f"Pages at {address}")
        jobs += [(name, _listener(port, bot)) for name, port in chats.items()]
        stack.enter_context(ticking(bot))
        await run_until_told(told, worker, bot, [keep(name, job) for name, job in jobs])


async def run_once(settings: Settings, names: Sequence[str], tell: Callable[[str], None]) -> bool:
    """Collect once and deliver what came; False if sources were visited and all of them failed.
    Raises `storage.engine.StoreError`, `SettingsError`."""
    parts = chosen(settings, names)
    async with _parts(settings, parts, open_store(settings.database)) as (bot, chats, worker):
        before = await asyncio.to_thread(_visits, bot.store)
        if "feeds" in parts:
            await add_catalogue(bot)
            async with collecting(bot, settings, tell) as collector:
                await collector.once()
        while chats and await worker.deliver_due():
            pass
        return _some_went_well(before, await asyncio.to_thread(_visits, bot.store))


@asynccontextmanager
async def _parts(
    settings: Settings, parts: Collection[str], store: SqlStore
) -> AsyncIterator[tuple[Bot, dict[str, ChatPort], Worker]]:
    bot = Bot(
        store,
        base_url=settings.botbeat_base_url,
        default=settings.botbeat_comments,
        finder=finder,
    )
    try:
        chats = {name: chat(settings, name) for name in parts if name not in ("web", "feeds")}
        yield bot, chats, Worker(store, chats, bot.base_url, Timing(), bot.default)
    finally:
        bot.close()
        store.close()


async def _collect(bot: Bot, collector: Collector) -> None:
    await add_catalogue(bot)
    await collector.run()


def _visits(store: Store) -> dict[int, tuple[float, int]]:
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
async def serving(
    bot: Bot, settings: Settings, chats: dict[str, ChatPort], process: Process
) -> AsyncIterator[str]:
    """The pages, with the addresses at which platforms call us, and how this process is."""
    from aiohttp import web as aiohttp_web

    from adapters import web
    from adapters.web import health

    # What a platform calls is mounted beside the pages, whose guards are for browsers.
    mounts: dict[str, aiohttp_web.Application] = {}
    for name, port in chats.items():
        for method, path, handler in getattr(port, "routes", list)():
            mounted = mounts.setdefault(f"/{name}", aiohttp_web.Application())
            mounted.router.add_route(method, path.removeprefix(f"/{name}"), handler)
    app = web.create(bot, mounts=mounts, contact=settings.botbeat_contact)
    app[health.HEALTH] = health.Health(process)
    async with web.serve(app, "0.0.0.0", settings.port) as address:
        yield address


@asynccontextmanager
async def measuring(
    settings: Settings, process: Process, tell: Callable[[str], None]
) -> AsyncIterator[None]:
    """Where this process is measured, if it is to be: from before its database answers until all
    else has ended."""
    if settings.metrics_place is None:
        yield
        return
    from adapters.web import metrics, serve

    async with AsyncExitStack() as stack:
        server = serve(metrics.application(process), *settings.metrics_place)
        try:
            address = await stack.enter_async_context(server)
        except OSError as error:
            raise SettingsError(_unheard(settings.botbeat_metrics, error), 1) from None
        tell(f"Metrics at {address}/metrics")
        yield


def _unheard(place: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"BOTBEAT_METRICS: {place} is taken by another program. Give each process a port of "
            "its own. Nothing was started."
        )
    return f"BOTBEAT_METRICS: nothing can listen at {place}. Nothing was started."


@contextmanager
def _acquainted(process: Process, store: Store, chats: dict[str, ChatPort]) -> Iterator[None]:
    """Meanwhile the process tells of what it has."""
    process.silent = {name: port.silent for name, port in chats.items() if hasattr(port, "silent")}
    if "discord" in chats:
        from adapters.discord.gateway import ROLE

        process.roles = {"discord": ROLE}
    process.store = store
    try:
        yield
    finally:
        process.store = None
