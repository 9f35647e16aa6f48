"""What Slack tells in ways that are seldom seen, and what is never done with what it tells."""

import asyncio
import dataclasses
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest

from adapters.slack import create
from adapters.terminal import credentials
from bot import comments
from bot.bot import Bot
from bot.model import Comment, MessageRef, Person
from bot.ports import Adviser, Said, Writer
from tests.pages import Reader, installation
from tests.servers.slack import Modes, SlackServer
from tests.servers.slack.messages import Happening
from tests.slack_world import QUICK, Recorder, World, world_of
from tests.test_slack_story import newsroom
from tests.waiting import until

ROOT = Path(__file__).parent.parent


SAID = {"", "file_share", "me_message", "thread_broadcast"}
UNSAID = {
    *("bot_message", "ekm_access_denied", "message_replied", "channel_posting_permissions"),
    *("channel_archive", "channel_join", "channel_leave", "channel_name", "channel_purpose"),
    *("channel_topic", "channel_unarchive", "reminder_add", "reply_broadcast", "tombstone"),
    *("assistant_app_thread", "huddle_thread", "one_that_is_new_tomorrow"),
}
"""All of `@slack/types` (events/message.ts), some more that Slack sends, and one it may add."""


def happens(world: World, root: MessageRef, subtype: str, **fields: Any) -> str:
    """A message event of this kind in a thread; the `ts` of its message."""
    ts = world.slack.state.new_ts()
    event = {
        "type": "message",
        "channel": world.lab,
        "channel_type": "channel",
        "user": world.ada,
        "text": subtype,
        "ts": ts,
        "event_ts": ts,
        "thread_ts": root.id,
        **({"subtype": subtype} if subtype else {}),
        **fields,
    }
    world.slack.deliveries.tell(Happening(event, world.lab))
    return ts


async def test_of_all_kinds_of_messages_those_count_that_people_wrote(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world_of() as world:
        root = await world.report()
        said = [happens(world, root, subtype) for subtype in sorted(SAID)]
        for subtype in UNSAID - {"bot_message", "ekm_access_denied"}:
            happens(world, root, subtype, hidden=subtype in ("message_replied", "tombstone"))
        happens(world, root, "bot_message", user=None, bot_id="B9", username="Another")
        happens(world, root, "", bot_id="B9", app_id="A9")
        happens(world, root, "ekm_access_denied", user="UREVOKEDU", text="")
        await world.slack.settled()
        old = {"user": world.ada, "text": "old", "ts": said[0], "thread_ts": root.id}
        new = {
            **old,
            "text": "new",
            "edited": {"user": world.ada, "ts": world.slack.state.new_ts()},
        }
        happens(world, root, "message_changed", hidden=True, message=new, previous_message=old)
        await world.slack.settled()
        happens(
            world,
            root,
            "message_deleted",
            deleted_ts=said[1],
            previous_message={**old, "ts": said[1]},
        )
        await world.slack.settled()
        assert sorted(told[0] for told in world.core.all("posted")) == said
        assert world.core.all("edited") == [(said[0], "new", root.id)]
        assert world.core.all("deleted") == [(said[1], root.id)]
        assert {attempt.ok for attempt in world.slack.attempts} == {True}
        assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_who_calls_us_in_a_comment_is_told_of_often_and_answered_once(
    sqlite_url: str,
) -> None:
    """Slack tells of it as a message and as a mention, where an app asks for both, and may tell
    each of several processes: https://docs.slack.dev/reference/events/app_mention."""
    async with (
        SlackServer() as slack,
        newsroom(sqlite_url, slack) as one,
        newsroom(sqlite_url, slack, like=one) as two,
    ):
        root = await one.report()
        await one.listens(2)
        await two.listens(4)
        said = slack.person_says(one.lab, one.ada, f"<@{slack.bot_user}> why", root)
        await slack.settled()
        parcels = list(slack.deliveries.sent.items())
        told = {id: one.event for id, one in parcels if one.payload["event"].get("ts") == said}
        assert sorted(told.values()) == ["app_mention", "message"]
        for event in told:
            slack.deliveries.again(event, times=2)
        await slack.settled()
        await one.delivers()
        # What is being answered is answered before they have gone.
        await one.leaves()
        await two.leaves()
        assert list(one.comments()) == [said]
        assert len(one.copies(one.news)) == 1
        assert [answer.thread_ts for answer in slack.state.ephemerals] == [root]


async def test_more_processes_than_slack_has_sockets_for_wait_and_take_over() -> None:
    """Slack lets an app have ten sockets; here four, of which three processes want two each."""
    door = "apps.connections.open"
    slower = replace(QUICK, first=0.05, slowest=1)
    async with world_of(Modes(max_sockets=4), times=slower) as world:
        others = [
            create(world.slack.bot_token, world.slack.app_token, api_url=world.slack.url)
            for _ in range(2)
        ]
        cores, tasks = [Recorder(), Recorder()], list[asyncio.Task[None]]()
        for chat, core in zip(others, cores, strict=True):
            chat.times = slower
            tasks.append(asyncio.create_task(chat.run(cast(Bot, core))))
            await until(lambda: len(world.slack.sockets.sockets) == 4)
        await asyncio.sleep(1.2)
        knocks = [answer for answer in world.slack.answers if answer.method == door]
        assert 4 + 2 <= len(knocks) <= 4 + 6
        assert [move for move in world.slack.sockets.moves if "end" in move] == []
        # One that listens goes, and the one that waits takes its place.
        tasks[0].cancel()
        await until(lambda: cores[1].catch_ups == 1)
        await until(lambda: len(world.slack.sockets.sockets) == 4)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def kinds_in(type_: Any) -> set[Any]:
    """All types of which this one is made."""
    found = {type_}
    inner = list(get_args(type_))
    if dataclasses.is_dataclass(type_):
        inner += get_type_hints(type_).values()
    for one in inner:
        found |= kinds_in(one)
    return found


def test_no_language_model_is_ever_given_a_comment() -> None:
    """https://docs.slack.dev/changelog/2025/10/13/api-terms-update"""
    product = [
        file for part in ("bot", "storage", "adapters") for file in (ROOT / part).rglob("*.py")
    ]
    asking = [file for file in product if "chat/completions" in file.read_text(encoding="utf-8")]
    folders = {file.parent.name for file in asking}
    assert folders == {"writer", "terminal"}
    # The second only asks whether the model answers, and always the same.
    assert set(get_type_hints(credentials.model).values()) == {str, float}
    calls = (Writer.write, Adviser.advise)
    given = {kind for call in calls for kind in get_type_hints(call).values()}
    kinds = {kind for one in given for kind in kinds_in(one)}
    assert len(kinds) > 5
    assert kinds.isdisjoint({Comment, Said, Person, MessageRef})


async def test_the_privacy_page_says_how_long_comments_are_kept(sqlite_url: str) -> None:
    async with installation(sqlite_url) as house, Reader(house.address) as reader:
        page = await reader.opens("/privacy")
    assert f"kept for {comments.KEPT / 86400:.0f} days" in page.html
