"""What docs/slack.md and docs/discord.md say is done as they say it: their commands are copied out
of them and run in an empty folder, what is asked is answered as their tables say, and what they
quote is what is seen. Only the sources are left out, as a test visits nobody.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.discord import needs
from adapters.slack.manifest import manifest
from tests.processes import Newsdesk, free_port, program
from tests.servers.discord import DiscordServer, Settings, intents
from tests.servers.discord.permissions import BITS
from tests.servers.discord.settings import MESSAGE_CONTENT
from tests.servers.slack import SlackServer
from tests.waiting import until

ROOT = Path(__file__).parent.parent
TITLE = "Qwen 4 is out"
INTENTS = {
    "GUILDS": intents.GUILDS,
    "GUILD_MESSAGES": intents.GUILD_MESSAGES,
    "DIRECT_MESSAGES": intents.DIRECT_MESSAGES,
    "MESSAGE_CONTENT": MESSAGE_CONTENT,
}
_START = ["run"]


@dataclass
class Guide:
    """A page. `seen` is all that its reader was shown so far, in the terminal and in chat."""

    name: str
    folder: Path
    text: str = ""
    seen: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = (ROOT / "docs" / f"{self.name}.md").read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, re.S | re.M)

    def commands(self) -> list[list[str]]:
        """What is typed in the terminal, in order, without the `python3 run.py` that begins it."""
        lines = [line for block in self.blocks("sh") for line in block.splitlines()]
        assert [line for line in lines if not line.startswith("python3 run.py ")] == []
        return [line.split()[2:] for line in lines]

    def typed(self) -> list[str]:
        """What is typed in chat."""
        return [line for block in self.blocks("chat") for line in block.splitlines()]

    def rows(self, heading: str) -> list[list[str]]:
        """The table whose first column is called so."""
        table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", self.text, re.M)
        assert table, heading
        return [line.strip("| ").split(" | ") for line in table[1].splitlines()]

    def questions(self) -> list[str]:
        return [row[0].strip("`") for row in self.rows("it asks")]

    def answers(self, things: Mapping[str, str]) -> str:
        """What the reader types where the table says what to give: the thing that it names."""
        told = self.rows("it asks")
        given = [next(thing for name, thing in things.items() if name in row[1]) for row in told]
        assert len(given) == len(things)
        return "".join(f"{thing}\n" for thing in given)

    async def runs(self, *words: str, stdin: str = "") -> str:
        """What a command prints, in a folder and with a home that have only what came before."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.terminal", *words),
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "PYTHONPATH": str(ROOT),
                **self.variables,
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
        assert (process.returncode, err.decode()) == (0, ""), words
        self.seen += out.decode()
        return out.decode()

    def quotes(self) -> list[str]:
        """The quoted lines that the reader has not seen; `…` stands for what differs."""
        lines = [line for block in self.blocks("text") for line in block.splitlines()]
        assert len(lines) > 3
        patterns = [re.escape(line.strip()).replace("…", ".*") for line in lines]
        return [one for one in patterns if not re.search(f"{one}$", self.seen, re.M)]

    @asynccontextmanager
    async def started(self, *parts: str) -> AsyncIterator[None]:
        """`run`, but for the sources, until the reader ends it."""
        async with program(self.folder, "run", *parts, **self.variables) as running:
            yield
            running.end()
            assert await running.ended() == 0

    async def publishes(self) -> None:
        """A report comes in, as if a source had told it."""
        (file,) = self.folder.rglob("botbeat.db")
        with closing(Newsdesk(f"sqlite:///{file}", SlackServer(), channels=0)) as desk:
            await desk.open()
            await desk.publish(TITLE)


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


async def test_who_follows_the_guide_to_slack_has_a_report_there(
    tmp_path: Path, slack: SlackServer
) -> None:
    guide = Guide("slack", tmp_path, variables={"SLACK_API_URL": slack.url})
    here, ada = slack.adds_channel("ai-news", bot=False), slack.adds_user("Ada")
    slack.invites_bot(here)
    things = {
        "the Bot User OAuth Token": slack.bot_token,
        "the App-Level Token": slack.app_token,
        "the channel's link": f"https://acme.slack.com/archives/{here}",
    }
    for words in guide.commands():
        if words == _START:
            async with guide.started("slack"):
                await asyncio.wait_for(slack.sockets.connected(), 30)
                for text in guide.typed():
                    asked = slack.slash(here, ada, text.removeprefix("/botbeat "))
                    await until(lambda asked=asked: len(asked.answers) == 2)  # type: ignore[misc]  # the loop's own gesture
                    guide.seen += "".join(f"{answer.text}\n" for answer in asked.answers)
                await guide.publishes()
                await until(lambda: any(TITLE in one.text for one in slack.ledger))
        else:
            connects = words[0] == "connect"
            printed = await guide.runs(*words, stdin=guide.answers(things) if connects else "")
            assert "FIX" not in printed
            if connects:
                (card,) = slack.ledger
                assert (card.channel, "BotBeat can post here" in card.text) == (here, True)
                assert [one for one in guide.questions() if one not in printed] == []
    assert guide.quotes() == []


