"""Secrets that are easy to recognise go through the real parts at the most talkative level, with
everything going wrong: none of them, and nobody's words, comes out."""

from __future__ import annotations

import asyncio
import io
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import pytest

from adapters import slack as slack_adapter
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Channel, Person
from bot.outcomes import Timing
from bot.ports import DeliveryError
from storage.engine import StoreError
from storage.store import open_store
from tests.discord_place import CREATE, copy_of, listening, opened
from tests.logged import lines, written_meanwhile
from tests.pages import installation
from tests.processes import free_port, program
from tests.servers import faults
from tests.servers.discord import Settings
from tests.servers.slack import SlackServer
from tests.servers.slack.state import Token
from tests.waiting import until

MARK = "canary"
BOT_TOKEN, APP_TOKEN = "xoxb-" + "1-2-canary", "xapp-" + "1-A1-2-canary"
DISCORD_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4" + ".Gcanar." + "canaryabcdefghijklmnopqrstuvwxy"
WORDS = "the words of a canary"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    with written_meanwhile(monkeypatch, logging.DEBUG) as written:
        yield written


def silent(written: io.StringIO) -> bool:
    """Whether something was said, and nothing of it is a secret or somebody's words."""
    assert lines(written)
    told = [line for line in written.getvalue().splitlines() if MARK in line.lower()]
    assert told == []
    return True


@asynccontextmanager
async def slack_at_work(database: str) -> AsyncIterator[tuple[SlackServer, Bot, Worker]]:
    """A whole BotBeat in a Slack whose secrets are easy to recognise."""
    async with SlackServer() as slack:
        kept = slack.state.tokens.pop(slack.bot_token)
        bot_token = Token(BOT_TOKEN, "bot", slack.team, kept.user, kept.scopes)
        app_token = Token(APP_TOKEN, "app", slack.team, "", frozenset({"connections:write"}))
        slack.state.tokens |= {BOT_TOKEN: bot_token, APP_TOKEN: app_token}
        store = open_store(database)
        bot = Bot(store)
        chat = slack_adapter.create(BOT_TOKEN, APP_TOKEN, api_url=slack.url)
        worker = Worker(store, {"slack": chat}, "", Timing())
        running = asyncio.create_task(chat.run(bot))
        try:
            await asyncio.wait_for(slack.sockets.connected(2), 20)
            yield slack, bot, worker
        finally:
            await slack.settled()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            bot.close()
            store.close()


async def test_nothing_secret_of_slack_is_logged(written: io.StringIO, database: str) -> None:
    async with slack_at_work(database) as (slack, bot, worker):
        ada = slack.adds_user("Ada")
        lab = slack.adds_channel("lab", members=[ada])
        channel = Channel("slack", lab)
        answer = await slack.slash(lab, ada, f"search {WORDS}").first()
        assert answer
        with bot.store.write() as tx:
            tx.channels.place(channel)
            tx.deliveries.want(channel, "notice", -1, 0, 1)
        slack.faults.add(faults.refused("invalid_auth"), call="chat.postMessage")
        slack.faults.add(faults.refuse_status(500), call="chat.postMessage")
        while await worker.deliver_due():
            continue
        slack.person_says(lab, ada, WORDS)
        await slack.settled()
        await slack.stop()
        with bot.store.write() as tx:
            tx.deliveries.want(channel, "notice", 0, 0, 1)
        while await worker.deliver_due():
            continue
        await slack.start()
    assert silent(written)


async def test_nothing_secret_of_discord_is_logged(written: io.StringIO) -> None:
    async with opened(Settings(token=DISCORD_TOKEN)) as place, listening(place):
        report = await place.report()
        place.server.faults.add(faults.ratelimited(0.1), call=CREATE)
        place.server.faults.add(faults.refuse_status(500), call=CREATE)
        with suppress(DeliveryError):
            await place.chat.post(place.channel, copy_of(WORDS), report, "k" * 24)
        place.core.failures = 1
        place.server.person_says(place.server.thread_of(report.id), place.ada, WORDS)
        asked = place.server.slash(
            place.server.channel, place.ada, "botbeat", {"query": f"search {WORDS}"}
        )
        await asked.answer()
        place.server.gateway.drop(4000)
        await until(lambda: "resum" in written.getvalue().lower())
    assert silent(written)


async def test_nothing_secret_of_a_page_is_logged_or_shown(
    written: io.StringIO, sqlite_url: str
) -> None:
    sent = {
        "Cookie": "visitor=canary; session=canary",
        "Authorization": "Bearer canary",
        "X-Slack-Signature": "v0=canary",
    }
    shown = []
    async with installation(sqlite_url, demo=True) as house, aiohttp.ClientSession() as session:
        await house.bot.command(Channel("local", "ai-news"), Person("local", "ada", "Ada"), "help")
        paths = ("/", "/nope", "/readyz", "/search", "/slack/events", "/reports/1")
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
            for broken in (False, True):
                if broken:
                    database.execute("ALTER TABLE article RENAME TO lost")
                for path in paths:
                    for method in ("GET", "POST"):
                        asked = f"{house.address}{path}?code=canary&token=canary"
                        data = {"text": "canary"} if method == "POST" else None
                        async with session.request(method, asked, headers=sent, data=data) as one:
                            shown.append((one.status, await one.text(), str(one.headers)))
    assert {status for status, _, _ in shown} >= {200, 403, 404, 500}
    assert not [one for one in shown if MARK in one[1] + one[2]]
    assert silent(written)


async def test_the_password_of_a_database_is_nowhere(written: io.StringIO, tmp_path: Path) -> None:
    address = f"postgresql://botbeat:c%40nary-canary@127.0.0.1:{free_port()}/news"
    with pytest.raises(StoreError) as away:
        await asyncio.to_thread(open_store, address)
    logging.getLogger("botbeat.test").error("no database at %s", address, exc_info=away.value)
    variables = {"DATABASE_URL": address, "SLACK_BOT_TOKEN": BOT_TOKEN, "PORT": "0"}
    told = []
    async with program(tmp_path, "run", "web", **variables) as running:
        await running.says("BotBeat waits for it.", 60)
        running.end()
        await running.ended()
        told += running.said + running.logged
    for words in ("status", "deliveries", "run web --once"):
        async with program(tmp_path, *words.split(), **variables) as one:
            assert await one.ended(60) == 1
            told += one.said + one.logged
    assert sum("does not answer" in line for line in told) == 4
    assert not [line for line in told if "nary" in line]
    assert silent(written)


@pytest.mark.parametrize("password", ["c@nary-canary", "canary/canary@canary"])
async def test_a_password_that_was_not_escaped_is_refused_and_not_quoted(
    password: str, tmp_path: Path
) -> None:
    address = f"postgresql://botbeat:{password}@127.0.0.1:{free_port()}/news"
    for words in ("run web", "status"):
        async with program(tmp_path, *words.split(), DATABASE_URL=address) as one:
            assert await one.ended(60) == 2
        assert len(one.logged) == 1
        assert "DATABASE_URL has a value that cannot be used" in one.logged[0]
        assert "nary" not in str(one.said + one.logged)
