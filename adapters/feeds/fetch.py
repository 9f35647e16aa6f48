"""The only way out to the internet. Everything that answers is taken to be hostile.

Public addresses only (see `addresses`), http and https only, five redirects at most, bounded in
time and size, one request at a time for each host, and never through a proxy: one would dial for
us where our own check does not see it.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from adapters.feeds.addresses import Allowed, BlockedAddress, Guard
from adapters.feeds.decode import ENCODINGS, BadBody, read_body
from adapters.feeds.politeness import Share, Turns

LIMIT = 5 << 20
_DAY = 86400.0
_MAX_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_MAX_AGE = re.compile(r"max-age\s*=\s*(\d{1,9})", re.IGNORECASE)


class FetchError(Exception):
    """Nothing was fetched. `reason` is one line for people; `retry_after` is in seconds."""

    def __init__(self, reason: str, *, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `body` is empty unless `status` is 200; `url` is where the redirects ended.

    `retry_after` and `max_age` are seconds, 0 when the server did not say. `permanent_redirect`
    is the address to ask from now on, if the server said so before any other redirect.
    """

    status: int
    url: str
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    modified: str = ""
    retry_after: float = 0
    permanent_redirect: str = ""
    max_age: float = 0
    location: str = ""


class Fetcher:
    """An async context manager. `spacing` is the rest in seconds between two requests to a host,
    by `share` over all processes; `allow` names private (address, port) pairs that may be dialled
    all the same."""

    def __init__(
        self,
        user_agent: str,
        *,
        allow: Allowed = frozenset(),
        spacing: float = 1.0,
        share: Share | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 15.0,
        wire_limit: int = 2 << 20,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ENCODINGS}
        self._guard = Guard(allow)
        self._turns = Turns(spacing, share)
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._wire_limit = wire_limit
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._guard, limit=64),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=self._timeout,
            headers=self._headers,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(
        self,
        url: str,
        *,
        etag: str = "",
        modified: str = "",
        accept: str = "",
        limit: int = LIMIT,
        deadline: float = 30.0,
    ) -> Fetched:
        """The answer at `url`, whatever its status; FetchError if there is none we can use.

        `limit` is in bytes, unpacked. `deadline` is in seconds and does not count the time spent
        waiting for the host's turn.
        """
        wanted = {"If-None-Match": etag, "If-Modified-Since": modified, "Accept": accept}
        headers = {name: value for name, value in wanted.items() if value}
        left, moved, permanent = deadline, "", True
        for _ in range(_MAX_HOPS + 1):
            host = _checked_host(url)
            self._refuse_held(host)
            async with self._turns.turn(host):
                start = time.monotonic()
                answer = await self._ask(host, url, headers, limit, left)
                left -= time.monotonic() - start
            if answer.retry_after and answer.status in (429, 503):
                self._turns.hold(host, answer.retry_after)
            if not answer.location:
                return replace(answer, permanent_redirect=moved)
            permanent = permanent and answer.status in _PERMANENT
            url = next_hop(url, answer.location)
            moved = url if permanent else moved
        raise FetchError(f"{host} sends us from one address to the next without end")

    def _refuse_held(self, host: str) -> None:
        wait = self._turns.held(host)
        if wait:
            raise FetchError(f"{host} asked us to wait", retry_after=wait)

    async def _ask(
        self, host: str, url: str, headers: Mapping[str, str], limit: int, seconds: float
    ) -> Fetched:
        if self._session is None:
            raise RuntimeError("a Fetcher is used inside `async with`")
        try:
            async with (
                asyncio.timeout(max(0.0, seconds)),
                self._session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                return await self._answer(url, response, limit)
        except (aiohttp.ClientError, BadBody, TimeoutError, ValueError) as error:
            raise FetchError(_reason(host, error)) from error

    async def _answer(self, url: str, response: aiohttp.ClientResponse, limit: int) -> Fetched:
        head = response.headers
        body = b""
        if response.status == 200:
            body = await read_body(
                response.content.iter_chunked(1 << 16),
                head.get("Content-Encoding", ""),
                limit=limit,
                wire_limit=self._wire_limit,
            )
        age = _MAX_AGE.search(head.get("Cache-Control", ""))
        return Fetched(
            status=response.status,
            url=url,
            body=body,
            content_type=_kept(head.get("Content-Type", "")),
            etag=_kept(head.get("ETag", "")),
            modified=_kept(head.get("Last-Modified", "")),
            retry_after=retry_after(head.get("Retry-After", ""), time.time()),
            max_age=min(float(age[1]), _DAY) if age else 0,
            location=head.get("Location", "") if response.status in _REDIRECTS else "",
        )


def next_hop(url: str, location: str) -> str:
    """Where a redirect leads; FetchError if it leads from https to http."""
    try:
        target = urljoin(url, location)
    except ValueError as error:
        raise FetchError("it sends us to an address that makes no sense") from error
    if url.lower().startswith("https:") and target.lower().startswith("http:"):
        raise FetchError("it sends us from https to plain http, which we do not follow")
    return target


def retry_after(text: str, now: float) -> float:
    """Seconds to wait, from a Retry-After header in seconds or as a date; a day at most."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _DAY)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), _DAY)
    except (ValueError, OverflowError):
        return 0


def _checked_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError("the address makes no sense") from error
    if parts.scheme not in ("http", "https"):
        raise FetchError("only http and https addresses are read")
    if "@" in parts.netloc:
        raise FetchError("an address with a name and password in it is not read")
    if not host or len(url) > 4096:
        raise FetchError("the address makes no sense")
    return host


def _kept(header: str) -> str:
    """A header as it came, or nothing if it could not be sent back or stored as it came."""
    return header if header.isprintable() and len(header) <= 1024 else ""


def _reason(host: str, error: Exception) -> str:
    match error:
        case BadBody():
            return f"{host} {error}"
        case TimeoutError():
            return f"{host} took too long to answer"
        case aiohttp.ClientConnectorDNSError():
            return f"no server is known under the name {host}"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return f"{host} has no valid certificate"
        case aiohttp.ClientConnectorError(os_error=BlockedAddress()):
            return f"{host} is not on the public internet; only public addresses are read"
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError()):
            return f"{host} has no valid certificate"
        case aiohttp.ClientConnectorError():
            return f"{host} cannot be reached"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
            return f"{host} broke off in the middle of its answer"
        case aiohttp.InvalidURL() | ValueError():
            return "the address makes no sense"
        case _:
            return f"{host} gave no proper answer"
