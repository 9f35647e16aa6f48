"""Where people expect BotBeat in Slack besides commands: its home, forms, and a message's menu."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.commands.forms import typed
from bot.message import Button, Card, Field, Form, Message
from bot.model import Person
from tests.servers import faults
from tests.servers.slack.answers import Gesture
from tests.servers.slack.state import View
from tests.slack_world import World, world_of
from tests.waiting import until

MODES = (("instant", "At once"), ("digest", "Each day"))
FORM = Form(
    "Subscription 12",
    "set 12",
    (
        Field("mode", "When", ("instant",), MODES, hint="When reports come."),
        Field("at", "Time", empty="off"),
        Field("type", "Kinds", options=(("research", "Research"), ("update", "Update")), many=True),
    ),
)
FILL = Message("Type it instead", form=FORM)
HERE = Message(
    text="**#lab**",
    cards=(Card("12: company is Alibaba", "", buttons=(Button("Pause", "pause 12"),)),),
    buttons=(Button("Settings", "form:settings"),),
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with world_of(by_http=request.param == "http") as made:
        yield made


def said(view: View) -> str:
    """All that stands in a view."""
    return json.dumps(view.view["blocks"], ensure_ascii=False)


async def home_of(world: World, person: str) -> View:
    def shown() -> list[View]:
        return [one for one in world.slack.state.views.values() if one.user == person]

    await until(lambda: bool(shown()))
    return next(one for one in shown() if one.kind == "home")


async def shows(view: View, words: str) -> None:
    await until(lambda: words in said(view))


async def test_the_home_shows_what_the_channels_get_that_one_is_in(either: World) -> None:
    bob = either.slack.adds_user("Bob")
    either.slack.adds_channel("secret", members=[bob], kind="private")
    either.core.reply = HERE
    either.slack.opens_home(either.ada)
    home = await home_of(either, either.ada)
    assert "12: company is Alibaba" in said(home)
    asked = [told[0] for told in either.core.all("command")]
    assert either.lab in asked
    assert not any(either.slack.state.channels[one].name == "secret" for one in asked if one in
                   either.slack.state.channels)  # fmt: skip


async def test_a_press_at_home_is_answered_in_a_modal_and_the_home_shows_it(world: World) -> None:
    world.core.replies = {world.lab: HERE}
    world.slack.opens_home(world.ada)
    home = await home_of(world, world.ada)
    world.core.replies = {world.lab: replace(HERE, text="Paused: 12")}
    pressed = world.slack.press(home, "Pause", world.ada)
    modal = await pressed.opened()
    await shows(modal, "Paused: 12")
    await shows(home, "Paused: 12")
    person = Person("slack", world.ada, "Ada")
    assert (world.lab, person, "pause 12", False) in world.core.all("command")


async def test_without_a_subscription_the_home_says_how_to_begin(world: World) -> None:
    world.core.reply = Message("")
    world.slack.opens_home(world.ada)
    await shows(await home_of(world, world.ada), "subscribe company:alibaba")


async def fills(world: World) -> tuple[View, Gesture]:
    world.core.reply = FILL
    gesture = world.slack.slash(world.lab, world.ada, "settings")
    return await gesture.opened(), gesture


async def test_a_form_opens_and_ends_as_the_text_of_a_command(either: World) -> None:
    modal, asked = await fills(either)
    assert not asked.answers
    either.core.reply = Message("Subscription 12 is changed")
    values: dict[str, object] = {"mode": "digest", "at": "09:00", "type": ["research", "update"]}
    sent = either.slack.submit(modal, either.ada, values)
    await sent.acknowledged()
    assert not sent.error
    assert "Subscription 12 is changed" in said(modal)
    assert either.core.all("command")[-1][2] == "set 12 mode:digest at:09:00 type:research,update"


async def test_what_is_wrong_with_a_form_is_told_beside_what_was_filled_in(world: World) -> None:
    modal, _ = await fills(world)
    world.core.reply = Message('"at:" is like 09:00, not "soon".', refused=True)
    sent = world.slack.submit(modal, world.ada, {"at": "soon"})
    await sent.acknowledged()
    assert not sent.error
    assert list(sent.errors.values()) == ['"at:" is like 09:00, not "soon".']


async def test_a_form_that_takes_long_is_acknowledged_in_time(world: World) -> None:
    modal, _ = await fills(world)
    world.core.slow, world.core.reply = 2.6, Message("Done at last")
    sent = world.slack.submit(modal, world.ada, {"at": "09:00"})
    await sent.acknowledged()
    assert sent.ack_after is not None
    assert sent.ack_after < 2.5
    assert "at work" in said(modal)
    await shows(modal, "Done at last")


async def test_where_no_form_can_be_opened_the_text_says_what_to_type(world: World) -> None:
    world.core.reply = FILL
    world.slack.faults.add(faults.refused("expired_trigger_id"), call="views.open")
    answer = await world.slack.slash(world.lab, world.ada, "settings").first()
    assert answer.text == "Type it instead"


async def test_a_change_by_form_is_told_to_the_channel(world: World) -> None:
    modal, _ = await fills(world)
    world.core.reply = Message("Done", announced="**Ada** changed the settings")
    world.slack.submit(modal, world.ada, {"at": "09:00"})
    await until(lambda: len(world.posts()) == 1)
    posted = world.slack.message(world.lab, world.posts()[0])
    assert posted.text == "Ada changed the settings"


async def attach(world: World, message: str, who: str) -> View:
    world.core.reply = Message(
        "Reply in the thread instead",
        form=Form("Attach", "attach", (Field("report", "Report", options=(("17.5", "Qwen 4"),)),)),
    )
    posted = world.slack.message(world.lab, message)
    modal = await world.slack.shortcut(posted, "attach", who).opened()
    await until(lambda: "at work" not in said(modal))
    return modal


async def test_ones_own_message_is_attached_to_a_report(either: World) -> None:
    ts = either.slack.person_says(either.lab, either.ada, "We run Qwen since March")
    modal = await attach(either, ts, either.ada)
    sent = either.slack.submit(modal, either.ada, {"report": "17.5"})
    await sent.acknowledged()
    assert "comment on the report now" in said(modal)
    told = either.core.all("posted")[0]
    assert told[:4] == (ts, "17.5", either.ada, "We run Qwen since March")


async def test_what_was_attached_follows_its_edits_and_its_deletion(world: World) -> None:
    ts = world.slack.person_says(world.lab, world.ada, "We run Qwen")
    modal = await attach(world, ts, world.ada)
    await world.slack.submit(modal, world.ada, {"report": "17.5"}).acknowledged()
    world.slack.person_edits(world.lab, ts, "We ran Qwen")
    assert (await world.core.hears("edited"))[0] == (ts, "We ran Qwen", None)
    world.slack.person_deletes(world.lab, ts)
    assert (await world.core.hears("deleted"))[0] == (ts, None)


async def test_nobody_attaches_what_somebody_else_has_written(world: World) -> None:
    bob = world.slack.adds_user("Bob")
    world.slack.state.channels[world.lab].members.add(bob)
    ts = world.slack.person_says(world.lab, bob, "Not for the page")
    modal = await attach(world, ts, world.ada)
    assert "Only who wrote a message can attach it" in said(modal)
    assert not world.core.all("posted")


async def test_in_a_thread_one_asks_by_name(either: World) -> None:
    ref = await either.report()
    bot = either.slack.state.teams[either.slack.state.channels[either.lab].team].bot_user
    either.core.reply = Message("It matched a subscription")
    ts = either.says(f"<@{bot}> why", ref)
    [asked] = await either.core.hears("command")
    assert asked[2] == f"why archives/{either.lab}/p{ref.id.replace('.', '')}"
    await until(lambda: bool(either.slack.state.ephemerals))
    [answer] = either.slack.state.ephemerals
    assert (answer.text, answer.visible_to) == ("It matched a subscription", either.ada)
    assert answer.thread_ts == ref.id
    assert either.core.all("posted")[0][0] == ts


async def test_where_botbeat_is_not_a_change_says_how_to_invite_it(world: World) -> None:
    bot = world.slack.state.teams[world.slack.state.channels[world.lab].team].bot_user
    world.slack.state.channels[world.lab].members.discard(bot)
    world.core.reply = Message("Subscription 7 is on", announced="Ada subscribed")
    answer = await world.slack.slash(world.lab, world.ada, "subscribe").first()
    assert "/invite @BotBeat" in json.dumps(answer.blocks)
    world.core.reply = Message("It is on its way")
    answer = await world.slack.slash(world.lab, world.ada, "share 7").first()
    assert "/invite @BotBeat" in json.dumps(answer.blocks)
    world.core.reply = Message("2 reports")
    answer = await world.slack.slash(world.lab, world.ada, "qwen").first()
    assert "/invite" not in json.dumps(answer.blocks)


def test_what_was_left_as_it_was_is_not_said_again() -> None:
    fields = {"tz": [["Europe/Berlin"], "UTC", False], "quiet": [[], "off", False]}
    kept = json.dumps(["settings", fields])
    assert typed(kept, {"tz": ["Europe/Berlin"], "quiet": []}) == "settings"
    assert typed(kept, {"tz": [], "quiet": ["20:00-08:00"]}) == "settings tz:UTC quiet:20:00-08:00"


async def test_what_is_told_besides_mentions_nobody_and_shows_no_preview(world: World) -> None:
    modal, _ = await fills(world)
    world.core.reply = Message("Done", announced="Ada follows https://x.example/a.png")
    world.slack.submit(modal, world.ada, {"at": "09:00"})
    await until(lambda: len(world.posts()) == 1)
    told = world.slack.ledger[-1].args
    assert (told["unfurl_links"], told["unfurl_media"]) == (False, False)
    root = await world.report()
    world.says(f"<@{world.slack.bot_user}> why", root)
    await until(lambda: bool(world.slack.state.ephemerals))
    (told,) = [one.args for one in world.slack.ledger if one.method == "chat.postEphemeral"]
    assert (told["link_names"], told["parse"]) == (False, "none")
