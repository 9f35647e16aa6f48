"""The worker: how much it does at once; what is slow, asleep or deadly holds up nothing else."""

from __future__ import annotations

import asyncio

import pytest

from bot import outcomes
from bot.delivery import Worker
from bot.message import Message
from bot.model import Channel, MessageRef
from bot.outcomes import Timing
from bot.ports import DeliveryError, Pace
from tests.chats import FakeChat
from tests.waiting import until
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
OPENAI = "OpenAI raises five billion dollars for data centers"


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
    await world.channels(Timing().together + 10)
    await world.news(QWEN, settle=False)
    assert await world.worker.deliver_due() == Timing().together


async def test_a_platform_that_hangs_takes_no_place_of_another(world: World) -> None:
    """Slack has more to do than is sent at once, and comes first; Discord has one report."""
    await world.discord.types("subscribe")
    await world.channels(9)
    await world.news(QWEN, settle=False)
    slack = Hanging("slack")
    ports = {"slack": slack, "discord": world.discord.chat}
    worker = Worker(world.store, ports, "", Timing(together=3), clock=world.clock)
    working = asyncio.create_task(worker.run(world.bot.changed))
    try:
        await until(lambda: world.discord.reports() == [QWEN])
    finally:
        worker.stop()
        slack.over.set()
        await working


async def test_a_worker_that_is_told_to_end_before_it_has_begun_takes_nothing(
    subscribed: World,
) -> None:
    await subscribed.news(QWEN, settle=False)
    subscribed.worker.stop()
    async with asyncio.timeout(20):
        await subscribed.worker.run(subscribed.bot.changed)
    assert subscribed.slack.reports() == []


async def test_a_look_that_finds_nothing_wakes_nobody(world: World) -> None:
    assert await world.worker.deliver_due() == 0
    before = await _version(world)
    assert await world.worker.deliver_due() == 0
    assert await _version(world) == before
    await world.slack.types("subscribe")
    assert await _version(world) > before


async def _version(world: World) -> int:
    await asyncio.sleep(0.1)  # A notification is on its way for a moment.
    return world.store.version()


async def test_a_worker_that_slept_past_its_lease_sends_nothing(subscribed: World) -> None:
    await subscribed.news(QWEN, settle=False)
    chats = {"slack": subscribed.slack.chat}
    # Its lease allows no time at all, as if the process had been stopped since the claim.
    sleeper = Worker(subscribed.store, chats, "", Timing(lease=60, attempt=59.999, settle=0))
    await asyncio.sleep(0.01)
    assert await sleeper.deliver_due() == 1
    assert subscribed.slack.reports() == []
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


async def _dies_trying(world: World, times: int) -> None:
    """A worker takes what is due and is killed, so often."""
    for _ in range(times):
        with world.store.write() as tx:
            assert tx.deliveries.claim({"slack": Pace()}, 90, 1)
        world.clock.now += 91


async def test_what_may_have_killed_its_worker_waits_and_the_others_go_on(
    subscribed: World,
) -> None:
    await subscribed.news(QWEN, settle=False)
    await _dies_trying(subscribed, 2)
    await subscribed.news(OPENAI, settle=False)
    await subscribed.settle(100)
    assert subscribed.slack.reports() == [OPENAI]
    assert subscribed.state(QWEN).startswith("unsure: Whoever sent it ended without")
    # It was somebody else's fault after all.
    subscribed.clock.now += Timing().aside
    await subscribed.settle()
    assert subscribed.slack.reports() == [OPENAI, QWEN]


async def test_what_kills_each_worker_ends_with_its_reason(subscribed: World) -> None:
    await subscribed.news(QWEN, settle=False)
    await _dies_trying(subscribed, 2)
    for _ in range(5):
        # It is set aside, then tried again, and whoever tries it dies.
        assert await subscribed.worker.deliver_due() == 1
        subscribed.clock.now += 6 * Timing().aside
        await _dies_trying(subscribed, 1)
    await subscribed.settle()
    assert subscribed.slack.reports() == []
    assert subscribed.state(QWEN).startswith("parked: Each time that it was tried")


async def test_what_cannot_be_written_is_set_aside_and_the_others_go_on(
    subscribed: World,
) -> None:
    subscribed.slack.chat.breaks_on = "Qwen"
    await subscribed.news(QWEN, settle=False)
    await subscribed.news(OPENAI, settle=False)
    await subscribed.settle()
    assert subscribed.slack.reports() == [OPENAI]
    assert subscribed.state(QWEN).startswith("parked: BotBeat could not")


def test_a_lease_that_is_too_short_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="lease"):
        Timing(lease=30, attempt=40)
    with pytest.raises(ValueError, match="lease"):
        Timing(lease=50, settle=60)


async def test_a_comment_on_its_way_to_a_report_that_is_removed_does_not_wait_for_ever(
    subscribed: World,
) -> None:
    """It was claimed before, and its outcome is written after that."""
    await subscribed.slack.types("settings comments:read")
    await subscribed.discord.types("subscribe comments:share")
    await subscribed.news(QWEN)
    await subscribed.discord.says("Impressive!", under=QWEN, settle=False)
    with subscribed.store.write() as tx:
        (claimed,) = tx.deliveries.claim({"slack": Pace()}, Timing().lease, 1)
    await subscribed.slack.deletes(subscribed.slack.card_of(QWEN), settle=False)
    with subscribed.store.write() as tx:
        outcomes.failed(tx, claimed, DeliveryError("Slack cannot be reached"), Timing())
    await subscribed.settle()
    assert not await subscribed.bot.waiting()
    with subscribed.store.read() as tx:
        copy = tx.deliveries.numbered(claimed.id)
    assert copy
    assert (copy.state, copy.reason) == ("given up", "The report does not stand in this channel.")
