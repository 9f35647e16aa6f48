"""`doctor`: every line says that something is right, or what to do; no secret is in any."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.slack.manifest import bot_scopes
from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.settings import MESSAGE_CONTENT
from tests.servers.model import ModelServer, Reply, model_server
from tests.servers.slack import SlackServer
from tests.terminal import Terminal
from tests.test_cli import newer

INTENT = "the Message Content intent is on"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    server = DiscordServer(Settings())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


async def findings(terminal: Terminal, subject: str) -> list[str]:
    """What it says of one subject; the exit code agrees with it, and no secret is told."""
    said = await terminal.types_beside("doctor")
    assert said.err == ""
    assert said.code == (1 if "FIX" in [line[:3] for line in said.out.splitlines()] else 0)
    for secret in ("xoxb-", "xapp-1", "of-the-tests", "sk-test", "s3cret"):
        assert secret not in said.out.replace("begins with xoxb-", "")
    marked = [line.partition(f"  {subject}: ") for line in said.out.splitlines()]
    return [f"{mark.strip()} {text}" for mark, found, text in marked if found]


async def test_with_nothing_configured_it_says_what_there_could_be(terminal: Terminal) -> None:
    said = await terminal.types_beside("doctor")
    assert said.code == 0
    assert [line[:3].strip() for line in said.out.splitlines()] == ["OK", "OK", *["OFF"] * 4]
    assert "botbeat connect slack" in said.out
    assert "SLACK_BOT_TOKEN" in said.out
    assert "DISCORD_TOKEN" in said.out
    assert "BOTBEAT_BASE_URL" in said.out
    assert "OPENAI_API_KEY" in said.out
    assert not list(terminal.folder.rglob("*.db"))


async def test_wrong_values_are_named_and_the_rest_is_checked(
    terminal: Terminal, discord: DiscordServer, sqlite_url: str
) -> None:
    terminal.sets(
        PORT="eighty", BOTBEAT_COMMENTS="loud", SLACK_API_URL="s3cret", DATABASE_URL=sqlite_url
    )
    terminal.sets(
        SLACK_BOT_TOKEN="xoxb-1", DISCORD_API_URL=discord.url, DISCORD_TOKEN=discord.token
    )
    said = await terminal.types_beside("doctor")
    assert said.code == 1
    assert [line.partition(" has")[0] for line in said.out.splitlines()[:3]] == [
        f"FIX  configuration: {name}" for name in ("PORT", "BOTBEAT_COMMENTS", "SLACK_API_URL")
    ]
    assert "has a value that cannot be used. Example: 8080" in said.out
    assert "every value can be used" not in said.out
    assert "OK   database: it answers" in said.out
    assert "OK   discord: the token is that of BotBeat" in said.out
    # Its token is for another server than the default one.
    assert "slack:" not in said.out


async def test_an_address_of_no_database_is_said_among_the_rest(terminal: Terminal) -> None:
    terminal.sets(DATABASE_URL="mysql://me:s3cret@db/botbeat")
    (line,) = await findings(terminal, "database")
    assert line.startswith("FIX DATABASE_URL has a value that cannot be used. Example: postgresql")
    terminal.has(".env", b"PORT=\xff")
    (line,) = await findings(terminal, "configuration")
    assert line.startswith("FIX .env is not UTF-8 text")


async def test_a_database_is_current_old_newer_or_not_there(
    terminal: Terminal, sqlite_template: Path, sqlite_url: str
) -> None:
    terminal.sets(DATABASE_URL=sqlite_url)
    (line,) = await findings(terminal, "database")
    assert re.fullmatch(r"OK it answers, and its version \d{4} is current", line)
    terminal.sets(DATABASE_URL=f"sqlite:///{newer(sqlite_template, terminal.folder)}")
    (line,) = await findings(terminal, "database")
    assert line.startswith("FIX it was made by a newer version of BotBeat: update BotBeat")
    terminal.sets(DATABASE_URL=f"sqlite:///{terminal.folder}/nowhere/botbeat.db")
    (line,) = await findings(terminal, "database")
    assert line.startswith("FIX")
    assert f"{terminal.folder}/nowhere" in line
    terminal.sets(DATABASE_URL=f"sqlite:///{terminal.has('letter.db', 'Dear reader, ' * 99)}")
    (line,) = await findings(terminal, "database")
    assert line.startswith("FIX The database file is something else than a database.")
    terminal.sets(DATABASE_URL="postgresql://me:s3cret@127.0.0.1:1/botbeat")
    (line,) = await findings(terminal, "database")
    assert line.startswith("FIX The database does not answer: ")


async def test_postgres_is_asked_too(terminal: Terminal, postgres_url: str) -> None:
    terminal.sets(DATABASE_URL=postgres_url.replace("postgresql://", "postgres://"))
    (line,) = await findings(terminal, "database")
    assert re.fullmatch(r"OK it answers, and its version \d{4} is current", line)


async def test_an_old_database_is_to_be_upgraded(terminal: Terminal, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old, old:
        old.execute("CREATE TABLE alembic_version (version_num TEXT)")
        old.execute("INSERT INTO alembic_version VALUES ('0000')")
    terminal.sets(DATABASE_URL=f"sqlite:///{tmp_path}/old.db")
    line = "FIX its version 0000 is old: run `botbeat db upgrade`"
    assert await findings(terminal, "database") == [line]


async def test_slack_with_both_tokens_is_right(terminal: Terminal, slack: SlackServer) -> None:
    terminal.sets(
        SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=slack.bot_token, SLACK_APP_TOKEN=slack.app_token
    )
    assert await findings(terminal, "slack") == [
        "OK the bot is in Acme, and has all the scopes it needs",
        "OK the app-level token opens a socket",
    ]
    assert slack.ledger == []


async def test_slack_with_both_doors_listens_by_socket(
    terminal: Terminal, slack: SlackServer
) -> None:
    terminal.sets(
        SLACK_API_URL=slack.url,
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_APP_TOKEN=slack.app_token,
        SLACK_SIGNING_SECRET="s3cret",
    )
    both = "OK Socket Mode and HTTP are both configured: Socket Mode listens"
    assert (await findings(terminal, "slack"))[-1] == both


async def test_slack_by_http_needs_an_address(terminal: Terminal, slack: SlackServer) -> None:
    terminal.sets(
        SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=slack.bot_token, SLACK_SIGNING_SECRET="s3cret"
    )
    assert (await findings(terminal, "slack"))[-1].startswith("FIX it listens by HTTP: set BOTBEAT")
    terminal.sets(BOTBEAT_BASE_URL="https://botbeat.example.com/")
    assert (await findings(terminal, "slack"))[-1] == (
        "OK it listens by HTTP at https://botbeat.example.com/slack/events"
    )
    assert await findings(terminal, "pages") == ["OK cards link to https://botbeat.example.com/"]


async def test_slack_half_configured_says_which_half_is_missing(
    terminal: Terminal, slack: SlackServer
) -> None:
    terminal.sets(SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=slack.bot_token)
    half, _ = await findings(terminal, "slack")
    assert half == "FIX set SLACK_APP_TOKEN or SLACK_SIGNING_SECRET as well"


async def test_wrong_tokens_of_slack_are_told_apart(terminal: Terminal, slack: SlackServer) -> None:
    terminal.sets(SLACK_API_URL=slack.url, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    for line in await findings(terminal, "slack"):
        assert line.startswith("FIX Slack does not accept this token (invalid_auth). Copy it again")
    slack.revokes(slack.bot_token)
    terminal.sets(SLACK_BOT_TOKEN=slack.bot_token)
    assert "(token_revoked)" in (await findings(terminal, "slack"))[0]


async def test_scopes_that_are_missing_are_named(terminal: Terminal) -> None:
    lacking = {"users:read", "groups:history"}
    async with SlackServer(scopes=set(bot_scopes()) - lacking) as slack:
        terminal.sets(SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=slack.bot_token)
        _, line = await findings(terminal, "slack")
    assert line.startswith("FIX The bot lacks the scopes groups:history, users:read. Add them")


async def test_slack_that_cannot_be_reached_is_no_wrong_token(terminal: Terminal) -> None:
    terminal.sets(SLACK_API_URL="http://127.0.0.1:1/api/", SLACK_BOT_TOKEN="xoxb-1")
    assert "FIX Slack cannot be reached. Check the network and the address." in await findings(
        terminal, "slack"
    )


async def test_discord_is_right_with_its_intent(terminal: Terminal, discord: DiscordServer) -> None:
    terminal.sets(DISCORD_API_URL=discord.url, DISCORD_TOKEN=discord.token)
    right = ["OK the token is that of BotBeat", f"OK {INTENT}"]
    assert await findings(terminal, "discord") == right
    discord.settings.privileged &= ~MESSAGE_CONTENT
    _, line = await findings(terminal, "discord")
    assert line.startswith("FIX comments on Discord are not seen: switch on the Message Content")
    assert line.endswith(f"https://discord.com/developers/applications/{discord.bot.id}/bot")


async def test_a_wrong_token_of_discord_is_said(terminal: Terminal, discord: DiscordServer) -> None:
    terminal.sets(DISCORD_API_URL=discord.url, DISCORD_TOKEN="s3cret.s3cret.s3cret")
    (line,) = await findings(terminal, "discord")
    assert line.startswith("FIX Discord does not accept this token. Make a new one")


async def test_a_model_answers_or_its_reason_is_told(
    terminal: Terminal, model: ModelServer
) -> None:
    terminal.sets(OPENAI_BASE_URL=model.url, OPENAI_API_KEY=model.key, BOTBEAT_MODEL="qwen")
    (line,) = await findings(terminal, "model")
    assert line.startswith("OK qwen answers, in 0.")
    model.will(Reply(status=500))
    (line,) = await findings(terminal, "model")
    assert line.startswith("FIX The model's server answered with status 500")
    model.will(Reply(body=b"<html>"))
    assert "gave no proper answer" in (await findings(terminal, "model"))[0]
    terminal.sets(OPENAI_API_KEY="sk-test-wrong")
    (line,) = await findings(terminal, "model")
    assert line == "FIX The model's server does not accept OPENAI_API_KEY."
    terminal.sets(OPENAI_BASE_URL=model.url + "/v2")
    (line,) = await findings(terminal, "model")
    assert "check OPENAI_BASE_URL" in line
    terminal.sets(OPENAI_BASE_URL="http://127.0.0.1:1/v1")
    assert "cannot be reached" in (await findings(terminal, "model"))[0]


async def test_a_file_of_secrets_that_others_can_read_is_said(terminal: Terminal) -> None:
    file = terminal.has(".env", "PORT=8081\n")
    file.chmod(0o644)
    line = "FIX others can read .env: run chmod 600 .env"
    assert await findings(terminal, "configuration") == [line]
    file.chmod(0o600)
    assert await findings(terminal, "configuration") == ["OK every value can be used"]
