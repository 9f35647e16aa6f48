"""One small server: set up, looked after, backed up, upgraded and taken back as the page has it."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.follow.chat import Chat
from deploy.follow.machine import Machine, laid, started
from deploy.follow.page import ORIGIN, PAGE, check, moves_origin, section
from tests.servers.slack import SlackServer

OURS = "sudo -iu botbeat "


@dataclass
class Reader:
    """Who follows the page, with a channel in a Slack."""

    machine: Machine
    chat: Chat

    async def is_served(self) -> None:
        machine = self.machine
        await machine.until("systemctl is-active botbeat", "the service is active")
        await self.chat.is_heard()
        await machine.until("curl -fsS http://127.0.0.1:8080/healthz", "/healthz answers")

    async def installs(self) -> None:
        packages, *others = section("One small server")
        with self.machine.installing():
            await self.machine.types(packages.replace("…", f"/{ORIGIN}"))
        self.machine.sets("SLACK_API_URL", self.chat.slack.url)
        connect, start = others
        link = f"https://acme.slack.com/archives/{self.chat.channel}"
        given = f"{self.chat.slack.bot_token}\n{self.chat.slack.app_token}\n{link}\n"
        check("A first card stands" in await self.machine.types(connect, given), "it is connected")
        said = await self.machine.types(start)
        check("FIX" not in said, "`botbeat doctor` finds nothing to mend")
        await self.is_served()
        await self.chat.subscribes("alibaba", 1)

    async def looks_after_it(self) -> None:
        """The commands that the page names for it, and its log."""
        for words in ("doctor", "status", "sources list", "deliveries", "sources kept-out"):
            check(f"`botbeat {words}`" in PAGE, f"the page names `botbeat {words}`")
            said = await self.machine.types(f"{OURS}botbeat {words}")
            check(said.strip() and "Traceback" not in said, "it says something")
        (log,) = [one for one in re.findall(r"`(journalctl [^`]*)`", PAGE) if "since" in one]
        lines = (await self.machine.types(log.split(" | ")[0])).splitlines()
        ours = [json.loads(line) for line in lines if line.startswith("{")]
        check(any("listening to Slack" in one["event"] for one in ours), "the log is JSON")
        secrets = (self.chat.slack.bot_token, self.chat.slack.app_token)
        check(not any(one in line for one in secrets for line in lines), "and has no token")

    async def restores_a_back_up(self) -> None:
        block = next(one for one in section("Back-up and restore") if "sqlite3 botbeat.db" in one)
        backs_up, *brings_back = [f"{OURS}{line}" for line in block.splitlines()]
        await self.machine.types(backs_up)
        await self.chat.subscribes("openai", 2)
        await self.machine.types("systemctl stop botbeat")
        await self.machine.types("\n".join(brings_back))
        await self.machine.types("systemctl start botbeat")
        await self.is_served()
        kept = await self.chat.follows("alibaba", "openai")
        check(kept == (True, False), "what there was at the back-up is there")

    async def upgrades_and_goes_back(self) -> None:
        upgrade, back = section("Upgrade and going back")
        head = "cd /opt/botbeat && git rev-parse HEAD"
        old = (await self.machine.types(head)).strip()
        new = moves_origin(self.machine.root, "HEAD")
        check("`sudo git\nswitch -`" in PAGE, "the page names the way to the newest again")
        again = back.replace("git checkout --detach ORIG_HEAD", "git switch -")
        for block, commit in ((upgrade, new), (back, old), (again, new)):
            with self.machine.installing():
                await self.machine.types(block)
            check((await self.machine.types(head)).strip() == commit, f"the code is {commit[:7]}")
            await self.is_served()
            check(await self.chat.follows("alibaba") == (True,), "the subscription is there")

    async def ends(self) -> None:
        began = time.monotonic()
        await self.machine.types("systemctl stop botbeat")
        check(time.monotonic() - began < 25, "it ends in less than 25 seconds")
        state = "systemctl show botbeat --property=Result,ExecMainStatus"
        told = (await self.machine.types(state)).split()
        check(sorted(told) == ["ExecMainStatus=0", "Result=success"], "with code 0")
        self.machine.sets("BOTBEAT_COMMENTS", "sometimes")
        await self.machine.types("systemctl start botbeat")
        await self.machine.until("systemctl is-failed botbeat", "what is set wrongly ends it")
        await asyncio.sleep(8)
        again = "systemctl show botbeat --property=NRestarts,ExecMainStatus"
        told = (await self.machine.types(again)).split()
        check(sorted(told) == ["ExecMainStatus=2", "NRestarts=0"], "and it is not tried again")
        last = (await self.machine.types("journalctl -u botbeat -o cat | grep COMMENTS")).strip()
        check("BOTBEAT_COMMENTS" in last, last.splitlines()[-1])


async def follow() -> None:
    with tempfile.TemporaryDirectory(prefix="botbeat-guide-") as folder:
        root = await asyncio.to_thread(laid, Path(folder))
        async with SlackServer() as slack, started(root) as machine:
            reader = Reader(machine, Chat(slack))
            await reader.installs()
            await reader.looks_after_it()
            await reader.restores_a_back_up()
            await reader.upgrades_and_goes_back()
            await reader.ends()
