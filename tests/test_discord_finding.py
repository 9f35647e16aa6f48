"""Discord: which permission is missing is said, and our messages are found by their keys."""

from __future__ import annotations

import asyncio

from bot.model import Message, MessageRef
from bot.ports import DeliveryError
from tests.discord_place import COPY, KEY, Place


async def test_a_missing_permission_is_named_with_its_remedy(live: Place) -> None:
    live.server.revokes("EMBED_LINKS", channel=live.server.channel)
    live.server.revokes("SEND_MESSAGES", channel=live.server.channel)
    await live.core.hears("seen", 2)
    error = await live.refusal(live.report())
    assert (error.permanent, error.scope) == (True, "channel")
    assert "Send Messages, Embed Links" in error.reason
    assert "View Channel" not in error.reason
    assert "settings" in error.reason


async def test_a_permission_missing_for_threads_does_not_stop_the_reports(live: Place) -> None:
    report = await live.report()
    live.server.revokes("CREATE_PUBLIC_THREADS", channel=live.server.channel)
    await live.core.hears("seen")
    error = await live.refusal(live.comment(report))
    assert (error.permanent, error.scope) == (True, "message")
    assert "Create Public Threads" in error.reason


async def found(place: Place, thread: MessageRef | None, key: str) -> MessageRef | None:
    """Looks, and again while the bot does not know its permissions yet."""
    async with asyncio.timeout(8):
        while True:
            try:
                return await place.chat.find(place.channel, thread, key, since=0)
            except DeliveryError as error:
                if error.permanent:
                    raise
            await asyncio.sleep(0.02)


async def test_a_report_and_a_comment_are_found_by_their_keys(live: Place) -> None:
    report = await live.report()
    ref = await live.comment(report)
    assert await found(live, None, KEY) == report
    assert await found(live, report, COPY) == ref
    assert await found(live, None, "z" * 24) is None
    assert await found(live, report, "z" * 24) is None


async def test_in_a_thread_that_is_not_open_there_is_nothing(live: Place) -> None:
    assert await found(live, await live.report(), COPY) is None


async def test_what_stands_behind_many_messages_is_found(live: Place) -> None:
    for number in range(120):
        live.server.person_says(live.server.channel, live.ada, f"talk {number}")
    report = await live.report()
    assert await found(live, None, KEY) == report


async def test_nobody_elses_message_passes_for_ours(live: Place) -> None:
    text = f"**[Ann](<https://b.example/#c-{COPY}>)** (Slack): hi"
    live.server.person_says(live.server.channel, live.ada, text)
    assert await found(live, None, COPY) is None


async def test_a_message_of_ours_without_a_key_makes_the_search_undecided(live: Place) -> None:
    await live.chat.post(live.channel, Message("Good morning."), None, "n" * 24)
    error = await live.refusal(found(live, None, KEY))
    assert "cannot tell" in error.reason


async def test_without_the_right_to_read_history_nothing_is_believed_missing(live: Place) -> None:
    await live.report()
    live.server.revokes("READ_MESSAGE_HISTORY", channel=live.server.channel)
    await live.core.hears("seen")
    error = await live.refusal(found(live, None, KEY))
    assert (error.permanent, error.unsure) == (True, False)
    assert "Read Message History" in error.reason


async def test_without_the_gateway_a_search_waits(place: Place) -> None:
    error = await place.refusal(place.chat.find(place.channel, None, KEY, since=0))
    assert not error.permanent
    assert error.retry_after > 0
