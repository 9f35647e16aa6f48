"""`fetch` and `extract`: what a feed or a page says, read as the collector reads it and stored
nowhere.

An address goes through the one way out to the internet, a file is read up to the same size, and
both are parsed in the sandbox.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from adapters.terminal.lines import emit
from adapters.terminal.moments import day, iso
from adapters.terminal.settings import agent
from adapters.terminal.speaking import complain, plain, say
from bot.model import Found, Page
from bot.ports import Unreadable

if TYPE_CHECKING:
    from adapters.feeds.feed import Feed
    from adapters.feeds.fetch import Fetcher
    from adapters.feeds.reader import Reader

Local = Annotated[
    bool,
    typer.Option("--local", help="Also read addresses that are not on the public internet."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in lines of JSON.")]


_FEED = re.compile(rb"(<\?xml[^>]*>\s*)?<(rss|feed|rdf:rdf|opml)\b", re.IGNORECASE)
_TAG = re.compile(
    rb"<(!doctype\s+html|html|head|body|title|meta|article|main|section|div|p|h[1-6])\b",
    re.IGNORECASE,
)


def fetch(
    places: Annotated[list[str], typer.Argument(metavar="URL|FILE…", show_default=False)],
    as_json: Json = False,
    local: Local = False,
) -> None:
    """What feeds offer now, a line for each entry, also for what cannot be news; nothing is
    stored."""
    if asyncio.run(_fetch_all(places, as_json, local)):
        raise typer.Exit(1)


def extract(
    place: Annotated[str, typer.Argument(metavar="URL|FILE", show_default=False)],
    as_json: Json = False,
    local: Local = False,
) -> None:
    """The article on a page, without its menus."""
    try:
        page = asyncio.run(_page(place, local))
    except Unreadable as error:
        complain(f"{place}: {error}")
        raise typer.Exit(1) from None
    if as_json:
        told = {"title": page.title, "author": page.author, "date": day(page.published)}
        emit({**told, "text": page.text})
    else:
        head = [page.title, page.author, day(page.published) or ""]
        say("\n".join([plain(part) for part in head if part] + [""]))
        say("\n".join(plain(line) for line in page.text.split("\n")))
    if not page.text:
        complain(f"{place}: the page has no text that looks like an article")
        raise typer.Exit(1)


@asynccontextmanager
async def reading(
    places: Sequence[str] = (), *, local: bool = False
) -> AsyncIterator[tuple[Fetcher, Reader]]:
    """The collector's own fetcher and reader. With `local`, the servers that these addresses
    name may be asked too, but none that they redirect to."""
    from adapters.feeds.fetch import Fetcher
    from adapters.feeds.reader import Reader

    allow = frozenset(pair for place in places for pair in _servers(place) if local)
    async with Fetcher(agent(""), allow=allow) as fetcher, Reader(fetcher) as reader:
        yield fetcher, reader


async def feed_at(fetcher: Fetcher, reader: Reader, place: str) -> Feed:
    """The feed at an address or in a file; Unreadable if it is none, or too damaged."""
    from adapters.feeds.feed import NotAFeed
    from adapters.feeds.fetch import FetchError
    from adapters.feeds.finding import visit

    try:
        if is_address(place):
            _, feed = await visit(fetcher, reader, place)
        else:
            feed = await reader.feed(content(place), "", "")
    except FetchError as error:
        raise Unreadable(error.reason) from None
    except NotAFeed as error:
        named = f"; it names {error.feeds[0]} as its feed" if error.feeds else ""
        raise Unreadable(error.reason + named) from None
    if feed.warnings and not feed.entries:
        raise Unreadable(f"no entries could be read: {'; '.join(feed.warnings)}")
    return feed


def is_address(place: str) -> bool:
    return "://" in place


def content(file: str) -> bytes:
    """A file's bytes, unpacked if its name says so; one byte more than is read of any source
    at most, so that too large is seen and never held."""
    from adapters.feeds.fetch import LIMIT

    try:
        with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as opened:
            return opened.read(LIMIT + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unreadable("it is packed and damaged") from None
    except OSError as error:
        raise Unreadable((error.strerror or str(error)).lower()) from None


async def _fetch_all(places: Sequence[str], as_json: bool, local: bool) -> int:
    """The number of places that gave nothing."""
    failed = 0
    async with reading(places, local=local) as (fetcher, reader):
        for place in places:
            try:
                feed = await feed_at(fetcher, reader, place)
                for entry in feed.entries:
                    _tell(place, entry, as_json)
                for one in feed.left_out:
                    _tell(place, one.entry, as_json, one.reason)
                if not (feed.entries or feed.left_out):
                    complain(f"{place}: it is a feed without entries")
            except Unreadable as error:
                failed += 1
                complain(f"{place}: {error}")
    return failed


def _tell(place: str, entry: Found, as_json: bool, left_out: str = "") -> None:
    """`left_out` says why it is not taken for news."""
    if not as_json:
        title = plain(entry.title) or "(no title)"
        told = f"{day(entry.published) or 'no date   '}  {title}  {plain(entry.url)}".rstrip()
        say(f"{told}  (left out: {left_out})" if left_out else told)
        return
    row: dict[str, object] = {
        "source": place,
        "id": entry.key,
        "title": entry.title,
        "url": entry.url,
        "published": iso(entry.published),
        "summary": entry.text,
    }
    emit({**row, "left_out": left_out} if left_out else row)


async def _page(place: str, local: bool) -> Page:
    from adapters.feeds.fetch import LIMIT, FetchError
    from adapters.feeds.sandbox import Sandbox, SandboxError

    if is_address(place):
        async with reading([place], local=local) as (_, reader):
            try:
                return await reader.read(place)
            except FetchError as error:
                raise Unreadable(error.reason) from None
    sandbox = Sandbox()
    body = content(place)
    if len(body) > LIMIT:
        raise Unreadable(f"it is larger than {LIMIT >> 20} MiB")
    if not _is_page(body):
        raise Unreadable("it is no web page (HTML)")
    try:
        known = await sandbox.read("page", body, "", "")
    except SandboxError as error:
        raise Unreadable(str(error)) from None
    finally:
        await sandbox.close()
    if "broken" in known:
        raise Unreadable(f"it cannot be read as a page ({known['broken']})")
    return Page(**known)


def _is_page(body: bytes) -> bool:
    """Whether a file without a name for its type looks like HTML, in one byte a letter or two."""
    told = body.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return told[:1] not in (b"{", b"[", b"") and not _FEED.match(told) and bool(_TAG.search(told))


def _servers(place: str) -> list[tuple[str, int]]:
    """The addresses behind a name, as the connector will dial them; none if it is unknown."""
    try:
        parts = urlsplit(place)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        known = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return []
    return [(str(where[4][0]), port) for where in known]
