"""The web server: which address shows what, and how it listens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from adapters.web import answers, chat, guards, health, listing, live, marks, privacy, report, words
from adapters.web.site import SITE, Site, draw
from bot import wording
from bot.health import Process
from bot.query.language import slug

_HERE = Path(__file__).parent
_LONGEST_ADDRESS = 131_072
"""Bytes of a request line: a search of 10,000 characters is answered, not cut off."""


def application(site: Site, mounts: Mapping[str, web.Application]) -> web.Application:
    """All pages, with the applications of other adapters under their prefixes."""
    app = web.Application(middlewares=[guards.guard(mounts), live.note_count])
    app[SITE] = site
    app[live.PULSE] = live.Pulse()
    app[answers.ANSWERS] = answers.Answers()
    _set_up_templates(app)
    app.on_response_prepare.append(guards.add_headers)
    app.on_shutdown.append(_let_go)
    app.cleanup_ctx.append(live.listen)
    app.on_cleanup.append(_close)
    health.add_to(app, health.Health(Process(site.bot.store)))
    _add_pages(app, site)
    if site.chat:
        _add_chat(app)
    for prefix, other in mounts.items():
        app.add_subapp(prefix, other)
    return app


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Listen while the context lasts; gives the address listened at. Port 0 takes a free one."""
    runner = web.AppRunner(app, max_line_size=_LONGEST_ADDRESS, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        server = web.TCPSite(runner, host, port)
        await server.start()
        name, number = runner.addresses[0][:2]
        yield f"http://{f'[{name}]' if ':' in name else name}:{number}"
    finally:
        await runner.cleanup()


def _set_up_templates(app: web.Application) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "comment": words.comment_html,
        "outward": words.outward,
        "host": words.host,
        "evidence": words.evidence,
        "day": wording.day,
        "hour": wording.hour,
        "machine_day": words.machine_day,
        "machine_time": words.machine_time,
        "tile": words.tile,
        "initials": words.initials,
        "company": wording.company,
        "slug": slug,
        "plural": wording.plural,
    }
    environment.filters.update(filters)
    environment.globals.update(marked=marks.marked, snippet=marks.snippet)


def _add_pages(app: web.Application, site: Site) -> None:
    add = app.router
    add.add_get("/", chat.page if site.demo and site.chat else listing.latest)
    add.add_get("/latest", listing.part)
    add.add_get("/search", listing.search)
    add.add_get("/companies", listing.companies)
    add.add_get("/companies/{slug}", listing.company)
    add.add_get(r"/reports/{id:\d{1,19}}", report.page)
    add.add_get(r"/reports/{id:\d{1,19}}/comments", report.part)
    add.add_post(r"/reports/{id:\d{1,19}}/comments", report.post)
    add.add_post(r"/reports/{id:\d{1,19}}/comments/{key}/edit", report.edit)
    add.add_post(r"/reports/{id:\d{1,19}}/comments/{key}/delete", report.delete)
    for name in ("about", "terms", "contact"):
        add.add_get(f"/{name}", _plain)
    privacy.add(app, site)
    add.add_get("/live", live.live)
    # A folder is nothing to see, and not something forbidden either.
    add.add_get("/static/", _nothing)
    add.add_static("/static", _HERE / "static")


def _add_chat(app: web.Application) -> None:
    add = app.router
    add.add_get("/chat", chat.page)
    add.add_get("/chat/{room}", chat.part)
    add.add_post("/chat/{room}/command", chat.command, name=guards.SAYS_SO_ITSELF)
    add.add_post("/chat/{room}/clear", chat.clear)
    add.add_post(r"/chat/{room}/reports/{id:\d{1,19}}/comments", chat.reply)
    add.add_post(r"/chat/{room}/comments/{id:\d{1,18}}/edit", chat.edit)
    add.add_post(r"/chat/{room}/comments/{id:\d{1,18}}/delete", chat.delete)
    add.add_get("/demo/status", chat.status)
    add.add_post("/demo/worker", chat.run_worker)


async def _plain(request: web.Request) -> web.Response:
    return draw(request, f"{request.path.strip('/')}.html")


async def _nothing(request: web.Request) -> web.Response:
    raise web.HTTPNotFound


async def _let_go(app: web.Application) -> None:
    app[live.PULSE].close()


async def _close(app: web.Application) -> None:
    app[SITE].threads.shutdown(wait=True, cancel_futures=True)
