"""The way out to the internet: what it refuses to dial, to follow, to wait for, to unpack."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import AsyncIterator

import pytest

from adapters.feeds.decode import BadBody, decoder
from adapters.feeds.fetch import Fetched, Fetcher, FetchError, next_hop
from tests.servers.feeds import FeedServer, Listener

AGENT = "BotBeat/0.1 (+https://botbeat.example)"


@pytest.fixture
async def fetcher(site: FeedServer) -> AsyncIterator[Fetcher]:
    allow = frozenset({site.address})
    async with Fetcher(AGENT, allow=allow, spacing=0, read_timeout=5) as opened:
        yield opened


async def refusal(fetcher: Fetcher, url: str, **options: float) -> str:
    """The reason why nothing was fetched."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url, **options)  # type: ignore[arg-type]  # options of one type only
    return caught.value.reason


async def test_a_page_comes_with_all_that_the_next_visit_needs(
    fetcher: Fetcher, site: FeedServer
) -> None:
    url = site.serve("/feed", "<rss/>", etag='W/"a-1"', modified="Mon, 20 Apr 2026 10:00:00 GMT")
    assert await fetcher.fetch(url) == Fetched(
        status=200,
        url=url,
        body=b"<rss/>",
        content_type="application/rss+xml",
        etag='W/"a-1"',
        modified="Mon, 20 Apr 2026 10:00:00 GMT",
    )
    assert site.ledger.asked[0].headers["User-Agent"] == AGENT


async def test_validators_go_back_as_they_came_and_unchanged_has_no_body(
    fetcher: Fetcher, site: FeedServer
) -> None:
    url = site.serve("/feed", "<rss/>", etag='"odd é"', modified="yesterday, they said")
    first = await fetcher.fetch(url)
    again = await fetcher.fetch(url, etag=first.etag, modified=first.modified)
    assert (again.status, again.body) == (304, b"")
    sent = site.ledger.asked[1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (first.etag, first.modified)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "0x7f.1", "2130706433", "0.0.0.0"],
)
async def test_a_service_inside_the_network_is_never_dialled(host: str) -> None:
    async with Listener() as inside, Fetcher(AGENT, spacing=0) as fetcher:
        await refusal(fetcher, f"http://{host}:{inside.port}/")
        assert inside.dialled == 0


async def test_a_redirect_into_the_network_is_never_dialled(
    fetcher: Fetcher, site: FeedServer
) -> None:
    async with Listener() as inside:
        url = site.redirect("/out", f"http://127.0.0.1:{inside.port}/")
        assert "not on the public internet" in await refusal(fetcher, url)
        assert inside.dialled == 0


async def test_an_allowed_address_does_not_open_the_other_ports_of_its_host(
    fetcher: Fetcher,
) -> None:
    async with Listener() as inside:
        await refusal(fetcher, f"http://127.0.0.1:{inside.port}/")
        assert inside.dialled == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "/etc/passwd", "",
        "http://", "http://name:word@example.org/", "http://@example.org/", "http://[::1",
        "http://example.org:99999/", "http://example.org/" + "a" * 5000,
    ],
)  # fmt: skip
async def test_only_plain_web_addresses_are_read(fetcher: Fetcher, url: str) -> None:
    assert await refusal(fetcher, url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "ftp://x.example/"])
async def test_a_redirect_obeys_the_same_rules(
    fetcher: Fetcher, site: FeedServer, target: str
) -> None:
    assert "only http and https" in await refusal(fetcher, site.redirect("/r", target))


async def test_an_address_with_a_password_is_not_read(fetcher: Fetcher, site: FeedServer) -> None:
    site.serve("/f", "x")
    secret = site.url("/f").replace("//", "//name:word@")
    assert "password" in await refusal(fetcher, secret)
    assert "password" in await refusal(fetcher, site.redirect("/r", secret))
    assert site.ledger.of("/f") == []


def test_a_redirect_never_leads_from_https_to_http() -> None:
    with pytest.raises(FetchError):
        next_hop("https://a.example/x", "http://a.example/x")
    assert next_hop("https://a.example/x/y", "../z") == "https://a.example/z"
    assert next_hop("http://a.example/", "//b.example/") == "http://b.example/"


async def test_five_redirects_are_followed_and_a_loop_is_not(
    fetcher: Fetcher, site: FeedServer
) -> None:
    for number in range(5):
        site.redirect(f"/{number}", f"/{number + 1}", 302)
    site.serve("/5", "there")
    assert (await fetcher.fetch(site.url("/0"))).body == b"there"
    assert "without end" in await refusal(fetcher, site.redirect("/loop", "/loop"))
    assert len(site.ledger.of("/loop")) == 6


