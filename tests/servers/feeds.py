"""The internet as feeds are: a server on localhost that serves feeds and pages, and misbehaves
in every way on request. Its ledger says what was asked of it, and what it could send.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came. `at` is in seconds of the loop's clock."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class Ledger:
    """`at_once` is the most requests that were open at one moment; `sent` counts bytes."""

    asked: list[Asked] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    at_once: int = 0

    def of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]


class FeedServer:
    """Answers what it was told to serve, else 404. Use it inside `async with`."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.port = 0
        self._answers: dict[str, Answer] = {}
        self._open = 0
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: str | bytes,
        *,
        content_type: str = "application/rss+xml",
        status: int = 200,
        etag: str = "",
        modified: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Serve this from now on; with a validator, unchanged is answered by 304."""
        data = body.encode() if isinstance(body, str) else body
        told = {"Content-Type": content_type, **(headers or {})}
        told |= {"ETag": etag} if etag else {}
        told |= {"Last-Modified": modified} if modified else {}

        async def answer(request: web.Request) -> web.StreamResponse:
            same = etag and request.headers.get("If-None-Match") == etag
            since = modified and request.headers.get("If-Modified-Since") == modified
            if same or since:
                return web.Response(status=304, headers=told)
            return web.Response(status=status, body=data, headers=told)

        return self._at(path, answer)

    def redirect(self, path: str, to: str, status: int = 301, after: float = 0) -> str:
        """Send whoever asks to another address, `after` so many seconds."""

        async def answer(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(after)
            return web.Response(status=status, headers={"Location": to})

        return self._at(path, answer)

    def bomb(self, path: str, megabytes: int, encoding: str = "gzip", layers: int = 1) -> str:
        """A small answer that unpacks to many megabytes, wrapped `layers` times."""
        data = b"\0" * (megabytes << 20)
        for _ in range(layers):
            data = _packed(data, encoding)
        names = ", ".join([encoding] * layers)
        return self.serve(path, data, headers={"Content-Encoding": names})

    def endless(self, path: str, head: bytes = b"", chunk: bytes = b"x" * 65536) -> str:
        """Sends the head and then the same again and again, for as long as anybody reads."""
        return self._at(path, self._stream(path, head, chunk, pause=0))

    def trickle(self, path: str, body: bytes, pause: float) -> str:
        """Sends one byte, waits, and goes on: a slow-loris server."""
        return self._at(path, self._stream(path, b"", b"", pause, body))

    def silent(self, path: str) -> str:
        """Takes the request and never answers."""

        async def answer(request: web.Request) -> web.StreamResponse:
            await self._stopping.wait()
            return web.Response()

        return self._at(path, answer)

    def slow(self, path: str, body: str, seconds: float) -> str:
        async def answer(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return web.Response(text=body)

        return self._at(path, answer)

    def cut(self, path: str, body: bytes) -> str:
        """Announces twice as much as it sends, then closes."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(body))
        return self.raw(path, head + body)

    def raw(self, path: str, data: bytes) -> str:
        """Sends these bytes, be they HTTP or not, and closes."""

        async def answer(request: web.Request) -> web.StreamResponse:
            transport = request.transport
            if transport is not None and isinstance(transport, asyncio.Transport):
                transport.write(data)
                transport.close()
            return web.Response()

        return self._at(path, answer)

    def _at(self, path: str, answer: Answer) -> str:
        self._answers[path] = answer
        return self.url(path)

    def _stream(
        self, path: str, head: bytes, chunk: bytes, pause: float, body: bytes = b""
    ) -> Answer:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
            response.enable_chunked_encoding()
            await response.prepare(request)
            self.ledger.sent[path] = 0
            pieces = [head] if head else [body[i : i + 1] for i in range(len(body))]
            try:
                for piece in pieces:
                    await self._send(path, response, piece, pause)
                while chunk and not self._stopping.is_set():
                    await self._send(path, response, chunk, pause)
            except ConnectionError:
                return response
            await response.write_eof()
            return response

        return answer

    async def _send(
        self, path: str, response: web.StreamResponse, data: bytes, pause: float
    ) -> None:
        await response.write(data)
        self.ledger.sent[path] += len(data)
        await asyncio.sleep(pause)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        self.ledger.asked.append(Asked(request.path, request.headers.copy(), now))
        self._open += 1
        self.ledger.at_once = max(self.ledger.at_once, self._open)
        try:
            known = self._answers.get(request.path)
            return await known(request) if known else web.Response(status=404)
        finally:
            self._open -= 1


class Listener:
    """A service inside a network, which nobody may reach: counts who dialled it."""

    def __init__(self) -> None:
        self.dialled = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled += 1
        writer.close()


def _packed(data: bytes, encoding: str) -> bytes:
    """Packed as HTTP calls it: deflate is zlib's format (RFC 9110, 8.4.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    return packer.compress(data) + packer.flush()
