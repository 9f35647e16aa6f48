"""What is measured: levels as they stand, on both databases, and never by a name from outside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters import web
from adapters.terminal.settings import SettingsError, load
from adapters.web import metrics
from bot.health import Process
from bot.model import Channel
from bot.outbox import Wish
from bot.ports import DeliveryError, Source, Visit
from bot.store import Store
from storage.store import SqlStore
from tests.processes import Newsdesk, free_port, newsdesk, program
from tests.servers.faults import NONE, slow
from tests.waiting import until
from tests.world import World

QWEN, GEMMA = "Alibaba releases the Qwen 4 AI model", "Google releases the Gemma 4 AI model"
Samples = dict[tuple[str, ...], float]


class Scrapes:
    """Scrapes one process, as Prometheus does."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address
        self.text = ""

    async def figures(self) -> Samples:
        """Each sample by its name and the values of its labels."""
        async with self._session.get(f"{self._address}/metrics") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            self.text = await answer.text()
        return {
            (sample.name.removeprefix("botbeat_"), *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
        }

    async def status(self, path: str) -> tuple[int, str]:
        async with self._session.get(self._address + path) as answer:
            return answer.status, str((await answer.json())["status"])


@asynccontextmanager
async def scraping(process: Process) -> AsyncIterator[Scrapes]:
    async with web.serve(metrics.application(process), "127.0.0.1", 0) as at, at_address(at) as one:
        yield one


@asynccontextmanager
async def at_address(address: str) -> AsyncIterator[Scrapes]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
        yield Scrapes(session, address)


async def scraped(store: Store) -> Samples:
    """What the first scrape of a process tells."""
    process = Process(store, roles={"discord": "discord gateway"}, silent={"discord": lambda: 2.5})
    async with scraping(process) as one:
        return await one.figures()


async def test_deliveries_are_counted_by_platform_and_state(world: World) -> None:
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe")
    await world.news(QWEN)
    await world.slack.says("Impressive!", under=QWEN)
    world.discord.chat.closed = DeliveryError("The token was withdrawn", permanent=True)
    await world.news(GEMMA)
    await world.lounge.types("subscribe")
    await world.lounge.types("pause 1")
    found = await scraped(world.store)
    assert found["deliveries", "slack", "shown"] == 2
    assert found["deliveries", "discord", "shown"] == 2
    assert found["deliveries", "discord", "refused"] == 1
    assert (found["articles",], found["comments",]) == (2, 1)
    assert found["subscriptions",] == 3
    assert found["delivery_oldest_due_age_seconds", "slack"] == 0
    assert found["database_up",] == 1
    assert found["process_open_fds",] > 0


async def test_what_waits_and_what_fails_is_told_with_its_age(subscribed: World) -> None:
    await subscribed.news(QWEN, settle=False)
    subscribed.clock.now += 450
    found = await scraped(subscribed.store)
    assert found["delivery_oldest_due_age_seconds", "slack"] == 450
    assert found["deliveries_failing", "slack"] == 0
    subscribed.slack.chat.closed = DeliveryError("Slack cannot be reached")
    for _ in range(3):
        while await subscribed.worker.deliver_due():
            continue
        subscribed.clock.now += 10
    found = await scraped(subscribed.store)
    assert found["deliveries", "slack", "pending"] == 1
    assert found["deliveries_failing", "slack"] == 1


async def test_sources_are_counted_by_whether_they_answer(world: World) -> None:
    reasons = {"a": "", "b": "it is broken", "c": "gone", "d": None}
    for name, reason in reasons.items():
        await world.bot.add_source(Source(0, f"https://{name}.example/feed", name))
        if reason is not None:
            (source,) = await world.bot.due_sources(5)
            await world.bot.visited(source, Visit(900, reason, disabled=reason == "gone"))
    world.clock.now += 30
    found = await scraped(world.store)
    states = ("answering", "failing", "given up", "not visited")
    assert [found["sources", state] for state in states] == [1, 1, 1, 1]
    assert found["source_last_answer_age_seconds",] == 30


async def test_paused_channels_leases_sockets_and_tokens_are_told(world: World) -> None:
    for number in range(2):
        channel = Channel("slack", f"C{number}")
        await world.bot.channel_seen(channel, "lab", "public")
        await world.bot.channel_paused(channel, "it is archived")
    await world.bot.lease("discord gateway", "another process", 30)
    with world.store.write() as tx:
        assert tx.desk.spend(1200, 5000, 9000)
    world.clock.now += 7200
    found = await scraped(world.store)
    assert found["channels_paused", "slack", "channel"] == 2
    assert found["lease_unrenewed_seconds", "discord gateway"] == 7170
    assert found["socket_silence_seconds", "discord"] == 2.5
    assert (found["model_tokens", "1"], found["model_tokens", "24"]) == (0, 1200)


async def test_no_label_has_a_word_from_outside(world: World) -> None:
    await world.bot.channel_seen(world.slack.channel, "CANARY", "private")
    await world.slack.types("subscribe comments:share")
    await world.news(f"{QWEN} CANARY", source="CANARY")
    await world.slack.says("CANARY", under=f"{QWEN} CANARY", by="CANARY")
    await world.bot.ration("host canary.example", 60, 1)
    await world.bot.channel_paused(world.slack.channel, "CANARY")
    async with scraping(Process(world.store)) as one:
        found = await one.figures()
    assert found["comments",] == 1
    assert "canary" not in one.text.lower()
    assert world.slack.channel.id not in one.text
    ours = [line for line in one.text.splitlines() if line.startswith("botbeat_")]
    labels = set(re.findall(r'(\w+)="', "\n".join(ours)))
    assert labels <= {"platform", "state", "scope", "hours", "role"}


async def test_scraped_again_and_again_it_counts_once(store: SqlStore) -> None:
    process = Process(store)
    async with scraping(process) as one:
        await one.figures()
        with store.write() as tx:
            tx.channels.place(Channel("slack", "C1"))
            tx.deliveries.want(Channel("slack", "C1"), "report", 1, 1, 1)
        for _ in range(20):
            assert ("deliveries", "slack", "pending") not in await one.figures()


@pytest.mark.parametrize("value", ["9464", "127.0.0.1", "127.0.0.1:", ":9464", "a b:1", "h:70000"])
def test_a_wrong_address_is_refused(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOTBEAT_METRICS", value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value) == (
        "BOTBEAT_METRICS has a value that cannot be used. Example: 127.0.0.1:9464"
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("", None),
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_the_address_is_a_host_and_a_port(
    value: str, place: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOTBEAT_METRICS", value)
    assert load().metrics_place == place


async def test_a_process_is_measured_beside_its_pages(tmp_path: Path, sqlite_url: str) -> None:
    variables = {"DATABASE_URL": sqlite_url, "BOTBEAT_METRICS": "127.0.0.1:0", "PORT": "0"}
    async with program(tmp_path, "run", "web", **variables) as running:
        measured = (await running.says("Metrics at", 60)).split()[2]
        pages = (await running.says("Pages at", 60)).split()[2]
        async with at_address(measured.removesuffix("/metrics")) as one:
            found = await one.figures()
            assert await one.status("/readyz") == (200, "ok")
        async with aiohttp.ClientSession() as session, session.get(f"{pages}/metrics") as page:
            assert page.status == 404
        running.end()
        assert await running.ended() == 0
    assert found["database_up",] == 1
    assert running.logged == []


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path, sqlite_url: str) -> None:
    async with web.serve(metrics.application(Process()), "127.0.0.1", 0) as address:
        place = address.removeprefix("http://")
        variables = {"DATABASE_URL": sqlite_url, "BOTBEAT_METRICS": place}
        async with program(tmp_path, "run", "web", **variables) as running:
            assert await running.ended() == 1
    assert running.logged == [
        f"BOTBEAT_METRICS: {place} is taken by another program. Give each process a port of its "
        "own. Nothing was started."
    ]


async def test_while_it_waits_for_its_database_it_lives_and_says_so(tmp_path: Path) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    variables = {"DATABASE_URL": away, "BOTBEAT_METRICS": "127.0.0.1:0"}
    async with program(tmp_path, "run", "web", **variables) as running:
        await running.says("BotBeat waits for it.", 60)
        measured = (await running.says("Metrics at")).split()[2]
        async with at_address(measured.removesuffix("/metrics")) as one:
            assert await one.status("/healthz") == (200, "ok")
            assert await one.status("/readyz") == (503, "away")
            assert (await one.figures())["database_up",] == 0
        running.end()
        assert await running.ended(15) == 0


async def becomes(one: Scrapes, status: str, code: int = 200) -> None:
    """Asks until it says so; until then it says that it is ready."""
    async with asyncio.timeout(60):
        while (seen := await one.status("/readyz"))[1] != status:
            assert seen[0] == 200
    assert seen[0] == code


def states(desk: Newsdesk) -> set[str]:
    with desk.store.read() as tx:
        return set(tx.deliveries.counted(Wish()))


async def test_a_slack_that_is_down_leaves_the_process_ready_and_running(
    tmp_path: Path, database: str
) -> None:
    async with newsdesk(database) as desk:
        variables = {**desk.variables, "BOTBEAT_METRICS": "127.0.0.1:0"}
        async with program(tmp_path, "run", "slack", **variables) as running:
            measured = (await running.says("Metrics at", 60)).split()[2]
            await desk.slack.sockets.connected()
            await desk.slack.stop()
            await desk.publish("Qwen 4")
            async with at_address(measured.removesuffix("/metrics")) as one:
                await becomes(one, "degraded")
                await desk.slack.start()
                await until(lambda: desk.posts() == desk.wanted(), 60)
                await becomes(one, "ok")
            running.end()
            assert await running.ended() == 0


async def test_told_to_end_it_is_not_ready_and_lives_to_the_last(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with newsdesk(sqlite_url) as desk:
        posting = slow(4.0)
        desk.slack.faults.decider = lambda call: posting if call == "chat.postMessage" else NONE
        variables = {**desk.variables, "BOTBEAT_METRICS": "127.0.0.1:0", "PORT": "0"}
        async with program(tmp_path, "run", "slack", "web", **variables) as running:
            measured = (await running.says("Metrics at", 60)).split()[2]
            pages = (await running.says("Pages at", 60)).split()[2]
            await desk.publish("Qwen 4")
            await until(lambda: "sending" in states(desk))
            running.end()
            for address in (measured.removesuffix("/metrics"), pages):
                async with at_address(address) as one:
                    await becomes(one, "ending", 503)
                    assert await one.status("/healthz") == (200, "ok")
            assert await running.ended() == 0
        assert desk.posts() == desk.wanted()
