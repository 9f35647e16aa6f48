"""A catch-up that is interrupted, killed, or run beside another one; and what it leaves alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.catchup import FRESH, ONE_BY_ONE, WINDOW, CatchUp
from bot.ports import DeliveryError
from bot.store import Store, Tx
from tests.chats import FakeChat
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
GEMINI = "Google releases the Gemini 5 AI model"


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share page:on")
    await world.news(QWEN)
    await world.news(GEMINI)
    return world


async def test_a_process_that_comes_second_reads_nothing_twice(shared: World) -> None:
    for title in (QWEN, GEMINI):
        await shared.slack.says("Known", under=title)
    shared.clock.now += 1
    chat = shared.slack.chat
    await asyncio.gather(shared.bot.catch_up(chat), shared.bot.catch_up(chat))
    threads = [read for read in chat.reads if read != "C1"]
    assert sorted(threads) == sorted(shared.slack.card_of(title).id for title in (QWEN, GEMINI))


class Held(ThreadPoolExecutor):
    """One thread, which does not begin with the job of this number before it is told to."""

    def __init__(self, number: int) -> None:
        super().__init__(1)
        self.left, self.waits, self.go_on = number, asyncio.Event(), threading.Event()

    def submit(self, *job: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            super().submit(self.go_on.wait)
            self.waits.set()
        return super().submit(*job, **named)


async def test_who_is_cancelled_at_whatever_moment_leaves_the_role_to_the_next(
    world: World,
) -> None:
    ended, number, chat = False, 0, world.slack.chat
    while not ended:
        number += 1
        held = Held(number)
        asyncio.get_running_loop().set_default_executor(held)
        reading = asyncio.create_task(CatchUp(world.store, chat, "read").run())
        waits = asyncio.create_task(held.waits.wait())
        await asyncio.wait({reading, waits}, return_when=asyncio.FIRST_COMPLETED)
        ended = reading.done()
        reading.cancel()
        waits.cancel()
        await asyncio.sleep(0)
        held.go_on.set()
        await asyncio.gather(reading, waits, return_exceptions=True)
        with world.store.write() as tx:
            assert tx.desk.lease("catch-up slack", "the next", 0)
    assert number > 5


async def test_an_interrupted_catch_up_goes_on_where_it_was(shared: World) -> None:
    for title in (QWEN, GEMINI):
        await shared.slack.says("Known", under=title)
    shared.clock.now += 1
    chat = shared.slack.chat
    chat.read_faults = [DeliveryError("one", retry_after=0.01)]
    started = asyncio.Event()

    async def hangs_at_the_second() -> None:
        if len(set(chat.reads)) == 3:
            started.set()
            await asyncio.sleep(60)

    chat.after_read = hangs_at_the_second
    reading = asyncio.create_task(shared.bot.catch_up(chat))
    await started.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    unread = chat.reads[-1]
    chat.reads.clear()
    chat.after_read = FakeChat("").after_read
    await shared.slack.comes_back()
    assert chat.reads[1] == unread


class Killed(BaseException):
    """The process is gone at this call."""


@dataclass
class Mortal:
    """A store whose owner dies at its nth transaction, before or after the commit."""

    store: Store
    dies_at: int
    commits: bool

    def read(self) -> AbstractContextManager[Tx]:
        return self.store.read()

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self.dies_at -= 1
        if self.dies_at < 0:
            raise Killed
        with self.store.write() as tx:
            yield tx
            if self.dies_at == 0 and not self.commits:
                raise Killed
        if self.dies_at == 0:
            raise Killed

    def version(self) -> int:
        return self.store.version()


async def _missed_much(world: World) -> None:
    known = await world.slack.says("First", under=QWEN)
    gone = await world.slack.says("A slip", under=QWEN)
    world.slack.goes_away()
    await world.slack.edits(known, "Second")
    await world.slack.deletes(gone)
    for n in range(ONE_BY_ONE + 2):
        world.clock.now += 1
        await world.slack.says(f"Meanwhile {n}", under=QWEN)
    world.clock.now += FRESH


async def test_killed_anywhere_and_run_again_it_ends_the_same(shared: World) -> None:
    await _missed_much(shared)
    for dies_at in range(1, 40):
        mortal = Mortal(shared.store, dies_at, commits=dies_at % 2 == 0)
        try:
            await CatchUp(mortal, shared.slack.chat, "read").run()
        except Killed:
            with shared.store.read() as tx:
                read = tx.cursors.read(shared.slack.card_of(QWEN))
                known = tx.comments.under(shared.number(QWEN))
            assert not read or len(known) == ONE_BY_ONE + 3, "noted as read, and not all stored"
            shared.clock.now += 61
            await shared.settle()
        else:
            break
    else:
        raise AssertionError("it never came through")
    assert dies_at > 3
    await shared.slack.comes_back()
    card = shared.discord.card_of(QWEN).id
    thread = sorted(message.text for _, message in shared.discord.chat.standing("900", card))
    note = "2 more comments were written elsewhere while BotBeat was away."
    copies = [f"Meanwhile {n}" for n in range(2, ONE_BY_ONE + 2)]
    assert thread == sorted([note, *copies, "Second"])
    assert len([p for p in shared.discord.chat.posts.values() if p.thread == card]) == 13


async def test_a_receipt_that_was_lost_is_found_in_the_listing(shared: World) -> None:
    shared.discord.chat.fails_next(DeliveryError("the answer was lost", unsure=True), accepted=True)
    said = await shared.slack.says("Impressive!", under=QWEN, settle=False)
    await shared.worker.deliver_due()
    shared.clock.now += 1
    await shared.bot.catch_up(shared.discord.chat)
    assert await shared.bot.waiting() == 0
    await shared.slack.edits(said, "Very impressive!")
    assert shared.discord.thread(QWEN) == ["Ada (slack): Very impressive!"]


async def test_where_comments_are_off_nothing_is_read(shared: World) -> None:
    await shared.slack.types("settings comments:off")
    shared.slack.goes_away()
    await shared.slack.says("Just among us", under=QWEN)
    await shared.slack.comes_back()
    assert shared.slack.chat.reads == []


async def test_what_is_older_than_the_window_is_not_read(shared: World) -> None:
    old = await shared.slack.says("Long ago", under=QWEN)
    shared.clock.now += WINDOW + 1
    shared.slack.goes_away()
    await shared.slack.deletes(old)
    await shared.slack.comes_back()
    assert shared.slack.chat.reads == []
    await shared.news("Mistral releases the Large 9 AI model")
    shared.slack.goes_away()
    await shared.slack.says("Still talking", under=QWEN)
    await shared.slack.comes_back()
    assert shared.discord.thread(QWEN) == ["Ada (slack): Long ago", "Ada (slack): Still talking"]
