"""`connect`: from nothing to a first card in a channel, with every secret out of sight."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack import manifest
from adapters.terminal import dotenv
from adapters.terminal.connect import invite
from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.permissions import bits
from tests.servers.discord.settings import MESSAGE_CONTENT
from tests.servers.slack import SlackServer
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent
NEEDED = (
    "VIEW_CHANNEL",
    "SEND_MESSAGES",
    "EMBED_LINKS",
    "READ_MESSAGE_HISTORY",
    "CREATE_PUBLIC_THREADS",
    "SEND_MESSAGES_IN_THREADS",
)


@pytest.fixture
async def slack(terminal: Terminal) -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        terminal.sets(SLACK_API_URL=running.url)
        yield running


@pytest.fixture
async def discord(terminal: Terminal) -> AsyncIterator[DiscordServer]:
    server = DiscordServer(Settings())
    await server.start()
    terminal.sets(DISCORD_API_URL=server.url, DISCORD_GATEWAY_URL=server.gateway_url)
    yield server
    await server.stop()


def typed(*words: str) -> str:
    return "".join(word + "\n" for word in words)


async def test_slack_from_nothing_to_a_first_card(terminal: Terminal, slack: SlackServer) -> None:
    lab = slack.adds_channel("lab")
    answers = typed(slack.bot_token, slack.app_token, lab)
    said = await terminal.types_beside("connect", "slack", stdin=answers)
    assert (said.code, said.err) == (0, "")
    (link,) = re.findall(r"https://api\.slack\.com/apps\?\S+", said.out)
    asked = parse_qs(urlsplit(link).query)
    assert asked["new_app"] == ["1"]
    assert json.loads(asked["manifest_json"][0]) == manifest()
    (card,) = slack.ledger
    assert card.channel == lab
    assert "BotBeat can post here" in json.dumps(card.blocks)
    env = terminal.folder / ".env"
    assert env.read_text() == (
        f"SLACK_BOT_TOKEN={slack.bot_token}\nSLACK_APP_TOKEN={slack.app_token}\n"
    )
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert "BotBeat can read all messages and the names of their writers" in said.out
    assert slack.bot_token not in said.out
    assert slack.app_token not in said.out


async def test_a_wrong_token_is_asked_for_three_times_and_nothing_is_written(
    terminal: Terminal, slack: SlackServer
) -> None:
    wrong = ("xoxp-of-a-person", "xoxb-of-nobody", slack.app_token)
    said = await terminal.types_beside("connect", "slack", stdin=typed(*wrong))
    assert said.code == 1
    first, second, third = said.complaints
    assert first == "That is no bot token: it begins with xoxb-. Try again."
    assert second.startswith("Slack does not accept this token (invalid_auth).")
    assert third == "That is no bot token: it begins with xoxb-. Nothing was written."
    assert not (terminal.folder / ".env").exists()
    assert "of-nobody" not in said.out + said.err


async def test_a_wrong_second_token_leaves_the_first_unwritten(
    terminal: Terminal, slack: SlackServer
) -> None:
    answers = typed(slack.bot_token, *["xapp-of-nobody"] * 3)
    said = await terminal.types_beside("connect", "slack", stdin=answers)
    assert said.code == 1
    assert said.complaints[-1].endswith("Nothing was written.")
    assert not (terminal.folder / ".env").exists()


async def test_a_right_token_after_a_wrong_one_is_taken(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    link = f"https://acme.slack.com/archives/{lab}/p1"
    answers = typed("xoxb-wrong", slack.bot_token, f" {slack.app_token} ", link)
    said = await terminal.types_beside("connect", "slack", stdin=answers)
    assert (said.code, len(said.complaints), len(slack.ledger)) == (0, 1, 1)


async def test_a_bot_without_a_scope_is_not_taken(terminal: Terminal) -> None:
    async with SlackServer(scopes={"chat:write"}) as slack:
        terminal.sets(SLACK_API_URL=slack.url)
        said = await terminal.types_beside("connect", "slack", stdin=typed(slack.bot_token))
    assert "The bot lacks the scopes channels:history, channels:read, commands" in said.err
    assert not (terminal.folder / ".env").exists()


async def test_a_channel_without_the_bot_says_how_to_invite_it(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab", bot=False, kind="private")
    answers = typed(slack.bot_token, slack.app_token, "#lab", lab, "C0NOWHERE")
    said = await terminal.types_beside("connect", "slack", stdin=answers)
    assert said.code == 1
    assert said.complaints[0] == "That is neither a channel's link nor its id. Try again."
    assert "/invite @BotBeat" in said.complaints[1]
    assert said.complaints[2].endswith("The tokens are kept.")
    assert (terminal.folder / ".env").exists()
    assert slack.ledger == []


async def test_discord_from_nothing_to_a_first_card(
    terminal: Terminal, discord: DiscordServer
) -> None:
    place = f"https://discord.com/channels/{discord.guild.id}/{discord.channel.id}"
    said = await terminal.types_beside("connect", "discord", stdin=typed(discord.token, place))
    assert (said.code, said.err) == (0, "")
    (link,) = re.findall(r"https://discord\.com/oauth2/authorize\?\S+", said.out)
    asked = parse_qs(urlsplit(link).query)
    assert asked == {
        "client_id": [discord.bot.id],
        "scope": ["bot applications.commands"],
        "permissions": [str(bits(*NEEDED))],
    }
    (card,) = discord.messages(discord.channel)
    assert "BotBeat can post here" in card.content
    assert (terminal.folder / ".env").read_text() == f"DISCORD_TOKEN={discord.token}\n"
    assert "In the channels that it may see, BotBeat can read all messages;" in said.out
    assert discord.token not in said.out


async def test_the_invite_asks_for_enough_to_post_a_report_and_its_comments() -> None:
    (given,) = parse_qs(urlsplit(invite("1")).query)["permissions"]
    assert int(given) == bits(*NEEDED)


async def test_discord_without_the_intent_says_that_nothing_is_read(
    terminal: Terminal, discord: DiscordServer
) -> None:
    discord.settings.privileged &= ~MESSAGE_CONTENT
    answers = typed(discord.token, discord.channel.id)
    said = await terminal.types_beside("connect", "discord", stdin=answers)
    assert said.code == 0
    assert "BotBeat can read commands and no messages" in said.out


async def test_a_server_without_the_bot_is_said_and_asked_again(
    terminal: Terminal, discord: DiscordServer
) -> None:
    discord.revokes("SEND_MESSAGES", channel=discord.channel)
    open_one = discord.adds_channel("open")
    answers = typed("no-token", discord.token, discord.channel.id, open_one.id)
    said = await terminal.types_beside("connect", "discord", stdin=answers)
    assert said.code == 0
    assert said.complaints[0].startswith("Discord does not accept this token.")
    assert "Send Messages" in said.complaints[1]
    assert len(discord.messages(open_one)) == 1


async def test_an_end_of_input_writes_nothing(terminal: Terminal, slack: SlackServer) -> None:
    said = await terminal.types_beside("connect", "slack", stdin="")
    assert (said.code, said.complaints[-1]) == (1, "Stopped.")
    assert not (terminal.folder / ".env").exists()


async def test_what_is_set_in_the_environment_too_is_said(
    terminal: Terminal, discord: DiscordServer
) -> None:
    terminal.sets(DISCORD_TOKEN="an.old.token")
    answers = typed(discord.token, discord.channel.id)
    said = await terminal.types_beside("connect", "discord", stdin=answers)
    assert said.complaints == [
        "DISCORD_TOKEN is also set in the environment, which goes before .env."
    ]


async def test_a_terminal_does_not_echo_a_token(slack: SlackServer, tmp_path: Path) -> None:
    shown = await asyncio.to_thread(_typed_at_a_terminal, "xoxb-of-nobody", slack.url, tmp_path)
    assert "does not accept this token" in shown
    assert "of-nobody" not in shown


def _typed_at_a_terminal(token: str, url: str, folder: Path) -> str:
    """All that a real terminal shows while this token is typed into it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.terminal", "connect", "slack"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SLACK_API_URL": url},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _asked_for(ours, "Bot token")
        os.write(ours, token.encode() + b"\n")
        return shown + _asked_for(ours, "Try again.")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _asked_for(terminal: int, words: str) -> str:
    """What is shown up to these words; the prompt itself ends a moment later."""
    shown = ""
    deadline = time.monotonic() + 20
    while words not in shown and time.monotonic() < deadline:
        shown += os.read(terminal, 4096).decode()
    time.sleep(0.2)
    return shown


