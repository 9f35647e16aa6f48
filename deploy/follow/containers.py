"""Containers, as the page has them: all parts on a PostgreSQL, set up, backed up, upgraded and
ended; then one container with an SQLite file.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from deploy.follow.chat import Chat
from deploy.follow.page import ORIGIN, PAGE, check, git, has_origin, moves_origin, section, sets
from tests.processes import Door, free_port
from tests.servers.slack import SlackServer

PARTS = {"web", "worker", "slack"}
STAYING = "logs --follow"
"""In a command that ends when somebody ends it; here after five seconds."""


@dataclass
class Reader:
    """Who follows the page in `folder`, a clone; the pages are at `port` of this machine."""

    folder: Path
    chat: Chat
    port: str
    exported: list[str] = field(default_factory=list)

    async def types(self, block: str) -> str:
        """What a block of commands prints; the first that fails ends it, and us. What it exports
        holds for later blocks, too."""
        lines = list(self.exported)
        for line in block.splitlines():
            print(f"$ {line}", flush=True)
            lines.append(f"timeout 5 {line} || [ $? = 124 ]" if STAYING in line else line)
        self.exported += [line for line in block.splitlines() if line.startswith("export ")]
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", "\n".join(lines)),
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(process.communicate(), 900)
        said = told.decode(errors="replace")
        if process.returncode:
            sys.exit(f"NOT SO: that ended with {process.returncode}\n{said}")
        return said

    async def parts(self) -> list[dict[str, object]]:
        """What compose says of each of ours; of it we read `Service`, `ID` and `ExitCode`."""
        said = await self.types("docker compose ps --all --format json")
        every = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return [one for one in every if one["Service"] in PARTS]

    async def is_served(self) -> None:
        parts = await self.parts()
        check({one["Service"] for one in parts} == PARTS, "each part has its container")
        for one in parts:
            await is_healthy(str(one["ID"]), f"{one['Service']} is healthy")
        await self.chat.is_heard()
        await self.types(f"curl -fsS http://127.0.0.1:{self.port}/healthz")

    async def sets_up(self, slack: str) -> None:
        """`slack` is the address at which containers reach it."""
        env, up, _ = section("PostgreSQL and several processes")
        await self.types(env)
        server = self.chat.slack
        tokens = {"SLACK_BOT_TOKEN": server.bot_token, "SLACK_APP_TOKEN": server.app_token}
        sets(self.folder / ".env", PORT=self.port, SLACK_API_URL=slack, **tokens)
        check("COMPOSE_PROFILES=slack,discord" in up, "the platforms are named")
        said = await self.types(up.replace("slack,discord", "slack"))
        check("FIX" not in said, "`botbeat doctor` finds nothing to mend")
        await self.is_served()
        await self.chat.subscribes("alibaba", 1)
        user = await self.types("docker compose exec web id -u")
        check(user.strip() not in ("", "0"), f"there it is the ordinary user {user.strip()}")
        for place in ("/app", "/data"):
            await self.types(f"! docker compose exec web touch {place}/here")

    async def restores_a_back_up(self) -> None:
        block = next(one for one in section("Back-up and restore") if "docker compose" in one)
        backs_up, *brings_back = block.splitlines()
        await self.types(backs_up)
        await self.chat.subscribes("openai", 2)
        await self.types("\n".join(brings_back))
        await self.is_served()
        kept = await self.chat.follows("alibaba", "openai")
        check(kept == (True, False), "what there was at the back-up is there")

    async def upgrades(self, root: Path) -> None:
        named = "With compose, `git pull` and `docker compose up --build --detach`."
        check(named in PAGE, "the page names the way to the newest")
        new = moves_origin(root, "HEAD")
        await self.types("git pull\ndocker compose up --build --detach")
        check(git(self.folder, "rev-parse", "HEAD") == new, f"the code is {new[:7]}")
        await self.is_served()
        check(await self.chat.follows("alibaba") == (True,), "the subscription is there")

    async def ends(self) -> None:
        began = time.monotonic()
        await self.types("docker compose stop web worker slack")
        check(time.monotonic() - began < 25, "all end in less than 25 seconds")
        codes = [one["ExitCode"] for one in await self.parts()]
        check(codes == [0, 0, 0], "with code 0")

    async def runs_one_container(self) -> None:
        *_, block = section("PostgreSQL and several processes")
        number = (await self.types(block)).split()[-1]
        await is_healthy(number, "one container is healthy")
        await self.chat.is_heard()
        await self.chat.subscribes("alibaba", 1)
        await self.types(f"docker stop {number}\ndocker start {number}")
        await self.chat.is_heard()
        kept = await self.chat.follows("alibaba")
        check(kept == (True,), "the subscription is in its volume")


def docker(*words: str) -> str:
    done = subprocess.run(
        ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        sys.exit(f"Docker does not do that: {shlex.join(words)}\n{done.stdout}")
    return done.stdout.strip()


async def is_healthy(container: str, words: str) -> None:
    """Looks until Docker says so, for two minutes."""
    state = ("inspect", "--format", "{{.State.Health.Status}}", container)
    ends = time.monotonic() + 120
    while (told := docker(*state)) != "healthy":
        if time.monotonic() > ends:
            break
        await asyncio.sleep(1)
    check(told == "healthy", words)


def made() -> set[str]:
    """The containers that the page's commands make: all that they make is named botbeat."""
    forms = ("label=com.docker.compose.project=botbeat", "ancestor=botbeat")
    listed = (docker("ps", "--all", "--quiet", "--filter", form).split() for form in forms)
    return {number for numbers in listed for number in numbers}


def logged() -> list[str]:
    """The last that each container said."""
    return [docker("logs", "--tail", "20", number) for number in made()]


def cleared() -> None:
    for number in made():
        docker("rm", "--force", number)
    for kind in ("network", "volume"):
        for name in docker(kind, "ls", "--quiet", "--filter", "name=^botbeat").split():
            docker(kind, "rm", name)


async def follow() -> None:
    ours = docker("volume", "ls", "--quiet", "--filter", "name=^botbeat")
    check(not ours, "this Docker has no volume of a BotBeat")
    bridge = "{{(index .IPAM.Config 0).Gateway}}"
    gateway = docker("network", "inspect", "bridge", "--format", bridge)
    with tempfile.TemporaryDirectory(prefix="botbeat-guide-") as place:
        root, folder = Path(place), Path(place) / "botbeat"
        has_origin(root)
        git(root, "clone", "--quiet", ORIGIN, str(folder))
        async with SlackServer() as slack, Door(slack.url, gateway) as door:
            await door.open()
            slack.state.address = f"{door.host}:{door.port}"
            reader = Reader(folder, Chat(slack), str(free_port()))
            try:
                await reader.sets_up(slack.url)
                await reader.restores_a_back_up()
                await reader.upgrades(root)
                await reader.ends()
                await reader.runs_one_container()
            except BaseException:
                print("\n".join(logged()))
                raise
            finally:
                cleared()
