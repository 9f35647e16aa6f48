"""The processes of BotBeat for `benchmarks/events.py`; each is `events_worker.py '<orders>'`.

It is put together as the composition root does it, of the real parts, and ends at SIGTERM. Only
waits that protect the platforms are shorter; leases, settle times and patience are as in use. To
show that the judge can fail it may `forget` something that matters.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import discord.client
from discord.backoff import ExponentialBackoff

from adapters import discord as discord_adapter
from adapters import slack
from adapters.discord import gateway, starts
from adapters.slack.events import Events
from adapters.slack.sockets import SOCKETS
from adapters.terminal import running
from bot import comments
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import MessageRef
from bot.outcomes import Timing
from bot.ports import ChatPort, Pace
from bot.store import Tx
from storage.store import open_store
from tests.chaos.newsroom import Newsroom, collect
from tests.chaos.places import Spot, subscribe
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer
from tests.waiting import until

SCALE = 0.05
PACE = Pace(channel=0.01, reading=0.01)
BASE_URL = "https://botbeat.example"
DROPPED = 0.02
"""The share of Slack's events that a worker acknowledges and forgets, if it is told to."""


class Quick(ExponentialBackoff[Any]):
    """The library's own pauses, scaled like ours."""

    def delay(self) -> Any:
        return super().delay() * SCALE


@dataclass(frozen=True, slots=True)
class Orders:
    """Where everything is; `name` tells the server whose a socket is."""

    name: str
    database: str
    slack_url: str
    bot_token: str
    app_token: str
    discord_url: str
    gateway_url: str
    discord_token: str
    forget: str


def shorten() -> None:
    for name in ("HOUR", "LONGEST_PAUSE", "EVERY"):
        setattr(starts, name, getattr(starts, name) * SCALE)
    vars(gateway)["AGAIN"] = gateway.AGAIN * SCALE
    vars(discord.client)["ExponentialBackoff"] = Quick


def ports(orders: Orders) -> dict[str, ChatPort]:
    in_slack = slack.create(orders.bot_token, orders.app_token, api_url=orders.slack_url)
    times, door = in_slack.times, in_slack._door
    in_slack.times = replace(
        times, first=times.first * SCALE, slowest=times.slowest * SCALE, rest=times.rest * SCALE
    )

    async def named() -> str:
        return f"{await door()}&worker={orders.name}"

    vars(in_slack)["_door"] = named
    discord_adapter.create(orders.discord_token, orders.discord_url, orders.gateway_url)
    in_discord = discord_adapter.DiscordChat(orders.discord_token, gap=starts.GAP * SCALE)
    in_slack.pace = in_discord.pace = PACE
    return {"slack": in_slack, "discord": in_discord}


def forget_events() -> None:
    """Some are acknowledged and not kept, and nobody reads again what was missed."""
    take = Events.take

    async def some(self: Events, body: dict[str, Any]) -> None:
        if random.random() > DROPPED:
            await take(self, body)

    async def nothing(self: Bot, history: object, *, late: bool = False) -> None:
        return

    Events.take = some  # type: ignore[method-assign]  # that is the point
    Bot.catch_up = nothing  # type: ignore[method-assign]  # that, too


def forget_deletions() -> None:
    def nothing(tx: Tx, ref: MessageRef, reply_to: MessageRef | None) -> None:
        return

    comments.deleted = nothing


def forget_repeats() -> None:
    """An edit that is told again is carried out again."""
    edited = comments.edited

    def each_time(tx: Tx, ref: MessageRef, *told: Any, **named: Any) -> None:
        edited(tx, ref, *told, **named)
        known = tx.comments.by_origin(ref)
        if known and not known.deleted:
            tx.comments.change(replace(known, revision=known.revision + 1))
            tx.deliveries.raise_wanted("comment", known.id, known.revision + 1)

    comments.edited = each_time


FORGETS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "events": forget_events,
    "deletions": forget_deletions,
    "repeats": forget_repeats,
}


async def work(orders: Orders) -> None:
    """Deliver and listen until SIGTERM."""
    shorten()
    FORGETS[orders.forget]()
    told = running.told_to_end()
    store = await running.opened_store(orders.database, told, logging.warning)
    if store is None:
        return
    bot = Bot(store, base_url=BASE_URL)
    chats = ports(orders)
    worker = Worker(store, chats, BASE_URL, Timing())
    jobs = {name: partial(port.run, bot) for name, port in chats.items()}
    kept = [running.keep(name, job) for name, job in jobs.items()]
    await running.run_until_told(told, worker, bot, [*kept, bot.changed.run()])
    bot.close()
    store.close()


@asynccontextmanager
async def published(
    address: str, slack: SlackServer, discord: DiscordServer, count: int, folder: Path
) -> AsyncIterator[tuple[list[Spot], Bot]]:
    """So many reports are wanted in three channels; no process sends them yet. The first two
    channels share comments, the last one reads."""
    spots = [
        Spot("slack", slack.adds_channel("lab")),
        Spot("discord", discord.adds_channel("news").id),
        Spot("slack", slack.adds_channel("readers"), "read"),
    ]
    store, feed = open_store(address), folder / "feed.jsonl"
    bot = Bot(store)
    try:
        await subscribe(bot, spots)
        room = Newsroom(bot, store, feed, random.Random(count))
        await room.open()
        for _ in range(count):
            room.publish()
        collecting = asyncio.create_task(collect(bot, feed))
        await room.finish(60)
        collecting.cancel()
        await asyncio.wait({collecting})
        yield spots, bot
    finally:
        bot.close()
        store.close()


@asynccontextmanager
async def processes(
    address: str, slack: SlackServer, discord: DiscordServer, folder: Path, forget: str
) -> AsyncIterator[None]:
    """Two processes that listen, each with a log in `folder`; SIGTERM ends them."""
    tokens = {"bot_token": slack.bot_token, "app_token": slack.app_token}
    places = {"slack_url": slack.url, "discord_url": discord.url}
    started: list[asyncio.subprocess.Process] = []
    try:
        for name in ("one", "two"):
            orders = Orders(
                name=name,
                database=address,
                gateway_url=discord.gateway_url,
                discord_token=discord.token,
                forget=forget,
                **tokens,
                **places,
            )
            words = json.dumps(asdict(orders))
            with (folder / f"{name}.log").open("wb") as log:
                one = await asyncio.create_subprocess_exec(
                    sys.executable, __file__, words, stdout=log, stderr=log
                )
            started.append(one)
        await asyncio.wait_for(slack.sockets.connected(2 * SOCKETS), 60)
        await until(lambda: discord.gateway.sessions, 60)
        yield
    finally:
        for one in started:
            with suppress(ProcessLookupError):
                one.terminate()
        await asyncio.gather(*(one.wait() for one in started))


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    asyncio.run(work(Orders(**json.loads(sys.argv[1]))))