def test_a_settings_file_keeps_its_other_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(
        b"# mine\nPORT=8081\nexport SLACK_BOT_TOKEN=old-1\n\nNAME=caf\xe9\r\n"
        b"slack_bot_token = old-2\n# SLACK_APP_TOKEN=later"
    )
    file.chmod(0o644)
    dotenv.write(file, {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"})
    assert file.read_bytes() == (
        b"# mine\nPORT=8081\n\nNAME=caf\xe9\nSLACK_BOT_TOKEN=xoxb-1\n"
        b"# SLACK_APP_TOKEN=later\nSLACK_APP_TOKEN=xapp-1\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_settings_file_behind_a_link_stays_there(tmp_path: Path) -> None:
    real = tmp_path / "kept.env"
    real.write_text("PORT=8081\n")
    link = tmp_path / ".env"
    link.symlink_to(real)
    dotenv.write(link, {"DISCORD_TOKEN": "a.b.c"})
    assert link.is_symlink()
    assert real.read_text() == "PORT=8081\nDISCORD_TOKEN=a.b.c\n"


@pytest.mark.parametrize("value", ["two\nlines", "a b", "a#b", 'a"b', "$HOME", ""])
def test_a_value_that_would_mean_something_else_is_not_written(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError, match="is not written"):
        dotenv.write(tmp_path / ".env", {"DISCORD_TOKEN": value})
    assert not list(tmp_path.iterdir())


def test_the_manifest_of_the_slack_app_can_be_read(terminal: Terminal) -> None:
    told = json.loads(terminal.types("slack", "manifest").out)
    assert told["settings"]["socket_mode_enabled"] is True
    assert told["features"]["shortcuts"][0]["name"] == "Attach to report"
    told = json.loads(terminal.types("slack", "manifest", "https://news.example").out)
    assert told["settings"]["interactivity"]["request_url"] == "https://news.example/slack/events"
    said = terminal.types("slack", "manifest", "localhost")
    assert (said.code, said.out) == (1, "")
    assert said.complaints == ["localhost is not an address that Slack can call: https://…"]
