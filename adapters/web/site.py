"""What every page of this installation knows: the core, its switches, and how to draw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

import aiohttp_jinja2
from aiohttp import web

from bot import reading

if TYPE_CHECKING:
    from adapters.web.local import LocalChat
    from bot.bot import Bot

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Worker(Protocol):
    """The delivery worker, as the demo's button sees it."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one address may ask: so many at once, then so many in a second."""

    reads: float = 240
    reads_a_second: float = 20
    writes: float = 30
    writes_a_second: float = 0.5
    connections: int = 200


@dataclass(slots=True)
class Site:
    """One installation's pages. `proxies` is how many trusted proxies stand in front of it."""

    bot: Bot
    chat: LocalChat | None = None
    worker: Worker | None = None
    progress: Callable[[], str] | None = None
    demo: bool = False
    contact: str = ""
    keep_days: int = 180
    proxies: int = 0
    limits: Limits = field(default_factory=Limits)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="pages")
    )
    _companies: list[tuple[str, str, int]] = field(default_factory=list)
    _counted: float = float("-inf")

    @property
    def pane_home(self) -> str:
        """Where the local channels are drawn with the news beside them."""
        return "/" if self.demo else "/chat"

    async def ask(self, question: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """The answer to a question to the store, found in a thread."""
        call = partial(question, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.threads, call)

    async def companies(self) -> list[tuple[str, str, int]]:
        """All companies with their number of reports, at most a few seconds old."""
        if time.monotonic() - self._counted > 10:
            self._companies = await self.ask(reading.companies, self.bot.store)
            self._counted = time.monotonic()
        return self._companies


SITE = web.AppKey("site", Site)
SEEN = web.RequestKey("seen", int)
"""How often something had changed before this page was read."""


def draw(
    request: web.Request,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    indexed: bool = True,
) -> web.Response:
    """A page. Those that are not `indexed` ask search engines to leave them out."""
    response: web.Response = aiohttp_jinja2.render_template(
        template,
        request,
        {"site": request.app[SITE], "seen": request.get(SEEN, 0), **(context or {})},
        status=status,
    )
    if not indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
