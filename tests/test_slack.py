"""What BotBeat posts in Slack, with the real SDK against a Slack on localhost."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.slack import SlackChat, create, manifest
from adapters.slack.api import CUSTOMIZE
from adapters.slack.manifest import bot_scopes
from bot.message import Card, Message
from bot.model import Channel, MessageRef
from bot.ports import DeliveryError
from tests.chats import looked_for
from tests.servers import faults
from tests.servers.slack import SCOPES, Modes, SlackServer
from tests.slack_world import COMMENT, KEY, REPORT, World, world_of


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


async def test_a_report_is_posted_quietly_and_its_echo_is_a_receipt(world: World) -> None:
    ref = await world.report()
    (accepted,) = world.slack.ledger
    assert accepted.metadata == {"event_type": "botbeat_delivery", "event_payload": {"key": KEY}}
    assert accepted.text == "Qwen 4 — Alibaba · UPDATE"
    sent = accepted.args
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["link_names"]) == (False,) * 3
    assert sent["parse"] == "none"
    assert sent["client_msg_id"]
    assert await world.core.hears("delivered") == [(KEY, ref.id)]
    assert not world.core.all("posted")


async def test_a_changed_report_is_edited_in_place_and_keeps_its_key(world: World) -> None:
    ref = await world.report()
    await world.chat.edit(
        ref, Message(cards=(Card("Qwen 4, corrected", "https://q.example"),)), KEY
    )
    assert [a.method for a in world.slack.ledger] == ["chat.postMessage", "chat.update"]
    assert world.slack.ledger[-1].metadata == world.slack.ledger[0].metadata
    assert world.slack.ledger[-1].args["parse"] == "none"
    assert "corrected" in world.slack.message(world.lab, ref.id).text
    await world.slack.settled()
    assert not world.core.all("edited")


async def test_a_copy_stands_under_its_report_and_mentions_nobody(world: World) -> None:
    root = await world.report()
    ref = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
    assert world.slack.message(world.lab, ref.id).thread_ts == root.id
    assert [a.pings for a in world.slack.ledger] == [(), ()]


async def test_deleting_twice_is_success_both_times(world: World) -> None:
    ref = await world.report()
    await world.chat.delete(ref)
    await world.chat.delete(ref)
    assert [a.method for a in world.slack.ledger] == ["chat.postMessage", "chat.delete"]


async def test_a_copy_whose_report_is_gone_is_not_left_in_the_channel(world: World) -> None:
    root = await world.report()
    await world.chat.delete(root)
    error = await world.refused(world.chat.post(world.channel, COMMENT, root, "k" * 24))
    assert (error.permanent, error.scope) == (True, "message")
    assert world.slack.state.channels[world.lab].living() == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.accept_then_close(),
        faults.accept_then_reset(),
        faults.accept_then_status(500),
        faults.accept_then_html(200),
        faults.accept_then_truncate(),
        faults.refused("fatal_error", accepted=True),
        faults.refused("internal_error"),
        faults.refuse_status(503),
    ],
)
async def test_a_broken_answer_is_unsure_and_never_posted_again_by_itself(
    world: World, fault: faults.Fault
) -> None:
    world.slack.faults.add(fault, call="chat.postMessage")
    error = await world.refused(world.report())
    assert (error.unsure, error.permanent) == (True, False)
    found = await looked_for(world.chat, world.channel, None, KEY, time.time() - 1)
    assert bool(found) == fault.accepted
    assert len(world.posts()) == int(fault.accepted)


@asynccontextmanager
async def chat_that_hears(answer: Callable[[], web.Response]) -> AsyncIterator[SlackChat]:
    """The adapter before a Slack that gives to every call the same answer."""

    async def always(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/api/{method}", always)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    chat = create("xoxb-1", api_url=f"http://127.0.0.1:{runner.addresses[0][1]}/api/")
    yield chat
    await chat.close()
    await runner.cleanup()


@pytest.mark.parametrize("answer", ["upstream said no", "{", '["ok"]', '{"ok": true}', ""])
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/json"])
async def test_an_answer_that_makes_no_sense_is_unsure(answer: str, kind: str) -> None:
    async with chat_that_hears(lambda: web.Response(text=answer, content_type=kind)) as chat:
        with pytest.raises(DeliveryError) as caught:
            await chat.post(Channel("slack", "C1"), REPORT, None, KEY)
        assert caught.value.unsure


@pytest.mark.parametrize("thread", [None, MessageRef(Channel("slack", "C1"), "1.000001")])
@pytest.mark.parametrize("given", [{}, {"messages": None}, {"messages": "none"}, {"messages": []}])
async def test_an_answer_without_messages_is_no_word_that_none_is_there(
    given: dict[str, Any], thread: MessageRef | None
) -> None:
    async with chat_that_hears(lambda: web.json_response({"ok": True} | given)) as chat:
        looking = looked_for(chat, Channel("slack", "C1"), thread, KEY, 0)
        (seen,) = await asyncio.gather(looking, return_exceptions=True)
    unsure = isinstance(seen, DeliveryError) and not seen.permanent  # A channel may be empty.
    assert unsure or (seen, thread, given) == (None, None, {"messages": []})


async def test_a_proxys_slow_down_counts_as_slacks() -> None:
    def busy() -> web.Response:
        page = "<html>Too many requests</html>"
        return web.Response(
            status=429, text=page, content_type="text/html", headers={"Retry-After": "soon"}
        )

    async with chat_that_hears(busy) as chat:
        with pytest.raises(DeliveryError) as caught:
            await chat.post(Channel("slack", "C1"), REPORT, None, KEY)
        assert (caught.value.retry_after, caught.value.unsure) == (30, False)


async def test_dropped_metadata_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    body = {"ok": True, "ts": "1.000001", "warning": "invalid_metadata_schema"}
    async with chat_that_hears(lambda: web.json_response(body)) as chat:
        await chat.post(Channel("slack", "C1"), REPORT, None, KEY)
        assert f"dropped the metadata of delivery {KEY}" in caplog.text
        caplog.clear()
        body["warning"] = "superfluous_charset"
        await chat.edit(MessageRef(Channel("slack", "C1"), "1.000001"), REPORT, KEY)
        assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "http://nobody.invalid", "https://{here}"])
async def test_an_unreachable_slack_is_not_unsure(world: World, where: str) -> None:
    """No connection, no such name, and a server that does not speak TLS."""
    address = where.format(here=world.slack.state.address)
    nobody = create("xoxb-1", api_url=f"{address}/api/")
    error = await world.refused(nobody.post(world.channel, REPORT, None, KEY))
    assert (error.unsure, error.permanent) == (False, False)
    await nobody.close()


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (faults.ratelimited(7), 7),
        (faults.ratelimited(0), 30),
        (faults.refused("ratelimited"), 30),
        (faults.refused("rate_limited"), 30),
        (faults.refused("message_limit_exceeded"), 3600),
    ],
)
async def test_every_shape_of_slow_down_says_how_long_to_wait(
    world: World, fault: faults.Fault, wait: float
) -> None:
    world.slack.faults.add(fault, call="chat.postMessage")
    error = await world.refused(world.report())
    assert (error.retry_after, error.unsure, error.permanent) == (wait, False, False)


@pytest.mark.parametrize(
    ("name", "scope", "word"),
    [
        ("not_in_channel", "channel", "/invite @BotBeat"),
        ("is_archived", "channel", "archived"),
        ("channel_not_found", "channel", "/invite @BotBeat"),
        ("restricted_action_read_only_channel", "channel", "workspace"),
        ("token_revoked", "install", "install BotBeat again"),
        ("invalid_auth", "install", "install BotBeat again"),
        ("missing_scope", "install", "manifest"),
        ("invalid_blocks", "message", "well formed"),
        ("duplicate_message_not_found", "message", "does not post it again"),
        ("restricted_action_thread_locked", "message", "locked"),
    ],
)
async def test_a_refusal_says_how_far_it_reaches_in_words_for_people(
    world: World, name: str, scope: str, word: str
) -> None:
    world.slack.faults.add(faults.refused(name), call="chat.postMessage")
    error = await world.refused(world.report())
    assert (error.permanent, error.unsure, error.scope) == (True, False, scope)
    assert word in error.reason


async def test_a_message_is_found_by_its_key_on_any_page_and_in_its_thread() -> None:
    async with world_of(Modes(history_page=2)) as world:
        began = time.time()
        root = await world.report()
        for number in range(5):
            world.slack.person_says(world.lab, world.ada, f"{number}")
            world.says(f"{number}", root)
        copy = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
        assert await looked_for(world.chat, world.channel, None, KEY, began) == root
        assert await looked_for(world.chat, world.channel, root, "k" * 24, began) == copy
        assert await looked_for(world.chat, world.channel, None, "z" * 24, began) is None
        assert await looked_for(world.chat, world.channel, root, "z" * 24, began) is None


async def test_many_messages_are_looked_for_in_one_reading() -> None:
    # Slack lets us read twice, at three messages a page.
    async with world_of(Modes(history_page=3, history_per_minute=2)) as world:
        keys = [letter * 24 for letter in "abcdef"]
        there = {key: await world.chat.post(world.channel, REPORT, None, key) for key in keys[:5]}
        await world.chat.delete(there.pop(keys[1]))
        looked = [one async for one in world.chat.find(world.channel, None, keys, 0)]
        assert dict(looked) == there


@pytest.mark.parametrize("name", ["not_in_channel", "missing_scope", "channel_not_found"])
async def test_where_slack_does_not_let_us_look_the_message_alone_is_parked(
    world: World, name: str
) -> None:
    world.slack.faults.add(faults.refused(name), call="conversations.history")
    error = await world.refused(looked_for(world.chat, world.channel, None, KEY, 0))
    assert (error.permanent, error.scope) == (True, "message")


async def test_a_message_whose_metadata_slack_dropped_is_found_all_the_same(world: World) -> None:
    ref = await world.report()
    world.slack.message(world.lab, ref.id).metadata = None
    assert await looked_for(world.chat, world.channel, None, KEY, 0) == ref


@pytest.mark.parametrize("mode", ["full", "event_type", "none"])
async def test_our_echo_is_known_whatever_slack_leaves_of_the_metadata(mode: Any) -> None:
    async with world_of(Modes(echo_metadata=mode, echo_before_reply=True)) as world:
        root = await world.report()
        ref = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
        assert await world.core.hears("delivered", 2) == [(KEY, root.id), ("k" * 24, ref.id)]
        assert not world.core.all("posted")


def test_the_manifest_asks_for_what_is_used_and_no_more() -> None:
    shown = manifest()
    # What is optional stands in both lists: docs.slack.dev/changelog/2026/03/16/optional-scopes.
    asked = {"bot": sorted([*bot_scopes(), CUSTOMIZE]), "bot_optional": [CUSTOMIZE]}
    assert shown["oauth_config"]["scopes"] == asked
    assert set(bot_scopes()) < SCOPES
    assert shown["settings"]["socket_mode_enabled"] is True
    # Without this Slack leaves our key out of the events about our own messages.
    assert shown["settings"]["event_subscriptions"]["metadata_subscriptions"] == [
        {"app_id": "*", "event_type": "botbeat_delivery"}
    ]
    assert manifest("https://b.example/")["settings"]["interactivity"]["request_url"] == (
        "https://b.example/slack/events"
    )


@pytest.mark.parametrize("missing", ["", *bot_scopes()])
async def test_everything_works_with_the_manifests_scopes_and_not_with_less(missing: str) -> None:
    async def try_all(chat: SlackChat, channel: Channel) -> None:
        ref = await chat.post(channel, REPORT, None, KEY)
        await chat.edit(ref, REPORT, KEY)
        assert await looked_for(chat, channel, None, KEY, 0) == ref
        assert await looked_for(chat, channel, ref, "z" * 24, 0) is None
        await chat.delete(ref)

    async with SlackServer(scopes=set(bot_scopes()) - {missing}) as slack:
        chat = create(slack.bot_token, api_url=slack.url)
        places = [slack.adds_channel("a"), slack.adds_channel("b", kind="private")]
        outcomes = [
            (await asyncio.gather(try_all(chat, Channel("slack", p)), return_exceptions=True))[0]
            for p in places
        ]
        refused = any(isinstance(outcome, DeliveryError) for outcome in outcomes)
        assert refused == missing.endswith((":write", ":history"))
        await chat.close()
