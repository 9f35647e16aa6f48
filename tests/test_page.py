"""Pages: what is taken out of them, who may read them, and what happens to those that resist."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from adapters.feeds.feed import NotAFeed
from adapters.feeds.fetch import Fetcher, FetchError
from adapters.feeds.page import extract
from adapters.feeds.reader import Reader
from adapters.feeds.sandbox import Sandbox, SandboxError
from adapters.feeds.sandboxed import answer
from bot.model import Page
from tests.servers.feeds import FeedServer
from tests.waiting import until

WORDS = "Alibaba has released the weights of Qwen 4 under a free licence. "
ARTICLE = f"""<!DOCTYPE html><html lang="en"><head><title>Qwen 4 released &amp; free</title>
<meta name="author" content="Ada Lovelace">
<link rel="canonical" href="https://news.example/qwen-4">
<meta property="article:published_time" content="2026-04-24T03:06:40Z"></head><body>
<nav><a href="/">Home</a> <a href="/about">About us</a></nav><article>
<h1>Qwen 4 released &amp; free</h1>
<p>{WORDS * 3}</p><p>Tests are not out yet, says the company in its note of today.</p>
<script>alert("no")</script></article><footer>All rights reserved, cookies</footer></body></html>"""
FEED = b"<rss version='2.0'><channel><title>T</title><item><title>A</title></item></channel></rss>"


@pytest.fixture
async def reader(site: FeedServer) -> AsyncIterator[Reader]:
    allow = frozenset({site.address})
    async with Fetcher("BotBeat/0.1", allow=allow, spacing=0) as fetcher, Reader(fetcher) as opened:
        yield opened


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox()
    yield made
    await made.close()


def test_a_page_is_its_article_without_its_menus() -> None:
    page = extract(ARTICLE.encode(), "https://news.example/qwen-4?utm_source=x")
    assert (page.title, page.author) == ("Qwen 4 released & free", "Ada Lovelace")
    assert WORDS.strip() in page.text
    assert "Tests are not out yet" in page.text
    assert "alert" not in page.text
    assert "cookies" not in page.text
    assert page.published == 1_776_988_800  # the day; libraries for pages tell no more
    assert page.url == "https://news.example/qwen-4"


@pytest.mark.parametrize("told", ["https://other.example/qwen-4", "https://news.example/", "/"])
def test_a_page_cannot_pass_itself_off_as_another(told: str) -> None:
    html = ARTICLE.replace('href="https://news.example/qwen-4"', f'href="{told}"')
    assert extract(html.encode(), "https://news.example/a").url == "https://news.example/a"


@pytest.mark.parametrize("html", [b"", b" ", b"\0\0", b"<html></html>", b"{}", b"\xff\xfe<"])
def test_a_page_that_says_nothing_is_empty(html: bytes) -> None:
    assert extract(html, "https://news.example/a") == Page("https://news.example/a")


def test_the_encoding_of_a_page_is_found() -> None:
    html = ARTICLE.replace("Tests", "Café-Tests").replace(
        "<head>", '<head><meta charset="iso-8859-1">'
    )
    assert "Café-Tests" in extract(html.encode("latin1"), "https://news.example/a").text
    header = "text/html; charset=windows-1252"
    assert "Café-Tests" in extract(html.encode("cp1252"), "https://news.example/a", header).text


async def test_a_page_is_fetched_and_read(reader: Reader, site: FeedServer) -> None:
    site.redirect("/go", "/post")
    site.serve("/post", ARTICLE, content_type="text/html; charset=utf-8")
    page = await reader.read(site.url("/go"))
    assert page.url == site.url("/post")
    assert WORDS.strip() in page.text


async def test_what_is_no_page_has_no_text(reader: Reader, site: FeedServer) -> None:
    url = site.serve("/paper.pdf", b"%PDF-1.4", content_type="application/pdf")
    assert await reader.read(url) == Page(url)


async def test_a_page_that_is_refused_has_a_reason(reader: Reader, site: FeedServer) -> None:
    with pytest.raises(FetchError, match="status 404"):
        await reader.read(site.url("/missing"))


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", {"/post"}),
        ("User-agent: BotBeat\nDisallow: /\n\nUser-agent: *\nDisallow:", set()),
        ("User-agent: *\nDisallow: /\n\nUser-agent: botbeat\nDisallow: /private", {"/post"}),
        ("User-agent: OtherBot\nDisallow: /", {"/post", "/private"}),
        ("", {"/post", "/private"}),
        ("\0\xff nonsense", {"/post", "/private"}),
    ],
)
async def test_pages_are_read_where_robots_may(
    reader: Reader, site: FeedServer, rules: str, allowed: set[str]
) -> None:
    site.serve("/robots.txt", rules, content_type="text/plain")
    for path in ("/post", "/private"):
        url = site.serve(path, ARTICLE, content_type="text/html")
        if path in allowed:
            assert (await reader.read(url)).text
        else:
            with pytest.raises(FetchError, match="robots"):
                await reader.read(url)
    assert {asked.path for asked in site.ledger.asked} == allowed | {"/robots.txt"}
    assert len(site.ledger.of("/robots.txt")) == 1


async def test_a_host_that_cannot_say_what_robots_may_says_no(
    reader: Reader, site: FeedServer
) -> None:
    site.serve("/robots.txt", "", status=503)
    with pytest.raises(FetchError, match="robots"):
        await reader.read(site.serve("/post", ARTICLE, content_type="text/html"))


async def test_feeds_are_read_in_the_sandbox_as_outside_of_it(reader: Reader) -> None:
    feed = await reader.feed(FEED, "https://news.example/feed", "")
    assert [found.title for found in feed.entries] == ["A"]
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/f">'
    with pytest.raises(NotAFeed, match="web page") as caught:
        await reader.feed(page, "https://news.example/", "text/html")
    assert caught.value.feeds == ("https://news.example/f",)


async def test_what_takes_too_long_is_killed_and_the_next_is_read() -> None:
    slow = Sandbox(seconds=0.01)
    with pytest.raises(SandboxError, match="longer"):
        await slow.read("feed", FEED, "https://news.example/feed", "")
    assert not slow.running
    with pytest.raises(SandboxError):
        await slow.read("feed", FEED, "https://news.example/feed", "")
    await slow.close()


async def test_a_sandbox_that_dies_is_replaced(sandbox: Sandbox) -> None:
    await sandbox.read("feed", FEED, "https://news.example/feed", "")
    assert sandbox.pid
    os.kill(sandbox.pid, 9)
    await asyncio.sleep(0.1)
    known = await sandbox.read("feed", FEED, "https://news.example/feed", "")
    assert known["title"] == "T"


async def test_a_reading_that_is_cancelled_leaves_no_answer_for_the_next(sandbox: Sandbox) -> None:
    await sandbox.read("feed", FEED, "https://news.example/feed", "")
    reading = asyncio.create_task(
        sandbox.read("page", ARTICLE.encode(), "https://news.example/a", "")
    )
    await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    known = await sandbox.read("feed", FEED, "https://news.example/feed", "")
    assert known["title"] == "T"


async def test_a_sandbox_without_work_ends() -> None:
    idle = Sandbox(idle=0.05)
    await idle.read("feed", FEED, "https://news.example/feed", "")
    assert idle.running
    await until(lambda: not idle.running)
    assert (await idle.read("feed", FEED, "https://news.example/feed", ""))["title"] == "T"
    await idle.close()


async def test_the_sandbox_has_none_of_our_secrets_and_little_memory(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTBEAT_SLACK_BOT_TOKEN", "xoxb-secret")
    await sandbox.read("feed", FEED, "https://news.example/feed", "")
    process = Path(f"/proc/{sandbox.pid}")
    assert b"secret" not in (process / "environ").read_bytes()
    limits = (process / "limits").read_text()
    assert re.search(r"Max address space +1073741824 ", limits)


async def test_the_sandbox_ends_with_the_process_that_started_it() -> None:
    command = (sys.executable, "-m", "adapters.feeds.sandboxed")
    child = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 20) == 0


def test_whatever_breaks_comes_back_as_one_line() -> None:
    assert answer("feed", cast(bytes, None), "", "") == {"broken": "TypeError"}
