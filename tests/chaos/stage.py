"""All that is there before a storm begins: platforms, database, people, workers, and the nemesis.

Each part has a chance of its own, made from the seed.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.bot import Bot
from storage.store import SqlStore, open_store
from tests.chaos.calls import Calls
from tests.chaos.databases import PostgresTroubles, SqliteTroubles
from tests.chaos.mix import Mix
from tests.chaos.nemesis import Nemesis, ProcessTroubles
from tests.chaos.newsroom import Newsroom
from tests.chaos.people import Crowd
from tests.chaos.places import Spot, settle_in, subscribe
from tests.chaos.plan import NONCE_WINDOW, Orders, Plan
from tests.chaos.platforms import DiscordTroubles, SlackTroubles
from tests.chaos.processes import Workers
from tests.chaos.proxy import Proxy
from tests.chaos.server import Server
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

SLACK_TRIES_AGAIN = (1.0, 60.0, 300.0)
"""So many seconds after an event that was not acknowledged: docs.slack.dev/apis/events-api."""


@dataclass(slots=True)
class Stage:
    plan: Plan
    bot: Bot
    store: SqlStore
    slack: SlackServer
    discord: DiscordServer
    spots: list[Spot]
    mixes: tuple[Mix, Mix]
    calls: Calls
    workers: Workers
    crowd: Crowd
    nemesis: Nemesis
    newsroom: Newsroom
    watching: list[asyncio.Task[None]] = field(default_factory=list)

    def ledger(self) -> int:
        return len(self.slack.ledger) + len(self.discord.ledger)

    def asked(self) -> int:
        """How often anything was read or written on the platforms."""
        return sum(mix.asked for mix in self.mixes)

    def is_heard(self) -> bool:
        """Whether somebody listens to both platforms: else nobody knows yet what was missed."""
        sessions = self.discord.gateway.sessions.values()
        return bool(self.slack.sockets.sockets) and any(one.wire for one in sessions)

    def complete(self) -> bool:
        """Whether everything that can go wrong here has gone wrong at least once."""
        dealt = all(mix.complete() for mix in self.mixes)
        return dealt and all(self.nemesis.fired.values()) and not self.workers.wanted


@asynccontextmanager
async def stage(plan: Plan, database: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        slack, discord = await platforms(plan, stack)
        fault_point, target = await between(plan, database, stack)
        store = open_store(database)  # Past the proxy, which is carried by this same loop.
        bot = Bot(store)
        stack.callback(store.close)
        stack.callback(bot.close)
        folder = Path(
            plan.logs or stack.enter_context(tempfile.TemporaryDirectory(prefix="botbeat-chaos-"))
        )
        feed = folder / "feed.jsonl"
        workers = Workers(
            orders_for(plan, slack, discord, target, feed),
            plan.workers,
            folder,
            plan.timing.lease * 1.3,
            random.Random(f"{plan.seed} dooms"),
        )
        stack.push_async_callback(workers.stop)
        newsroom = Newsroom(bot, store, feed, random.Random(f"{plan.seed} news"))
        made = await prepare(plan, bot, store, slack, discord, workers, newsroom, fault_point)
        try:
            yield made
        finally:
            for task in made.watching:
                task.cancel()
            ended = await asyncio.gather(*made.watching, return_exceptions=True)
            for error in ended:
                if isinstance(error, Exception):
                    raise error


async def platforms(plan: Plan, stack: AsyncExitStack) -> tuple[SlackServer, DiscordServer]:
    slack, discord = SlackServer(), DiscordServer()
    slack.modes.retry_delays = tuple(plan.scale * delay for delay in SLACK_TRIES_AGAIN)
    slack.modes.client_msg_id = plan.client_msg_id
    discord.settings.nonce_window = NONCE_WINDOW * plan.scale
    discord.settings.heartbeat_seconds = 1.5
    await stack.enter_async_context(slack)
    await discord.start()
    stack.push_async_callback(discord.stop)
    return slack, discord


async def between(
    plan: Plan, database: str, stack: AsyncExitStack
) -> tuple[tuple[Proxy, Server] | Path, str]:
    """What can be broken of the database, and the address at which everybody reaches it."""
    url = make_url(database)
    if plan.database == "sqlite":
        return Path(url.database or ""), database
    server = Server(database)
    stack.push_async_callback(server.stop)
    chance = random.Random(f"{plan.seed} proxy")
    proxy = Proxy(url.host or "127.0.0.1", url.port or 5432, chance)
    await stack.enter_async_context(proxy.running())
    there = url.set(host="127.0.0.1", port=proxy.port)
    return (proxy, server), there.render_as_string(hide_password=False)


def orders_for(
    plan: Plan, slack: SlackServer, discord: DiscordServer, database: str, feed: Path
) -> Orders:
    return Orders(
        database=database,
        slack_url=slack.url,
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        discord_url=discord.url,
        gateway_url=discord.gateway_url,
        discord_token=discord.token,
        scale=plan.scale,
        naive=plan.naive,
        feed=str(feed),
    )


async def prepare(
    plan: Plan,
    bot: Bot,
    store: SqlStore,
    slack: SlackServer,
    discord: DiscordServer,
    workers: Workers,
    newsroom: Newsroom,
    fault_point: tuple[Proxy, Server] | Path,
) -> Stage:
    def chance(what: str) -> random.Random:
        return random.Random(f"{plan.seed} {what}")

    ada = slack.adds_user("Ada")
    spots = settle_in(slack, discord, ada, plan.spots)
    await subscribe(bot, spots)
    await newsroom.open()
    workers.want(plan.places, plan.unreached)
    await workers.start()
    async with asyncio.timeout(30):
        await slack.sockets.connected(1)
        await eventually(lambda: bool(discord.gateway.sessions))
    crowd = Crowd(slack, discord, spots, ada, chance("people"))
    mixes = Mix("slack", plan.scale, chance("slack")), Mix("discord", plan.scale, chance("discord"))
    calls = Calls(slack, discord, mixes)
    slack_lane = SlackTroubles(slack, spots, crowd, mixes[0], plan.scale, chance("slack lane"))
    discord_lane = DiscordTroubles(discord, spots, crowd, mixes[1], plan.scale, chance("discord"))
    if isinstance(fault_point, Path):
        database_lane = SqliteTroubles(fault_point, workers).all()
    else:
        database_lane = PostgresTroubles(*fault_point, chance("database lane")).all()
    process_lane = ProcessTroubles(plan, workers, chance("process lane"))
    lanes = [process_lane.all(), database_lane, slack_lane.all(), discord_lane.all()]
    nemesis = Nemesis(plan, lanes, chance("nemesis"))
    crowd.deaf = lambda: (
        any(name in nemesis.active for name in database_lane)
        or any(one.asleep for one in workers.running)
    )
    return Stage(
        plan, bot, store, slack, discord, spots, mixes, calls, workers, crowd, nemesis, newsroom
    )


async def eventually(reached: Callable[[], bool]) -> None:
    """Wait for what nobody announces."""
    while not reached():  # noqa: ASYNC110 - the platform has no event for it
        await asyncio.sleep(0.1)
