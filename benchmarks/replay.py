"""Real feeds, poll after poll: `python benchmarks/replay.py FOLDER`.

FOLDER holds a folder for each feed, with its polls as files that are named after their times, such
as `03_2026-03-22T015637.xml`. Each is visited by the collector as it runs, at that time by the
clock, for a channel that follows the feed. An article is posted twice if two reports have one
address; one is missed if an entry that was new at some poll after the first, and not a week old,
has no report.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.feeds.canonical import canonical
from adapters.feeds.collect import Collector
from adapters.feeds.fetch import Fetcher
from adapters.feeds.parse import parse
from adapters.feeds.reader import Reader
from adapters.writer import Extractor
from bot.bot import Bot
from bot.model import Article, Channel, Found, Person
from bot.outbox import Wish
from bot.ports import Source
from storage.store import SqlStore, open_store
from tests.servers.feeds import FeedServer

READER = Channel("slack", "C1")
WEEK = 7 * 86400.0


async def found(name: str, address: str) -> Source:
    return Source(0, address, name)


def page(one: Found | Article) -> str:
    return canonical(one.url) or one.title


def posted(store: SqlStore) -> list[Article]:
    with store.read() as tx:
        wanted = tx.deliveries.listed(Wish(kind="report", channel=READER), 10_000)
        found = [tx.articles.one(one.article) for one in wanted]
    return [article for article in found if article]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def moment(poll: Path) -> float:
    told = datetime.strptime(poll.stem.partition("_")[2], "%Y-%m-%dT%H%M%S")
    return told.replace(tzinfo=UTC).timestamp()


async def replay(name: str, polls: list[Path], database: str) -> tuple[int, int, int]:
    """How many reports there were, how many said the same, and how many were missing."""
    clock = Clock()
    clock.now = moment(polls[0]) - 60
    store = open_store(database, clock)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(FeedServer())
        allow = frozenset({server.address})
        fetcher = await stack.enter_async_context(Fetcher("replay", allow=allow, spacing=0))
        reader = await stack.enter_async_context(Reader(fetcher))
        url = server.url(f"/{name}")
        bot = Bot(store, finder=partial(found, name))
        collector = Collector(bot, fetcher, reader, Extractor(), pages=False, clock=clock)
        await bot.command(READER, Person("slack", "U1", "Ada"), f"subscribe {url}")
        seen, new = set[str](), list[str]()
        for nth, poll in enumerate(polls):
            clock.now = moment(poll)
            server.serve(f"/{name}", poll.read_bytes())
            await collector.once()
            entries = parse(poll.read_bytes(), url).entries
            fresh = [one for one in entries if one.published > clock.now - WEEK]
            new += [page(one) for one in fresh if nth and page(one) not in seen]
            seen |= {page(one) for one in entries}
        reports = posted(store)
    bot.close()
    store.close()
    addresses = Counter(page(one) for one in reports)
    twice = sum(count - 1 for count in addresses.values())
    return len(reports), twice, len(set(new) - set(addresses))


def main(folder: Path) -> None:
    for feed in sorted(path for path in folder.iterdir() if path.is_dir()):
        polls = sorted(feed.iterdir())
        with tempfile.TemporaryDirectory() as place:
            told = asyncio.run(replay(feed.name, polls, f"sqlite:///{place}/replay.db"))
        print(f"{feed.name:28} {len(polls)} polls, {told[0]} reports, "
              f"{told[1]} twice, {told[2]} missed")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