async def test_who_lets_slack_call_by_http_is_answered(tmp_path: Path, slack: SlackServer) -> None:
    port = free_port()
    address = {"SLACK_API_URL": slack.url, "PORT": str(port)}
    guide = Guide("slack", tmp_path, variables=address)
    here, ada = slack.adds_channel("ai-news"), slack.adds_user("Ada")
    (told,) = guide.blocks("ini")
    file = tmp_path / ".env"
    file.write_text(told.replace("xoxb-…", slack.bot_token).replace("…", slack.signing_secret))
    (bits,) = re.findall(r"`chmod (\d+) .env`", guide.text)
    file.chmod(int(bits, 8))
    printed = await guide.runs("doctor")
    assert "it listens by HTTP at https://botbeat.example.com/slack/events" in printed
    async with program(tmp_path, "run", "slack", "web", **address) as running:
        await running.says("Pages at")
        slack.calls_app_at(f"http://127.0.0.1:{port}/slack/events")
        asked = slack.slash(here, ada, guide.typed()[0].removeprefix("/botbeat "))
        await until(lambda: asked.answers)
        assert asked.answers[0].text.startswith("Subscription 1 is on")


async def test_who_follows_the_guide_to_discord_has_a_report_there(
    tmp_path: Path, discord: DiscordServer
) -> None:
    variables = {"DISCORD_API_URL": discord.url, "DISCORD_GATEWAY_URL": discord.gateway_url}
    guide = Guide("discord", tmp_path, variables=variables)
    here, ada = discord.channel, discord.adds_person("Ada")
    place = f"https://discord.com/channels/{discord.guild.id}/{here.id}"
    things = {"the bot's token": discord.token, "the channel's link": place}
    for words in guide.commands():
        if words == _START:
            async with guide.started("discord"):
                await until(lambda: discord.gateway.sessions)
                (session,) = discord.gateway.sessions.values()
                told = named(guide, "intent")
                assert session.intents == sum(INTENTS[name] for name in told)
                for text in guide.typed():
                    name, _, query = text.removeprefix("/").partition(" query: ")
                    asked = discord.slash(here, ada, name, {"query": query})
                    guide.seen += (await asked.answer()).content + "\n"
                await until(lambda: len(discord.messages(here)) == 2)  # All are told.
                await guide.publishes()
                await until(lambda: any(TITLE in str(one) for one in discord.messages(here)))
        else:
            connects = words[0] == "connect"
            printed = await guide.runs(*words, stdin=guide.answers(things) if connects else "")
            assert "FIX" not in printed
            if connects:
                (card,) = discord.messages(here)
                assert "BotBeat can post here" in card.content
                assert [one for one in guide.questions() if one not in printed] == []
    guide.seen += "".join(f"{one.content}\n" for one in discord.messages(here)).replace("*", "")
    assert guide.quotes() == []


def named(guide: Guide, heading: str) -> set[str]:
    """What stands in the first column, one or several to a row."""
    cells = [row[0].replace("`", "") for row in guide.rows(heading)]
    found = [name for cell in cells for name in cell.split(", ")]
    assert len(found) == len(set(found))
    return set(found)


def test_the_guide_to_slack_has_each_scope_and_event_of_the_manifest_and_no_other(
    tmp_path: Path,
) -> None:
    guide, asked = Guide("slack", tmp_path), manifest()
    assert named(guide, "scope") == set(asked["oauth_config"]["scopes"]["bot"])
    assert named(guide, "event") == set(asked["settings"]["event_subscriptions"]["bot_events"])
    (optional,) = [row for row in guide.rows("scope") if "optional" in row[1]]
    assert [optional[0].strip("`")] == asked["oauth_config"]["scopes"]["bot_optional"]


def test_the_guide_to_discord_has_each_permission_that_is_asked_for_and_no_other(
    tmp_path: Path,
) -> None:
    guide = Guide("discord", tmp_path)
    told = named(guide, "permission")
    assert told == {*needs.REPORTS, *needs.COMMENTS}
    bits = sum(BITS[name.upper().replace(" ", "_")] for name in told)
    assert f"permissions={bits}\n" in guide.text


@pytest.mark.parametrize("name", ["slack", "discord"])
def test_a_guide_is_short_and_its_links_lead_somewhere(name: str, tmp_path: Path) -> None:
    guide = Guide(name, tmp_path)
    assert len(guide.text.splitlines()) <= 130
    linked = re.findall(r"\]\(([^)#]+)\)", guide.text)
    assert [one for one in linked if not (ROOT / "docs" / one).exists()] == []
