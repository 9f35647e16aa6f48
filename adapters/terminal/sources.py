"""`sources …`: where articles are looked for, and how the last visits went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.terminal import opml
from adapters.terminal.lines import emit
from adapters.terminal.moments import day, iso
from adapters.terminal.opening import configured, opened
from adapters.terminal.outside import Json, reading
from adapters.terminal.settings import Settings
from adapters.terminal.speaking import columns, complain, plain, say
from bot.ports import Source, Unreadable
from bot.wording import plural

if TYPE_CHECKING:
    from adapters.feeds.fetch import Fetcher
    from adapters.feeds.reader import Reader

app = typer.Typer(no_args_is_help=True, help="Where articles are looked for.")

_AT_ONCE = 8
Number = Annotated[int, typer.Argument(metavar="N", help="From `sources list`.")]


@app.command("list")
def show() -> None:
    """All sources, and how their last visits went."""
    with opened(configured(), make=False) as store, store.read() as tx:
        known, now = tx.sources.all(), tx.now
    if not known:
        say("There is no source yet: `botbeat run` adds the built-in ones, `sources add` others.")
        return
    head = ["N", "NAME", "STATE", "LAST SUCCESS", "NEXT VISIT", "REASON"]
    for line in columns([head, *(_cells(source, now) for source in known)]):
        say(line)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="A feed, or a page that names one.")],
    name: Annotated[str, typer.Option(help="How it is called; its own title if not given.")] = "",
) -> None:
    """Look for articles there too, once it has been seen to be readable."""
    settings = configured()
    try:
        source, entries = asyncio.run(look_up(url))
    except Unreadable as error:
        complain(f"{url}: {error}. Nothing was added.")
        raise typer.Exit(1) from None
    say(keep(settings, replace(source, name=plain(name) or source.name), entries))


def keep(settings: Settings, source: Source, entries: int) -> str:
    """Store a source that was looked up; the line that says so."""
    with opened(settings, make=True) as store, store.write() as tx:
        active = {one.url for one in tx.sources.all() if not one.disabled}
        number = tx.sources.add(source)
    done = "is known already" if source.url in active else "was added"
    there = plural(entries, "article")
    return f"{number} {plain(source.name)} ({source.url}) {done}: {there} there."


@app.command()
def remove(number: Number) -> None:
    """Look there no more. What came from it stays."""
    with opened(configured(), make=False) as store, store.write() as tx:
        removed = tx.sources.remove(number)
    if not removed:
        complain(f"There is no source {number}. `botbeat sources list` shows all.")
        raise typer.Exit(1)
    say(f"Source {number} is not visited any more. Its articles stay.")


@app.command()
def check(
    number: Annotated[int | None, typer.Argument(metavar="[N]", show_default=False)] = None,
) -> None:
    """Visit one source now, or all, and say how it went; nothing is stored."""
    with opened(configured(), make=False) as store, store.read() as tx:
        known = tx.sources.all()
    chosen = [one for one in known if one.id == number or (number is None and not one.disabled)]
    if number is not None and not chosen:
        complain(f"There is no source {number}. `botbeat sources list` shows all.")
        raise typer.Exit(1)
    if asyncio.run(_check(chosen)):
        raise typer.Exit(1)


@app.command("kept-out")
def kept_out(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most of them.")] = 20,
    as_json: Json = False,
) -> None:
    """What the sources offered and was taken for no AI news, with the reasons."""
    with opened(configured(), make=False) as store, store.read() as tx:
        found = tx.sources.kept_out(limit)
    for one in found:
        if as_json:
            emit({**one._asdict(), "at": iso(one.at)})
        else:
            say(plain(f"{iso(one.at)}  {one.source}: {one.title}"))
            say(f"    {plain(one.reason)} {plain(one.url)}")
    if not (found or as_json):
        say("Nothing was kept out.")


@app.command()
def export() -> None:
    """All feeds as OPML, which other readers take."""
    with opened(configured(), make=False) as store, store.read() as tx:
        known = [one for one in tx.sources.all() if not one.disabled]
    # What a channel follows by its address is that channel's affair.
    shared = [one for one in known if one.kind == "feed" and one.channel is None]
    say(opml.written(shared))
    if left := len(known) - len(shared):
        complain(f"{plural(left, 'source')} not in it: searches, or followed by one channel only.")


@app.command("import")
def bring_in(
    file: Annotated[str, typer.Argument(metavar="FILE.opml", show_default=False)],
) -> None:
    """Look for articles at every feed of an OPML file, too; `sources list` says how each went."""
    settings = configured()
    with open(file, "rb") as stream:
        data = stream.read(opml.LONGEST + 1)
    try:
        found, unusable = opml.read(data)
    except opml.BrokenList as error:
        complain(f"{file}: {error}. Nothing was added.")
        raise typer.Exit(1) from None
    with opened(settings, make=True) as store, store.write() as tx:
        known = {one.url for one in tx.sources.all() if not one.disabled}
        for source in found:
            tx.sources.add(source)
    new = sum(one.url not in known for one in found)
    say(f"{plural(new, 'source')} new, {len(found) - new:,} known already.")
    if unusable:
        complain(f"{unusable:,} without an address that can be visited: left out.")


async def check_all(fetcher: Fetcher, reader: Reader, sources: Sequence[Source]) -> int:
    """Visit them as the collector does, and say how each went; the number that failed."""
    from adapters.feeds.visit import INTERVAL, Visitor

    visitor, turns = Visitor(fetcher, reader, INTERVAL), asyncio.Semaphore(_AT_ONCE)

    async def one(source: Source) -> bool:
        async with turns:
            # Without what it said last time, so that it sends its entries even if none is new.
            offer = await visitor.visit(replace(source, etag="", modified="", body_hash=""))
        went = offer.visit.reason or plural(len(offer.entries), "article")
        verdict = "failed" if offer.visit.reason else "OK"
        say(f"{source.id} {plain(source.name)}: {verdict}, {plain(went)}")
        return bool(offer.visit.reason)

    return sum(await asyncio.gather(*(one(source) for source in sources)))


async def look_up(url: str) -> tuple[Source, int]:
    """The source behind an address, with its number of entries. Raises Unreadable."""
    from adapters.feeds.finding import find

    async with reading() as (fetcher, reader):
        return await find(fetcher, reader, url)


async def finder(url: str) -> Source:
    """A `bot.ports.Finder`."""
    source, _ = await look_up(url)
    return source


async def _check(sources: Sequence[Source]) -> int:
    async with reading() as (fetcher, reader):
        return await check_all(fetcher, reader, sources)


def _cells(source: Source, now: float) -> list[str]:
    state = "disabled" if source.disabled else "failing" if source.failures else "ok"
    last = day(source.last_success) or "never"
    due = iso(source.next_visit) if source.next_visit > now else "now"
    return [str(source.id), source.name, state, last, "—" if source.disabled else due or "now",
            source.reason]  # fmt: skip
