"""How hosts are treated: one thing at a time, a rest between two, and patience when asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import pytest

from adapters.feeds.fetch import Fetcher, FetchError, retry_after
from adapters.feeds.politeness import Turns, shared_by
from bot.bot import Bot
from bot.store import StoreAway
from storage.store import open_store
from tests.servers.feeds import FeedServer

AGENT = "BotBeat/0.1 (+https://botbeat.example)"
NOW = 1_777_000_000.0


@pytest.fixture
async def fetcher(site: FeedServer) -> AsyncIterator[Fetcher]:
    allow = frozenset({site.address})
    async with Fetcher(AGENT, allow=allow, spacing=0, read_timeout=5) as opened:
        yield opened


async def test_a_host_is_asked_one_thing_at_a_time_with_a_rest_between(
    site: FeedServer,
) -> None:
    for number in range(4):
        site.slow(f"/{number}", "x", 0.02)
    async with Fetcher(AGENT, allow=frozenset({site.address}), spacing=0.1) as fetcher:
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{number}")) for number in range(4)))
    times = [asked.at for asked in site.ledger.asked]
    assert site.ledger.at_once == 1
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.09


async def test_two_processes_are_one_visitor_to_a_host(database: str) -> None:
    async with AsyncExitStack() as stack:
        shares = []
        for _ in range(2):
            store = open_store(database)
            bot = Bot(store)
            stack.callback(store.close)
            stack.callback(bot.close)
            shares.append(shared_by(bot))
        assert await shares[0]("news.example", 60) == 0
        assert 0 < await shares[1]("news.example", 60) <= 60
        assert await shares[1]("other.example", 60) == 0


async def test_a_turn_that_another_process_has_is_waited_for(site: FeedServer) -> None:
    asked = list[tuple[str, float, int]]()

    async def share(host: str, rest: float) -> float:
        asked.append((host, rest, len(site.ledger.asked)))
        return 0.01 if len(asked) < 3 else 0

    allow = frozenset({site.address})
    async with Fetcher(AGENT, allow=allow, spacing=0.5, share=share) as fetcher:
        assert (await fetcher.fetch(site.serve("/", "x"))).status == 200
    assert asked == [("127.0.0.1", 0.5, 0)] * 3
    assert len(site.ledger.asked) == 1


async def test_without_its_database_each_process_goes_by_itself() -> None:
    class Away:
        async def ration(self, name: str, every: float, burst: int) -> float:
            raise StoreAway("the database does not answer")

    assert await shared_by(cast(Bot, Away()))("news.example", 1) == 0


async def test_other_hosts_do_not_wait_for_a_slow_one(site: FeedServer) -> None:
    site.silent("/silent")
    site.serve("/quick", "x")
    async with (
        FeedServer() as other,
        Fetcher(AGENT, allow=frozenset({site.address, other.address}), spacing=5) as fetcher,
    ):
        stuck = asyncio.create_task(fetcher.fetch(site.url("/silent")))
        quick = await fetcher.fetch(other.serve("/quick", "x").replace("127.0.0.1", "localhost"))
        assert quick.body == b"x"
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_asks_for_patience_is_left_alone(
    fetcher: Fetcher, site: FeedServer, status: int
) -> None:
    url = site.serve("/busy", "no", status=status, headers={"Retry-After": "3600"})
    got = await fetcher.fetch(url)
    assert (got.status, got.body, got.retry_after) == (status, b"", 3600)
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(site.url("/other"))
    assert 3500 < caught.value.retry_after <= 3600
    assert len(site.ledger.asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), (" 5 ", 5), ("Fri, 24 Apr 2026 03:08:20 GMT", 100), ("99999999999", 86400),
        ("Fri, 24 Apr 2020 03:08:20 GMT", 0), ("soon", 0), ("-5", 0), ("", 0), ("٣", 0),
        ("Fri, 24 Apr 9999 03:08:20 GMT", 86400),
    ],
)  # fmt: skip
def test_patience_is_asked_for_in_seconds_or_by_date(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == pytest.approx(seconds, abs=0.1)


async def test_how_long_an_answer_keeps_is_told(fetcher: Fetcher, site: FeedServer) -> None:
    url = site.serve("/f", "x", headers={"Cache-Control": "public, max-age=1800"})
    assert (await fetcher.fetch(url)).max_age == 1800


async def test_all_of_arxiv_is_one_host_that_asks_for_three_seconds() -> None:
    turns = Turns(spacing=0)
    async with turns.turn("export.arxiv.org"):
        pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), turns.turn("rss.arxiv.org"):
            pass
    async with asyncio.timeout(2), turns.turn("notarxiv.org"):
        pass


async def test_a_thousand_hosts_do_not_stay_in_memory_but_a_held_one_does() -> None:
    turns = Turns(spacing=-1000)
    turns.hold("patient.example", 3600)
    for number in range(1000):
        async with turns.turn(f"{number}.example"):
            pass
    assert turns.held("patient.example") > 3500
    assert len(turns) < 520
