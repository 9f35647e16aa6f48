"""The outbox when the database, a whole workspace or the clock fails, and how it keeps its pace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from bot import holding
from bot.delivery import Worker
from bot.model import Channel
from bot.outcomes import Timing
from bot.ports import DeliveryError, Pace
from bot.store import Store, StoreAway, Tx
from tests.world import START, World

QWEN = "Alibaba releases the Qwen 4 AI model"
GONE = DeliveryError("This channel is archived", permanent=True, scope="channel")
REVOKED = DeliveryError("The token was withdrawn", permanent=True, scope="install")
HOUR = 3600.0


@dataclass
class Flaky:
    """A store that is away for the next reads or writes; `commits` says whether these counted."""

    inner: Store
    reads: int = 0
    writes: int = 0
    commits: bool = False

    @contextmanager
    def read(self) -> Iterator[Tx]:
        if self.reads:
            self.reads -= 1
            raise StoreAway("the database is away")
        with self.inner.read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        if self.writes and not self.commits:
            self.writes -= 1
            raise StoreAway("the database is away")
        with self.inner.write() as tx:
            yield tx
        if self.writes:
            self.writes -= 1
            raise StoreAway("the connection broke at the commit")

    def version(self) -> int:
        return self.inner.version()


def over(world: World, store: Store) -> Worker:
    """A worker for Slack over this store."""
    return Worker(store, {"slack": world.slack.chat}, "", Timing(), clock=world.clock)


async def test_a_database_away_before_the_post_costs_nothing(subscribed: World) -> None:
    subscribed.slack.chat.blind = "BotBeat may not read here"
    await subscribed.news(QWEN, settle=False)
    flaky = Flaky(subscribed.store, reads=1)
    worker = over(subscribed, flaky)
    assert await worker.deliver_due() == 1
    assert subscribed.state(QWEN) == "pending: "
    # Nothing was sent, and that is known: no waiting, no looking, no parking.
    assert await worker.deliver_due() == 1
    assert subscribed.state(QWEN) == "shown: "


@pytest.mark.parametrize("commits", [False, True])
async def test_a_receipt_is_written_as_soon_as_the_database_is_back(
    subscribed: World, commits: bool
) -> None:
    await subscribed.news(QWEN, settle=False)
    flaky = Flaky(subscribed.store, commits=commits)
    worker = over(subscribed, flaky)
    subscribed.slack.chat.blind = "BotBeat may not read here"
    subscribed.slack.chat.after_post = lambda: setattr(flaky, "writes", 2)
    assert await worker.deliver_due() == 1
    assert subscribed.state(QWEN) == "shown: "
    assert len(subscribed.slack.chat.posts) == 1


async def test_a_claim_that_was_cut_is_brought_back_by_its_lease(subscribed: World) -> None:
    await subscribed.news(QWEN, settle=False)
    flaky = Flaky(subscribed.store, writes=1, commits=True)
    with pytest.raises(StoreAway):
        await over(subscribed, flaky).deliver_due()
    assert await subscribed.worker.deliver_due() == 0
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


async def test_a_workspace_that_asks_for_patience_gets_it(world: World) -> None:
    await world.channels(5)
    await world.discord.types("subscribe")
    slow = DeliveryError("too many requests", retry_after=30, scope="install")
    world.slack.chat.pace = Pace(install=1.0, burst=1)
    world.slack.chat.fails_next(slow)
    await world.news(QWEN, settle=False)
    assert await world.worker.deliver_due() == 2
    assert await world.worker.deliver_due() == 0
    assert world.discord.reports() == [QWEN]
    world.clock.now += 29
    assert await world.worker.deliver_due() == 0
    # One goes ahead to see, however many wait and whoever looks.
    world.clock.now += 1
    world.slack.chat.fails_next(slow)
    workers = [over(world, world.store) for _ in range(4)]
    assert sum(await asyncio.gather(*(one.deliver_due() for one in workers))) == 1
    assert len(world.slack.chat.posts) == 0
    world.clock.now += 30
    assert await world.worker.deliver_due() == 1
    await world.settle()
    assert len(world.slack.chat.posts) == 5


async def test_what_was_claimed_before_the_channel_asked_for_patience_waits_too(
    subscribed: World,
) -> None:
    """Another worker is told to wait while this one is about to send."""
    channel = Channel("slack", "C1")

    @dataclass
    class Told(Flaky):
        told: bool = False

        @contextmanager
        def read(self) -> Iterator[Tx]:
            if not self.told:
                self.told = True
                with self.inner.write() as tx:
                    tx.deliveries.hold(channel, "channel", tx.now + 60, "slower")
            with self.inner.read() as tx:
                yield tx

    await subscribed.news(QWEN, settle=False)
    assert await over(subscribed, Told(subscribed.store)).deliver_due() == 1
    assert subscribed.slack.reports() == []
    subscribed.clock.now += 59
    assert await subscribed.worker.deliver_due() == 0
    await subscribed.settle()
    assert subscribed.slack.reports() == [QWEN]


async def test_a_withdrawn_token_stops_everything_at_the_first_refusal(world: World) -> None:
    made = await world.channels(30)
    world.slack.chat.pace = Pace(install=0.2, burst=5)
    for _ in range(100):
        world.slack.chat.fails_next(REVOKED)
    await world.news(QWEN, settle=False)
    while await world.worker.deliver_due():
        world.clock.now += 1
    assert 100 - len(world.slack.chat.faults) <= 6
    # The token is good again, and nobody says so.
    world.slack.chat.faults.clear()
    world.clock.now += Timing().probe
    await world.settle()
    assert len(world.slack.chat.posts) == len(made)


async def test_all_workers_together_keep_the_workspaces_pace(world: World) -> None:
    await world.channels(30)
    world.slack.chat.pace = Pace(install=1.0, burst=10)
    await world.news(QWEN, settle=False)
    workers = [over(world, world.store) for _ in range(4)]
    sent: list[int] = []
    for _ in range(6):
        for worker in workers:
            await worker.deliver_due()
        sent.append(len(world.slack.chat.posts))
        world.clock.now += 1
    assert sent == [10, 11, 12, 13, 14, 15]


async def test_a_channel_that_stays_closed_is_left_alone_and_heals_unannounced(
    subscribed: World,
) -> None:
    chat = subscribed.slack.chat
    for _ in range(100):
        chat.fails_next(GONE)
    await subscribed.news(QWEN, settle=False)
    for _ in range(23 * 12):
        await subscribed.worker.deliver_due()
        subscribed.clock.now += 300
    assert 100 - len(chat.faults) <= 9
    assert subscribed.state(QWEN) == "pending: This channel is archived"
    chat.faults.clear()
    subscribed.clock.now = START + 24 * HOUR - 60
    await subscribed.worker.deliver_due()
    await subscribed.news("Mistral AI opens a research lab in Paris", settle=False)
    subscribed.clock.now += holding.LONGEST
    await subscribed.settle()
    assert "Mistral AI opens a research lab in Paris" in subscribed.slack.reports()


async def test_a_late_word_of_a_closed_channel_changes_nothing(subscribed: World) -> None:
    bot, channel = subscribed.bot, subscribed.slack.channel
    await bot.channel_paused(channel, "archived", at=100.0)
    await bot.channel_resumed(channel, at=101.0)
    await bot.channel_paused(channel, "archived", at=100.0)
    await subscribed.news(QWEN)
    assert subscribed.slack.reports() == [QWEN]
    await bot.channel_paused(channel, "archived", at=102.0)
    await subscribed.news("Mistral AI opens a research lab in Paris", settle=False)
    assert await subscribed.worker.deliver_due() == 0


async def test_a_channel_that_opens_after_hours_is_not_flooded(subscribed: World) -> None:
    """This one wants all reports one by one; others get what they missed together."""
    await subscribed.slack.types("settings max:all")
    await subscribed.bot.channel_paused(subscribed.slack.channel, "archived")
    titles = [f"Alibaba releases AI model number {number} today" for number in range(30)]
    for number, title in enumerate(titles):
        await subscribed.news(title, url=f"https://news.example/{number}", settle=False)
        subscribed.clock.now += 400
    await subscribed.bot.channel_resumed(subscribed.slack.channel)
    await subscribed.settle()
    assert subscribed.slack.reports() == titles[-holding.BACKLOG :]
    assert subscribed.state(titles[0]).startswith("expired: More reports waited")


async def test_a_short_hold_throws_nothing_away(subscribed: World) -> None:
    await subscribed.slack.types("settings max:all")
    titles = [f"Alibaba releases AI model number {number} today" for number in range(30)]
    subscribed.slack.chat.fails_next(DeliveryError("slower", retry_after=60, scope="channel"))
    for number, title in enumerate(titles):
        await subscribed.news(title, url=f"https://news.example/{number}", settle=False)
    await subscribed.settle()
    assert sorted(subscribed.slack.reports()) == sorted(titles)


async def test_a_ration_is_shared_and_refills(world: World) -> None:
    bot = world.bot
    assert [await bot.ration("tea", 10, 3) for _ in range(3)] == [0, 0, 0]
    assert await bot.ration("tea", 10, 3) == pytest.approx(10, abs=0.2)
    assert await bot.ration("coffee", 10, 3) == 0
    world.clock.now += 10
    assert await bot.ration("tea", 10, 3) == 0
    assert await bot.ration("tea", 10, 3) > 9


async def test_one_process_at_a_time_has_a_role(world: World) -> None:
    assert await world.bot.lease("gateway", "one", 30)
    assert not await world.bot.lease("gateway", "two", 30)
    world.clock.now += 20
    assert await world.bot.lease("gateway", "one", 30)
    world.clock.now += 20
    assert not await world.bot.lease("gateway", "two", 30)
    await world.bot.release("gateway", "two")
    assert not await world.bot.lease("gateway", "two", 30)
    await world.bot.release("gateway", "one")
    assert await world.bot.lease("gateway", "two", 30)


async def test_a_first_refusal_is_looked_at_again_soon_whatever_the_message_went_through(
    subscribed: World,
) -> None:
    for _ in range(6):
        subscribed.slack.chat.fails_next(DeliveryError("Slack cannot be reached"))
    subscribed.slack.chat.fails_next(GONE)
    await subscribed.news(QWEN, settle=False)
    for _ in range(7):
        await subscribed.worker.deliver_due()
        subscribed.clock.now += 130
    assert subscribed.state(QWEN) == "pending: This channel is archived"
    subscribed.clock.now += Timing().probe
    await subscribed.worker.deliver_due()
    assert subscribed.slack.reports() == [QWEN]
