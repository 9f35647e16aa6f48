"""What people write under a report of which BotBeat learns late that it stands there."""

from __future__ import annotations

import asyncio

import pytest

from bot import missed
from bot.catchup import CatchUp
from bot.comments import SOON
from bot.missed import Missed
from bot.model import MessageRef
from bot.ports import DeliveryError
from tests.chats import FakeChat, Words
from tests.test_catchup_interrupted import Killed, Mortal
from tests.waiting import until
from tests.world import ChatSide, World

QWEN = "Alibaba releases the Qwen 4 AI model"
GEMINI = "Google releases the Gemini 5 AI model"
_LOST = DeliveryError("the connection broke", unsure=True)


@pytest.fixture
async def shared(world: World) -> World:
    await world.slack.types("subscribe comments:share page:on")
    await world.discord.types("subscribe comments:share")
    await world.news(GEMINI)
    return world


async def lost_receipt(world: World, title: str = QWEN) -> None:
    """Slack takes the report, and its answer does not come."""
    world.slack.chat.fails_next(_LOST, accepted=True)
    await world.news(title, settle=False)
    await world.worker.deliver_due()


async def looks_later(side: ChatSide) -> None:
    await side.world.bot.catch_up(side.chat, late=True)
    await side.world.settle()


async def test_what_nobody_heard_under_a_report_that_is_found_long_after_is_read(
    shared: World,
) -> None:
    await lost_receipt(shared)
    shared.slack.goes_away()
    said = await shared.slack.says("First!", under=QWEN)
    shared.clock.now += 3600
    await CatchUp(shared.store, shared.slack.chat, "read", patience=0).run()
    shared.slack.listens = True
    await shared.settle()
    assert shared.discord.thread(QWEN) == []
    await looks_later(shared.slack)
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]
    await shared.slack.edits(said, "Second!")
    assert shared.discord.thread(QWEN) == ["Ada (slack): Second!"]


async def test_what_was_heard_too_long_before_its_report_was_found_is_read(shared: World) -> None:
    await lost_receipt(shared)
    shared.clock.now += 1200
    await shared.slack.says("First!", under=QWEN)
    await looks_later(shared.slack)
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]


async def test_what_was_written_under_a_parked_report_is_read_when_its_echo_comes(
    shared: World,
) -> None:
    shared.slack.chat.blind = "Slack does not let BotBeat read there"
    await lost_receipt(shared)
    await shared.settle()
    await shared.slack.says("First!", under=QWEN)
    report = shared.slack.card_of(QWEN)
    await shared.bot.delivered(shared.slack.chat.posts[report.id].key, report)
    await looks_later(shared.slack)
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]


async def test_a_catch_up_has_patience_with_what_is_just_being_posted(shared: World) -> None:
    await shared.news(QWEN, settle=False)
    with shared.store.write() as tx:
        claimed = tx.deliveries.claim({"slack": shared.slack.chat.pace}, 90, 10)
    (key,) = [one.key for one in claimed]
    report = MessageRef(shared.slack.channel, "1")
    words = Words(report.channel, "1", shared.slack._person("Ada"), "First!", shared.real())
    shared.slack.chat.said["2"] = words
    reading = asyncio.create_task(
        CatchUp(shared.store, shared.slack.chat, "share", patience=0.3).run()
    )
    await asyncio.sleep(0.1)
    await shared.bot.delivered(key, report)
    await reading
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]


async def test_a_report_that_is_known_soon_is_not_read_besides(shared: World) -> None:
    def slow() -> None:
        shared.clock.now += SOON

    shared.slack.chat.after_post = slow
    await shared.news(QWEN)
    shared.slack.chat.reads.clear()
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == []


async def test_what_was_found_late_is_read_once(shared: World) -> None:
    await lost_receipt(shared)
    await shared.settle()
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == ["C1"], "nobody answered it"
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == ["C1"]


async def test_a_catch_up_reads_what_was_found_late_as_well(shared: World) -> None:
    await lost_receipt(shared)
    await shared.settle()
    await shared.slack.comes_back()
    shared.slack.chat.reads.clear()
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == []


