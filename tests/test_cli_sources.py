"""`sources …`: what is looked at, what is added, and how a visit goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.feeds.fetch import Fetcher
from adapters.feeds.finding import find
from adapters.feeds.reader import Reader
from adapters.terminal.settings import load
from adapters.terminal.sources import check_all, keep
from bot.ports import Source, Unreadable, Visit
from storage.store import open_store
from tests.servers.feeds import FeedServer
from tests.terminal import Terminal
from tests.test_cli_outside import PAGE, RSS
from tests.world import World


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Terminal:
    made = Terminal(tmp_path, monkeypatch)
    made.sets(DATABASE_URL=sqlite_url)
    return made


@pytest.fixture
async def reading(site: FeedServer) -> AsyncIterator[tuple[Fetcher, Reader]]:
    allow = frozenset({site.address})
    async with Fetcher("BotBeat/0.1", allow=allow, spacing=0) as fetcher, Reader(fetcher) as reader:
        yield fetcher, reader


def with_sources(url: str) -> list[int]:
    """One that was never visited, one that is well, one that fails, one that is gone."""
    store = open_store(url)
    with store.write() as tx:
        names = ("New", "Good", "Bad \x1b[2J", "Gone")
        numbers = [tx.sources.add(Source(0, f"https://{n}.example/", n)) for n in names]
        known = {source.name: source for source in tx.sources.all()}
        later = 3600
        tx.sources.visited(known["Good"], Visit(later))
        tx.sources.visited(known["Bad \x1b[2J"], Visit(later, "it took too long to answer"))
        tx.sources.visited(known["Gone"], Visit(later, "gone for good (410)", disabled=True))
    store.close()
    return numbers


def test_the_list_says_how_each_is(terminal: Terminal, sqlite_url: str) -> None:
    assert "There is no source yet" in terminal.types("sources", "list").out
    numbers = with_sources(sqlite_url)
    said = terminal.types("sources", "list")
    head, *rows = said.out.splitlines()
    assert head.split("  ")[0] == "N"
    assert [row.split()[0] for row in rows] == [str(number) for number in numbers]
    new, good, bad, gone = (" ".join(row.split()[1:]) for row in rows)
    assert new == "New ok never now"
    assert good.startswith("Good ok 20")
    assert good.count("T") == 1  # the next visit, to the second
    assert bad.startswith("Bad [2J failing never 20")
    assert bad.endswith("it took too long to answer")
    assert gone == "Gone disabled never — gone for good (410)"


def test_what_was_removed_is_not_listed_and_not_removed_twice(
    terminal: Terminal, sqlite_url: str
) -> None:
    number = str(with_sources(sqlite_url)[0])
    assert terminal.types("sources", "remove", number).code == 0
    assert "New" not in terminal.types("sources", "list").out
    again = terminal.types("sources", "remove", number)
    assert again.code == 1
    assert again.complaints == [f"There is no source {number}. `botbeat sources list` shows all."]


def test_what_cannot_be_read_is_not_added(terminal: Terminal) -> None:
    for url, reason in {
        "http://127.0.0.1:1/feed": "127.0.0.1 is not on the public internet",
        "ftp://feeds.example/": "only http and https addresses are read",
        "feeds.example": "only http and https addresses are read",
    }.items():
        said = terminal.types("sources", "add", url)
        assert said.code == 1
        (line,) = said.complaints
        assert line.startswith(f"{url}: {reason}")
        assert line.endswith("Nothing was added.")
    assert "There is no source yet" in terminal.types("sources", "list").out


def test_what_was_found_is_added_once_and_comes_back_after_it_was_removed(
    terminal: Terminal, sqlite_url: str
) -> None:
    source = Source(0, "https://harbor.example/feed", "Harbor news")
    added = keep(load(), source, 2)
    number = added.split()[0]
    assert added == f"{number} Harbor news ({source.url}) was added: 2 articles there."
    assert "is known already" in keep(load(), source, 2)
    terminal.types("sources", "remove", number)
    assert (
        keep(load(), source, 1)
        == f"{number} Harbor news ({source.url}) was added: 1 article there."
    )
    assert "Harbor news" in terminal.types("sources", "list").out
    with_sources(sqlite_url)
    assert "was added" in keep(load(), Source(0, "https://Gone.example/", "Gone"), 1)
    assert "disabled" not in terminal.types("sources", "list").out


async def test_a_feed_is_found_with_its_own_name(
    site: FeedServer, reading: tuple[Fetcher, Reader]
) -> None:
    url = site.serve("/feed", RSS)
    assert await find(*reading, url) == (Source(0, url, "Harbor news"), 2)
    moved = site.redirect("/old", url, 301)
    assert await find(*reading, moved) == (Source(0, url, "Harbor news"), 2)
    for_now = site.redirect("/now", url, 302)
    assert await find(*reading, for_now) == (Source(0, for_now, "Harbor news"), 2)


async def test_a_page_leads_to_the_first_of_its_feeds_that_can_be_read(
    site: FeedServer, reading: tuple[Fetcher, Reader]
) -> None:
    gone = '<link rel="alternate" type="application/atom+xml" href="/gone">'
    page = site.serve("/", PAGE.replace("<link", f"{gone}<link", 1), content_type="text/html")
    url = site.serve("/feed", RSS)
    assert await find(*reading, page) == (Source(0, url, "Harbor news"), 2)


async def test_a_page_without_a_readable_feed_is_refused_with_its_reason(
    site: FeedServer, reading: tuple[Fetcher, Reader]
) -> None:
    page = site.serve("/", PAGE, content_type="text/html")
    bare = site.serve("/bare", "<html><body>Hello</body></html>", content_type="text/html")
    with pytest.raises(Unreadable, match="none of the feeds that it names can be read"):
        await find(*reading, page)
    with pytest.raises(Unreadable, match="it is a web page, not a feed, and it names no feed"):
        await find(*reading, bare)
    with pytest.raises(Unreadable, match="answered with status 404"):
        await find(*reading, site.url("/none"))


async def test_a_check_visits_again_and_says_how_it_went(
    site: FeedServer, reading: tuple[Fetcher, Reader], capsys: pytest.CaptureFixture[str]
) -> None:
    url = site.serve("/feed", RSS, etag='"1"')
    good = Source(1, url, "Harbor", etag='"1"', failures=3)
    bad = Source(2, site.url("/none"), "Gone")
    assert await check_all(*reading, [good, bad]) == 1
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "1 Harbor: OK, 2 articles",
        "2 Gone: failed, 127.0.0.1 answered with status 404",
    ]
    assert "If-None-Match" not in site.ledger.of("/feed")[0].headers


def test_a_check_of_one_is_of_that_one_and_stores_nothing(
    terminal: Terminal, sqlite_url: str
) -> None:
    store = open_store(sqlite_url)
    with store.write() as tx:
        for name in ("one", "two"):
            tx.sources.add(Source(0, f"http://127.0.0.1:1/{name}", name))
        before = tx.sources.all()
    said = terminal.types("sources", "check", str(before[1].id))
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{before[1].id} two: failed, 127.0.0.1 is not on the public internet; "
        "only public addresses are read"
    ]
    assert len(terminal.types("sources", "check").out.splitlines()) == 2
    with store.read() as tx:
        assert tx.sources.all() == before
    store.close()
    assert terminal.types("sources", "check", "99").complaints == [
        "There is no source 99. `botbeat sources list` shows all."
    ]


def test_status_says_in_a_few_lines_how_all_stands(terminal: Terminal, sqlite_url: str) -> None:
    with_sources(sqlite_url)
    said = terminal.types("status").out.splitlines()
    assert said[0].startswith("Sources: 2 of 3 answer; the last answer was at 20")
    assert said[1] == "Deliveries: 0 messages on the way; 0 channels held."
    assert said[2] == "Language model: none; reports are extracted from their articles."
    store = open_store(sqlite_url)
    with store.write() as tx:
        assert tx.desk.spend(50_000, 100_000, 100_000)
    store.close()
    terminal.sets(OPENAI_BASE_URL="http://127.0.0.1:9/v1", BOTBEAT_MODEL_PRICE="2")
    assert terminal.types("status").out.splitlines()[2] == (
        "Language model gpt-5-mini: 1 report and 50,000 of 1,000,000 tokens in 24 hours, "
        "50,000 of 200,000 in this one; about 0.10 in 24 hours."
    )


async def test_what_was_kept_out_can_be_looked_at(
    terminal: Terminal, world: World, database: str
) -> None:
    terminal.sets(DATABASE_URL=database)
    assert terminal.types("sources", "kept-out").out == "Nothing was kept out.\n"
    await world.news("Rain expected in Paris", source="Weather \x1b[2J")
    await world.news("Fog in Lyon", source="Weather")
    await world.news("Qwen 4 model released by Alibaba")
    first, why, *rest = terminal.types("sources", "kept-out", "--limit", "1").out.splitlines()
    assert first.endswith("Weather: Fog in Lyon")
    assert why.startswith("    Nothing in it speaks of AI.")
    assert rest == []
    rows = terminal.types("sources", "kept-out", "--json").rows
    assert [row["title"] for row in rows] == ["Fog in Lyon", "Rain expected in Paris"]
    assert "\x1b" not in terminal.types("sources", "kept-out").out
