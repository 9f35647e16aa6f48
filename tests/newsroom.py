"""A collector in a small world: the real core, a feed server, and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate

from adapters.feeds import finding
from adapters.feeds.collect import Collector
from adapters.feeds.fetch import Fetcher
from adapters.feeds.reader import Reader
from adapters.feeds.sandbox import Sandbox
from bot import reading
from bot.bot import Bot
from bot.model import Article, Found, Page, Takeaway, Written
from bot.ports import Source
from storage.store import SqlStore, open_store
from tests.servers.feeds import FeedServer
from tests.world import Clock

LONG = "Alibaba has released the weights of its model Qwen 4 under a free licence today. " * 30


@dataclass
class Typist:
    """A writer that copies, remembers what it was given, and breaks on titles with `broken`."""

    read: list[Page] = field(default_factory=list)
    broken: str = ""

    async def write(self, found: Found, page: Page, companies: Sequence[str]) -> Written:
        if self.broken and self.broken in found.title:
            raise RuntimeError("the writer broke")
        self.read.append(page)
        return Written(found.title, (Takeaway(page.text[:80] or found.title),), page.text[:200])


class Newsroom:
    """A collector with all that it needs, on a clock that stands still."""

    def __init__(
        self,
        database: str,
        server: FeedServer,
        fetcher: Fetcher,
        reader: Reader,
        sandbox: Sandbox,
    ) -> None:
        self.server = server
        self.sandbox = sandbox
        self.clock = Clock()
        self.writer = Typist()
        self.told: list[str] = []
        self.heard = asyncio.Event()
        self._made_of = (database, fetcher, reader)
        self._opened()

    def _opened(self) -> None:
        database, fetcher, reader = self._made_of
        self.store: SqlStore = open_store(database, self.clock)
        self.bot = Bot(self.store, finder=self.find)
        self.collector = Collector(
            self.bot,
            fetcher,
            reader,
            self.writer,
            rest=0.01,
            clock=self.clock,
            on_progress=self._hear,
        )

    async def find(self, address: str) -> Source:
        _, fetcher, reader = self._made_of
        source, _ = await finding.find(fetcher, reader, address)
        return source

    def restarts(self) -> None:
        """Another process goes on where this one stopped. What this one had begun to commit is
        committed when its threads have ended."""
        self.close()
        self._opened()

    def _hear(self, line: str) -> None:
        self.told.append(line)
        self.heard.set()

    def close(self) -> None:
        self.bot.close()
        self.store.close()

    async def follow(self, path: str, name: str = "Qwen blog", kind: str = "feed") -> None:
        await self.bot.add_source(Source(0, self.server.url(path), name, kind))

    async def collect(self, after: float = 0) -> None:
        self.clock.now += after
        await self.collector.once()

    def source(self, name: str = "Qwen blog") -> Source:
        with self.store.read() as tx:
            return next(source for source in tx.sources.all() if source.name == name)

    def articles(self) -> list[Article]:
        return list(reading.front(self.store, "", 1, 200).articles)

    def wait(self, name: str = "Qwen blog") -> float:
        """Minutes until the source is visited again."""
        return (self.source(name).next_visit - self.clock.now) / 60


def news(newsroom: Newsroom, *titles: str, text: str = "The AI model is out.") -> str:
    """A feed with these headlines, a minute old, whose pages stand on the same server."""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>"
        f"<link>{newsroom.server.url('/' + title.replace(' ', '-'))}</link>"
        f"<description>{text}</description>"
        f"<pubDate>{formatdate(newsroom.clock.now - 60)}</pubDate></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>Qwen</title>{items}</channel></rss>"


def page(newsroom: Newsroom, title: str, text: str = LONG) -> str:
    html = f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body>"
    path = "/" + title.replace(" ", "-")
    return newsroom.server.serve(path, html, content_type="text/html")
