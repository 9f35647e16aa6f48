"""What stands between the internet and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web as aiohttp_web

from adapters import web
from tests.pages import Installation, Reader, installation


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    async with installation(sqlite_url) as house:
        yield house


@pytest.fixture
async def reader(house: Installation) -> AsyncIterator[Reader]:
    async with Reader(house.address) as reader:
        yield reader


@pytest.mark.parametrize("path", ["/", "/nope", "/healthz", "/static/botbeat.js", "/search?q=%22"])
async def test_every_answer_carries_the_headers_that_keep_it_harmless(
    reader: Reader, path: str
) -> None:
    headers = (await reader.opens(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
    ],
    ids=["other", "null", "cross", "sister", "none", "nothing", "rebound"],
)
async def test_a_form_of_another_site_changes_nothing(
    house: Installation, reader: Reader, headers: dict[str, str]
) -> None:
    number = await house.open_report()
    page = await reader.opens(f"/reports/{number}")
    fields = {**page.form("/comments").fields, "text": "Forged.", "name": "Mallory"}
    address = f"{house.address}/reports/{number}/comments"
    async with reader.session.post(address, data=fields, headers=headers) as answer:
        assert answer.status == 403
        assert "sent from another site" in await answer.text()
    assert house.comments(number) == []


@pytest.mark.parametrize("token", ["", "0" * 32, "ümlaut"], ids=["none", "wrong", "odd"])
async def test_a_form_without_the_browsers_own_token_changes_nothing(
    house: Installation, reader: Reader, token: str
) -> None:
    number = await house.open_report()
    page = await reader.opens(f"/reports/{number}")
    refused = await reader.sends(page, "/comments", text="Forged.", name="Mallory", token=token)
    assert refused.status == 403
    assert house.comments(number) == []


async def test_a_browser_without_cookies_is_told_why_nothing_was_stored(
    house: Installation,
) -> None:
    number = await house.open_report()
    async with Reader(house.address, cookies=False) as reader:
        page = await reader.opens(f"/reports/{number}")
        refused = await reader.sends(page, "/comments", text="Hello", name="Ada")
        assert refused.status == 403
        assert "keeps no cookies" in refused.html


async def test_a_public_name_is_accepted_where_the_pages_live(sqlite_url: str) -> None:
    async with (
        installation(sqlite_url, base_url="http://news.example:8000") as house,
        Reader(house.address) as reader,
    ):
        number = await house.open_report()
        page = await reader.opens(f"/reports/{number}")
        fields = {**page.form("/comments").fields, "text": "Hello", "name": "Ada"}
        ours = {"Host": "news.example:8000", "Origin": "http://news.example:8000"}
        address = f"{house.address}/reports/{number}/comments"
        async with reader.session.post(
            address, data=fields, headers=ours, allow_redirects=False
        ) as answer:
            assert answer.status == 303
        assert house.comments(number) == ["Ada: Hello"]


@pytest.mark.parametrize("status", [413, 415, 411])
async def test_only_small_forms_are_read(house: Installation, reader: Reader, status: int) -> None:
    number = await house.open_report()

    async def in_pieces() -> AsyncIterator[bytes]:
        yield b"text=hello"

    form = "application/x-www-form-urlencoded"
    body, kind = {
        413: (b"text=" + b"x" * 16_000, form),
        415: (b"{}", "application/json"),
        411: (in_pieces(), form),
    }[status]
    headers = {"Origin": house.address, "Content-Type": kind}
    address = f"{house.address}/reports/{number}/comments"
    async with reader.session.post(address, data=body, headers=headers) as answer:
        assert answer.status == status
    assert house.comments(number) == []


async def test_somebody_in_a_great_hurry_is_slowed_down(sqlite_url: str) -> None:
    limits = web.Limits(writes=3, writes_a_second=0.01)
    async with (
        installation(sqlite_url, limits=limits) as house,
        Reader(house.address) as reader,
    ):
        number = await house.open_report()
        page = await reader.opens(f"/reports/{number}")
        for at in range(6):
            answer = await reader.sends(
                page, "/comments", text=f"{at}", name="Ada", form=f"{at:032x}"
            )
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 50
        assert len(house.comments(number)) == 3
        assert (await reader.opens("/")).status == 200


@pytest.mark.parametrize(("proxies", "slowed"), [(0, True), (1, False)])
async def test_only_a_trusted_proxy_says_who_asks(
    sqlite_url: str, proxies: int, slowed: bool
) -> None:
    limits = web.Limits(reads=3, reads_a_second=0.01)
    async with (
        installation(sqlite_url, limits=limits, proxies=proxies) as house,
        Reader(house.address) as reader,
    ):
        answers = [
            await reader.opens("/about", **{"X-Forwarded-For": f"6.6.6.{at}, 10.0.0.{at}"})
            for at in range(6)
        ]
        assert (answers[-1].status == 429) is slowed


async def test_what_an_asker_writes_before_the_proxy_does_not_count(sqlite_url: str) -> None:
    limits = web.Limits(reads=3, reads_a_second=0.01)
    async with (
        installation(sqlite_url, limits=limits, proxies=1) as house,
        Reader(house.address) as reader,
    ):
        answers = [
            await reader.opens("/about", **{"X-Forwarded-For": f"10.0.0.{at}, 9.9.9.9"})
            for at in range(6)
        ]
        assert answers[-1].status == 429


async def test_other_adapters_answer_under_their_prefix_as_they_like(
    house: Installation,
) -> None:
    async def event(request: aiohttp_web.Request) -> aiohttp_web.Response:
        return aiohttp_web.json_response({"got": len(await request.read())})

    other = aiohttp_web.Application()
    other.router.add_post("/events", event)
    app = web.create(house.bot, mounts={"/slack": other})
    async with web.serve(app, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
        async with session.post(f"{address}/slack/events", data=b"x" * 50_000) as answer:
            assert await answer.json() == {"got": 50_000}
        async with session.post(f"{address}/slack/nope") as answer:
            assert answer.status == 404


async def test_the_server_stops_though_pages_are_open(sqlite_url: str) -> None:
    async with Reader("http://127.0.0.1") as reader:
        async with installation(sqlite_url) as house:
            stream = await reader.session.get(house.address + "/live")
            await stream.content.readline()
            leaving = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - leaving < 3
        stream.close()
