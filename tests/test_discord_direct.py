"""Discord: a subscription of one's own, by direct message, where comments are replies."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.discord.history import History
from bot.message import Message
from bot.model import Channel, MessageRef
from tests.discord_place import COPY, CREATE, KEY, REPORT, Place, copy_of, listening, opened
from tests.servers import faults
from tests.servers.discord.state import Message as Sent
from tests.waiting import until


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with opened() as made:
        yield made


def direct_of(place: Place) -> Channel:
    return Channel("discord", place.server.direct(place.ada).id)


async def report_in(place: Place) -> MessageRef:
    return await place.chat.post(direct_of(place), REPORT, None, KEY)


def written(place: Place) -> list[Sent]:
    return place.server.messages(place.server.direct(place.ada))


async def test_everybody_manages_what_the_bot_writes_to_them(place: Place) -> None:
    async with listening(place):
        direct = place.server.direct(place.ada)
        await until(lambda: place.server.platform.commands.get(None))
        await place.server.slash(direct, place.ada, "botbeat", {"query": "list"}).answer()
        form = {"filters": "company:alibaba"}
        asked = place.server.slash(direct, place.ada, "botbeat-subs", form, subcommand="subscribe")
        await asked.answer()
        assert place.core.heard("command") == [
            (direct_of(place), "Ada", "list", True),
            (direct_of(place), "Ada", "subscribe company:alibaba", True),
        ]
        assert place.core.heard("seen")[0] == (direct_of(place), "", "direct")


async def test_a_copy_is_a_reply_to_the_report_and_is_changed_and_deleted(place: Place) -> None:
    report = await report_in(place)
    copy = await place.chat.post(direct_of(place), copy_of("Impressive!"), report, COPY)
    shown = written(place)[1]
    assert (shown.id, shown.reply_to) == (copy.id, report.id)
    await place.chat.edit(copy, copy_of("Impressive indeed"), COPY)
    assert "Impressive indeed" in written(place)[1].content
    await place.chat.delete(copy)
    assert [message.id for message in written(place)] == [report.id]
    assert not any(accepted.pings for accepted in place.server.ledger)


@pytest.mark.parametrize("under", [False, True])
async def test_a_message_of_unknown_outcome_is_found(place: Place, under: bool) -> None:
    direct, thread = direct_of(place), await report_in(place) if under else None
    message, key = (copy_of("Impressive!"), COPY) if under else (REPORT, KEY)
    place.server.faults.add(*[faults.accept_then_close()] * 5, call=CREATE)
    await place.refusal(place.chat.post(direct, message, thread, key))
    found = [one async for one in place.chat.find(direct, thread, [key], 0)]
    assert found == [(key, MessageRef(direct, written(place)[-1].id))]


async def test_what_is_not_there_is_believed_missing(place: Place) -> None:
    report = await report_in(place)
    assert [one async for one in place.chat.find(direct_of(place), report, [COPY], 0)] == []


async def test_a_reply_to_a_report_is_a_comment_and_small_talk_is_none(place: Place) -> None:
    report, direct = await report_in(place), place.server.direct(place.ada)
    async with listening(place):
        place.server.person_says(direct, place.ada, "Hello bot")
        said = place.server.person_says(direct, place.ada, "Impressive!", reply_to=report.id)
        ref = MessageRef(direct_of(place), said)
        heard = (await place.core.hears("posted"))[0]
        assert (heard[0], heard[1], heard[3]) == (ref, report, "Impressive!")
        place.server.person_edits(said, "Impressive indeed")
        assert await place.core.hears("edited") == [(ref, "Impressive indeed", report)]
        place.server.person_deletes(said)
        assert await place.core.hears("deleted") == [(ref, None)]
    assert len(place.core.heard("posted")) == 1


async def test_the_echo_of_our_own_message_is_its_receipt(place: Place) -> None:
    async with listening(place):
        report = await report_in(place)
        assert await place.core.hears("delivered") == [(KEY, report)]


async def test_who_takes_no_messages_is_left_alone(place: Place) -> None:
    place.server.takes_no_messages(place.ada)
    refused = await place.refusal(report_in(place))
    assert (refused.permanent, refused.scope) == (True, "channel")
    assert refused.reason == "This person takes no direct messages from BotBeat."


async def test_what_was_answered_while_nobody_listened_is_read_again(place: Place) -> None:
    """A reply to a copy, or to such a reply, belongs to the same report."""
    report, direct = await report_in(place), place.server.direct(place.ada)
    copy = await place.chat.post(direct_of(place), copy_of("What is it?"), report, COPY)
    place.server.person_says(direct, place.ada, "Hello bot")
    first = place.server.person_says(direct, place.ada, "A model <@&5> <#6>", reply_to=copy.id)
    second = place.server.person_says(direct, place.ada, "An open one", reply_to=first)
    past: History = place.chat._history
    assert await past.threads(direct_of(place), 0) == [report]
    said = await past.replies(report, 0)
    assert [one.ref.id for one in said] == [copy.id, first, second]
    assert [one.key for one in said] == [COPY, "", ""]
    assert said[1].author
    assert said[1].author.name == "Ada"


async def test_a_shared_answer_stands_there_as_anywhere(place: Place) -> None:
    place.core.answer = lambda text: Message("Shared: Qwen 4", public=True)
    async with listening(place):
        direct = place.server.direct(place.ada)
        await until(lambda: place.server.platform.commands.get(None))
        await place.server.slash(direct, place.ada, "botbeat", {"query": "share 7"}).answer()
    assert [message.content for message in written(place)] == ["Shared: Qwen 4"]
