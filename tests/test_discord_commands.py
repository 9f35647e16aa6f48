"""Discord: commands, forms and buttons are texts of commands for the core."""

from __future__ import annotations

import asyncio
from typing import Any

from adapters.discord import create
from bot.message import Button, Message
from tests.discord_place import CREATE, Place, listening
from tests.servers import faults
from tests.waiting import until

FOLLOW_UP = "POST /webhooks/{application}/{token}"


async def test_a_search_is_answered_to_the_person_alone(live: Place) -> None:
    live.core.slowness = 1
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "qwen since:7d"})
    assert await asked.acknowledged(0.9) == 5
    await asked.answer()
    assert (asked.text, asked.ephemeral) == ("You asked: qwen since:7d", True)
    assert live.core.heard("command") == [(live.channel, "Ada", "qwen since:7d", False)]
    assert live.core.heard("seen") == [(live.channel, "news", "public")]


async def test_a_person_is_answered_though_the_acknowledgement_seemed_lost(live: Place) -> None:
    call = "POST /interactions/{interaction}/{token}/callback"
    for fault in (faults.accept_then_status(502), faults.accept_then_close()):
        live.server.faults.add(fault, call=call)
        asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "qwen"})
        await asked.answer()
        assert asked.text == "You asked: qwen"


async def test_a_command_in_a_thread_is_about_its_channel(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    await live.server.slash(thread, live.ada, "botbeat", {"query": "list"}).answer()
    assert live.core.heard("command")[0][0] == live.channel


async def test_the_forms_of_managers_are_texts_of_commands(live: Place) -> None:
    live.server.grants("MANAGE_CHANNELS", to=live.ada, channel=live.server.channel)
    forms: list[tuple[str, dict[str, Any]]] = [
        ("subscribe", {"filters": "company:alibaba type:research", "comments": "share"}),
        ("unsubscribe", {"subscription": "12"}),
        ("list", {}),
        ("pause", {"subscription": "12", "until": "monday"}),
        ("resume", {}),
        ("why", {"report": "7"}),
        ("settings", {"page": "on", "managers": "admins"}),
    ]
    for verb, options in forms:
        asked = live.server.slash(
            live.server.channel, live.ada, "botbeat-subs", options, subcommand=verb
        )
        await asked.answer()
    assert [command[2] for command in live.core.heard("command")] == [
        "subscribe company:alibaba type:research comments:share",
        "unsubscribe 12",
        "list",
        "pause 12 until:monday",
        "resume",
        "why 7",
        "settings page:on managers:admins",
    ]
    assert all(command[3] for command in live.core.heard("command"))


async def test_a_shared_answer_stands_in_the_channel_once(live: Place) -> None:
    live.core.answer = lambda text: Message("Shared: Qwen 4", public=True)
    live.server.faults.add(faults.accept_then_status(502), call=CREATE)
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "share 7"})
    await asked.answer()
    assert live.shown() == ["Shared: Qwen 4"]
    assert asked.ephemeral


async def test_a_shared_answer_that_may_not_be_posted_is_shown_with_the_reason(live: Place) -> None:
    live.core.answer = lambda text: Message("Shared: Qwen 4", public=True)
    live.server.revokes("SEND_MESSAGES", channel=live.server.channel)
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "share 7"})
    await asked.answer()
    assert "Send Messages" in asked.text
    assert "Shared: Qwen 4" in asked.text


async def test_a_change_is_told_to_the_channel_besides(live: Place) -> None:
    live.core.answer = lambda text: Message("Subscription 7 is on", announced="**@here** did it")
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "subscribe"})
    await asked.answer()
    assert live.shown() == ["**@\u200bhere** did it"]
    assert (asked.text, asked.ephemeral) == ("Subscription 7 is on", True)
    live.server.revokes("SEND_MESSAGES", channel=live.server.channel)
    again = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "subscribe"})
    await again.answer()
    assert again.text.startswith("Subscription 7 is on\n\n**BotBeat cannot post in \\#")
    assert "The others here could not be told. " in again.text
    assert "Send Messages" in again.text


