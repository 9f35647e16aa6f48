"""Heroku and the like, as the page has it and as far as it goes without an account: the packages,
the release and the processes of the Procfile, as such a host starts them, on one PostgreSQL.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from deploy.follow.chat import Chat
from deploy.follow.page import ROOT, check, git, section
from tests.postgres import running_postgres
from tests.processes import Program, free_port, started
from tests.servers.slack import SlackServer

WITH_AN_ACCOUNT = ("heroku ", "git push heroku ")
NAMELESS = "mount --bind /dev/null /etc/resolv.conf; exec "
"""Before a command: it resolves no names, so that no source is visited."""


async def runs(command: str, folder: Path, variables: Mapping[str, str]) -> Program:
    """A command of the page or the Procfile, to its end."""
    print(f"$ {command}", flush=True)
    async with started(("bash", "-euc", command), folder, variables) as running:
        await running.ended(600)
    return running


def told(running: Program) -> str:
    return "\n".join([*running.said, *running.logged])


async def builds(folder: Path, variables: Mapping[str, str]) -> None:
    """What such a host does with what is pushed to it."""
    git(ROOT, "clone", "--quiet", ".", str(folder))
    for name, value in (("email", "somebody@example.com"), ("name", "Somebody")):
        git(folder, "config", f"user.{name}", value)
    (block,) = section("Heroku and the like")
    for line in block.splitlines():
        if line.startswith(WITH_AN_ACCOUNT):
            print(f"(not followed, for want of an account: {line})")
            continue
        done = await runs(line, folder, variables)
        check(done.process.returncode == 0, line)
    python = (folder / ".python-version").read_text().strip()
    check(sys.version.startswith(python), f"this is the Python that it asks for, {python}")
    venv = await runs(f"{sys.executable} -m venv venv", folder, variables)
    check(venv.process.returncode == 0, "there is an environment")
    done = await runs("python -m pip install --quiet -r requirements.txt", folder, variables)
    check(done.process.returncode == 0, "requirements.txt installs")


async def follow() -> None:
    with tempfile.TemporaryDirectory(prefix="botbeat-guide-") as place, running_postgres() as given:
        folder, database = Path(place) / "app", given.replace("postgresql://", "postgres://")
        async with SlackServer() as slack:
            variables = {
                "PATH": f"{folder}/venv/bin:/usr/local/bin:/usr/bin:/bin",
                "HOME": place,
                "DYNO": "run.1",
            }
            await builds(folder, variables)
            lines = dict(re.findall(r"^(\w+): (.+)$", (folder / "Procfile").read_text(), re.M))
            refused = await runs(lines["web"], folder, variables)
            check(refused.process.returncode == 78, told(refused).splitlines()[-1])
            variables |= {
                "DATABASE_URL": database,
                "SLACK_API_URL": slack.url,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
            }
            twice = [runs(lines["release"], folder, variables) for _ in range(2)]
            codes = [one.process.returncode for one in await asyncio.gather(*twice)]
            check(codes == [0, 0], "two releases at once make the tables")
            await serves(slack, folder, lines, variables)


async def serves(
    slack: SlackServer, folder: Path, lines: Mapping[str, str], variables: Mapping[str, str]
) -> None:
    """Each process by itself; they end as such a host ends them."""
    chat, port = Chat(slack), str(free_port())
    async with AsyncExitStack() as stack:
        running = {}
        for name in ("web", "worker", "slack"):
            print(f"$ {lines[name]}", flush=True)
            command = ("unshare", "--mount", "bash", "-euc", NAMELESS + lines[name])
            env = {**variables, "DYNO": f"{name}.1", "PORT": port}
            running[name] = await stack.enter_async_context(started(command, folder, env))
        await running["web"].says("Pages at")
        await chat.is_heard()
        await chat.subscribes("alibaba", 1)
        began = time.monotonic()
        for one in running.values():
            one.end()
        codes = [await one.ended() for one in running.values()]
        check(codes == [0, 0, 0] and time.monotonic() - began < 25, "all end in time, with code 0")
