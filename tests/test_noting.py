"""Who changed what a channel gets is said to all in it, and can be read later."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Channel
from tests.world import World

CHANGED = "changed what BotBeat does here"


async def test_what_somebody_changes_is_said_to_the_whole_channel(world: World) -> None:
    asked = await world.slack.types("subscribe company:alibaba snake_case", by="Ada")
    assert asked.announced == f"**Ada** {CHANGED}: subscribe company:alibaba snake\\_case"
    paused = await world.slack.types("pause 1", by="Lin")
    assert paused.announced.startswith(f"**Lin** {CHANGED}: pause 1 (company:alibaba")
    chosen = await world.slack.types("settings comments:share quiet:20:00-08:00")
    assert chosen.announced.endswith("settings comments:share quiet:20:00-08:00")
    digest = await world.slack.types("set 1 mode:daily")
    assert digest.announced.endswith(f"{CHANGED}: set 1 mon,tue,wed,thu,fri,sat,sun 09:00")


async def test_what_changes_nothing_is_said_to_the_asker_alone(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    for text in ("subscribe company:alibaba", "list", "qwen", "subscribe typ:x", "unsubscribe 7"):
        assert (await world.slack.types(text)).announced == "", text
    refused = await world.slack.types("settings managers:admins", manages=True)
    assert refused.announced
    assert (await world.slack.types("unsubscribe 1", manages=False)).announced == ""


async def test_many_changes_at_once_are_one_short_line(world: World) -> None:
    for word in ("one", "two", "three", "four", "five"):
        await world.slack.types(f"subscribe {word}")
    answer = await world.slack.types("unsubscribe all yes")
    assert answer.announced == (
        f"**Ada** {CHANGED}: unsubscribe 1 (one); unsubscribe 2 (two); unsubscribe 3 (three); "
        "and 2 more"
    )


async def test_who_talks_to_botbeat_alone_hears_it_once(world: World) -> None:
    with world.store.write() as tx:
        settings = tx.channels.place(world.slack.channel).settings
        tx.channels.choose(world.slack.channel, replace(settings, visibility="direct"))
    answer = await world.slack.types("subscribe company:alibaba")
    assert "is on" in answer.text
    assert answer.announced == ""


async def test_the_changes_of_a_channel_can_be_read_there(world: World) -> None:
    assert (await world.slack.types("list changes")).text.startswith("Nothing was changed")
    await world.slack.types("subscribe company:alibaba", by="Ada")
    await world.discord.types("subscribe company:nvidia", by="Lin")
    await world.slack.types("unsubscribe 1", by="Lin <@U1>")
    lines = (await world.slack.types("list changes")).text.splitlines()
    assert [line.split(" · ", 1)[1] for line in lines] == [
        "Lin \\<@U1\\> · unsubscribe 1 (company:alibaba)",
        "Ada · subscribe company:alibaba",
    ]
    for number in range(30):
        await world.slack.types(f"subscribe word{number}")
    text = (await world.slack.types("list changes")).text
    assert len(text.splitlines()) == 21
    assert text.endswith("These are the newest 20.")


def test_what_concerns_no_channel_is_read_in_none(world: World) -> None:
    with world.store.write() as tx:
        tx.desk.note(None, None, "withdraw 1842")
        assert tx.desk.notes(Channel("slack", "never seen"), 5) == []


async def test_a_channel_has_room_for_a_thousand_subscriptions(world: World) -> None:
    await world.slack.has_a_thousand_subscriptions()
    full = await world.slack.types("subscribe company:nvidia")
    assert "has 1,000 subscriptions, and more are not possible" in full.text
    assert "was here already" in (await world.slack.types("subscribe company:alibaba")).text
    await world.slack.types("unsubscribe word7")
    assert "is on" in (await world.slack.types("subscribe company:nvidia")).text
