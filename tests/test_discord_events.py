"""Discord: what people write, edit and delete reaches the core, in order and once."""

from __future__ import annotations

import asyncio

import pytest

from bot.model import Person
from tests.discord_place import COPY, KEY, REPORT, Place, copy_of, listening
from tests.servers.discord.platform import Event
from tests.waiting import until


async def test_a_comment_its_edit_and_its_deletion_reach_the_core_in_order(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    said = live.server.person_says(thread, live.ada, f"Look <@{live.ada.id}>, __great__")
    live.server.embeds_resolve(said)
    live.server.person_edits(said, "Look, good")
    live.server.person_deletes(said)
    await live.core.hears("deleted")
    ref, author = live.ref(report, said), Person("discord", live.ada.id, "Ada")
    assert live.core.told[-3:] == [
        ("posted", ref, report, author, "Look @Ada, *great*"),
        ("edited", ref, "Look, good", report),
        ("deleted", ref, report),
    ]
    # The preview of a link came in between, and was no news.
    assert len(live.core.heard("posted")) == 1


async def test_comments_from_before_this_process_are_edited_and_deleted_too(place: Place) -> None:
    report = await place.report()
    thread = place.server.starts_thread(report.id, place.ada)
    said = [place.server.person_says(thread, place.ada, f"old {number}") for number in range(3)]
    async with listening(place):
        place.server.person_edits(said[0], "new")
        place.server.bulk_deletes(*said[1:])
        edited, deleted = await place.core.hears("edited"), await place.core.hears("deleted", 2)
    assert edited == [(place.ref(report, said[0]), "new", report)]
    assert deleted == [(place.ref(report, gone), report) for gone in said[1:]]


async def test_a_deletion_in_a_thread_that_was_put_away_long_ago_is_heard(place: Place) -> None:
    report = await place.report()
    thread = place.server.starts_thread(report.id, place.ada)
    said = place.server.person_says(thread, place.ada, "old")
    place.server.archives(thread)
    async with listening(place):
        place.server.moderator_deletes(said)
        assert await place.core.hears("deleted") == [(place.ref(report, said), report)]


async def test_a_report_that_a_moderator_deletes_is_told_but_other_messages_are_not(
    live: Place,
) -> None:
    report = await live.report()
    live.core.ours = {report}
    talk = live.server.person_says(live.server.channel, live.ada, "unrelated")
    live.server.moderator_deletes(talk)
    live.server.moderator_deletes(report.id)
    assert await live.core.hears("deleted") == [(report, None)]
    assert not live.core.heard("posted")


async def test_our_own_messages_come_back_as_receipts_and_never_as_comments(live: Place) -> None:
    report = await live.report()
    ref = await live.comment(report)
    assert await live.core.hears("delivered", 2) == [(KEY, report), (COPY, ref)]
    await live.chat.edit(ref, copy_of("changed"), COPY)
    live.server.person_says(live.server.thread_of(report.id), live.ada, "last")
    assert [posted[3] for posted in await live.core.hears("posted")] == ["last"]
    assert not live.core.heard("edited")


async def test_a_receipt_that_waits_while_we_are_removed_tells_no_other_place(live: Place) -> None:
    """Else the copy would seem to stand twice as soon as its thread is read again."""
    report = await live.report()
    await live.core.hears("delivered")
    live.core.failures = 1
    ref = await live.comment(report)
    await until(lambda: not live.core.failures)
    live.server.removes_bot()
    await live.core.hears("removed")
    assert (await live.core.hears("delivered", 2))[1] == (COPY, ref)


async def test_a_receipt_from_a_thread_that_is_gone_tells_no_other_place(place: Place) -> None:
    report = await place.report()
    ref = await place.comment(report)
    server, number = place.server, ref.id.partition("/")[2]
    shown = server.platform.message_json(server.message(number))
    told = {**shown, "nonce": COPY, "guild_id": server.guild.id}
    server.archives(report.id)  # So that it is not told of at the start.
    asked, before = "GET /channels/{channel}", len(server.answers)
    async with listening(place):
        server.deletes_channel(server.thread_of(report.id))
        server.platform.emit(Event("MESSAGE_CREATE", told, server.guild.id, report.id))
        await until(lambda: asked in [one.call for one in server.answers[before:]])
        other = await place.chat.post(place.channel, REPORT, None, "o" * 24)
        assert await place.core.hears("delivered") == [("o" * 24, other)]


async def test_other_bots_are_not_commenters(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    robot = live.server.adds_person("Robot")
    robot.bot = True
    live.server.person_edits(live.server.person_says(thread, robot, "beep"), "boop")
    live.server.person_says(thread, live.ada, "hello")
    assert [posted[3] for posted in await live.core.hears("posted")] == ["hello"]
    assert not live.core.heard("edited")


async def test_a_file_is_a_link_to_the_message(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    said = live.server.person_says(thread, live.ada, "see", files=("a_b.png",))
    text = (await live.core.hears("posted"))[0][3]
    link = f"https://discord.com/channels/{live.server.guild.id}/{report.id}/{said}"
    assert text == f"see\n[a\\_b.png]({link})"


async def test_what_the_core_cannot_store_is_told_again(live: Place) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    await live.core.hears("delivered")
    live.core.failures = 1
    live.server.person_says(thread, live.ada, "first")
    live.server.person_says(thread, live.ada, "second")
    assert [posted[3] for posted in await live.core.hears("posted", 2)] == ["first", "second"]


async def test_what_never_could_be_stored_is_found_again_by_catching_up(
    live: Place, caplog: pytest.LogCaptureFixture
) -> None:
    report = await live.report()
    thread = live.server.starts_thread(report.id, live.ada)
    await live.core.hears("delivered")
    await until(lambda: live.core.catch_ups == 1)
    live.core.failures = 3
    live.server.person_says(thread, live.ada, "first")
    await until(lambda: live.core.catch_ups == 2)
    assert not live.core.heard("posted")
    lines = [line for line in caplog.messages if "waits for a catch-up" in line]
    assert len(lines) == 1
    assert "Traceback" not in caplog.text


async def test_a_removed_bot_pauses_its_channels_and_an_outage_does_not(live: Place) -> None:
    live.server.outage()
    live.server.outage(over=True)
    await until(lambda: [*live.core.standing] == [live.channel])
    live.server.removes_bot()
    removed = await live.core.hears("removed")
    assert [channel for channel, _ in removed] == [live.channel]
    assert "Invite it again" in removed[0][1]
    # For two seconds the library takes every server for one it has been in before.
    await asyncio.sleep(2.2)
    live.server.invites_bot()
    assert await live.core.hears("resumed") == [(live.channel,)]


async def test_a_deleted_channel_is_removed(live: Place) -> None:
    channel = live.channel
    live.server.deletes_channel(live.server.channel)
    assert (await live.core.hears("removed"))[0][0] == channel


async def test_a_permission_given_back_heals_the_channel(live: Place) -> None:
    live.server.revokes("SEND_MESSAGES", channel=live.server.channel)
    live.server.grants("SEND_MESSAGES", channel=live.server.channel)
    assert await live.core.hears("resumed") == [(live.channel,)]
    assert live.core.heard("seen")[0] == (live.channel, "news", "public")


async def test_what_was_hidden_is_read_as_soon_as_it_shows(live: Place) -> None:
    await until(lambda: live.core.catch_ups == 1)
    live.server.revokes("READ_MESSAGE_HISTORY", channel=live.server.channel)
    live.server.grants("READ_MESSAGE_HISTORY", channel=live.server.channel)
    await until(lambda: live.core.catch_ups == 2)
