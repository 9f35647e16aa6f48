"""The worker: how much it does at once, and that what is slow holds up nothing else."""

from __future__ import annotations

import asyncio

from bot.delivery import Worker
from bot.model import Channel, Message, MessageRef
from bot.outcomes import Timing
from bot.ports import DeliveryError
from tests.chats import FakeChat
from tests.discord_place import eventually
from tests.test_outbox import channels
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


class Hanging(FakeChat):
    """A platform that takes connections and answers none, until `over`."""

    def __init__(self, platform: str) -> None:
        super().__init__(platform)
        self.over = asyncio.Event()

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        await self.over.wait()
        raise DeliveryError("Nobody answered.", unsure=True)


async def test_a_worker_takes_no_more_than_it_can_send_at_once(world: World) -> None:
    await channels(world, Timing().together + 10)
    await world.news(QWEN, settle=False)
    assert await world.worker.deliver_due() == Timing().together


async def test_a_platform_that_hangs_takes_no_place_of_another(world: World) -> None:
    """Slack has more to do than is sent at once, and comes first; Discord has one report."""
    await world.discord.types("subscribe")
    await channels(world, 9)
    await world.news(QWEN, settle=False)
    slack = Hanging("slack")
    ports = {"slack": slack, "discord": world.discord.chat}
    worker = Worker(world.store, ports, "", Timing(together=3), clock=world.clock)
    working = asyncio.create_task(worker.run(world.bot.changed))
    try:
        await eventually(lambda: world.discord.reports() == [QWEN])
    finally:
        worker.stop()
        slack.over.set()
        await working
