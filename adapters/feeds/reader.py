"""Reads pages and feeds: fetches what may be fetched, and has the sandbox read it."""

from __future__ import annotations

from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from adapters.feeds.feed import Feed, LeftOut, NotAFeed
from adapters.feeds.fetch import LIMIT, Fetcher, FetchError
from adapters.feeds.robots import Robots
from adapters.feeds.sandbox import Sandbox, SandboxError
from bot.model import Found, Page

_HTML = ("text/html", "application/xhtml+xml", "")
_ACCEPT = "text/html,application/xhtml+xml;q=0.9"


class Reader:
    """Reads pages and feeds. An async context manager; `agent` is our name in a robots.txt."""

    def __init__(
        self, fetcher: Fetcher, *, agent: str = "BotBeat", sandbox: Sandbox | None = None
    ) -> None:
        self._fetcher = fetcher
        self._robots = Robots(fetcher, agent)
        self._sandbox = sandbox or Sandbox()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._sandbox.close()

    async def read(self, url: str) -> Page:
        """The page at `url`, empty if it says nothing; FetchError if it may not or cannot be read.

        `Page.url` is the address that the page gives itself on its own host, else the last of
        its redirects.
        """
        if not await self._robots.allow(url):
            raise FetchError(f"{urlsplit(url).hostname} asks robots not to read this page")
        got = await self._fetcher.fetch(url, accept=_ACCEPT, limit=LIMIT)
        if got.status != 200:
            raise FetchError(f"{urlsplit(got.url).hostname} answered with status {got.status}")
        if got.content_type.partition(";")[0].strip().lower() not in _HTML:
            return Page(got.url)
        try:
            known = await self._sandbox.read("page", got.body, got.url, got.content_type)
        except SandboxError as error:
            raise FetchError(f"the page cannot be read: {error}") from error
        return Page(got.url) if "broken" in known else Page(**known)

    async def feed(self, body: bytes, url: str, content_type: str) -> Feed:
        """The same as `parse`, in the sandbox; NotAFeed also for what breaks out of bounds."""
        try:
            known = await self._sandbox.read("feed", body, url, content_type)
        except SandboxError as error:
            raise NotAFeed(str(error)) from error
        if "refused" in known:
            raise NotAFeed(known["refused"], known["feeds"])
        if "broken" in known:
            raise NotAFeed(f"the feed cannot be read ({known['broken']})")
        entries = tuple(Found(**entry) for entry in known.pop("entries"))
        left_out = tuple(
            LeftOut(Found(**one["entry"]), one["reason"]) for one in known.pop("left_out")
        )
        warnings = tuple(known.pop("warnings"))
        return Feed(entries=entries, warnings=warnings, left_out=left_out, **known)
