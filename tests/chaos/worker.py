"""One process of BotBeat as the suite runs it.

It is put together as the composition root does it, of the real parts. Only times differ: all that
wait in seconds are shortened alike, so that their order stays what it is in use. Through a pipe it
is told where it shall die, and by how much its clock is wrong.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from adapters import discord, slack
from adapters.discord import gateway, rest, starts, throttle
from adapters.slack import api, client
from adapters.terminal import running
from bot import alone, asking, catchup, comments, freshness, holding, missed, sharing
from bot import bot as core
from bot.bot import Bot
from bot.delivery import Worker
from bot.freshness import steady
from bot.ports import ChatPort, Pace
from storage.store import open_store
from tests.chaos.mortal import Doom, MortalPort, MortalStore
from tests.chaos.naive import NaiveSender
from tests.chaos.newsroom import collect
from tests.chaos.plan import BUSY, PACE, PATIENCE, Orders, Plan

BASE_URL = "https://botbeat.example"
SHORTENED = (
    *((gateway, "AGAIN"), (gateway, "LONGEST_INSIDE"), (client, "_LAST_WORDS")),
    *((rest, "SOON"), (rest, "REPEATED"), (freshness, "_EVERY")),
    *((starts, "HOUR"), (starts, "LONGEST_PAUSE"), (starts, "EVERY")),
    *((asking, name) for name in ("_RENEWED", "_READ", "_SLOWEST")),
    *((catchup, "_PATIENCE"), (comments, "SOON"), (missed, "_LOOK")),
    *((running, name) for name in ("_DRAIN", "_LEAVE", "_LAST", "_SLOWEST")),
    *((sharing, "GATHERING"), (throttle, "WINDOW")),
    *((holding, "FIRST"), (holding, "LONGEST"), (comments, "NAME_WAIT"), (core, "_READING")),
)
SHORTEST_SILENCE = 4.0
"""Seconds: on a busy machine a process may not get its turn for a while."""


class Clock:
    """The wall clock of this process, which may go wrong. No other clock here is touched."""

    def __init__(self) -> None:
        self._right = time.time
        self.ahead = 0.0
        vars(time)["time"] = self

    def __call__(self) -> float:
        return self._right() + self.ahead


def shorten(scale: float) -> None:
    """Both adapters wait less, for an answer and before they try again."""
    api.PATIENCE = rest.SECONDS = PATIENCE * scale
    for module, name in SHORTENED:
        setattr(module, name, getattr(module, name) * scale)
    asking._LEASE = max(BUSY, asking._LEASE * scale)


def ports(orders: Orders, doom: Doom) -> dict[str, ChatPort]:
    in_slack = slack.create(orders.bot_token, orders.app_token, api_url=orders.slack_url)
    times = in_slack.times
    in_slack.times = replace(
        times,
        first=times.first * orders.scale,
        slowest=times.slowest * orders.scale,
        rest=times.rest * orders.scale,
    )
    discord.create(orders.discord_token, orders.discord_url, orders.gateway_url)
    in_discord = discord.DiscordChat(
        orders.discord_token,
        lease=max(BUSY, alone.SECONDS * orders.scale),
        silence=max(SHORTEST_SILENCE, gateway.SILENCE * orders.scale),
        gap=starts.GAP * orders.scale,
    )
    for port in (in_slack, in_discord):
        pace, scale = port.pace, orders.scale
        port.pace = Pace(PACE * scale, pace.install * scale, pace.burst, pace.reading * scale)
    return {port.platform: MortalPort(port, doom, orders.scale) for port in (in_slack, in_discord)}


def listener(port: ChatPort, bot: Bot) -> Callable[[], Awaitable[None]]:
    return lambda: port.run(bot)


def diary(file: str) -> Callable[[str], None]:
    """Each line is in the file before anything else happens."""
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    return lambda line: void(os.write(opened, f"{line}\n".encode()))


def void(_: object) -> None:
    return


def obey(orders: Connection, doom: Doom, clock: Clock) -> None:
    """Carry out what is said, one thing after another."""
    while True:
        try:
            said = orders.recv()
        except EOFError:
            os._exit(1)  # Whoever started this is gone, and nobody would end it.
        if "ahead" in said:
            clock.ahead = said["ahead"]
        else:
            doom.arm(said["places"], kills=said["kills"])


def set_clock(orders: Orders, clock: Clock) -> None:
    """SQLite's clock is that of the process; PostgreSQL has one of its own."""
    if orders.database.startswith("sqlite"):
        vars(running)["open_store"] = partial(open_store, clock=clock, even=steady)


async def work(orders: Orders, told_what: Connection) -> None:
    """Deliver and listen until SIGTERM."""
    shorten(orders.scale)
    doom, clock = Doom(diary(orders.diary)), Clock()
    threading.Thread(target=obey, args=(told_what, doom, clock), daemon=True).start()
    set_clock(orders, clock)
    told = running.told_to_end()
    inner = await running.opened_store(orders.database, told, logging.warning)
    if inner is None:
        return
    store = MortalStore(inner, doom)
    bot = Bot(store, base_url=BASE_URL)
    chats = ports(orders, doom)
    timing = Plan(scale=orders.scale).timing
    kind = cast(type[Worker], NaiveSender) if orders.naive else Worker
    worker = kind(store, chats, BASE_URL, timing)
    jobs = {name: listener(port, bot) for name, port in chats.items()}
    jobs |= {"changes": bot.changed.run, "feeds": lambda: collect(bot, Path(orders.feed))}
    kept = [running.keep(name, job) for name, job in jobs.items()]
    await running.run_until_told(told, worker, bot, kept)
    bot.close()
    inner.close()


def born(orders: dict[str, Any], log: str, told_what: Connection) -> None:
    """A process begins here; all that it says is in the log."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(file, stream)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(work(Orders(**orders), told_what))
