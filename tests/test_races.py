"""Two transactions at once: neither undoes what the other did."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from bot import comments
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Channel, ChannelSettings, Comment, MessageRef, Person
from bot.outcomes import Timing
from bot.ports import Pace
from bot.store import Store, StoreClash, Tx
from storage.store import open_store
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"


def at_once(world: World, first: Callable[[Tx, Callable[[], None]], None],
            second: Callable[[Tx], None]) -> None:  # fmt: skip
    """Run `first` up to where it calls its second argument, then `second` beside it."""
    reached, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        go_on.wait(10)

    def begin() -> None:
        with world.store.write() as tx:
            first(tx, pause)

    def follow() -> None:
        with world.store.write() as tx:
            second(tx)

    one, two = threading.Thread(target=begin), threading.Thread(target=follow)
    one.start()
    assert reached.wait(10)
    two.start()
    # The second one ends now, or waits for the first: both are right.
    two.join(0.3)
    go_on.set()
    one.join(20)
    two.join(20)


async def _shared(world: World) -> None:
    for side in (world.slack, world.discord):
        await side.types("subscribe comments:share page:on")


async def test_an_edit_beside_a_deletion_does_not_bring_the_comment_back(world: World) -> None:
    await _shared(world)
    await world.news(QWEN)
    said = await world.slack.says("Hello", under=QWEN)

    def edit(tx: Tx, pause: Callable[[], None]) -> None:
        known = tx.comments.by_origin(said)
        assert known
        pause()
        comments.edited(tx, said, "Edited", world.clock.now + 1, None, "read")

    at_once(world, edit, lambda tx: comments.deleted(tx, said, None))
    await world.settle()
    assert world.web.comments(QWEN) == []
    assert world.discord.thread(QWEN) == []


async def test_a_new_name_of_a_channel_does_not_undo_what_its_people_chose(world: World) -> None:
    channel = Channel("slack", "C1")
    await world.slack.types("settings comments:share")

    def rename(tx: Tx, pause: Callable[[], None]) -> None:
        settings = tx.channels.place(channel).settings
        pause()
        tx.channels.choose(channel, replace(settings, name="#general"))

    def choose(tx: Tx) -> None:
        settings = tx.channels.place(channel).settings
        tx.channels.choose(channel, replace(settings, comments="off"))

    at_once(world, rename, choose)
    with world.store.read() as tx:
        assert tx.channels.place(channel).settings == ChannelSettings("#general", comments="off")


async def test_a_comment_beside_its_reports_receipt_is_not_lost(world: World) -> None:
    await _shared(world)
    await world.news(QWEN, settle=False)
    with world.store.write() as tx:
        claimed = tx.deliveries.claim({"slack": Pace()}, 90, 10)
    root = MessageRef(world.slack.channel, "root")

    def comment(tx: Tx, pause: Callable[[], None]) -> None:
        tx.channels.place(world.slack.channel)
        assert tx.deliveries.at(root) is None
        pause()
        author = Person("slack", "a", "Ada")
        said = Comment(0, 0, MessageRef(root.channel, "h1"), author, "First", 1.0)
        comments.posted(tx, said, root, "read")

    at_once(world, comment, lambda tx: _received(tx, claimed[0].key, root))
    with world.store.read() as tx:
        (kept,) = tx.comments.under(claimed[0].article)
    assert kept.text == "First"


def _received(tx: Tx, key: str, root: MessageRef) -> None:
    assert comments.received(tx, key, root, "read")


async def test_the_same_channel_twice_is_one_row(world: World) -> None:
    with world.store.write() as tx:
        one = tx.channels.place(Channel("slack", "C9"))
        tx.channels.choose(Channel("slack", "C9"), replace(one.settings, name="#a"))
        assert tx.channels.place(Channel("slack", "C9")).settings.name == "#a"
        assert len(tx.channels.places("slack")) == 1


@dataclass
class Meanwhile:
    """A store in which something else happens just before it is read for the first time."""

    inner: Store
    effect: Callable[[Tx], None] | None

    @contextmanager
    def read(self) -> Iterator[Tx]:
        effect, self.effect = self.effect, None
        if effect:
            with self.inner.write() as tx:
                effect(tx)
        with self.inner.read() as tx:
            yield tx

    def write(self) -> AbstractContextManager[Tx]:
        return self.inner.write()

    def version(self) -> int:
        return self.inner.version()


@pytest.mark.parametrize("gone", [False, True])
async def test_a_comment_that_changes_between_claim_and_post_is_said_once(
    world: World, gone: bool
) -> None:
    """Its newest words are posted, and not edited in once more; what is gone is not posted."""
    await _shared(world)
    await world.news(QWEN)
    said = await world.slack.says("One", under=QWEN, settle=False)

    def effect(tx: Tx) -> None:
        if gone:
            comments.deleted(tx, said, None)
        else:
            comments.edited(tx, said, "Two", world.clock.now + 1, None, "share")

    chats, meanwhile = {"discord": world.discord.chat}, Meanwhile(world.store, effect)
    await Worker(meanwhile, chats, "", Timing(), clock=world.clock).deliver_due()
    await world.settle()
    copies = [post for post in world.discord.chat.posts.values() if post.message.author]
    assert [(one.message.text, one.edits) for one in copies] == ([] if gone else [("Two", 0)])


async def test_two_who_learn_a_name_at_once_correct_a_copy_once(world: World) -> None:
    await _shared(world)
    await world.news(QWEN)
    ref = MessageRef(world.slack.channel, "said-1")
    report, now = world.slack.card_of(QWEN), world.clock.now
    await world.bot.comment_posted(ref, report, Person("slack", "U9", ""), "Hello", now)
    await world.settle()
    ada = Person("slack", "U9", "Ada")

    def learn(tx: Tx, pause: Callable[[], None]) -> None:
        comments.named(tx, ada, "read")
        pause()

    at_once(world, learn, lambda tx: comments.named(tx, ada, "read"))
    await world.settle()
    assert world.discord.thread(QWEN) == ["Ada (slack): Hello"]
    with world.store.read() as tx:
        said = tx.comments.by_origin(ref)
    assert said
    assert said.revision == 2  # Each more would be an edit that changes nothing.


def test_of_two_that_wait_for_each_other_one_is_told_that_it_may_go_again(
    postgres_url: str,
) -> None:
    both, told = threading.Barrier(2), []
    store = open_store(postgres_url)

    def sets(first: str, then: str) -> None:
        try:
            with store.write() as tx:
                tx.channels.place(Channel("slack", first))
                both.wait(10)
                tx.channels.place(Channel("slack", then))
        except StoreClash as error:
            told.append(str(error))

    with store.write() as tx:
        for name in ("C1", "C2"):
            tx.channels.place(Channel("slack", name))
    pairs = (("C1", "C2"), ("C2", "C1"))
    threads = [threading.Thread(target=sets, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    store.close()
    assert len(told) == 1


class Clashing:
    """A store in which the first transactions have clashed with others when they end."""

    def __init__(self, store: Store, clashes: int) -> None:
        self.store, self.left = store, clashes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        with self.store.write() as tx:
            yield tx
            if self.left:
                self.left -= 1
                raise StoreClash("deadlock detected")


async def test_an_event_that_clashed_with_another_is_carried_out_again(world: World) -> None:
    await _shared(world)
    await world.news(QWEN)
    report = next(ref for ref in world.slack.chat.posts)
    clashing = Clashing(world.store, 2)
    bot = Bot(cast(Store, clashing))
    channel, ada = world.slack.channel, Person("slack", "ada", "Ada")
    said, above = MessageRef(channel, "h1"), MessageRef(channel, report)
    await bot.comment_posted(said, above, ada, "Hello", world.clock())
    bot.close()
    await world.settle()
    assert clashing.left == 0
    assert world.discord.thread(QWEN) == ["Ada (slack): Hello"]


@dataclass
class Crowded:
    """A Store whose reads wait until the gate opens."""

    inner: Store
    gate: threading.Event

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        self.gate.wait(20)
        with self.inner.read() as tx:
            yield tx


async def test_a_turn_is_renewed_while_a_flood_of_events_waits(world: World) -> None:
    gate = threading.Event()
    with closing(Bot(cast(Store, Crowded(world.store, gate)))) as bot:
        assert await bot.lease("listening", "me", 30)
        place = MessageRef(world.discord.channel, "1")
        flood = [asyncio.create_task(bot.is_ours(place)) for _ in range(20)]
        try:
            async with asyncio.timeout(20):
                assert await bot.lease("listening", "me", 30)
                assert await bot.ration("starts", 5, 3) == 0
                await bot.release("listening", "me")
        finally:
            gate.set()
        assert await asyncio.gather(*flood) == [False] * 20