async def test_only_what_moved_for_good_is_noted_as_moved(
    fetcher: Fetcher, site: FeedServer
) -> None:
    site.redirect("/a", "/b", 301)
    site.redirect("/b", "/c", 302)
    site.redirect("/c", "/d", 308)
    site.serve("/d", "x")
    got = await fetcher.fetch(site.url("/a"))
    assert (got.url, got.permanent_redirect) == (site.url("/d"), site.url("/b"))
    assert (await fetcher.fetch(site.url("/b"))).permanent_redirect == ""


async def test_proxies_of_the_environment_are_not_used(
    fetcher: Fetcher, site: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Listener() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert (await fetcher.fetch(site.serve("/f", "x"))).body == b"x"
        assert proxy.dialled == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compression_bomb_is_not_unpacked(
    fetcher: Fetcher, site: FeedServer, encoding: str
) -> None:
    url = site.bomb("/bomb", 60, encoding)
    assert "more than 5 MiB" in await refusal(fetcher, url)


async def test_what_is_packed_twice_or_by_other_means_is_refused(
    fetcher: Fetcher, site: FeedServer
) -> None:
    assert "compression" in await refusal(fetcher, site.bomb("/nested", 1, layers=2))
    url = site.serve("/br", b"x", headers={"Content-Encoding": "br"})
    assert "compression" in await refusal(fetcher, url)


async def test_compressed_data_that_never_yields_anything_is_cut_off(
    site: FeedServer,
) -> None:
    nothing = gzip.compress(b"", mtime=0) * 5000
    url = site.serve("/nothing", nothing, headers={"Content-Encoding": "gzip"})
    allow = frozenset({site.address})
    async with Fetcher(AGENT, allow=allow, spacing=0, wire_limit=50_000) as fetcher:
        assert "compressed data" in await refusal(fetcher, url)


async def test_an_endless_answer_is_cut_off(fetcher: Fetcher, site: FeedServer) -> None:
    url = site.endless("/endless")
    assert "more than 5 MiB" in await refusal(fetcher, url)
    assert site.ledger.sent["/endless"] < 30 << 20


async def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(
    fetcher: Fetcher, site: FeedServer
) -> None:
    url = site.trickle("/loris", b"<rss>" * 200, 0.05)
    started = time.monotonic()
    assert "too long" in await refusal(fetcher, url, deadline=0.4)
    assert time.monotonic() - started < 10


async def test_a_server_that_says_nothing_is_left_in_time(
    fetcher: Fetcher, site: FeedServer
) -> None:
    assert "too long" in await refusal(fetcher, site.silent("/silent"), deadline=0.3)


async def test_redirects_share_one_deadline(fetcher: Fetcher, site: FeedServer) -> None:
    for number in range(5):
        site.redirect(f"/{number}", f"/{number + 1}", 302, after=0.15)
    site.serve("/5", "x")
    assert "too long" in await refusal(fetcher, site.url("/0"), deadline=0.4)


@pytest.mark.parametrize("data", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n"])
async def test_what_is_no_http_has_a_reason(
    fetcher: Fetcher, site: FeedServer, data: bytes
) -> None:
    assert "127.0.0.1" in await refusal(fetcher, site.raw("/raw", data))


async def test_half_an_answer_is_no_answer(fetcher: Fetcher, site: FeedServer) -> None:
    assert "broke off" in await refusal(fetcher, site.cut("/cut", b"<rss>"))
    half = gzip.compress(b"<rss/>" * 1000, mtime=0)[:-20]
    url = site.serve("/half", half, headers={"Content-Encoding": "gzip"})
    assert "broke off" in await refusal(fetcher, url)


async def test_nobody_is_there(fetcher: Fetcher) -> None:
    assert "no server is known" in await refusal(fetcher, "http://nobody.invalid/")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0)),
        ("gzip", gzip.compress(b"one two", mtime=0) + b"\0" * 30),
        ("x-gzip", gzip.compress(b"one two", mtime=0)),
        ("deflate", zlib.compress(b"one two")),
        ("deflate", zlib.compress(b"one two")[2:-4]),
        ("", b"one two"),
    ],
)
def test_all_ways_to_pack_a_body_are_read(encoding: str, packed: bytes) -> None:
    undo = decoder(encoding)
    body = b"".join(undo.feed(packed[i : i + 5], 100) for i in range(0, len(packed), 5))
    undo.finish()
    assert body == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_no_more_is_unpacked_than_there_is_room_for(encoding: str) -> None:
    bomb = (
        gzip.compress(b"0" * 9_000_000, mtime=0)
        if encoding == "gzip"
        else zlib.compress(b"0" * 9_000_000)
    )
    assert len(decoder(encoding).feed(bomb, 100)) == 101


def test_damaged_compression_is_told() -> None:
    with pytest.raises(BadBody):
        decoder("gzip").feed(b"not gzip at all", 100)
