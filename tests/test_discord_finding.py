"""Discord: which permission is missing is said, and our messages are found by their keys."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest

from adapters.discord import create
from adapters.discord.rights import permissions as permissions_in
from bot.message import Message
from bot.model import MessageRef
from tests.chats import looked_for
from tests.discord_place import COPY, KEY, REPORT, Place
from tests.servers.discord import permissions

READ = "GET /channels/{channel}/messages"


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
    return await looked_for(place.chat, place.channel, thread, key, since=0)


async def test_a_report_and_a_comment_are_found_by_their_keys(live: Place) -> None:
    report = await live.report()
    ref = await live.comment(report)
    assert await found(live, None, KEY) == report
    assert await found(live, report, COPY) == ref
    assert await found(live, None, "z" * 24) is None
    assert await found(live, report, "z" * 24) is None


async def test_many_are_looked_for_in_one_reading(live: Place) -> None:
    keys = [letter * 24 for letter in "abcd"]
    there = {key: await live.chat.post(live.channel, REPORT, None, key) for key in keys[:3]}
    await live.chat.delete(there.pop(keys[1]))
    before = Counter(one.call for one in live.server.answers)[READ]
    looked = [one async for one in live.chat.find(live.channel, None, keys, since=0)]
    assert dict(looked) == there
    assert Counter(one.call for one in live.server.answers)[READ] == before + 1


async def test_what_was_found_is_told_before_the_rest_is_undecided(live: Place) -> None:
    report = await live.report()
    await live.chat.post(live.channel, Message("Good morning."), None, "n" * 24)
    told = {}

    async def look() -> None:
        async for key, ref in live.chat.find(live.channel, None, [KEY, COPY], since=0):
            told[key] = ref

    assert "cannot tell" in (await live.refusal(look())).reason
    assert told == {KEY: report}


async def test_in_a_thread_that_is_not_open_there_is_nothing(live: Place) -> None:
    assert await found(live, await live.report(), COPY) is None


async def test_what_stands_behind_many_messages_is_found(live: Place) -> None:
    for number in range(120):
        live.server.person_says(live.server.channel, live.ada, f"talk {number}")
    report = await live.report()
    assert await found(live, None, KEY) == report


async def test_nobody_elses_message_passes_for_ours(live: Place) -> None:
    text = f"**[Ann](<https://b.example/?copy={COPY}#c-k>)** (Slack): hi"
    live.server.person_says(live.server.channel, live.ada, text)
    assert await found(live, None, COPY) is None


async def test_a_message_of_ours_without_a_key_makes_the_search_undecided(live: Place) -> None:
    await live.chat.post(live.channel, Message("Good morning."), None, "n" * 24)
    error = await live.refusal(found(live, None, KEY))
    assert "cannot tell" in error.reason


async def test_an_old_message_without_a_key_leaves_no_doubt(live: Place) -> None:
    await live.chat.post(live.channel, Message("Good morning."), None, "n" * 24)
    later = time.time() + 600
    assert await looked_for(live.chat, live.channel, None, KEY, since=later) is None


async def test_a_clock_that_runs_ahead_makes_nothing_look_missing(live: Place) -> None:
    report = await live.report()
    next_year = time.time() + 365 * 86400
    assert await looked_for(live.chat, live.channel, None, KEY, since=next_year) == report


async def test_without_the_right_to_read_history_nothing_is_believed_missing(place: Place) -> None:
    await place.report()
    place.server.revokes("READ_MESSAGE_HISTORY", channel=place.server.channel)
    error = await place.refusal(found(place, None, "z" * 24))
    assert (error.permanent, error.unsure) == (True, False)
    assert "Read Message History" in error.reason
    assert "View Channel" not in error.reason


async def test_a_right_that_a_role_takes_away_is_missed_too(place: Place) -> None:
    await place.report()
    place.server.revokes("READ_MESSAGE_HISTORY")
    assert "Read Message History" in (await place.refusal(found(place, None, KEY))).reason


async def test_each_worker_settles_what_is_unsure_without_the_gateway(place: Place) -> None:
    report = await place.report()
    another = create(place.server.token, place.server.url)
    try:
        assert await looked_for(another, place.channel, None, KEY, since=0) == report
        assert await looked_for(another, place.channel, None, "z" * 24, since=0) is None
        asked = len(place.server.answers)
        assert await looked_for(another, place.channel, None, "y" * 24, since=0) is None
        # What the bot may do was asked a moment ago.
        assert len(place.server.answers) == asked + 1
    finally:
        await another.close()
    assert not place.server.gateway.identifies


async def test_in_a_channel_that_was_deleted_nothing_is_left(place: Place) -> None:
    await place.report()
    place.server.deletes_channel(place.server.channel)
    assert await found(place, None, KEY) is None


@pytest.mark.parametrize(
    ("roles", "everyone", "channel", "reads"),
    [
        ("", "READ_MESSAGE_HISTORY", {}, True),
        ("READ_MESSAGE_HISTORY", "", {}, True),
        ("", "", {"me": "allow"}, True),
        ("READ_MESSAGE_HISTORY", "", {"everyone": "deny"}, False),
        ("READ_MESSAGE_HISTORY", "", {"everyone": "deny", "role": "allow"}, True),
        ("READ_MESSAGE_HISTORY", "", {"role": "allow", "me": "deny"}, False),
        ("READ_MESSAGE_HISTORY", "", {"other": "deny"}, True),
        ("ADMINISTRATOR", "", {"me": "deny"}, True),
    ],
)
def test_rights_add_up_as_discord_adds_them(
    roles: str, everyone: str, channel: dict[str, str], reads: bool
) -> None:
    bits = {"": 0, **{name: permissions.bits(name) for name in permissions.BITS}}
    view, history = bits["VIEW_CHANNEL"], bits["READ_MESSAGE_HISTORY"]
    guild = {
        "id": "everyone",
        "owner_id": "somebody",
        "roles": [
            {"id": "everyone", "permissions": str(view | bits[everyone])},
            {"id": "role", "permissions": str(bits[roles])},
            {"id": "other", "permissions": str(bits["ADMINISTRATOR"])},
        ],
    }
    overwrites = [
        {
            "id": who,
            "allow": str(history * (way == "allow")),
            "deny": str(history * (way == "deny")),
        }
        for who, way in channel.items()
    ]
    mine = permissions_in({"permission_overwrites": overwrites}, guild, ["role"], "me")
    assert mine.read_message_history is reads
    assert permissions_in({"permission_overwrites": []}, guild, [], "somebody").administrator


def test_who_cannot_see_a_channel_can_do_nothing_there() -> None:
    history = str(permissions.bits("READ_MESSAGE_HISTORY"))
    guild = {"id": "all", "owner_id": "x", "roles": [{"id": "all", "permissions": history}]}
    assert not permissions_in({"permission_overwrites": []}, guild, [], "me").read_message_history


async def test_many_looks_at_once_ask_only_once_for_the_rights_that_they_share(live: Place) -> None:
    """After a kill a burst of looks must not use up what Discord lets us ask."""
    await live.report()
    looks = (looked_for(live.chat, live.channel, None, f"{n:024}", since=0) for n in range(10))
    assert await asyncio.gather(*looks) == [None] * 10
    asked = Counter(answer.call for answer in live.server.answers)
    assert asked["GET /guilds/{guild}"] == 1
    assert asked["GET /guilds/{guild}/members/{user}"] == 1
