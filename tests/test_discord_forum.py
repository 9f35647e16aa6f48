"""Discord: in a forum each report is a post, there once, and comments stand in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest

from adapters.discord import rest
from bot.message import Card, Message
from bot.model import Channel, MessageRef
from tests.chats import looked_for
from tests.discord_place import COPY, KEY, REPORT, Place, copy_of, serving
from tests.discord_process import TITLES, Process, identified, process
from tests.servers import faults
from tests.servers.discord import Channel as Forum
from tests.servers.discord import DiscordServer
from tests.waiting import until

POST = "POST /channels/{channel}/threads"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "SOON", 0.1)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


def forum_of(place: Place, kind: Literal["forum", "media"] = "forum") -> Channel:
    return Channel("discord", place.server.adds_channel("papers", kind).id)


def posts(server: DiscordServer, forum: Forum) -> list[Forum]:
    """The posts of a forum whose first message still stands."""
    places = server.platform.guilds[forum.guild].channels.values()
    return [one for one in places if one.parent == forum.id and one.id in one.messages]


@pytest.mark.parametrize("kind", ["forum", "media"])
async def test_a_report_is_a_post_and_its_comments_stand_in_it(
    place: Place, kind: Literal["forum", "media"]
) -> None:
    forum = forum_of(place, kind)
    report = await place.chat.post(forum, REPORT, None, KEY)
    assert place.server.thread_of(report.id).name == "Qwen 4 released"
    copy = await place.chat.post(forum, copy_of("Impressive!"), report, COPY)
    assert copy == MessageRef(forum, f"{report.id}/{copy.id.partition('/')[2]}")
    better = Message(cards=(Card("Qwen 4.1 released", "", 7),))
    await place.chat.edit(report, better, KEY)
    await place.chat.edit(copy, copy_of("Better words"), COPY)
    first, second = place.shown(report.id)
    assert first == "**Qwen 4.1 released**"
    assert second.endswith("Better words")
    assert [len(place.server.ledger.of(verb)) for verb in ("thread", "create")] == [1, 1]
    # Only the first report had to find out that this is a forum.
    asked = len(place.server.answers)
    await place.chat.post(forum, REPORT, None, "s" * 24)
    assert len(place.server.answers) == asked + 1


async def test_a_post_is_edited_and_deleted_by_a_process_that_never_saw_its_forum(
    place: Place,
) -> None:
    forum = forum_of(place)
    report = await place.chat.post(forum, REPORT, None, KEY)
    place.server.archives(report.id)
    await place.chat.close()
    another = type(place.chat)(place.server.token)
    try:
        assert await another.stands(report)
        await another.edit(report, Message(cards=(Card("Qwen 4.1 released", "", 7),)), KEY)
        assert place.shown(report.id) == ["**Qwen 4.1 released**"]
        await another.delete(report)
        assert place.shown(report.id) == []
        assert not await another.stands(report)
    finally:
        await another.close()


@pytest.mark.parametrize(
    "fault",
    [
        faults.accept_then_status(500),
        faults.accept_then_html(502),
        faults.accept_then_close(),
        faults.accept_then_truncate(),
        faults.refuse_status(504),
    ],
)
async def test_a_post_whose_answer_was_lost_is_tried_once_then_looked_for(
    server: DiscordServer, sqlite_url: str, fault: faults.Fault
) -> None:
    forum = server.adds_channel("papers", "forum")
    server.faults.add(fault, call=POST)
    async with process(sqlite_url, server) as here:
        await here.subscribes(forum.id)
        await here.publishes(TITLES[0])
        await here.worker.deliver_due()
        assert len([one for one in server.answers if one.call == POST]) == 1
        assert here.states()[0].startswith("unsure")
        for post in posts(server, forum):  # Meanwhile it was put away.
            server.archives(post.id)
        await here.delivers()
        assert here.states() == ["shown"]
    assert len(posts(server, forum)) == len(server.ledger.of("thread")) == 1


async def test_a_post_that_arrives_long_after_it_was_given_up_is_removed(
    server: DiscordServer, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "SECONDS", 0.3)
    forum = server.adds_channel("papers", "forum")
    async with process(sqlite_url, server) as here:
        await here.subscribes(forum.id)
        await here.listens()
        await identified(server)
        server.faults.add(faults.accept_late(3), call=POST)
        await here.publishes(TITLES[0])
        await here.delivers()
        kept = posts(server, forum)
        await until(lambda: len(server.ledger.of("thread")) == 2)
        await until(lambda: here.pending() == 1)
        await here.delivers()
        assert posts(server, forum) == kept
    assert len(kept) == 1


async def test_only_our_own_post_with_the_key_is_found(place: Place) -> None:
    forum = forum_of(place)
    number = place.server.adds_channel("talk").id
    report = await place.chat.post(forum, REPORT, None, KEY)
    gone = await place.chat.post(forum, REPORT, None, "g" * 24)
    await place.chat.delete(gone)
    elsewhere = Channel("discord", number)
    await place.chat.post(elsewhere, REPORT, None, "e" * 24)
    found = [await looked_for(place.chat, forum, None, key * 24, since=0) for key in "rgez"]
    assert found == [report, None, None, None]
    keys = [key * 24 for key in "regz"] + [KEY]
    assert [one async for one in place.chat.find(forum, None, keys, since=0)] == [(KEY, report)]
    # A clock that runs ahead by a year makes nothing look missing.
    assert await looked_for(place.chat, forum, None, KEY, since=4e9) == report


async def test_a_post_that_may_stand_unseen_is_not_taken_for_missing(place: Place) -> None:
    forum = forum_of(place)
    await place.chat.post(forum, Message("Good morning."), None, "n" * 24)
    assert (
        "cannot tell" in (await place.refusal(looked_for(place.chat, forum, None, KEY, 0))).reason
    )
    place.server.revokes("READ_MESSAGE_HISTORY", channel=forum.id)
    error = await place.refusal(looked_for(place.chat, forum, None, KEY, 0))
    assert error.permanent
    assert "Read Message History" in error.reason


async def test_many_posts_are_looked_through_also_those_put_away(place: Place) -> None:
    forum = forum_of(place)
    report = await place.chat.post(forum, REPORT, None, KEY)
    place.server.archives(report.id)
    for number in range(101):
        await asyncio.sleep(0.001)  # Each is put away later than the one before.
        post = place.server.person_posts(forum.id, place.ada, f"No {number}", "A paper of mine")
        place.server.archives(post)
    assert await looked_for(place.chat, forum, None, KEY, since=0) == report


async def test_a_post_of_somebody_else_is_no_comment(live: Place) -> None:
    forum = forum_of(live)
    post = live.server.person_posts(forum.id, live.ada, "Mine", "A paper of mine")
    live.server.person_edits(post.id, "My paper")
    live.server.moderator_deletes(post.id)
    under = live.server.person_says(post, live.ada, "said under it")
    await live.core.hears("posted")
    told = [what[1].id for what in live.core.told]
    assert told == [f"{post.id}/{under}"]


async def test_what_people_do_in_a_post_is_told_as_under_any_report(live: Place) -> None:
    forum = forum_of(live)
    report = await live.chat.post(forum, REPORT, None, KEY)
    assert await live.core.hears("delivered") == [(KEY, report)]
    live.core.ours = {report}
    said = live.server.person_says(report.id, live.ada, "Look")
    live.server.person_edits(said, "Look, good")
    live.server.person_deletes(said)
    await live.core.hears("deleted")
    ref = MessageRef(forum, f"{report.id}/{said}")
    assert [what[:2] for what in live.core.told[-3:]] == [
        ("posted", ref),
        ("edited", ref),
        ("deleted", ref),
    ]
    assert live.core.heard("posted")[0][1] == report
    live.server.moderator_deletes(report.id)
    assert (await live.core.hears("deleted", 2))[1] == (report, None)


async def test_a_post_that_a_moderator_deletes_as_a_whole_is_a_report_that_is_gone(
    live: Place,
) -> None:
    forum = forum_of(live)
    report = await live.chat.post(forum, REPORT, None, KEY)
    await live.core.hears("delivered")
    live.core.ours = {report}
    live.server.deletes_channel(report.id)
    assert await live.core.hears("deleted") == [(report, None)]
    error = await live.refusal(live.chat.post(forum, copy_of("Late"), report, COPY))
    assert (error.permanent, error.scope) == (True, "message")
    assert "deleted" in error.reason


async def _caught_up(here: Process) -> None:
    begun = here.caught_up()
    await here.listens()
    await until(lambda: here.caught_up() > begun)


async def test_comments_in_a_post_are_caught_up_with_and_the_report_stays(
    server: DiscordServer, sqlite_url: str
) -> None:
    forum, ada = server.adds_channel("papers", "forum"), server.adds_person("Ada")
    async with process(sqlite_url, server) as here:
        await here.subscribes(forum.id, server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        (post,) = posts(server, forum)
        server.person_says(post, ada, "said while nobody listened")
        await _caught_up(here)
        await here.delivers()
        thread = server.messages(server.channel)[0].id
        assert [text[-26:] for text in here.reports(thread)] == ["said while nobody listened"]
        server.person_says(thread, ada, "an answer")
        await until(lambda: len(here.comments()) == 2)
        await here.delivers()
        assert here.reports(post.id)[1].endswith("an answer")
        assert here.states() == ["shown", "shown"]


async def test_a_forum_that_wants_tags_is_paused_with_the_remedy(place: Place) -> None:
    made = place.server.adds_channel("papers", "forum", tags=("LLM",), requires_tag=True)
    report = Message(cards=(Card("Qwen 4 released", "", 7, labels=("RESEARCH",)),))
    error = await place.refusal(
        place.chat.post(Channel("discord", made.id), report, None, "t" * 24)
    )
    assert (error.permanent, error.scope, error.unsure) == (True, "channel", False)
    assert "Add tags named like the kinds of news" in error.reason


async def test_a_forum_is_paused_and_resumed_like_any_channel(live: Place) -> None:
    forum = forum_of(live)
    live.server.revokes("SEND_MESSAGES", channel=forum.id)
    live.server.grants("SEND_MESSAGES", channel=forum.id)
    assert await live.core.hears("resumed") == [(forum,)]
    live.server.deletes_channel(forum.id)
    assert (await live.core.hears("removed"))[0][0] == forum
