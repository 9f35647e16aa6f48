"""Who may speak to BotBeat as Slack, and when Slack hears that something was kept."""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.slack import create
from adapters.slack.listen import signed
from bot.model import Channel
from tests.servers import faults
from tests.servers.slack.http_events import signature
from tests.slack_world import COMMENT, KEY, World, world_of
from tests.waiting import until


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
    either.core.open.clear()
    either.says("slow", root)
    await asyncio.sleep(0.2)
    before = len([a for a in either.slack.attempts if a.ok])
    either.core.open.set()
    await either.slack.settled()
    assert len([a for a in either.slack.attempts if a.ok]) == before + 1


async def test_a_stalled_slack_does_not_delay_an_acknowledgement(either: World) -> None:
    root = await either.report()
    await either.slack.settled()
    either.slack.faults.add(faults.slow(3), call="users.info")
    either.slack.faults.add(faults.slow(3), call="conversations.info")
    began = time.monotonic()
    either.says("quick", root)
    await either.slack.settled()
    assert time.monotonic() - began < 2.5


async def test_the_same_event_twice_is_told_twice_and_means_the_same(world: World) -> None:
    ts = world.says("once", await world.report())
    await world.slack.settled()
    sent = world.slack.deliveries.sent
    world.slack.deliveries.again(next(e for e in sent if sent[e].payload["event"]["ts"] == ts))
    assert len(set(await world.core.hears("posted", 2))) == 1


async def test_a_socket_that_breaks_is_replaced_and_nothing_is_lost(world: World) -> None:
    root = await world.report()
    await world.slack.sockets.disconnect(close=False)
    await until(lambda: world.slack.sockets.opened > 1)
    world.says("still here?", root)
    await world.core.hears("posted")


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
