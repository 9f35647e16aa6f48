"""`doctor --live` leaves nothing behind, whatever fails and whoever ends it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from adapters.terminal.desk import Desk, Stopped
from bot.ports import DeliveryError
from bot.trial import Trial
from tests.discord_place import CREATE
from tests.live import facts, stands, tries
from tests.processes import program
from tests.servers import faults
from tests.servers.discord import DiscordServer, Settings
from tests.servers.slack import SlackServer
from tests.terminal import Terminal
from tests.waiting import until

POST = "chat.postMessage"
DELETE = "DELETE /channels/{channel}/messages/{message}"


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


async def test_what_is_posted_in_slack_says_what_it_is_and_goes_again(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    await facts(terminal, f"slack:{lab}")
    posted = [one for one in slack.ledger if one.method == POST]
    assert {one.text for one in posted} == {"BotBeat tries something out; this goes in a moment."}
    assert [one.pings for one in posted] == [()] * 4
    assert {one.args["unfurl_links"] for one in posted} == {False}
    gone = [one.ts for one in slack.ledger if one.method == "chat.delete"]
    assert gone[::-1] == [one.ts for one in posted]
    assert stands(slack, lab) == []


async def test_a_post_whose_answer_was_lost_is_found_and_removed(
    terminal: Terminal, slack: SlackServer, discord: DiscordServer
) -> None:
    lab = slack.adds_channel("lab")
    # The second of the pair, of which the first has the same key.
    slack.faults.add(*[faults.NONE] * 3, faults.accept_then_close(), call=POST)
    said = await tries(terminal, f"slack:{lab}")
    assert said.code == 1
    assert "could not be tried, because Slack gave no usable answer and may have" in said.out
    assert said.err == ""
    assert [one.method for one in slack.ledger] == [POST] * 4 + ["chat.delete"] * 4
    assert stands(slack, lab) == []
    slack.faults.add(faults.NONE, faults.accept_then_close(), call=POST)  # The reply.
    assert (await tries(terminal, f"slack:{lab}")).err == ""
    assert stands(slack, lab) == []
    discord.faults.add(faults.accept_then_status(502), call=CREATE)
    said = await tries(terminal, f"discord:{discord.channel.id}")
    assert (said.code, said.err) == (1, "")
    # One that is not repeated, and a pair that is one message.
    assert [one.call for one in discord.answers].count(CREATE) == 3
    assert discord.messages(discord.channel) == []


async def test_a_post_that_is_not_found_may_still_arrive_and_is_named(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    slack.faults.add(*[faults.NONE] * 3, faults.Fault("close"), call=POST)
    said = await tries(terminal, f"slack:{lab}")
    assert said.err == (
        f"Could not be removed, so please do it: https://acme.slack.com/archives/{lab} "
        "(a message that may have arrived there)\n"
    )
    assert stands(slack, lab) == []


async def test_a_post_that_nobody_can_look_for_is_named(
    terminal: Terminal, discord: DiscordServer
) -> None:
    discord.revokes("READ_MESSAGE_HISTORY", channel=discord.channel)
    discord.faults.add(faults.accept_then_status(502), call=CREATE)
    said = await tries(terminal, f"discord:{discord.channel.id}")
    place = f"https://discord.com/channels/{discord.guild.id}/{discord.channel.id}"
    assert said.err == (
        f"Could not be removed, so please do it: {place} (a message that may have arrived there)\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_whoever_ends_it_in_the_middle_finds_nothing_left(
    tmp_path: Path, slack: SlackServer, number: signal.Signals
) -> None:
    lab = slack.adds_channel("lab")
    words = ("doctor", "--live", f"slack:{lab}", "--yes", "--after", "600")
    configured = {"SLACK_API_URL": slack.url, "SLACK_BOT_TOKEN": slack.bot_token}
    async with program(tmp_path, *words, **configured) as running:
        await slack.written(3, 30)
        running.process.send_signal(number)
        assert await running.ended() == 1
    assert running.logged == ["Stopped before the end."]
    assert [one.method for one in slack.ledger] == [POST] * 3 + ["chat.delete"] * 3
    assert stands(slack, lab) == []


async def test_a_message_that_is_on_its_way_when_it_is_ended_goes_too(
    tmp_path: Path, discord: DiscordServer
) -> None:
    discord.faults.add(faults.slow(1), call=CREATE)
    words = ("doctor", "--live", f"discord:{discord.channel.id}", "--yes")
    configured = {"DISCORD_API_URL": discord.url, "DISCORD_TOKEN": discord.token}
    async with program(tmp_path, *words, **configured) as running:
        await until(lambda: not discord.faults.queue)
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGINT)
        assert await running.ended() == 1
    assert running.logged == ["Stopped before the end."]
    assert [one.verb for one in discord.ledger] == ["create", "delete"]
    assert discord.messages(discord.channel) == []


async def test_what_cannot_be_removed_is_named_with_its_link(
    terminal: Terminal, slack: SlackServer, discord: DiscordServer
) -> None:
    lab = slack.adds_channel("lab")
    slack.faults.add(*[faults.refused("cant_delete_message")] * 2, call="chat.delete")
    said = await tries(terminal, f"slack:{lab}")
    assert said.code == 1
    left = [message.ts for message in slack.state.channels[lab].living()]
    assert len(left) == 2
    assert said.complaints == [
        "Could not be removed, so please do it: "
        f"https://acme.slack.com/archives/{lab}/p{ts.replace('.', '')}"
        for ts in left
    ]
    discord.faults.add(faults.Fault("refused", status=403, error="50013"), call=DELETE)
    said = await tries(terminal, f"discord:{discord.channel.id}")
    (message,) = discord.messages(discord.channel)
    assert said.complaints == [
        "Could not be removed, so please do it: "
        f"https://discord.com/channels/{discord.guild.id}/{discord.channel.id}/{message.id}"
    ]


async def test_a_removal_that_failed_for_a_moment_is_made_again(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    slack.faults.add(faults.ratelimited(1), call="chat.delete")
    await facts(terminal, f"slack:{lab}")
    assert stands(slack, lab) == []


async def test_a_token_that_is_withdrawn_meanwhile_ends_it_and_the_rest_is_named(
    terminal: Terminal, slack: SlackServer
) -> None:
    lab = slack.adds_channel("lab")
    slack.faults.add(faults.NONE, faults.refused("token_revoked"), call=POST)
    slack.faults.decider = lambda call: (
        faults.refused("token_revoked") if call == "chat.delete" else faults.NONE
    )
    said = await tries(terminal, f"slack:{lab}", "--json")
    assert said.code == 1
    (told,) = said.rows
    assert told["error"].startswith("BotBeat's token was withdrawn in Slack")
    assert [row["verdict"] for row in told["facts"]] == ["same"] * 2
    (left,) = stands(slack, lab) and told["left"]
    assert left.startswith(f"https://acme.slack.com/archives/{lab}/p")
    assert json.dumps(told) == said.out.strip()


class Busy:
    """A channel whose platform wants us to wait before it takes anything."""

    messages = 0
    patient: Sequence[float] = ()

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[str] = []

    async def open(self) -> None: ...

    def trials(self, waits: Sequence[float]) -> list[Trial]:
        return []

    async def post(self, key: str, under: str) -> str:
        if self.refusals:
            self.refusals -= 1
            raise DeliveryError("Wait", retry_after=0.001)
        self.taken.append(key)
        return key

    async def find(self, keys: object) -> dict[str, str]:
        raise AssertionError("nobody doubts where a message is")

    async def delete(self, message: str) -> None:
        self.taken.remove(message)

    def link(self, message: str = "") -> str:
        return message

    async def close(self) -> None: ...


async def test_a_platform_that_asks_to_wait_is_asked_again_but_not_for_ever() -> None:
    ground = Busy(2)
    desk = Desk(ground, asyncio.Event())
    await desk.post()
    assert len(ground.taken) == 1
    assert await desk.remove() == []
    assert ground.taken == []
    ground.refusals = 3
    with pytest.raises(DeliveryError):
        await desk.post()
    desk.told.set()
    with pytest.raises(Stopped):
        await desk.post()
    assert await desk.remove() == []
