"""A copy of unknown outcome whose report was removed meanwhile: nothing is sent again."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.model import MessageRef, Person
from bot.outcomes import Timing
from bot.ports import DeliveryError, ThreadGone
from tests.servers import faults
from tests.servers.slack import Modes, SlackServer
from tests.test_slack_outbox import POST
from tests.test_slack_story import newsroom
from tests.waiting import until
from tests.world import World

TITLE = "Alibaba releases the Qwen 4 AI model"
GONE = "The report under which this belongs is not in Slack any more"
ADA = Person("discord", "U1", "Ada")
LOST = DeliveryError("the connection broke", unsure=True)


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("mode", ["unthread", "post", "refuse"])
async def test_a_copy_of_unknown_outcome_whose_report_is_gone_is_not_sent_again(
    sqlite_url: str, mode: Literal["unthread", "post", "refuse"], arrived: bool
) -> None:
    async with (
        SlackServer(Modes(missing_parent=mode)) as slack,
        newsroom(sqlite_url, slack) as room,
    ):
        root = await room.report()
        await room.listens()
        for words in ("Impressive!", "Is it open?"):
            slack.person_says(room.lab, room.ada, words, root)
        await until(lambda: len(room.comments()) == 2)
        await slack.settled()
        # From now on BotBeat hears nothing, so no echo and no removal settles it.
        slack.deliveries.hold()
        slack.moderator_deletes(room.news, room.standing(room.news)[0].ts)
        lost = faults.accept_then_close() if arrived else faults.Fault("close")
        slack.faults.add(lost, lost, call=POST)
        before = room.posts()
        await room.delivers()
        assert room.states()[-2:] == [f"refused: {GONE}"] * 2
        sent = room.posts() - before
        assert sent == (2 if arrived and mode != "refuse" else 0)
        assert room.standing(room.news) == []
        # What is heard at last changes nothing for the worse.
        await slack.deliveries.release()
        await slack.settled()
        await room.delivers()
        assert room.posts() - before == sent
        assert room.standing(room.news) == []
        assert list(room.comments().values()) == ["Impressive!", "Is it open?"]


@pytest.mark.parametrize("deleted", [["late"], ["late", "early"]])
async def test_all_that_a_look_misses_under_a_report_that_is_gone_ends_with_it(
    subscribed: World, deleted: list[str]
) -> None:
    world, chat = subscribed, subscribed.slack.chat
    await world.discord.types("subscribe comments:share")
    await world.slack.types("settings comments:share")
    await world.news(TITLE)
    report = world.discord.card_of(TITLE)
    # What was written first is heard of last, so that both are on their way at once.
    for number, before in (("late", 60), ("early", 120)):
        chat.fails_next(LOST)
        ref, written = MessageRef(report.channel, number), world.real() - before
        await world.bot.comment_posted(ref, report, ADA, "So?", written)
        await world.worker.deliver_due()
        world.clock.now += 1
    for number in deleted:
        await world.bot.comment_deleted(MessageRef(report.channel, number))

    async def looked() -> None:
        raise ThreadGone("the report is gone")

    chat.while_looking, chat.looks, posts = looked, 0, len(chat.posts)
    world.clock.now += Timing().settle
    await world.settle()
    assert (chat.looks, len(chat.posts)) == (1, posts)
    with world.store.read() as tx:
        copies = tx.deliveries.of_article(world.number(TITLE), world.slack.channel)
    ends = {one.state: one.reason for one in copies if one.kind == "comment"}
    assert ends.get("given up") == "It was deleted before it was sent."
    assert ends.get("refused") == (None if "early" in deleted else "the report is gone")
