"""The web pages, the comments on them, and the local channels.

`create` makes the application, `serve` listens. Pages are drawn on the server and work without
JavaScript; with it they follow what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.web.local import LocalChat
from adapters.web.server import application, serve
from adapters.web.site import Limits, Site, Worker

if TYPE_CHECKING:
    from bot.bot import Bot

__all__ = ["Limits", "LocalChat", "Worker", "create", "serve"]


def create(
    bot: Bot,
    *,
    demo: bool = False,
    chat: LocalChat | None = None,
    worker: Worker | None = None,
    progress: Callable[[], str] | None = None,
    contact: str = "",
    keep_days: int = 180,
    proxies: int = 0,
    limits: Limits | None = None,
    mounts: Mapping[str, web.Application] | None = None,
) -> web.Application:
    """The pages of one installation.

    `chat` adds the local channels, which anybody who reaches the server may use; with `demo` they
    are the first page. `keep_days` is how long comments are kept (0 = for ever), `proxies` how
    many trusted proxies stand in front. `mounts` maps prefixes to applications of other adapters,
    which check their callers themselves.
    """
    site = Site(
        bot,
        chat=chat,
        worker=worker,
        progress=progress,
        demo=demo,
        contact=contact,
        keep_days=keep_days,
        proxies=proxies,
        limits=limits or Limits(),
    )
    return application(site, mounts or {})
