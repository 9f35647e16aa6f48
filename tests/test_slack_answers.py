"""Commands and buttons in Slack, and what the asker gets to see."""

from collections.abc import AsyncIterator

import pytest

from bot.message import Button, Message
from bot.model import Person
from tests.servers import faults
from tests.slack_world import World, world_of
from tests.waiting import until


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with world_of(by_http=request.param == "http") as made:
        yield made


async def test_a_command_is_acknowledged_at_once_and_answered_to_the_asker(either: World) -> None:
    either.core.slow = 0.5
    gesture = either.slack.slash(either.lab, either.ada, "qwen score:&gt;=7 payload")
    await gesture.acknowledged()
    assert gesture.ack_after is not None
    assert gesture.ack_after < 0.4
    answer = await gesture.first()
    assert answer.visible_to == either.ada
    assert answer.text == "2 reports"
    person = Person("slack", either.ada, "Ada")
    assert either.core.all("command") == [(either.lab, person, "qwen score:>=7 payload", False)]
    assert either.core.all("seen") == [(either.lab, "lab", "public")]


async def test_a_public_answer_is_for_the_channel(world: World) -> None:
    world.core.reply = Message(text="<!channel> subscribed", public=True)
    answer = await world.slack.slash(world.lab, world.ada, "subscribe").first()
    assert answer.visible_to == ""
    said = world.slack.ledger[-1]
    assert said.pings == ()
    assert (said.args["link_names"], said.args["parse"]) == (False, "none")
    await world.slack.settled()
    assert not world.core.all("posted")


async def test_a_change_is_told_to_the_channel_besides(either: World) -> None:
    either.core.reply = Message("Subscription 7 is on", announced="**<!here>** changed it")
    gesture = either.slack.slash(either.lab, either.ada, "subscribe")
    answer = await gesture.first()
    await until(lambda: len(gesture.answers) == 2)
    assert (answer.text, answer.visible_to) == ("Subscription 7 is on", either.ada)
    assert gesture.answers[1].visible_to == ""
    assert gesture.answers[1].text.endswith("changed it")
    assert either.slack.ledger[-1].pings == ()


async def test_a_press_is_its_command_and_paging_replaces_the_answer(world: World) -> None:
    world.core.reply = Message(text="page 1", buttons=(Button("Older", "qwen page:2"),))
    first = await world.slack.slash(world.lab, world.ada, "qwen").first()
    world.core.reply = Message(text="page 2", replace=True)
    again = await world.slack.press(first, "Older", world.ada).first()
    assert again is first
    assert first.text == "page 2"
    assert [told[2] for told in world.core.all("command")] == ["qwen", "qwen page:2"]


async def test_no_press_replaces_a_report(world: World) -> None:
    ref = await world.report()
    world.core.ours.add(ref)
    world.core.reply = Message(text="Because of subscription 1", replace=True)
    card = world.slack.message(world.lab, ref.id)
    answer = await world.slack.press(card, "Why", world.ada).first()
    assert answer.visible_to == world.ada
    assert card.text.startswith("Qwen 4")


async def test_names_are_asked_for_once(world: World) -> None:
    for text in ("qwen", "help"):
        await world.slack.slash(world.lab, world.ada, text).first()
    asked = [answer.method for answer in world.slack.answers]
    assert (asked.count("users.info"), asked.count("conversations.info")) == (1, 1)


async def test_a_link_button_asks_nothing(world: World) -> None:
    ref = await world.report()
    card = world.slack.message(world.lab, ref.id)
    gesture = world.slack.press(card, "Read original", world.ada)
    await gesture.acknowledged()
    assert gesture.error == ""
    assert not world.core.all("command")


async def test_a_command_that_fails_is_answered_in_one_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.slack.slash(world.lab, world.ada, "help").first()
    world.core.down = 1
    answer = await world.slack.slash(world.lab, world.ada, "qwen").first()
    assert "Nothing was changed" in answer.text


async def test_an_answer_that_slack_does_not_take_is_logged_without_its_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.slack.faults.add(faults.refuse_status(500), call="response_url")
    gesture = world.slack.slash(world.lab, world.ada, "qwen")
    await gesture.acknowledged()
    await world.core.hears("command")
    await until(lambda: "got no answer" in caplog.text)
    assert "/response/" not in caplog.text
