"""Talks to the local Discord without any client library, for the tests of the server itself."""

import json
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.servers.discord.server import DiscordServer
from tests.servers.discord.settings import MESSAGE_CONTENT, Settings
from tests.servers.discord.state import Json

USER_AGENT = "DiscordBot (https://botbeat.invalid, 1)"
ALL_INTENTS = 1 << 0 | 1 << 9 | MESSAGE_CONTENT


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def refusal(self) -> tuple[int, int]:
        """HTTP status and JSON error code."""
        return self.status, self.body["code"]

    def fault(self, path: str) -> str:
        """The code of the first error at a dotted path of a 50035's `errors`, or ""."""
        node = self.body.get("errors", {})
        for step in path.split(".") if path else []:
            node = node.get(step, {})
        found = node.get("_errors", [{"code": ""}])
        return str(found[0]["code"])


@dataclass(frozen=True, slots=True)
class Caller:
    """The bot's side of HTTP: `await call("POST", "/channels/1/messages", {"content": "hi"})`."""

    server: DiscordServer
    session: aiohttp.ClientSession

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        usual = {"Authorization": f"Bot {self.server.token}", "User-Agent": USER_AGENT}
        if body is not None or data is not None:
            usual["Content-Type"] = "application/json"
            data = json.dumps(body).encode() if data is None else data
        url, sent = self.server.url + path, {**usual, **(headers or {})}
        async with self.session.request(method, url, data=data, headers=sent) as response:
            text = await response.text()
            is_json = response.headers.get("Content-Type") == "application/json"
            return Reply(response.status, json.loads(text) if is_json else text, response.headers)

    async def post(self, body: Json) -> Reply:
        """Posts a message into the server's first channel."""
        return await self("POST", f"/channels/{self.server.channel.id}/messages", body)


@dataclass(slots=True)
class Socket:
    """A gateway connection: identifies or resumes and hands out what arrives."""

    server: DiscordServer
    socket: aiohttp.ClientWebSocketResponse
    inflate: "zlib._Decompress | None" = None
    sequence: int = 0
    session_id: str = ""
    greeting: Json | None = None

    async def receive(self, timeout: float = 10) -> Json:
        """The next payload; raises ConnectionError with the close code at the end."""
        message = await self.socket.receive(timeout=timeout)
        if message.type is aiohttp.WSMsgType.BINARY and self.inflate:
            payload: Json = json.loads(self.inflate.decompress(message.data))
        elif message.type is aiohttp.WSMsgType.TEXT:
            payload = json.loads(message.data)
        else:
            raise ConnectionError(self.socket.close_code)
        self.sequence = payload.get("s") or self.sequence
        return payload

    async def event(self, name: str) -> Json:
        """The data of the next dispatch of this name; others on the way are dropped."""
        while True:
            payload = await self.receive()
            if payload.get("t") == name:
                data: Json = payload["d"]
                return data

    async def events(self, seconds: float = 0.15) -> list[str]:
        """The names of what arrives within a short while."""
        found: list[str] = []
        try:
            while True:
                found.append(str((await self.receive(seconds)).get("t")))
        except TimeoutError:
            return found

    async def send(self, code: int, data: object) -> None:
        await self.socket.send_str(json.dumps({"op": code, "d": data}))

    async def identify(self, intents: int = ALL_INTENTS, **more: object) -> Json:
        """Identifies and returns READY, or whatever payload comes instead."""
        await self.send(2, {"token": self.server.token, "intents": intents, **more})
        payload = await self.receive()
        if payload.get("t") == "READY":
            self.session_id = payload["d"]["session_id"]
        return payload

    async def resume(self, session_id: str, sequence: int) -> None:
        data = {"token": self.server.token, "session_id": session_id, "seq": sequence}
        await self.send(6, data)

    async def closed(self) -> int:
        """Waits for the end and returns the close code."""
        try:
            while True:
                await self.receive()
        except ConnectionError as end:
            return int(end.args[0] or 0)


@asynccontextmanager
async def running(settings: Settings | None = None) -> AsyncIterator[Caller]:
    """A started server and a caller for it."""
    server = DiscordServer(settings)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Caller(server, session)
    finally:
        await server.stop()


@asynccontextmanager
async def connected(
    server: DiscordServer, query: str = "?v=10&encoding=json", *, compressed: bool = False
) -> AsyncIterator[Socket]:
    """A gateway connection that has read its HELLO (in `greeting`), if one came."""
    if compressed:
        query += "&compress=zlib-stream"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + query, max_msg_size=0) as socket,
    ):
        link = Socket(server, socket, zlib.decompressobj() if compressed else None)
        if "v=10" in query:
            link.greeting = await link.receive()
        yield link
