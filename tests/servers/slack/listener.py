"""An app without any SDK that hears what Slack sends by HTTP and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from tests.servers.slack.ledger import Json


@dataclass(slots=True)
class Listener:
    """It waits the next of `delays` (seconds), then answers the next of `statuses` with `reply`."""

    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    reply: Json = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((headers, await request.read()))
        await asyncio.sleep(self.delays.pop(0) if self.delays else 0)
        status = self.statuses.pop(0) if self.statuses else 200
        if not self.reply:
            return web.Response(status=status, headers=self.headers)
        return web.json_response(self.reply, status=status, headers=self.headers)

    @property
    def events(self) -> list[Json]:
        return [json.loads(body)["event"] for _, body in self.seen]

    @property
    def forms(self) -> list[Json]:
        """Commands as they came, and interactions out of their form."""
        forms = [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, body in self.seen]
        return [json.loads(form["payload"]) if "payload" in form else form for form in forms]


@asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/slack/events", listener.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()