async def test_only_what_was_found_late_is_read_of_its_channel(shared: World) -> None:
    await shared.slack.says("Known", under=GEMINI)
    await lost_receipt(shared)
    await shared.slack.says("First!", under=QWEN)
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == ["C1", shared.slack.card_of(QWEN).id]


@pytest.mark.parametrize("which", ["the channel", "the thread"])
@pytest.mark.parametrize("scope", ["message", "channel"])
async def test_what_cannot_be_read_now_is_read_at_a_later_look(
    shared: World, which: str, scope: str
) -> None:
    await lost_receipt(shared)
    shared.clock.now += 1200
    await shared.slack.says("First!", under=QWEN)
    error = DeliveryError("Slack is down", scope="channel" if scope == "channel" else "message")

    async def fails() -> None:
        shared.slack.chat.after_read = FakeChat("").after_read
        raise error

    if which == "the thread":
        shared.slack.chat.after_read = fails
    else:
        shared.slack.chat.read_faults = [error]
    await looks_later(shared.slack)
    assert shared.discord.thread(QWEN) == []
    await looks_later(shared.slack)
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]


async def test_where_a_channel_does_not_answer_nothing_of_it_counts_as_read(shared: World) -> None:
    titles = (QWEN, "Mistral releases the Large 9 AI model")
    for title in titles:
        await lost_receipt(shared, title)
        shared.clock.now += 1200
        await shared.slack.says("First!", under=title)

    async def is_down() -> None:
        raise DeliveryError("Slack is down", scope="channel")

    shared.slack.chat.after_read = is_down
    await looks_later(shared.slack)
    shared.slack.chat.after_read = FakeChat("").after_read
    await looks_later(shared.slack)
    for title in titles:
        assert shared.discord.thread(title) == ["Ada (slack): First!"]


async def test_what_nobody_may_read_is_not_asked_for_again(shared: World) -> None:
    await lost_receipt(shared)
    await shared.settle()
    shared.slack.chat.read_faults = [DeliveryError("no right", permanent=True, scope="channel")]
    for _ in range(2):
        await looks_later(shared.slack)
    assert shared.slack.chat.reads == ["C1"]


async def test_where_comments_are_off_nothing_that_was_found_late_is_read(shared: World) -> None:
    await shared.slack.types("settings comments:off")
    await lost_receipt(shared)
    await shared.settle()
    await looks_later(shared.slack)
    await shared.slack.types("settings comments:share")
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == []


async def test_killed_anywhere_the_next_look_reads_what_was_found_late(shared: World) -> None:
    await lost_receipt(shared)
    shared.clock.now += 1200
    await shared.slack.says("First!", under=QWEN)
    for dies_at in range(1, 20):
        mortal = Mortal(shared.store, dies_at, commits=dies_at % 2 == 0)
        try:
            await CatchUp(mortal, shared.slack.chat, "share", late=True).run()
        except Killed:
            shared.clock.now += 61
        else:
            break
    assert 2 < dies_at < 19
    await shared.settle()
    assert shared.discord.thread(QWEN) == ["Ada (slack): First!"]


async def test_while_another_process_reads_a_look_leaves_it_to_the_next(shared: World) -> None:
    await lost_receipt(shared)
    await shared.settle()
    with shared.store.write() as tx:
        tx.desk.lease("catch-up slack", "another", 60)
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == []
    shared.clock.now += 61
    await looks_later(shared.slack)
    assert shared.slack.chat.reads == ["C1"]


async def test_whoever_listens_looks_for_it_now_and_then(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "_LOOK", 0.02)
    async with Missed().made_up(shared.bot, shared.slack.chat, again=0.02):
        await lost_receipt(shared)
        shared.clock.now += 1200
        await shared.slack.says("First!", under=QWEN)
        await until(lambda: shared.slack.card_of(QWEN).id in shared.slack.chat.reads)
        await until(lambda: shared.web.comments(QWEN) == ["Ada: First!"])
