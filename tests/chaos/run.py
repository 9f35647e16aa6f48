"""One run: platforms that fail, processes that die, people who talk; then calm, then judgement."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.bot import Bot
from storage.store import SqlStore, open_store
from tests.chaos import verdict
from tests.chaos.mix import Mix
from tests.chaos.nemesis import Nemesis
from tests.chaos.newsroom import Newsroom
from tests.chaos.outbox import parked, stuck
from tests.chaos.people import Crowd
from tests.chaos.places import COMPANY, Spot, settle_in, subscribe
from tests.chaos.plan import Orders, Plan
from tests.chaos.processes import Workers
from tests.chaos.proxy import Proxy
from tests.chaos.verdict import Judge, Verdict
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

Result = dict[str, object]
SLACK_TRIES_AGAIN = (1.0, 60.0, 300.0)
"""So many seconds after an event that was not acknowledged: docs.slack.dev/apis/events-api."""


@dataclass(slots=True)
class Stage:
    """All that is there before the storm begins."""

    plan: Plan
    bot: Bot
    store: SqlStore
    slack: SlackServer
    discord: DiscordServer
    spots: list[Spot]
    mixes: tuple[Mix, Mix]
    workers: Workers
    crowd: Crowd
    nemesis: Nemesis
    newsroom: Newsroom
    folder: Path
    watching: list[asyncio.Task[None]] = field(default_factory=list)

    def ledger(self) -> int:
        return len(self.slack.ledger) + len(self.discord.ledger)


async def run(plan: Plan, database: str) -> tuple[Result, Verdict]:
    """The figures of the last line, and the verdict with its details."""
    async with stage(plan, database) as place:
        await storm(place)
        calm = time.time()
        settled, last = await until_quiet(place)
        made = list(verdict.posts(place.slack, place.discord, time.time() - time.monotonic()))
        set_aside = parked(place.store, place.newsroom.numbers)
        judge = Judge(place.spots, len(place.newsroom.numbers), place.crowd.remarks)
        judged = judge.judge(made, set_aside)
        judged.details += stuck(place.store, place.newsroom.numbers)
        result: Result = {k: v for k, v in asdict(judged).items() if k != "details"}
        fired = Counter[str]()
        for counted in (
            *(mix.fired for mix in place.mixes),
            place.nemesis.fired,
            place.workers.fired,
        ):
            fired.update(counted)
        return result | {
            "kills": place.workers.kills,
            "faults": dict(sorted(fired.items())),
            "recovery_seconds": round(max(0.0, last - calm), 1),
            "quiet": settled,
            "time_scale": plan.scale,
            "seed": plan.seed,
            "database": plan.database,
            "sender": "naive" if plan.naive else "botbeat",
        }, judged


@asynccontextmanager
async def stage(plan: Plan, database: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        gone = tempfile.TemporaryDirectory(prefix="botbeat-chaos-")
        folder = Path(plan.logs or stack.enter_context(gone))
        slack, discord = SlackServer(), DiscordServer()
        slack.modes.retry_delays = tuple(plan.scale * delay for delay in SLACK_TRIES_AGAIN)
        await stack.enter_async_context(slack)
        await discord.start()
        stack.push_async_callback(discord.stop)
        store = open_store(database)
        bot = Bot(store)
        stack.callback(store.close)
        stack.callback(bot.close)
        url, target = make_url(database), database
        fault_point: Proxy | Path = Path(url.database or "")
        if plan.database == "postgres":
            fault_point = Proxy(url.host or "127.0.0.1", url.port or 5432)
            await stack.enter_async_context(fault_point.running())
            there = url.set(host="127.0.0.1", port=fault_point.port)
            target = there.render_as_string(hide_password=False)
        orders = orders_for(plan, slack, discord, target)
        made = await prepare(plan, bot, store, slack, discord, fault_point, orders, folder, stack)
        try:
            yield made
        finally:
            for task in made.watching:
                task.cancel()
            await asyncio.gather(*made.watching, return_exceptions=True)


def orders_for(plan: Plan, slack: SlackServer, discord: DiscordServer, database: str) -> Orders:
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
    )


async def prepare(
    plan: Plan,
    bot: Bot,
    store: SqlStore,
    slack: SlackServer,
    discord: DiscordServer,
    fault_point: Proxy | Path,
    orders: Orders,
    folder: Path,
    stack: AsyncExitStack,
) -> Stage:
    """Channels, people and workers; each part has a chance of its own, made from the seed."""
    ada = slack.adds_user("Ada")
    spots = settle_in(slack, discord, ada)
    await subscribe(bot, spots)
    newsroom = Newsroom(bot, random.Random(f"{plan.seed} news"))
    await newsroom.open()
    chance = random.Random(f"{plan.seed} dooms")
    workers = Workers(orders, plan.workers, folder, plan.timing.lease * 1.3, chance)
    stack.push_async_callback(workers.stop)
    await workers.start()
    async with asyncio.timeout(30):
        await slack.sockets.connected(plan.workers)
        await eventually(lambda: len(discord.gateway.sessions) >= plan.workers)
    crowd = Crowd(slack, discord, spots, ada, random.Random(f"{plan.seed} people"))
    mixes = (
        Mix("slack", plan.scale, random.Random(f"{plan.seed} slack")),
        Mix("discord", plan.scale, random.Random(f"{plan.seed} discord")),
    )
    slack.faults.decider, discord.faults.decider = mixes
    chance = random.Random(f"{plan.seed} nemesis")
    nemesis = Nemesis(plan, workers, slack, discord, spots, crowd, fault_point, chance)
    return Stage(
        plan, bot, store, slack, discord, spots, mixes, workers, crowd, nemesis, newsroom, folder
    )


async def eventually(reached: Callable[[], bool]) -> None:
    """Wait for what nobody announces."""
    while not reached():  # noqa: ASYNC110 - the platform has no event for it
        await asyncio.sleep(0.1)


async def storm(place: Stage) -> None:
    """Publish and talk while everything breaks; at most three times the planned length."""
    done = asyncio.Event()
    async with asyncio.timeout(place.plan.storm * 3 + 60):
        watches = (place.workers.watch(), place.crowd.listen())
        place.watching = [asyncio.create_task(watch) for watch in watches]
        breaking = asyncio.create_task(place.nemesis.rage(done.is_set))
        await asyncio.gather(publishing(place), talking(place))
        done.set()
        await breaking
    place.workers.calm = True
    for mix in place.mixes:
        mix.on = False


async def publishing(place: Stage) -> None:
    reading = sum(spot.company == COMPANY for spot in place.spots)
    articles = -(-place.plan.deliveries // reading)
    for _ in range(articles):
        await place.newsroom.publish()
        await asyncio.sleep(place.plan.storm / articles)


async def talking(place: Stage) -> None:
    """One comment for twenty deliveries; every fourth is edited, every sixth deleted."""
    wanted = max(8, place.plan.deliveries // 20)
    deadline = time.monotonic() + place.plan.storm * 1.5
    while len(place.crowd.remarks) < wanted and time.monotonic() < deadline:
        await asyncio.sleep(place.plan.storm / wanted / 1.5)
        if place.crowd.comment():
            count = len(place.crowd.remarks)
            if count % 4 == 0:
                place.crowd.edit()
            if count % 6 == 0:
                place.crowd.delete()


async def until_quiet(place: Stage) -> tuple[bool, float]:
    """Wait until nothing is left to do and nothing new was accepted for a settle time.

    False if that never came; and when the last thing was accepted.
    """
    deadline = time.time() + place.plan.patience
    # The naive sender leaves work behind for ever, so of it only silence can be expected.
    waiting = not place.plan.naive
    quiet = place.plan.timing.settle + 2
    seen, last = place.ledger(), time.time()
    while time.time() < deadline:
        await asyncio.sleep(0.2)
        if place.ledger() != seen:
            seen, last = place.ledger(), time.time()
        if time.time() - last > quiet and not (waiting and await place.bot.waiting()):
            return True, last
    return False, last
