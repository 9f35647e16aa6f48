"""The pages as people read them."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from adapters import web
from bot.model import Sighting, Takeaway
from tests.pages import Installation, Page, Reader, installation


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    async with installation(sqlite_url) as house:
        yield house


@pytest.fixture
async def reader(house: Installation) -> AsyncIterator[Reader]:
    async with Reader(house.address) as reader:
        yield reader


def words(page: Page) -> str:
    """A page's text without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.html).split())


async def test_the_first_page_lists_the_newest_reports_by_day(
    house: Installation, reader: Reader
) -> None:
    house.news("Qwen 3 released", published=time.time() - 3 * 86400)
    house.news("Qwen 4 released")
    page = await reader.opens("/")
    assert page.status == 200
    assert page.html.index("Qwen 4 released") < page.html.index("Qwen 3 released")
    assert page.html.count('<h2 class="day">') == 2


async def test_reports_can_be_narrowed_to_a_company_and_a_kind(
    house: Installation, reader: Reader
) -> None:
    house.news("Qwen 4 released")
    house.news("Qwen team publishes a paper", type="RESEARCH")
    house.news("Gemini paper", type="RESEARCH", companies=("google",))
    page = await reader.opens("/?company=alibaba&type=research")
    assert "Qwen team publishes a paper" in page.html
    assert "Qwen 4 released" not in page.html
    assert "Gemini paper" not in page.html


async def test_older_reports_are_on_the_next_page(house: Installation, reader: Reader) -> None:
    for number in range(23):
        house.news(f"Report {number}", published=time.time() - 100 - number)
    first, second = await reader.opens("/"), await reader.opens("/?page=2")
    assert "Page 1 of 2" in words(first)
    assert "Report 19<" in first.html
    assert "Report 20<" not in first.html
    assert "Report 22<" in second.html


RICH: dict[str, object] = {
    "source_title": "Asserting leadership",
    "url": "https://policy.example/p/asserting",
    "type": "INDUSTRY REPORT",
    "takeaways": (
        Takeaway("Open source is the foundation.", "It is the layer on which all else stands."),
        Takeaway("Nobody said this."),
    ),
    "summary": "First paragraph.\nSecond paragraph.",
    "opinion": "This is a shift.",
    "writer": "qwen3-32b",
    "tags": ("Generative AI", "Regulation & Policy"),
    "sightings": (
        Sighting(
            "Hacker News",
            "https://policy.example/p/asserting",
            "https://news.ycombinator.com/item?id=1",
            312,
        ),
    ),
}
"""All that a report can have, as in the page that started it all."""


async def test_a_report_page_shows_everything_there_is_to_the_report(
    house: Installation, reader: Reader
) -> None:
    number = house.news("Chinese models lead", **RICH)
    house.news("Another by Alibaba", tags=())
    house.news("Google on policy", companies=("google",), tags=("Regulation & Policy",))
    page = await reader.opens(f"/reports/{number}")
    text = words(page)
    for expected in (
        "Alibaba (Cloud)",
        "INDUSTRY REPORT",
        "Original headline: Asserting leadership",
        "Key Takeaways",
        "It is the layer on which all else stands.",
        "Nobody said this. no quote found",
        "Hacker News, 312 points",
        "https://policy.example/p/asserting ↗",
        "First paragraph. Second paragraph.",
        "Editorial Opinion This is a shift. qwen3-32b",
        "were written by qwen3-32b",
        "Regulation &amp; Policy",
        "More from Alibaba (Cloud)",
        "Another by Alibaba",
        "Suggested",
        "Google on policy",
        "← Back to news",
        "© 2026 BotBeat",
        "Contact Us",
    ):
        assert expected in text, expected
    assert 'href="https://news.ycombinator.com/item?id=1"' in page.html
    assert 'href="/search?q=tag:regulation-policy"' in page.html
    assert "#:~:text=It%20is%20the%20layer" in page.html


async def test_an_extracted_report_says_that_its_words_are_the_originals(
    house: Installation, reader: Reader
) -> None:
    page = await reader.opens(f"/reports/{house.news()}")
    assert "Takeaways and summary are sentences of the source" in page.html
    assert "Editorial Opinion" not in page.html


