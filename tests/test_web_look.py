"""How the pages look in a real browser: on a phone, with long words, without motion."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser import needs_browser, window
from tests.pages import Installation

pytestmark = needs_browser


async def test_on_a_phone_nothing_overflows_and_everything_can_be_tapped(
    browser: Browser, house: Installation
) -> None:
    number = await house.open_report(
        "Averyveryverylongheadlinewithoutanyspacesthatwouldpushthepageoutofitsframe " * 2,
        url="https://news.example/" + "long" * 60,
    )
    async with window(browser, house, 390, 844) as seen:
        for path in ("/", f"/reports/{number}", "/search?q=open", "/companies", "/about"):
            await seen.opens(house.address + path)
            wider = "document.documentElement.scrollWidth - innerWidth"
            assert await seen.page.evaluate(wider) <= 0, path
            small = await seen.page.eval_on_selector_all(
                "button, .button, .chip, .tabs label, .tags a, textarea, summary, footer a, "
                "input:not([type=hidden], .tab-switch), .site-nav a, .back a",
                """all => all.filter(one => one.offsetParent && one.offsetHeight < 40)
                    .map(one => one.outerHTML.slice(0, 80))""",
            )
            assert small == [], path
        await seen.opens(house.address + "/")
        await expect(seen.page.locator("#list")).not_to_be_visible()
        await seen.page.get_by_text("News", exact=True).first.click()
        await expect(seen.page.locator("#list")).to_be_visible()
        await expect(seen.page.locator("#scroll-ai-news")).not_to_be_visible()
        assert seen.faults == []


@pytest.mark.parametrize(
    ("width", "height", "highest", "prompt"),
    [(390, 844, 130, 300), (1024, 768, 90, 320), (1440, 900, 90, 380)],
)
async def test_long_news_of_the_reading_leaves_room_for_the_rest(
    browser: Browser, house: Installation, width: int, height: int, highest: int, prompt: int
) -> None:
    async with window(browser, house, width, height) as seen:
        await seen.opens(house.address + "/")
        await seen.page.evaluate(
            """() => { const line = document.createElement("span"); line.className = "progress";
                line.textContent = "A very long headline of some report ".repeat(9);
                document.getElementById("status").prepend(line); }"""
        )
        assert await seen.page.locator("header").first.evaluate("it => it.offsetHeight") <= highest
        assert await seen.page.locator(".prompt").evaluate("it => it.offsetWidth") >= prompt
        assert await seen.page.evaluate("document.documentElement.scrollWidth") <= width
        middle = "one => one.getBoundingClientRect().y + one.offsetHeight / 2"
        brand = await seen.page.locator(".brand").evaluate(middle)
        button = await seen.page.locator("#worker button").evaluate(middle)
        assert abs(brand - button) < 8


async def test_a_long_answer_leaves_most_of_the_channel_in_sight(
    browser: Browser, house: Installation
) -> None:
    for at in range(12):
        house.news(f"Qwen number {at} released")
    async with window(browser, house, 390, 844) as seen:
        await seen.opens(house.address + "/")
        await seen.page.fill("#command-ai-news [name=text]", "/botbeat qwen")
        await seen.page.press("#command-ai-news [name=text]", "Enter")
        answers = seen.page.locator("#answers-ai-news")
        await expect(answers.locator(".answer")).to_have_count(1)
        share = "one => one.offsetHeight / one.closest('.pane').offsetHeight"
        assert await answers.evaluate(share) <= 0.46
        scroll = answers.locator(".answers-scroll")
        assert await scroll.evaluate("it => it.scrollHeight > it.clientHeight")
        await expect(answers.get_by_role("button", name="Dismiss")).to_be_in_viewport()


async def test_who_wants_no_motion_sees_none(browser: Browser, house: Installation) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(house.address + "/about")
    style = "one => getComputedStyle(one).animationName"
    assert await page.locator(".cursor").first.evaluate(style) == "none"
    await context.close()
