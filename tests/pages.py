"""The words of the web tests: an installation that really listens, and somebody who browses it.

The reader follows links and sends forms as a browser without JavaScript does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

from aiohttp import ClientSession, CookieJar, DummyCookieJar
from yarl import URL

from adapters import web
from bot import articles, reading
from bot.bot import Bot
from bot.delivery import Worker
from bot.model import Article, Channel, Comments, MessageRef, Sighting, Takeaway
from bot.outcomes import Timing
from storage.store import SqlStore, open_store


@dataclass
class Switch:
    """The worker's switch in the demo."""

    running: bool = True

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@dataclass
class Installation:
    """A database, the core, two local channels, and the pages over them."""

    store: SqlStore
    bot: Bot
    chat: web.LocalChat
    worker: Worker
    switch: Switch
    address: str = ""

    def news(self, title: str = "Qwen 4 released", /, **fields: object) -> int:
        """An article, a minute old unless told otherwise; its number."""
        published = float(str(fields.pop("published", time.time() - 60)))
        given = {
            "url": f"https://news.example/{abs(hash(title))}",
            "companies": ("alibaba",),
            "type": "OPEN SOURCE",
            "takeaways": (Takeaway("The weights are open.", "All weights are open to everyone."),),
            "summary": f"{title}. It reads long texts.",
            "tags": ("Open Source",),
            "sightings": (Sighting("Qwen blog", "https://news.example/a"),),
            **fields,
        }
        number = articles.number_for(published, title)
        article = Article(number, title, published=published, **given)  # type: ignore[arg-type]  # each test names the fields it is about
        with self.store.write() as tx:
            stored = tx.articles.add(article, [f"key {title}"])
        assert stored is not None
        return stored

    async def delivers(self, *numbers: int, to: str = "ai-news") -> None:
        """These reports stand in a local channel now."""
        with self.store.write() as tx:
            for number in numbers:
                tx.deliveries.want(self.channel(to), "report", number, number, 1)
        await self.settle()

    async def settle(self) -> None:
        while await self.worker.deliver_due():
            pass

    def chooses(self, comments: Comments, *, page: bool, room: str = "ai-news") -> None:
        """A channel's people choose what becomes of their comments."""
        with self.store.write() as tx:
            settings = tx.channels.place(self.channel(room)).settings
            chosen = replace(settings, comments=comments, page=page)
            tx.channels.choose(self.channel(room), chosen)

    async def open_report(self, title: str = "Qwen 4 released", /, **fields: object) -> int:
        """A report that takes comments on its page."""
        number = self.news(title, **fields)
        self.chooses("share", page=True)
        await self.delivers(number)
        return number

    def channel(self, room: str) -> Channel:
        return self.chat.rooms[room].channel

    def root(self, number: int, room: str) -> MessageRef:
        ref = reading.root_message(self.store, self.channel(room), number)
        assert ref is not None
        return ref

    def comments(self, number: int) -> list[str]:
        """What the report's page shows, as `Ada: Impressive!`."""
        view = reading.report(self.store, number)
        assert view is not None
        return [f"{one.author.name}: {one.text}" for one in view.comments]


@asynccontextmanager
async def installation(
    database: str,
    *,
    demo: bool = False,
    base_url: str = "",
    limits: web.Limits | None = None,
    proxies: int = 0,
) -> AsyncIterator[Installation]:
    store = open_store(database)
    bot = Bot(store, base_url=base_url)
    chat = web.LocalChat()
    switch = Switch()
    worker = Worker(store, {"local": chat}, base_url, Timing())
    app = web.create(
        bot,
        demo=demo,
        chat=chat,
        worker=switch if demo else None,
        progress=lambda: "",
        limits=limits,
        proxies=proxies,
    )
    watching = asyncio.create_task(bot.changed.run())
    try:
        async with web.serve(app, "127.0.0.1", 0) as address:
            yield Installation(store, bot, chat, worker, switch, address)
    finally:
        watching.cancel()
        bot.close()
        store.close()


@dataclass
class Form:
    """A form of a page, with the values that are in it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.found.append(Form(given.get("action") or ""))
        elif tag == "input" and name and self.found:
            self.found[-1].fields[name] = given.get("value") or ""
        elif tag == "textarea" and self.found:
            self._area = name
            self.found[-1].fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@dataclass(frozen=True)
class Page:
    """What an address answered."""

    status: int
    html: str
    headers: Mapping[str, str]
    url: str

    def forms(self) -> list[Form]:
        return _Forms(self.html).found

    def form(self, action: str) -> Form:
        """The form whose action ends like this."""
        return next(form for form in self.forms() if form.action.endswith(action))


class Reader:
    """Somebody with a browser that runs no JavaScript."""

    def __init__(self, address: str, *, cookies: bool = True) -> None:
        self._address = address
        jar = CookieJar(unsafe=True) if cookies else DummyCookieJar()
        self.session = ClientSession(cookie_jar=jar)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def opens(self, path: str, **headers: str) -> Page:
        return await self._asks("GET", path, headers=headers)

    async def sends(
        self, page: Page, action: str, /, *, origin: str | None = "", **changes: str
    ) -> Page:
        """Fill in a form of a page and send it; the page that comes of it."""
        form = page.form(action)
        headers = {} if origin is None else {"Origin": origin or self._address}
        fields = {**form.fields, **changes}
        return await self._asks("POST", form.action, headers=headers, data=fields)

    async def _asks(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None = None,
    ) -> Page:
        url = URL(urljoin(self._address, path), encoded=True)
        async with self.session.request(method, url, headers=headers, data=data) as answer:
            text = await answer.text()
            return Page(answer.status, text, answer.headers.copy(), str(answer.url))
