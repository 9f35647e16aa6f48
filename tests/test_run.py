"""`botbeat run` as a process of its own: it connects, answers, and ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer
from tests.waiting import until

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(folder: Path, *words: str, **variables: str) -> AsyncIterator[
    asyncio.subprocess.Process
]:  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.terminal", *words,
        cwd=folder,
        env={**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_everything_in_one_process_connects_answers_and_ends_in_order(
    tmp_path: Path, database: str
) -> None:
    port = free_port()
    async with SlackServer() as slack:
        discord = DiscordServer()
        await discord.start()
        ada = slack.adds_user("Ada")
        lab = slack.adds_channel("lab", members=[ada])
        try:
            async with running(
                tmp_path,
                "run", "slack", "discord", "web",
                DATABASE_URL=database,
                PORT=str(port),
                SLACK_BOT_TOKEN=slack.bot_token,
                SLACK_APP_TOKEN=slack.app_token,
                SLACK_API_URL=slack.url,
                DISCORD_TOKEN=discord.token,
                DISCORD_API_URL=discord.url,
                DISCORD_GATEWAY_URL=discord.gateway_url,
            ) as process:  # fmt: skip
                await asyncio.wait_for(slack.sockets.connected(), 30)
                await until(lambda: discord.gateway.identifies, 30)
                answer = await slack.slash(lab, ada, "help").first()
                assert "subscribe company:alibaba" in str(answer)
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"http://127.0.0.1:{port}/healthz") as health,
                ):
                    assert health.status == 200
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
                out, err = await asyncio.wait_for(process.communicate(), 25)
        finally:
            await discord.stop()
    assert process.returncode == 0, err.decode()
    assert "Traceback" not in err.decode()
    assert slack.bot_token not in (out + err).decode()
    assert discord.token not in (out + err).decode()


async def test_slack_can_come_in_by_http_beside_the_pages(tmp_path: Path, sqlite_url: str) -> None:
    port = free_port()
    async with SlackServer() as slack:
        ada = slack.adds_user("Ada")
        lab = slack.adds_channel("lab", members=[ada])
        async with running(
            tmp_path,
            "run", "slack", "web",
            DATABASE_URL=sqlite_url,
            PORT=str(port),
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_SIGNING_SECRET=slack.signing_secret,
            SLACK_API_URL=slack.url,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            while b"Pages at" not in await process.stdout.readline():
                pass
            slack.calls_app_at(f"http://127.0.0.1:{port}/slack/events")
            answer = await slack.slash(lab, ada, "help").first()
            assert "subscribe company:alibaba" in str(answer)
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.communicate(), 25)
    assert process.returncode == 0


async def test_who_is_not_called_by_slack_says_who_is(tmp_path: Path, sqlite_url: str) -> None:
    async with (
        SlackServer() as slack,
        running(
            tmp_path,
            "run", "slack",
            DATABASE_URL=sqlite_url,
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_SIGNING_SECRET=slack.signing_secret,
            SLACK_API_URL=slack.url,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.readline(), 30)
        assert said.startswith(b"Slack calls BotBeat where the pages are: `run web slack`")
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 25)
    assert process.returncode == 0


async def test_whom_readers_may_write_to_stands_on_the_page(
    tmp_path: Path, sqlite_url: str
) -> None:
    port = str(free_port())
    contact = {"DATABASE_URL": sqlite_url, "PORT": port, "BOTBEAT_CONTACT": "news@example.com"}
    async with running(tmp_path, "run", "web", **contact) as process:
        assert process.stdout is not None
        while b"Pages at" not in await process.stdout.readline():
            pass
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/contact") as page,
        ):
            assert 'href="mailto:news@example.com"' in await page.text()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 25)


async def test_a_part_that_is_not_configured_is_named_with_what_it_needs(tmp_path: Path) -> None:
    async with running(tmp_path, "run", "slack") as process:
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert b"SLACK_BOT_TOKEN" in err
    assert len(err.decode().strip().splitlines()) == 1


async def test_a_wrong_value_is_refused_with_its_name_and_an_example(tmp_path: Path) -> None:
    async with running(tmp_path, "run", BOTBEAT_COMMENTS="loud", PORT="many") as process:
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert b"PORT has a value that cannot be used. Example: 8080" in err
    assert b"BOTBEAT_COMMENTS" in err
    assert b"Traceback" not in err


async def test_the_demo_takes_the_next_port_and_shows_reports(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with running(tmp_path, "demo", str(port)) as process:
            assert process.stdout is not None
            lines = []
            async with asyncio.timeout(90):
                while line := (await process.stdout.readline()).decode():
                    lines.append(line)
                    if "1 new" in line:
                        break
            address = next(line for line in lines if "BotBeat is at" in line).split()[3]
            async with aiohttp.ClientSession() as session, session.get(address) as page:
                text = await page.text()
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.communicate(), 25)
    assert "is taken; trying the next one" in lines[0]
    assert text.count("?report=") >= 20
    assert process.returncode == 0
