"""What the database itself holds of the outbox: whole transactions, each row claimed by one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event

from bot import articles
from bot.bot import Bot
from bot.delivery import Worker
from bot.message import Message
from bot.model import Channel, Found, MessageRef, Page, Person, Takeaway, Written
from bot.outcomes import Timing
from bot.ports import Pace, Source
from bot.store import StoreAway
from storage.store import SqlStore, open_store
from tests.test_outbox import Flaky
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
ADDRESS = "https://news.example/qwen-4"
ROOT = Path(__file__).parent.parent


class Cut(Exception):
    """The process ended here."""


@contextmanager
def cut_at(store: SqlStore, statement: int) -> Iterator[list[str]]:
    """The statement of this number ends the transaction; yields those that were begun."""
    begun: list[str] = []

    def count(_c: object, _k: object, sql: str, *_: object) -> None:
        begun.append(sql)
        if len(begun) == statement:
            raise Cut(sql)

    event.listen(store._writer, "before_cursor_execute", count)
    try:
        yield begun
    finally:
        event.remove(store._writer, "before_cursor_execute", count)


def rows(world: World) -> int:
    with world.store.read() as tx:
        found = tx.articles.keyed([f"url:{ADDRESS}"])
        return len(tx.deliveries.of_article(found)) if found else 0


async def test_a_report_and_its_deliveries_are_there_together_or_not_at_all(world: World) -> None:
    made = await world.channels(3)
    found = Found(QWEN, ADDRESS, QWEN, world.clock.now - 60, QWEN)
    number = await world.bot.add_source(Source(0, "https://qwen.example/feed", "Qwen blog"))
    with world.store.read() as tx:
        source = next(one for one in tx.sources.all() if one.id == number)
    await world.bot.offered(replace(source, baseline=True), [found])
    (entry,) = await world.bot.open_entries(10)
    judgement = await world.bot.judged(entry, Page(ADDRESS))
    assert judgement
    words = Written(QWEN, (Takeaway(QWEN, QWEN),), "")
    for statement in range(1, 100):
        try:
            with cut_at(world.store, statement), world.store.write() as tx:
                articles.publish(tx, entry, judgement, words, [f"url:{ADDRESS}"])
        except Cut:
            assert rows(world) == 0
        else:
            break
    assert statement > 8
    assert rows(world) == len(made)


async def test_many_workers_claim_each_delivery_once(world: World) -> None:
    await world.channels(60)
    for title in (QWEN, "Mistral AI opens a research lab in Paris"):
        await world.news(title, settle=False)
    claimed: list[int] = []

    def work() -> None:
        while True:
            with world.store.write() as tx:
                taken = tx.deliveries.claim({"slack": Pace()}, 90, 5)
            if not taken:
                return
            claimed.extend(one.id for one in taken)
            time.sleep(0.01)
            with world.store.write() as tx:
                for one in taken:
                    tx.deliveries.receipt(one.key, MessageRef(one.channel, one.key))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert max(Counter(claimed).values()) == 1
    # A worker that found the rest locked by the others may have ended early.
    work()
    assert len(set(claimed)) == 120


async def test_no_transaction_is_open_while_a_platform_is_asked(
    world: World, database: str
) -> None:
    await world.channels(5)
    await world.news(QWEN, settle=False)
    asked, answer = asyncio.Event(), asyncio.Event()

    class Slow:
        platform, pace = "slack", Pace()

        async def run(self, bot: object) -> None: ...

        async def post(
            self, channel: Channel, message: Message, thread: MessageRef | None, key: str
        ) -> MessageRef:
            asked.set()
            await answer.wait()
            return MessageRef(channel, key)

        async def edit(self, ref: MessageRef, message: Message, key: str) -> None: ...

        async def delete(self, ref: MessageRef) -> None: ...

        async def find(
            self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
        ) -> AsyncIterator[tuple[str, MessageRef]]:
            nothing: list[tuple[str, MessageRef]] = []
            for found in nothing:
                yield found

    worker = Worker(world.store, {"slack": Slow()}, "", Timing())
    sending = asyncio.create_task(worker.deliver_due())
    await asyncio.wait_for(asked.wait(), 10)
    # Whoever else wants to write can do so at once, whichever the database.
    async with asyncio.timeout(10):
        await world.slack.types("list")
        assert await world.bot.lease("a role", "somebody", 60)
    assert await asyncio.to_thread(idle_in_transaction, database) == 0
    answer.set()
    assert await sending == 5


def idle_in_transaction(database: str) -> int:
    """How many connections wait inside a transaction, as PostgreSQL counts them."""
    if not database.startswith("postgres"):
        return 0
    with psycopg.connect(database, autocommit=True) as server:
        counted = server.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        ).fetchone()
    assert counted
    return int(counted[0])


async def test_an_event_whose_commit_was_cut_has_one_effect_when_it_comes_again(
    world: World,
) -> None:
    for side in (world.slack, world.discord):
        await side.types("subscribe comments:share")
    await world.news(QWEN)
    report, ada = world.slack.card_of(QWEN), Person("slack", "ada", "Ada")
    ref = MessageRef(world.slack.channel, "said-1")
    bot = Bot(Flaky(world.store, writes=1, commits=True))
    with pytest.raises(StoreAway):
        await bot.comment_posted(ref, report, ada, "Hello", world.clock.now)
    await bot.comment_posted(ref, report, ada, "Hello", world.clock.now)
    bot.close()
    await world.settle()
    assert world.discord.thread(QWEN) == ["Ada (slack): Hello"]


def test_eight_processes_write_in_one_file_and_none_is_turned_away(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    program = (
        "import sys\n"
        "from storage.store import open_store\n"
        "from bot.ports import Pace\n"
        "store = open_store(sys.argv[1])\n"
        "for turn in range(40):\n"
        "    with store.write() as tx:\n"
        "        tx.deliveries.claim({'slack': Pace()}, 90, 5)\n"
        "        tx.desk.ration(f'ration {turn}', 1, 1000)\n"
        "store.close()\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, sqlite_url], cwd=ROOT, stderr=-1)
        for _ in range(8)
    ]
    assert [(one.communicate(timeout=100)[1], one.returncode) for one in running] == [(b"", 0)] * 8