async def test_an_answer_names_commands_as_they_are_typed_here(live: Place) -> None:
    told = "Type after `/botbeat`: `/botbeat subscribe company:alibaba`, or `/botbeat why 7`"
    live.core.answer = lambda text: Message(told)
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "list"})
    await asked.answer()
    assert asked.text == (
        "Type after `/botbeat query:`: `/botbeat-subs subscribe filters: company:alibaba`, "
        "or `/botbeat query: why 7`"
    )


async def test_a_failure_of_ours_is_said_in_one_line(live: Place) -> None:
    live.core.failures = 9
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "qwen"})
    await asked.answer()
    assert "Nothing was changed" in asked.text


async def test_what_is_typed_is_completed(live: Place) -> None:
    live.core.suggestions = [("Qwen (company)", "company:qwen"), ("Too long", "x" * 101)]
    asked = live.server.autocomplete(live.server.channel, live.ada, "botbeat", "query", "qw")
    assert await asked.suggestions() == [
        {"name": "qw", "value": "qw"},
        {"name": "Qwen (company)", "value": "company:qwen"},
    ]
    live.core.suggestions = [("12: qwen", "unsubscribe 12")]
    live.server.grants("MANAGE_CHANNELS", to=live.ada, channel=live.server.channel)
    asked = live.server.autocomplete(
        live.server.channel,
        live.ada,
        "botbeat-subs",
        "subscription",
        "q",
        subcommand="unsubscribe",
    )
    assert [choice["value"] for choice in await asked.suggestions()] == ["q", "12"]


async def test_a_button_works_after_a_restart(place: Place) -> None:
    report = await place.report()
    again = create(place.server.token)
    async with listening(Place(place.server, again, place.core, place.ada)):
        pressed = place.server.press(report.id, "Why here?", place.ada)
        await until(lambda: pressed.followups)
    assert pressed.followups[0].content == "You asked: why 7"
    assert pressed.followups[0].ephemeral
    assert place.shown() == ["**[Qwen 4 released](<https://a.example/>)**"]


async def test_an_answer_that_has_no_nonce_is_sent_once(live: Place) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#followup-messages"""
    report = await live.report()
    live.server.faults.add(faults.accept_then_status(502), call=FOLLOW_UP)
    pressed = live.server.press(report.id, "Why here?", live.ada)
    await until(lambda: pressed.followups)
    await asyncio.sleep(1.2)  # After a second the library would try it again.
    assert len(pressed.followups) == 1


async def test_paging_replaces_the_list_it_stands_on(live: Place) -> None:
    older = Button("Older", "qwen page:2")
    live.core.answer = lambda text: Message(text, buttons=(older,), replace="page" in text)
    asked = live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "qwen"})
    await asked.answer()
    pressed = live.server.press(asked, "Older", live.ada)
    await until(lambda: "qwen page:2" in asked.text)
    assert not pressed.followups


async def test_commands_are_sent_only_when_they_changed(place: Place) -> None:
    async def starts() -> None:
        place.chat = create(place.server.token)
        async with listening(place):
            await until(lambda: place.server.gateway.sessions)

    await starts()
    await starts()
    assert len(place.server.ledger.of("commands")) == 1
    place.server.platform.commands[None] = {}
    await starts()
    assert len(place.server.ledger.of("commands")) == 2


async def test_the_menu_of_a_message_asks_about_its_report(live: Place) -> None:
    report = await live.report()
    asked = live.server.message_command(report.id, live.ada, "Why was this posted?")
    await asked.answer()
    assert asked.ephemeral
    thread = live.server.starts_thread(report.id, live.ada)
    said = live.server.person_says(thread, live.ada, "Nice")
    await live.server.message_command(said, live.ada, "Find related reports").answer()
    guild = live.server.guild.id
    assert [told[2] for told in live.core.heard("command")] == [
        f"why channels/{guild}/{live.channel.id}/{report.id}",
        f"related channels/{guild}/{live.channel.id}/{thread.id}/{said}",
    ]
    assert live.core.heard("command")[1][0] == live.channel
