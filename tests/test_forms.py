"""Forms that end as commands, a person's own page, and what stands in a thread besides comments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.forms import memo, typed
from bot.message import Form, Message
from bot.model import MessageRef, Person
from bot.outbox import Wish
from tests.world import ChatSide, World

QWEN = "Alibaba releases Qwen 4 as open weights"
LAW = "Senators propose a law on AI companions"


def under(side: ChatSide) -> list[Message]:
    """What stands in the thread of the only report."""
    return [message for _, message in side.chat.standing(side.channel.id, side.card_of(QWEN).id)]


async def form(side: ChatSide, name: str) -> Form:
    shown = (await side.types(f"form:{name}")).form
    assert shown is not None
    return shown


async def test_a_subscription_is_made_by_form(world: World) -> None:
    shown = await form(world.slack, "subscribe")
    text = typed(
        memo(shown),
        {
            "company": ["alibaba, Mistral AI"],
            "type": ["open-source", "research"],
            "": ['"open weights" -funding'],
            "mode": ["digest"],
            "at": ["09:00"],
        },
    )
    assert text.startswith("subscribe company:")
    answer = await world.slack.types(text)
    assert "company is Alibaba (Cloud) or Mistral AI" in answer.text
    assert "in a digest each day at 09:00" in answer.text
    assert (await world.slack.types("list")).text.count("\n• ") == 1


async def test_a_form_left_empty_subscribes_to_everything_as_the_bare_command_does(
    world: World,
) -> None:
    shown = await form(world.slack, "subscribe")
    assert typed(memo(shown), {"mode": ["instant"], "": [" "]}) == "subscribe"


async def test_settings_by_form_change_only_what_was_changed(world: World) -> None:
    await world.slack.types("settings tz:Europe/Berlin quiet:20:00-08:00")
    shown = (await world.slack.types("settings")).form
    assert shown is not None
    as_it_was = {field.name: list(field.value) for field in shown.fields}
    assert typed(memo(shown), as_it_was) == "settings"
    text = typed(memo(shown), {**as_it_was, "quiet": [], "max": ["7"], "writeup": ["on"]})
    assert text == "settings quiet:off max:7 writeup:on"
    answer = await world.slack.types(text)
    assert "Up to 7 reports a day" in answer.text
    assert "stands first in its thread" in answer.text
    assert "quiet" not in answer.text


async def test_the_days_of_a_digest_stay_when_its_time_is_changed(world: World) -> None:
    await world.slack.types("subscribe qwen mode:digest at:09:00 days:mon,wed")
    shown = await form(world.slack, "set 1")
    as_it_was = {field.name: list(field.value) for field in shown.fields}
    text = typed(memo(shown), {**as_it_was, "at": ["10:30"]})
    assert text == "set 1 at:10:30"
    answer = await world.slack.types(text)
    assert "Monday and Wednesday at 10:30" in answer.text


@pytest.mark.parametrize("name", ["", "nothing", "set 99", "attach", "set"])
async def test_a_form_that_cannot_be_is_refused_in_words(world: World, name: str) -> None:
    answer = await world.slack.types(f"form:{name}")
    assert answer.refused
    assert answer.form is None
    assert "Nothing was changed" in answer.text


async def test_a_persons_page_shows_each_subscription_with_what_can_be_done(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.slack.types("subscribe type:research")
    await world.slack.types("pause 2 until:2h")
    shown = await world.slack.types("form:home")
    first, second = shown.cards
    assert first.title == "1: company is Alibaba (Cloud)"
    assert [one.label for one in first.buttons] == ["Edit", "Pause", "Test", "Unsubscribe"]
    assert second.byline.startswith("paused until ")
    assert [one.command for one in second.buttons][:2] == ["form:set 2", "resume 2"]
    for button in (*first.buttons, *shown.buttons):
        answer = await world.slack.types(button.command)
        assert not answer.refused
    assert not (await world.lounge.types("form:home")).cards


@pytest.mark.parametrize(
    ("side", "number", "link"),
    [
        ("slack", "1795470000.000100", "<https://harbor.slack.com/archives/C1/p1795470000000100>"),
        ("slack", "1795470000.000100", "archives/C1/p1795470000000100"),
        ("discord", "7001", "https://discord.com/channels/4/900/7001"),
        ("discord", "8002/7001", "channels/4/900/8002/7001"),
    ],
)
async def test_a_report_is_named_by_the_link_to_its_message(
    world: World, side: str, number: str, link: str
) -> None:
    here = {"slack": world.slack, "discord": world.discord}[side]
    await here.types("subscribe company:alibaba")
    await world.news(QWEN, settle=False)
    with world.store.read() as tx:
        [wanted] = tx.deliveries.listed(Wish(channel=here.channel), 2)
    await world.bot.delivered(wanted.key, MessageRef(here.channel, number))
    answer = await here.types(f"why {link}")
    assert QWEN in answer.text
    answer = await here.types(f"why {link.replace('100', '200').replace('7001', '7002')}")
    assert (answer.text, answer.refused) == (
        "That message is no report, and nothing under one.", True
    )  # fmt: skip


async def test_the_write_up_stands_first_in_a_thread_where_the_channel_wants_it(
    world: World,
) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.slack.types("settings writeup:on")
    await world.discord.types("subscribe company:alibaba")
    await world.news(QWEN, text="It has six sizes. The weights are open to everybody who asks.")
    [whole] = under(world.slack)
    assert "six sizes" in whole.text
    assert under(world.discord) == []


async def test_the_first_message_in_a_channel_says_once_what_botbeat_does(world: World) -> None:
    await world.lounge.types("subscribe company:alibaba")
    for _ in range(3):
        await world.bot.channel_joined(world.slack.channel)
        await world.bot.channel_joined(world.lounge.channel)
        await world.settle()
    [welcome] = world.slack.messages()
    assert world.lounge.messages() == []  # There it is known already.
    assert welcome.text.startswith("**BotBeat is in this channel.**")
    assert [one.command for one in welcome.buttons] == ["form:subscribe", "latest limit:1"]
    assert "threads under its own reports" in welcome.footer


async def test_the_picture_of_who_comments_goes_along(world: World) -> None:
    for side in (world.slack, world.discord):
        await side.types("subscribe company:alibaba comments:share")
    await world.news(QWEN)
    [(number, _)] = world.discord.chat.standing(world.discord.channel.id)
    above = MessageRef(world.discord.channel, number)
    said = MessageRef(world.discord.channel, "human-1")
    bo = Person("discord", "bo", "Bo", "https://cdn.example/bo.png")
    await world.bot.comment_posted(said, above, bo, "Nice", world.clock.now)
    await world.settle()
    [copy] = under(world.slack)
    assert copy.author is not None
    assert (copy.author.name, copy.author.picture) == ("Bo", "https://cdn.example/bo.png")
    assert replace(bo, picture="") == bo
    # A command comes without a picture, and takes none away.
    await world.bot.command(world.discord.channel, replace(bo, picture=""), "subscribe qwen")
    await world.bot.comment_edited(said, "Very nice", world.clock.now + 1)
    await world.settle()
    [copy] = under(world.slack)
    assert copy.author is not None
    assert (copy.text, copy.author.picture) == ("Very nice", "https://cdn.example/bo.png")


async def test_what_a_repeated_subscription_changes_can_be_undone(world: World) -> None:
    await world.slack.types("subscribe qwen")
    again = await world.slack.types("subscribe qwen")
    assert "was here already" in again.text
    assert "Undo" not in [one.label for one in again.buttons]
    changed = await world.slack.types("subscribe qwen mode:digest at:09:00")
    assert "is changed" in changed.text
    await world.slack.presses(changed, "Undo")
    assert "at once" in (await world.slack.types("list")).text


async def test_what_is_related_is_of_the_same_company_or_subject(world: World) -> None:
    await world.news(QWEN)
    await world.news("Alibaba launches Qwen Studio, an AI tool for film makers")
    for title in ("Mistral AI releases a model as open weights", LAW):
        await world.news(title, source="The Decoder")
    shown = await world.slack.types(f"related {world.number(QWEN)}")
    titles = [card.title for card in shown.cards]
    assert titles[0].startswith("Alibaba launches Qwen Studio")
    assert LAW not in titles
    assert QWEN not in titles
    assert [card.buttons[0].label for card in shown.cards] == ["Share"] * len(titles)
    alone = await world.slack.types(f"related {world.number(LAW)}")
    assert alone.text.startswith("No report is like")
