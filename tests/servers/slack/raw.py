"""A caller of the Web API without any SDK, so that the server is judged by what it sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.servers.slack.ledger import Json
from tests.servers.slack.server import SlackServer


@dataclass(slots=True)
class Raw:
    slack: SlackServer
    http: aiohttp.ClientSession
    headers: dict[str, str]  # Those of the last answer.
    status: int = 0

    async def call(self, method: str, *, token: str | None = None, **args: Any) -> Json:
        """POST the arguments as JSON with the bot's token; None values are left out."""
        sent = {name: value for name, value in args.items() if value is not None}
        token = self.slack.bot_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.slack.url + method
        async with self.http.post(url, json=sent, headers=headers) as answer:
            self.headers, self.status = dict(answer.headers), answer.status
            told: Json = await answer.json()
            return told

    async def error(self, method: str, **args: Any) -> str:
        """The error of a call that must be refused."""
        told = await self.call(method, **args)
        assert told["ok"] is False, told
        return str(told["error"])


@asynccontextmanager
async def raw(slack: SlackServer) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        yield Raw(slack, http, {})