async def test_a_withdrawn_report_is_struck_with_its_reason(
    house: Installation, reader: Reader
) -> None:
    number = house.news("Qwen 5 released", withdrawn="The company calls it a hoax.")
    for path in ("/", f"/reports/{number}"):
        page = await reader.opens(path)
        assert "<s>Qwen 5 released</s>" in page.html
        assert "The company calls it a hoax." in page.html


async def test_a_search_says_how_many_and_marks_the_words(
    house: Installation, reader: Reader
) -> None:
    house.news("Qwen3.6-27B is out", summary="The model Qwen 3.6 runs on a laptop.")
    house.news("Gemini is out", companies=("google",))
    page = await reader.opens("/search?q=qwen")
    assert "1 report for qwen" in words(page)
    assert "<mark>Qwen</mark>3.6-27B is out" in page.html
    assert "Gemini is out" not in page.html


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("type:opensource", "Did you mean: open-source"),
        ("colour:red", "Unknown key"),
        ('""', "nothing to search for"),
        ("x" * 10_000, "10,000 characters long"),
        ("%E6%A8%A1" * 10_000, "10,000 characters long"),
        ("c%2B%2B%00%ED%A0%80", "no letter or digit"),
    ],
    ids=["type", "key", "quotes", "long", "long Chinese", "broken"],
)
async def test_a_search_that_finds_nothing_is_answered_in_plain_words(
    house: Installation, reader: Reader, typed: str, answer: str
) -> None:
    page = await reader.opens(f"/search?q={typed}")
    assert page.status == 200
    assert answer in page.html
    assert "Nothing was changed" not in page.html


async def test_a_company_has_a_page_and_an_unknown_one_has_none(
    house: Installation, reader: Reader
) -> None:
    house.news()
    page = await reader.opens("/companies/alibaba")
    assert "Alibaba (Cloud)" in page.html
    assert "1 report" in page.html
    assert "/botbeat subscribe company:alibaba" in page.html
    assert (await reader.opens("/companies")).html.count("1 report") == 1
    assert (await reader.opens("/companies/no-such-company")).status == 404


@pytest.mark.parametrize("path", ["/about", "/privacy", "/terms", "/contact", "/companies", "/"])
async def test_every_page_has_the_prompt_and_the_footer(reader: Reader, path: str) -> None:
    page = await reader.opens(path)
    assert page.status == 200
    assert 'role="search"' in page.html
    assert "▌" in page.html
    for name in ("About", "Privacy Policy", "Terms of Service", "Contact Us"):
        assert name in page.html


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/reports/1",
        "/reports/9999999999999999999",
        "/static/%2e%2e/server.py",
        "/static/",
        "/chat/x",
    ],
)
async def test_what_does_not_exist_is_one_clear_page(reader: Reader, path: str) -> None:
    page = await reader.opens(path)
    assert page.status == 404
    assert "Back to news" in page.html


async def test_health_is_asked_without_a_write(house: Installation, reader: Reader) -> None:
    before = house.store.version()
    page = await reader.opens("/healthz")
    assert page.html == '{"status": "ok"}'
    assert house.store.version() == before


async def test_a_fault_of_ours_shows_no_traceback(
    house: Installation, reader: Reader, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("ALTER TABLE article RENAME TO lost")
    page = await reader.opens("/")
    assert page.status == 500
    assert "Something broke on our side." in page.html
    assert "Nothing that was stored before is lost" in page.html
    assert "Traceback" not in page.html
    assert "article" not in page.html
    assert "a page failed: GET /" in caplog.text


async def test_a_reader_gets_no_cookie_where_nothing_can_be_written(
    house: Installation, reader: Reader
) -> None:
    page = await reader.opens(f"/reports/{house.news()}")
    assert "Set-Cookie" not in page.headers
    assert "Set-Cookie" not in (await reader.opens("/")).headers


async def test_an_open_page_hears_of_changes(house: Installation, reader: Reader) -> None:
    async with reader.session.get(house.address + "/live") as stream:
        assert stream.content_type == "text/event-stream"
        assert (await stream.content.readline()).startswith(b"event: hello")
        house.news()
        while b"event: changed" not in await stream.content.readline():
            pass


async def test_a_page_too_many_is_told_to_reload(sqlite_url: str) -> None:
    async with (
        installation(sqlite_url, limits=web.Limits(connections=1)) as house,
        Reader(house.address) as reader,
        reader.session.get(house.address + "/live") as stream,
    ):
        await stream.content.readline()
        async with asyncio.timeout(20):
            refused = await reader.opens("/live")
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "30"
