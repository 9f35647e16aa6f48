"""The Slack adapter with the real SDK against a Slack on localhost."""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from adapters.slack import SlackChat, create, manifest
from adapters.slack.listen import signed
from adapters.slack.manifest import bot_scopes
from bot.bot import Bot
from bot.model import Author, Button, Card, Channel, Message, MessageRef, Person
from bot.ports import DeliveryError
from tests.servers import faults
from tests.servers.slack import SCOPES, Modes, SlackServer
from tests.servers.slack.http_events import signature

KEY = "abcdefghijklmnopqrstuvwx"
REPORT = Message(
    cards=(
        Card(
            "Qwen 4",
            "https://qwen.example/4",
            7,
            "Alibaba · UPDATE",
            ("Open",),
            buttons=(Button("Read original", url="https://qwen.example/4"), Button("Why", "why 7")),
        ),
    )
)
COMMENT = Message(text="Nice <!channel> @here", author=Author("Ada", "discord"))


class Recorder:
    """Stands where the core will be: it notes what it was told, and can be down."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.down = 0  # So many calls fail before it works again.
        self.slow = 0.0
        self.reply = Message(text="2 reports")
        self.ours: set[MessageRef] = set()
        self.changed = asyncio.Event()

    def _note(self, *told: Any) -> None:
        if self.down:
            self.down -= 1
            raise OSError("the database is down")
        self.told.append(told)
        self.changed.set()

    async def command(
        self, channel: Channel, person: Person, text: str, *, manages: bool = True
    ) -> Message:
        await asyncio.sleep(self.slow)
        self._note("command", channel.id, person, text, manages)
        return self.reply

    async def comment_posted(
        self, ref: MessageRef, root: MessageRef, author: Person, text: str, written: float
    ) -> None:
        self._note("posted", ref.id, root.id, author.id, text, written)

    async def comment_edited(
        self, ref: MessageRef, text: str, edited: float, reply_to: MessageRef | None = None
    ) -> None:
        self._note("edited", ref.id, text, reply_to and reply_to.id)

    async def comment_deleted(self, ref: MessageRef, reply_to: MessageRef | None = None) -> None:
        self._note("deleted", ref.id, reply_to and reply_to.id)

    async def delivered(self, key: str, ref: MessageRef) -> None:
        self._note("delivered", key, ref.id)

    async def is_ours(self, ref: MessageRef) -> bool:
        return ref in self.ours

    async def knows(self, platform: str, person: str) -> bool:
        return any(t[0] == "named" and t[1].id == person for t in self.told)

    async def person_named(self, person: Person) -> None:
        self._note("named", person)

    async def channel_seen(self, channel: Channel, name: str, visibility: str) -> None:
        self._note("seen", channel.id, name, visibility)

    async def channel_paused(self, channel: Channel, reason: str) -> None:
        self._note("paused", channel.id, reason)

    async def channel_resumed(self, channel: Channel) -> None:
        self._note("resumed", channel.id)

    def all(self, what: str) -> list[tuple[Any, ...]]:
        return [told[1:] for told in self.told if told[0] == what]

    async def hears(self, what: str, count: int = 1) -> list[tuple[Any, ...]]:
        """Wait until it was told so often."""
        async with asyncio.timeout(5):
            while len(self.all(what)) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.all(what)


class World:
    """A Slack with Ada and a channel, the adapter, and a core that takes notes."""

    def __init__(self, slack: SlackServer, chat: SlackChat, core: Recorder) -> None:
        self.slack, self.chat, self.core = slack, chat, core
        self.ada = slack.adds_user("Ada")
        self.lab = slack.adds_channel("lab", members=[self.ada])
        self.channel = Channel("slack", self.lab)
        self.url = ""

    async def report(self) -> MessageRef:
        return await self.chat.post(self.channel, REPORT, None, KEY)

    def says(self, text: str, under: MessageRef, **more: Any) -> str:
        return self.slack.person_says(self.lab, self.ada, text, under.id, **more)

    def posts(self) -> list[str]:
        """What is really in the channel, whatever we were told: all posts that took effect."""
        return [a.ts for a in self.slack.ledger if a.method == "chat.postMessage"]

    async def refused(self, call: Awaitable[object]) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            await call
        assert "xoxb" not in str(caught.value) + repr(caught.value.__context__ or "")
        assert caught.value.__cause__ is None
        return caught.value


@asynccontextmanager
async def world_of(modes: Modes | None = None, *, by_http: bool = False) -> AsyncIterator[World]:
    async with SlackServer(modes) as slack:
        doors = {"signing_secret": slack.signing_secret} if by_http else {"app_token": slack.app_token}
        chat = create(slack.bot_token, api_url=slack.url, **doors)
        world = World(slack, chat, Recorder())
        listening = asyncio.create_task(chat.run(cast(Bot, world.core)))
        runner = await mounted(chat, slack, world) if by_http else None
        if not by_http:
            async with asyncio.timeout(5):
                await slack.sockets.connected()
        try:
            yield world
        finally:
            await slack.settled()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            if runner:
                await runner.cleanup()


async def mounted(chat: SlackChat, slack: SlackServer, world: World) -> web.AppRunner:
    app = web.Application()
    for method, path, handler in chat.routes():
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.calls_app_at(world.url)
    return runner


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


@pytest.fixture
async def by_http() -> AsyncIterator[World]:
    async with world_of(by_http=True) as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with world_of(by_http=request.param == "http") as made:
        yield made


# What we post.


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
    await world.chat.edit(ref, Message(cards=(Card("Qwen 4, corrected", "https://q.example"),)), KEY)
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
    found = await world.chat.find(world.channel, None, KEY, time.time() - 1)
    assert bool(found) == fault.accepted
    assert len(world.posts()) == int(fault.accepted)


async def test_a_plain_text_answer_is_unsure(world: World) -> None:
    async def plain(_: web.Request) -> web.Response:
        return web.Response(text="upstream said no")

    app = web.Application()
    app.router.add_post("/api/chat.postMessage", plain)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    chat = create("xoxb-1", api_url=f"http://127.0.0.1:{runner.addresses[0][1]}/api/")
    assert (await world.refused(chat.post(world.channel, REPORT, None, KEY))).unsure
    await chat.close()
    await runner.cleanup()


async def test_an_unreachable_slack_is_not_unsure(world: World) -> None:
    nobody = create("xoxb-1", api_url="http://127.0.0.1:9/api/")
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
        assert await world.chat.find(world.channel, None, KEY, began) == root
        assert await world.chat.find(world.channel, root, "k" * 24, began) == copy
        assert await world.chat.find(world.channel, None, "z" * 24, began) is None
        assert await world.chat.find(world.channel, root, "z" * 24, began) is None


@pytest.mark.parametrize("name", ["not_in_channel", "missing_scope", "channel_not_found"])
async def test_where_slack_does_not_let_us_look_the_message_alone_is_parked(
    world: World, name: str
) -> None:
    world.slack.faults.add(faults.refused(name), call="conversations.history")
    error = await world.refused(world.chat.find(world.channel, None, KEY, 0))
    assert (error.permanent, error.scope) == (True, "message")


async def test_dropped_metadata_is_warned_of_and_the_message_is_found_all_the_same(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ref = await world.report()
    world.slack.message(world.lab, ref.id).metadata = None
    assert await world.chat.find(world.channel, None, KEY, 0) == ref


@pytest.mark.parametrize("mode", ["full", "event_type", "none"])
async def test_our_echo_is_known_whatever_slack_leaves_of_the_metadata(mode: Any) -> None:
    async with world_of(Modes(echo_metadata=mode, echo_before_reply=True)) as world:
        root = await world.report()
        ref = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
        assert await world.core.hears("delivered", 2) == [(KEY, root.id), ("k" * 24, ref.id)]
        assert not world.core.all("posted")


# What people say.


async def test_a_comment_arrives_and_its_author_is_named_afterwards(either: World) -> None:
    root = await either.report()
    ts = either.says("Impressive *stuff* <!channel>", root)
    (told,) = await either.core.hears("posted")
    assert told == (
        ts, root.id, either.ada, "Impressive \\*stuff\\* \\<!channel>", float(ts),
    )  # fmt: skip
    assert await either.core.hears("named") == [(Person("slack", either.ada, "Ada"),)]
    assert await either.core.hears("seen") == [(either.lab, "lab", "public")]
    order = [told[0] for told in either.core.told]
    assert order.index("posted") < min(order.index("named"), order.index("seen"))


async def test_edits_and_deletions_of_a_comment_follow(world: World) -> None:
    root = await world.report()
    ts = world.says("Wow", root)
    await world.core.hears("posted")
    world.slack.person_edits(world.lab, ts, "Wow!")
    assert await world.core.hears("edited") == [(ts, "Wow!", root.id)]
    world.slack.person_deletes(world.lab, ts)
    assert await world.core.hears("deleted") == [(ts, root.id)]


async def test_a_preview_of_a_link_is_no_edit(world: World) -> None:
    root = await world.report()
    ts = world.says("https://page.example/", root)
    world.slack.unfurls(world.lab, ts)
    world.slack.unfurls(world.lab, root.id)
    await world.slack.settled()
    assert not world.core.all("edited")


async def test_a_moderator_who_deletes_a_copy_is_heard(world: World) -> None:
    root = await world.report()
    ref = await world.chat.post(world.channel, COMMENT, root, "k" * 24)
    world.slack.moderator_deletes(world.lab, ref.id)
    assert await world.core.hears("deleted") == [(ref.id, root.id)]


async def test_a_report_deleted_over_its_comments_is_one_deletion(world: World) -> None:
    root = await world.report()
    for number in range(4):
        world.says(f"{number}", root)
    world.slack.moderator_deletes(world.lab, root.id)
    await world.slack.settled()
    assert world.core.all("deleted") == [(root.id, None)]
    assert not world.core.all("edited")
    assert len(world.core.all("posted")) == 4


async def test_talk_outside_threads_is_not_told(world: World) -> None:
    ts = world.slack.person_says(world.lab, world.ada, "lunch?")
    world.slack.person_edits(world.lab, ts, "lunch!")
    world.slack.person_deletes(world.lab, ts)
    await world.slack.settled()
    assert world.core.told == []


@pytest.mark.parametrize(
    ("subtype", "counts"),
    [("thread_broadcast", 1), ("me_message", 1), ("channel_join", 0), ("channel_topic", 0)],
)
async def test_only_what_people_say_is_a_comment(world: World, subtype: str, counts: int) -> None:
    root = await world.report()
    world.says("hello", root, subtype=subtype)
    await world.slack.settled()
    assert len(world.core.all("posted")) == counts


async def test_a_file_is_told_as_a_link(world: World) -> None:
    root = await world.report()
    world.says("see", root, files=[{"name": "a.pdf", "permalink": "https://f.example/a"}])
    ((*_, text, _),) = await world.core.hears("posted")
    assert text == "see\n[file: a.pdf](https://f.example/a)"


async def test_a_private_channel_is_told_as_private_before_its_first_comment(world: World) -> None:
    world.lab = world.slack.adds_channel("secret", kind="private", members=[world.ada])
    world.channel = Channel("slack", world.lab)
    world.says("hush", await world.report())
    await world.core.hears("posted")
    order = [told for told in world.core.told if told[0] in ("seen", "posted")]
    assert order[0] == ("seen", world.lab, "", "private")
    assert (await world.core.hears("seen", 2))[1] == (world.lab, "secret", "private")


async def test_channels_that_close_and_open_are_told(world: World) -> None:
    world.slack.archives(world.lab)
    await world.core.hears("paused")
    world.slack.unarchives(world.lab)
    await world.core.hears("resumed")
    world.slack.removes_bot(world.lab)
    reason = (await world.core.hears("paused", 2))[1][1]
    assert "/invite @BotBeat" in reason
    world.slack.invites_bot(world.lab)
    await world.core.hears("resumed", 2)
    world.slack.renames(world.lab, "laboratory")
    await world.slack.settled()
    await world.core.hears("seen", 2)
    assert world.core.all("seen")[-1] == (world.lab, "laboratory", "public")


# Commit, then acknowledge.


async def test_what_the_core_could_not_keep_comes_again(either: World) -> None:
    either.slack.modes.ack_timeout = 0.3
    root = await either.report()
    await either.core.hears("delivered")
    either.core.down = 2
    ts = either.says("Do not lose me", root)
    await either.core.hears("posted")
    await either.slack.settled()
    tries = [a.ok for a in either.slack.attempts if a.event == "message"][-3:]
    assert tries == [False, False, True]
    assert [told[0] for told in either.core.all("posted")] == [ts]


async def test_the_acknowledgement_waits_for_the_commit(either: World) -> None:
    root = await either.report()
    await either.slack.settled()
    open_gate = asyncio.Event()
    kept = either.core.comment_posted

    async def gated(*told: Any) -> None:
        await open_gate.wait()
        await kept(*told)

    either.core.comment_posted = gated  # type: ignore[method-assign]  # Our own recorder.
    either.says("slow", root)
    await asyncio.sleep(0.2)
    before = len([a for a in either.slack.attempts if a.ok])
    open_gate.set()
    await either.slack.settled()
    assert len([a for a in either.slack.attempts if a.ok]) == before + 1


async def test_a_stalled_slack_does_not_delay_an_acknowledgement(either: World) -> None:
    root = await either.report()
    await either.slack.settled()
    either.slack.faults.add(faults.slow(1.5), call="users.info")
    either.slack.faults.add(faults.slow(1.5), call="conversations.info")
    began = time.monotonic()
    either.says("quick", root)
    await either.slack.settled()
    assert time.monotonic() - began < 1


async def test_the_same_event_twice_is_told_twice_and_means_the_same(world: World) -> None:
    world.says("once", await world.report())
    await world.slack.settled()
    event = next(a.id for a in reversed(world.slack.attempts) if a.event == "message")
    world.slack.deliveries.again(event)
    await world.slack.settled()
    assert len(set(await world.core.hears("posted", 2))) == 1


async def test_a_socket_that_breaks_is_replaced_and_nothing_is_lost(world: World) -> None:
    root = await world.report()
    await world.slack.sockets.disconnect()
    async with asyncio.timeout(5):
        while world.slack.sockets.opened < 2:
            await asyncio.sleep(0.01)
    world.says("still here?", root)
    await world.core.hears("posted")


# Commands and buttons.


async def test_a_command_is_acknowledged_at_once_and_answered_to_the_asker(either: World) -> None:
    either.core.slow = 0.5
    gesture = either.slack.slash(either.lab, either.ada, "qwen score:&gt;=7 payload")
    await gesture.acknowledged()
    assert gesture.ack_after is not None
    assert gesture.ack_after < 0.4
    answer = await gesture.first()
    assert answer.visible_to == either.ada
    assert answer.text == "2 reports"
    person = Person("slack", either.ada, "Ada")
    assert either.core.all("command") == [
        (either.lab, person, "qwen score:>=7 payload", False)
    ]
    assert either.core.all("seen") == [(either.lab, "lab", "public")]


async def test_a_public_answer_is_for_the_channel(world: World) -> None:
    world.core.reply = Message(text="<!channel> subscribed", public=True)
    answer = await world.slack.slash(world.lab, world.ada, "subscribe").first()
    assert answer.visible_to == ""
    assert world.slack.ledger[-1].pings == ()
    await world.slack.settled()
    assert not world.core.all("posted")


async def test_a_press_is_its_command_and_paging_replaces_the_answer(world: World) -> None:
    world.core.reply = Message(text="page 1", buttons=(Button("Older", "qwen page:2"),))
    first = await world.slack.slash(world.lab, world.ada, "qwen").first()
    world.core.reply = Message(text="page 2", replace=True)
    again = await world.slack.press(first, "Older", world.ada).first()
    assert again is first
    assert first.text == "page 2"
    assert [told[2] for told in world.core.all("command")] == ["qwen", "qwen page:2"]


async def test_no_press_replaces_a_report(world: World) -> None:
    ref = await world.report()
    world.core.ours.add(ref)
    world.core.reply = Message(text="Because of subscription 1", replace=True)
    card = world.slack.message(world.lab, ref.id)
    answer = await world.slack.press(card, "Why", world.ada).first()
    assert answer.visible_to == world.ada
    assert card.text.startswith("Qwen 4")


async def test_a_link_button_asks_nothing(world: World) -> None:
    ref = await world.report()
    card = world.slack.message(world.lab, ref.id)
    gesture = world.slack.press(card, "Read original", world.ada)
    await gesture.acknowledged()
    assert gesture.error == ""
    assert not world.core.all("command")


async def test_a_command_that_fails_is_answered_in_one_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.slack.slash(world.lab, world.ada, "help").first()
    world.core.down = 1
    answer = await world.slack.slash(world.lab, world.ada, "qwen").first()
    assert "Nothing was changed" in answer.text


async def test_an_answer_that_slack_does_not_take_is_logged_without_its_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.slack.faults.add(faults.refuse_status(500), call="response_url")
    gesture = world.slack.slash(world.lab, world.ada, "qwen")
    await gesture.acknowledged()
    await world.core.hears("command")
    async with asyncio.timeout(5):
        while "got no answer" not in caplog.text:
            await asyncio.sleep(0.01)
    assert "/response/" not in caplog.text


# Who may speak to us.


def forged(secret: str, kind: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    now = int(time.time())
    stamp = {"early": f"{now - 301}", "late": f"{now + 301}", "word": "abc", "dash": "-",
             "float": "1e9", "digits": "9" * 10_000, "arabic": "٣", "edge": f"{now - 295}"}.get(
        kind, f"{now}"
    )  # fmt: skip
    proof = signature("another" if kind == "secret" else secret, stamp, body)
    if kind == "bit":
        proof = proof[:-1] + ("0" if proof[-1] != "0" else "1")
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": proof}
    if kind == "ascii":
        headers["X-Slack-Signature"] = "v0=é"
    if kind == "missing":
        headers = {}
    return (json.dumps(json.loads(body), indent=1).encode() if kind == "encoded" else body), headers


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("good", 200),
        ("edge", 200),
        *((kind, 401) for kind in ("bit", "encoded", "missing", "early", "late", "secret")),
        *((kind, 401) for kind in ("word", "dash", "float", "arabic", "ascii")),
    ],
)
async def test_only_what_slack_has_signed_lately_changes_anything(
    by_http: World, caplog: pytest.LogCaptureFixture, kind: str, status: int
) -> None:
    event = {"type": "channel_archive", "channel": "C-private-words"}
    raw = json.dumps({"type": "event_callback", "event": event, "event_id": "Ev1"}).encode()
    body, headers = forged(by_http.slack.signing_secret, kind, raw)
    headers["Content-Type"] = "application/json"
    async with (
        aiohttp.ClientSession() as anyone,
        anyone.post(by_http.url, data=body, headers=headers) as answer,
    ):
        assert answer.status == status
    assert len(by_http.core.all("paused")) == (status == 200)
    if status == 401:
        assert "C-private-words" not in caplog.text
        assert "Traceback" not in caplog.text


def test_a_time_of_ten_thousand_digits_is_refused() -> None:
    assert not signed(["s"], b"", "9" * 10_000, "v0=")
    assert not signed([], b"", f"{time.time():.0f}", signature("", f"{time.time():.0f}", b""))


async def test_the_address_is_confirmed_to_slack_only(by_http: World) -> None:
    assert (await by_http.slack.http.verify(signed=False))[0] == 401
    status, said = await by_http.slack.http.verify()
    assert status == 200
    assert "a-challenge" in said


async def test_two_secrets_hold_while_one_replaces_the_other() -> None:
    stamp, body = str(int(time.time())), b"{}"
    for secret in ("old", "new"):
        assert signed(["old", "new"], body, stamp, signature(secret, stamp, body))
    assert not signed(["new"], body, stamp, signature("old", stamp, body))


async def test_nothing_listens_by_http_without_a_secret() -> None:
    assert create("xoxb-1").routes() == []
    assert create("xoxb-1", "xapp-1", "secret").routes() == []
    ((method, path, _),) = create("xoxb-1", signing_secret="secret").routes()
    assert (method, path) == ("POST", "/slack/events")


async def test_neither_words_nor_tokens_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with world_of() as world:
        root = await world.report()
        world.says("a very private thought", root)
        await world.core.hears("named")
        await world.slack.slash(world.lab, world.ada, "secretquery").first()
        await world.refused(world.chat.post(Channel("slack", "C404"), COMMENT, None, KEY))
    for record in caplog.records:
        if record.name.startswith("adapters.slack"):
            for word in ("private thought", "secretquery", "xoxb-", "xapp-", "Nice"):
                assert word not in record.getMessage()
    assert Counter(r.name for r in caplog.records)["adapters.slack.client"] >= 1


# The manifest.


def test_the_manifest_asks_for_what_is_used_and_no_more() -> None:
    shown = manifest()
    assert shown["oauth_config"]["scopes"]["bot"] == bot_scopes()
    assert set(bot_scopes()) < SCOPES
    assert shown["settings"]["socket_mode_enabled"] is True
    assert manifest("https://b.example/")["settings"]["interactivity"]["request_url"] == (
        "https://b.example/slack/events"
    )


@pytest.mark.parametrize("missing", ["", *bot_scopes()])
async def test_everything_works_with_the_manifests_scopes_and_not_with_less(missing: str) -> None:
    async def try_all(chat: SlackChat, channel: Channel) -> None:
        ref = await chat.post(channel, REPORT, None, KEY)
        await chat.edit(ref, REPORT, KEY)
        assert await chat.find(channel, None, KEY, 0) == ref
        assert await chat.find(channel, ref, "z" * 24, 0) is None
        await chat.delete(ref)

    async with SlackServer(scopes=set(bot_scopes()) - {missing}) as slack:
        chat = create(slack.bot_token, api_url=slack.url)
        places = [slack.adds_channel("a"), slack.adds_channel("b", kind="private")]
        needed: Callable[[str], bool] = lambda scope: scope.endswith((":write", ":history"))  # noqa: E731 - a word for the condition.
        outcomes = [
            (await asyncio.gather(try_all(chat, Channel("slack", p)), return_exceptions=True))[0]
            for p in places
        ]
        refused = any(isinstance(outcome, DeliveryError) for outcome in outcomes)
        assert refused == (bool(missing) and needed(missing))
        await chat.close()
