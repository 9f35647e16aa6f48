"""`doctor --live`: what is assumed of a platform is tried where a person says, and told as it
was seen; or it is said why not.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import count

import pytest

from adapters.slack.manifest import bot_scopes
from adapters.slack.trying import Ground as SlackGround
from adapters.terminal.live import tried
from tests.discord_place import CREATE
from tests.live import facts, refusal, stands, tries, verdicts
from tests.servers import faults
from tests.servers.discord import DiscordServer, Settings
from tests.servers.discord.settings import MESSAGE_CONTENT
from tests.servers.slack import Modes, SlackServer
from tests.terminal import Terminal


@pytest.fixture
async def slack(terminal: Terminal) -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        terminal.sets(SLACK_API_URL=running.url, SLACK_BOT_TOKEN=running.bot_token)
        yield running


@pytest.fixture
async def discord(terminal: Terminal) -> AsyncIterator[DiscordServer]:
    server = DiscordServer(Settings())
    await server.start()
    terminal.sets(DISCORD_API_URL=server.url, DISCORD_TOKEN=server.token)
    yield server
    await server.stop()


async def test_slack_as_it_is_assumed_is_told_in_dated_lines(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    said = await tries(terminal, f"slack:{lab}")
    assert (said.code, said.err) == (0, "")
    plan, *lines, last = said.out.splitlines()
    assert plan.startswith(f"BotBeat posts at most 4 test messages in the channel {lab} of Slack")
    assert "issue" in last
    assert len(lines) == 5
    for line in lines[:4]:
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ conversations\.", line)
        assert line.endswith("BotBeat assumes yes: same.")
    seen = r": no \(two messages, \d+\.\d s later\)\. BotBeat counts on neither answer\.$"
    assert re.search(seen, lines[4])


async def test_the_other_answers_of_slack_are_told_too(terminal: Terminal) -> None:
    modes = Modes("dedupe", history_metadata=False, replies_metadata=False)
    async with SlackServer(modes) as slack:
        terminal.sets(SLACK_API_URL=slack.url, SLACK_BOT_TOKEN=slack.bot_token)
        lab = slack.adds_channel("lab")
        rows = await facts(terminal, f"slack:{lab}")
        assert stands(slack, lab) == []
    assert verdicts(rows, "client_msg_id") == [(True, "same")]
    assert verdicts(rows, "metadata") == [(False, "differs")] * 2
    assert verdicts(rows, "the replies") == [(True, "same")]


async def test_replies_that_slack_refuses_to_bots_are_an_answer(
    terminal: Terminal, slack: SlackServer
) -> None:
    slack.modes.refuse_replies = "not_allowed_token_type"
    lab = slack.adds_channel("lab")
    rows = await facts(terminal, f"slack:{lab}")
    assert verdicts(rows, "the replies") == [(False, "differs")]
    assert verdicts(rows, "replies shows a bot the metadata") == [(None, "untried")]
    said = await tries(terminal, f"slack:{lab}")
    assert "could not be tried, because Slack does not let BotBeat look into this" in said.out
    assert stands(slack, lab) == []


async def test_a_message_that_history_does_not_show_in_time_is_told(slack: SlackServer) -> None:
    slack.modes.read_delay = 3600
    lab = slack.adds_channel("lab")
    report = await tried(SlackGround(slack.bot_token, slack.url, lab, 0), [], quiet=True)
    seen = [(row["seen"], row["verdict"]) for row in report.rows]
    assert seen == [(False, "differs"), (None, "untried"), (True, "same"), (True, "same")]
    assert report.left == []
    assert stands(slack, lab) == []


async def test_discord_as_it_is_assumed_is_told(terminal: Terminal, discord: DiscordServer) -> None:
    said = await tries(terminal, f"discord:{discord.channel.id}")
    assert (said.code, said.err) == (0, "")
    plan, *lines, _ = said.out.splitlines()
    assert plan.startswith("BotBeat posts at most 3 test messages in the channel ")
    assert len(lines) == 3
    assert [line.endswith("BotBeat assumes yes: same.") for line in lines] == [True] * 3
    assert "yes (one message, " in lines[2]
    posted = discord.ledger.of("create")
    assert {one.content for one in posted} == {
        "BotBeat tries something out; this goes in a moment."
    }
    assert not any(one.pings or one.embeds for one in posted)
    assert len(discord.ledger.of("delete")) == len(posted) == 2
    assert discord.messages(discord.channel) == []


async def test_the_other_answers_of_discord_are_told_too(
    terminal: Terminal, discord: DiscordServer
) -> None:
    discord.settings.nonce_window = -1
    discord.settings.components_when_fetched = False
    discord.settings.privileged &= ~MESSAGE_CONTENT
    rows = await facts(terminal, f"discord:{discord.channel.id}")
    assert [row["verdict"] for row in rows.values()] == ["differs"] * 3
    assert len(discord.ledger.of("create")) == 3
    assert discord.messages(discord.channel) == []


async def test_the_length_of_the_nonces_window_is_seen(
    terminal: Terminal, discord: DiscordServer
) -> None:
    creates = count(1)

    def time_passes(call: str) -> faults.Fault:
        """Before the second message of the second pair the window ends."""
        if call == CREATE and next(creates) == 5:
            discord.time_passes(discord.settings.nonce_window + 1)
        return faults.NONE

    discord.faults.decider = time_passes
    later = ("--after", "0", "--after", "0.01")
    rows = await facts(terminal, f"discord:{discord.channel.id}", *later)
    assert [seen for seen, _ in verdicts(rows, "nonce")] == [True, False]


async def test_what_may_not_be_read_could_not_be_tried(
    terminal: Terminal, discord: DiscordServer
) -> None:
    discord.revokes("READ_MESSAGE_HISTORY", channel=discord.channel)
    said = await tries(terminal, f"discord:{discord.channel.id}")
    assert said.code == 1
    assert "could not be tried, because Discord shows nothing there; it takes View" in said.out
    assert discord.messages(discord.channel) == []


async def test_nothing_is_posted_before_a_yes(terminal: Terminal, slack: SlackServer) -> None:
    lab = slack.adds_channel("lab")
    for answer in ("n\n", "\n"):
        said = await tries(terminal, f"slack:{lab}", stdin=answer)
        assert (said.code, said.err) == (1, "Stopped.\n")
        assert "at most 4 test messages" in said.out
    said = await tries(terminal, f"slack:{lab}", "--patient", stdin="n\n")
    assert "at most 8 test messages" in said.out
    assert "It takes about 11 minutes." in said.out
    assert slack.ledger == []
    said = await tries(terminal, f"slack:{lab}", stdin="y\n")
    assert said.code == 0
    assert slack.ledger


async def test_a_link_that_was_copied_names_the_channel(
    terminal: Terminal, slack: SlackServer, discord: DiscordServer
) -> None:
    lab, place = slack.adds_channel("lab"), discord.channel.id
    links = [
        f"https://acme.slack.com/archives/{lab}",
        f"slack:https://acme.enterprise.slack.com/archives/{lab}/p1722?thread_ts=1",
        f"https://app.slack.com/client/T012/{lab}",
        f"https://discord.com/channels/{discord.guild.id}/{place}",
        f"discord:https://ptb.discord.com/channels/{discord.guild.id}/{place}/{place}",
    ]
    for link in links:
        said = await tries(terminal, link, stdin="n\n")
        assert f"in the channel {lab if 'slack' in link else place} of" in said.out
    wrong = [
        "", "lab", "slack:lab", f"discord:{lab}", "slack:C0123456789/../x", "teams:C0123456789",
        f"https://slack.com.evil.example/archives/{lab}", f"https://evil.example/channels/1/{place}",
    ]  # fmt: skip
    for where in wrong:
        said = await tries(terminal, where)
        assert said.code == 2
        (line,) = said.complaints
        assert "slack:C0123456789, discord:123456789012345678, or a link" in line
    assert (await terminal.types_beside("doctor", "--yes")).code == 2


async def test_a_channel_of_slack_that_is_closed_is_one_clear_line(
    terminal: Terminal, slack: SlackServer
) -> None:
    absent = slack.adds_channel("absent", bot=False)
    slack.state.tokens[slack.bot_token].scopes -= {"chat:write.public"}
    told = "BotBeat is not in this channel: type /invite @BotBeat there."
    assert await refusal(terminal, f"slack:{absent}") == told
    told = "BotBeat cannot see this channel: it is gone, or private; type /invite @BotBeat there"
    assert (await refusal(terminal, "slack:C0123456789")).startswith(told)
    assert slack.ledger == []


async def test_a_channel_of_discord_that_is_closed_is_one_clear_line(
    terminal: Terminal, discord: DiscordServer
) -> None:
    told = "This Discord channel no longer exists."
    assert await refusal(terminal, "discord:123456789012345678") == told
    forum = discord.adds_channel("forum", kind="forum")
    assert (await refusal(terminal, f"discord:{forum.id}")).startswith("This is a forum")
    discord.revokes("SEND_MESSAGES", channel=discord.channel)
    told = "BotBeat lacks a permission in this Discord channel: View Channel, Send Messages."
    assert (await refusal(terminal, f"discord:{discord.channel.id}")).startswith(told)
    discord.removes_bot()
    told = "BotBeat cannot see this channel."
    assert (await refusal(terminal, f"discord:{discord.channel.id}")).startswith(told)
    assert len(discord.ledger) == 0


async def test_tokens_scopes_and_platforms_that_are_missing_are_said_first(
    terminal: Terminal,
) -> None:
    told = "Set SLACK_BOT_TOKEN first; `botbeat connect slack` helps with it."
    assert await refusal(terminal, "slack:C0123456789", 2) == told
    told = "Set DISCORD_TOKEN first; `botbeat connect discord` helps with it."
    assert await refusal(terminal, "discord:123456789012345678", 2) == told
    terminal.sets(SLACK_API_URL="http://127.0.0.1:1/api/", SLACK_BOT_TOKEN="xoxb-1")
    told = "Slack cannot be reached. Check the network and the address. Nothing was posted."
    assert await refusal(terminal, "slack:C0123456789") == told
    terminal.sets(DISCORD_API_URL="http://127.0.0.1:1", DISCORD_TOKEN="s3cret.of-the-tests")
    assert "cannot be reached" in await refusal(terminal, "discord:123456789012345678")
    async with SlackServer(scopes=set(bot_scopes()) - {"channels:history"}) as slack:
        terminal.sets(SLACK_API_URL=slack.url)
        assert "(invalid_auth)" in await refusal(terminal, "slack:C0123456789")
        terminal.sets(SLACK_BOT_TOKEN=slack.bot_token)
        told = "The bot lacks the scope channels:history. Add them under"
        assert (await refusal(terminal, "slack:C0123456789")).startswith(told)
