"""One process of BotBeat as the suite runs it: `python -m tests.chaos.worker '<orders>'`.

It is put together as the composition root does it, of the real parts. Only times differ: all that
wait in seconds are shortened alike, so that their order stays what it is in use.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Awaitable, Callable

from adapters import discord, slack
from adapters.discord import rest
from adapters.slack import api
from adapters.terminal.compose import keep
from bot.bot import Bot
from bot.delivery import Worker
from bot.ports import ChatPort, Pace
from storage.store import open_store
from tests.chaos.mortal import Doom, MortalPort, MortalStore
from tests.chaos.naive import NaiveSender
from tests.chaos.plan import PACE, PATIENCE, Orders, Plan

BASE_URL = "https://botbeat.example"


def shorten(scale: float) -> None:
    """Both adapters wait less for an answer."""
    api.PATIENCE = rest.SECONDS = PATIENCE * scale


def ports(orders: Orders, doom: Doom) -> dict[str, ChatPort]:
    in_slack = slack.create(orders.bot_token, orders.app_token, api_url=orders.slack_url)
    in_discord = discord.create(orders.discord_token, orders.discord_url, orders.gateway_url)
    for port in (in_slack, in_discord):
        port.pace = Pace(PACE * orders.scale, port.pace.install * orders.scale, port.pace.burst)
    return {port.platform: MortalPort(port, doom, orders.scale) for port in (in_slack, in_discord)}


def listener(port: ChatPort, bot: Bot) -> Callable[[], Awaitable[None]]:
    return lambda: port.run(bot)


async def work(orders: Orders) -> None:
    """Deliver and listen until SIGTERM."""
    shorten(orders.scale)
    doom = Doom(orders.place, orders.passes, orders.kills)
    opened = open_store(orders.database)
    store = MortalStore(opened, doom)
    bot = Bot(store, base_url=BASE_URL)
    chats = ports(orders, doom)
    timing = Plan(scale=orders.scale).timing
    kind = NaiveSender if orders.naive else Worker
    worker = kind(store, chats, BASE_URL, timing)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    jobs = [asyncio.create_task(keep(n, listener(port, bot))) for n, port in chats.items()]
    jobs.append(asyncio.create_task(keep("changes", bot.changed.run)))
    delivering = asyncio.create_task(worker.run(bot.changed))
    await told.wait()
    worker.stop()
    await asyncio.wait([delivering], timeout=timing.lease)
    for job in (*jobs, delivering):
        job.cancel()
    await asyncio.gather(*jobs, delivering, return_exceptions=True)
    bot.close()
    opened.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(work(Orders(**json.loads(sys.argv[1]))))
