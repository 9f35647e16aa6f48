"""Lists of reports: their order, their days, and which page of them is shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from tests.pages import Installation, Reader, installation


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[Installation]:
    async with installation(sqlite_url) as house:
        yield house


@pytest.fixture
async def reader(house: Installation) -> AsyncIterator[Reader]:
    async with Reader(house.address) as reader:
        yield reader


@pytest.mark.parametrize(
    "path", ["/companies/alibaba", "/search?q=company:alibaba", "/?company=alibaba"]
)
async def test_a_list_without_words_is_in_the_order_of_its_days(
    house: Installation, reader: Reader, path: str
) -> None:
    # Best order would put the discussed report of last week first.
    house.news("Old and discussed", published=time.time() - 6 * 86400, score=9.0)
    house.news("New and quiet", score=1.0)
    page = await reader.opens(path)
    assert page.html.index("New and quiet") < page.html.index("Old and discussed")
    assert page.html.count('<h2 class="day">') == 2


async def test_only_an_order_by_time_has_days(house: Installation, reader: Reader) -> None:
    house.news("Qwen 4 released")
    assert '<h2 class="day">' not in (await reader.opens("/search?q=qwen")).html
    assert '<h2 class="day">' in (await reader.opens("/search?q=qwen+sort:new")).html


async def test_a_page_named_in_the_search_is_the_one_shown(
    house: Installation, reader: Reader
) -> None:
    for number in range(23):
        house.news(f"Report {number}", published=time.time() - 100 - number)
    second = await reader.opens("/search?q=company:alibaba+page:2")
    assert "Page 2 of 2" in second.html
    assert "Report 22<" in second.html
    first = await reader.opens("/search?q=company:alibaba+page:2&page=1")
    assert "Page 1 of 2" in first.html, "a link chooses over the words"
    assert "Report 0<" in first.html
    few = await reader.opens("/search?q=company:alibaba+page:2+limit:3")
    assert "Page 2 of 8" in few.html
    assert few.html.count('<li class="row"') == 3
    beyond = await reader.opens("/search?q=company:alibaba+page:9")
    assert "There is no page 9." in beyond.html
