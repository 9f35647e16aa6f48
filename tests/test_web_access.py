"""The pages for those who see little, or use no mouse: checked by axe, and by keys alone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # has none
from playwright.async_api import Browser, Locator, Page, expect

from adapters.web import Limits
from bot.model import PAGE, MessageRef, Person, Sighting, Takeaway
from tests.browser import needs_browser, window
from tests.pages import Installation, installation

pytestmark = needs_browser

WINDOWS = {"phone": (390, 844), "desktop": (1440, 900)}
WORDS = "**Impressive**, see https://news.example/a\n\n> All weights are open\n\n`pip install qwen`"


@pytest.fixture
async def pages(sqlite_url: str) -> AsyncIterator[Installation]:
    """The pages as they are outside the demo, where the first one is the list of reports."""
    roomy = Limits(reads=100_000, writes=100_000)
    async with installation(sqlite_url, limits=roomy) as pages:
        yield pages


async def _told(house: Installation) -> int:
    """Some news, and a report with all that a report may have; its number."""
    house.news("Gemini 4 released", companies=("google", "nvidia"), type="PRODUCT LAUNCH")
    house.news("A paper on memory", companies=(), type="RESEARCH", published=time.time() - 90_000)
    house.news("Qwen is taken back", withdrawn="The source took it back.", type="UPDATE")
    for kind in ("INDUSTRY REPORT", "FUNDING & BUSINESS", "POLICY & REGULATION", "PARTNERSHIP"):
        house.news(f"News of the kind {kind}", type=kind, companies=(kind.split()[0].lower(),))
    number = await house.open_report(
        "Qwen 4 released",
        companies=("alibaba", "google"),
        type="OPINION",
        source_title="Qwen 4: the weights are open",
        takeaways=(
            Takeaway("The weights are open.", "All weights are open to everyone."),
            Takeaway("It is quick."),
        ),
        opinion="A strong release.",
        writer="llama-4",
        tags=("Open Source", "Generative AI"),
        sightings=(Sighting("Hacker News", "https://news.example/a", "https://hn.example/1", 312),),
        revision=2,
    )
    for at, name in enumerate(("Ada", "Bob")):
        await house.bot.comment_posted(
            MessageRef(PAGE, f"comment {at}"),
            MessageRef(PAGE, str(number)),
            Person("web", name, name),
            WORDS,
            time.time() - 60 + at,
        )
    await house.bot.comment_edited(MessageRef(PAGE, "comment 1"), WORDS + "!", time.time())
    await house.settle()
    return number


async def _faults(page: Page, where: str) -> list[str]:
    """What axe calls serious or critical, on a phone and a desktop, in light and dark."""
    found: list[str] = []
    # Nothing but the colours is different in the dark.
    for light, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        await page.emulate_media(color_scheme="dark" if light == "dark" else "light")
        for name, (width, height) in WINDOWS.items():
            await page.set_viewport_size({"width": width, "height": height})
            results = await Axe().run(page, options={"resultTypes": ["violations"], **rules})
            found += [
                f"{where}, {name}, {light}: {fault['id']} at {place['target']}"
                for fault in results.response["violations"]
                if fault["impact"] in ("serious", "critical")
                for place in fault["nodes"]
            ]
    return found


async def test_no_page_has_a_serious_fault_in_any_light_or_width(
    browser: Browser, pages: Installation
) -> None:
    number = await _told(pages)
    found: list[str] = []
    async with window(browser, pages) as seen:
        for path in (
            *("/", "/search?q=qwen", "/search?q=nothing+at+all"),
            *("/search?q=type:", "/companies", "/companies/alibaba", f"/reports/{number}"),
            *("/about", "/privacy", "/terms", "/contact", "/reports/1"),
        ):
            await seen.opens(pages.address + path)
            found += await _faults(seen.page, path)
    assert found == []


async def test_the_channels_have_no_serious_fault_with_a_thread_and_an_answer_open(
    browser: Browser, house: Installation
) -> None:
    number = await _told(house)
    house.chooses("share", page=True, room="research")
    await house.delivers(number, to="research")
    async with window(browser, house) as seen:
        await seen.opens(f"{house.address}/?report={number}")
        left = seen.page.locator("#scroll-ai-news")
        await left.locator(".reply textarea").fill("Impresive!")
        await left.locator(".reply textarea").press("Enter")
        await seen.page.fill("#command-ai-news [name=text]", "/botbeat qwen")
        await seen.page.press("#command-ai-news [name=text]", "Enter")
        await expect(seen.page.locator("#answers-ai-news .answer")).to_have_count(1)
        await left.locator("summary", has_text="Edit").click()
        found = await _faults(seen.page, "with a report")
        # On a phone one pane is seen at a time.
        await seen.page.locator("#tab-ai-news").evaluate("it => { it.checked = true; }")
        found += await _faults(seen.page, "the first channel")
        await seen.opens(house.address + "/?q=qwen")
        found += await _faults(seen.page, "with a search")
    assert found == []


SEEN = """() => {
    const it = document.activeElement;
    const shown = it.type === "radio" ? it.labels[0] : it;
    const [box] = shown.getClientRects(), style = getComputedStyle(shown);
    if (!box || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return false;
    const x = box.x + Math.min(box.width, innerWidth) / 2, y = box.y + box.height / 2;
    return shown.contains(document.elementFromPoint(x, y));
}"""
"""Whether what has the focus has a line around it, in the window and under nothing else."""


async def _goes_to(page: Page, aim: Locator, key: str = "Tab") -> None:
    """Press the key until `aim` has the focus, which can be seen at every step."""
    for _ in range(60):
        await page.keyboard.press(key)
        at = await page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert await page.evaluate(SEEN), f"nobody sees that the focus is at {at}"
        if await aim.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"60 times {key} did not lead to {aim}")


async def test_one_skips_searches_opens_writes_edits_and_deletes_by_keys_alone(
    browser: Browser, pages: Installation
) -> None:
    number = await _told(pages)
    async with window(browser, pages) as seen:
        page, keys = seen.page, seen.page.keyboard
        await seen.opens(pages.address + "/")
        await _goes_to(page, page.locator(".skip"))
        await keys.press("Enter")
        await keys.press("Tab")
        await expect(page.locator("#main a").first).to_be_focused()
        await seen.opens(pages.address + "/")
        await _goes_to(page, page.locator("#search"))
        await _goes_to(page, page.locator(f".row a[href='/reports/{number}']"))
        await keys.press("Enter")
        await expect(page.locator("h1")).to_have_text("Qwen 4 released")
        await _goes_to(page, page.locator("#comment-form [name=name]"))
        await keys.type("Cleo")
        await _goes_to(page, page.locator("#comment-form textarea"))
        await keys.type("Impresive!")
        await _goes_to(page, page.get_by_role("button", name="Post comment"))
        await keys.press("Enter")
        words = page.locator("#thread .words").nth(2)
        await expect(words).to_have_text("Impresive!")
        await expect(page.get_by_role("button", name="Post comment")).to_be_focused()
        own = page.locator(".own")
        await _goes_to(page, own.locator("summary"), "Shift+Tab")
        await keys.press("Enter")
        await _goes_to(page, own.locator("textarea"))
        await keys.press("ControlOrMeta+a")
        await keys.type("Impressive!")
        await _goes_to(page, own.get_by_role("button", name="Save"))
        await keys.press("Enter")
        await expect(words).to_have_text("Impressive!")
        await expect(own.locator("summary")).to_be_focused()
        await _goes_to(page, own.get_by_role("button", name="Delete"))
        await keys.press("Enter")
        await expect(page.locator("#thread .comment")).to_have_count(2)
        await expect(page.locator("#comments")).to_be_focused()


@pytest.mark.parametrize("device", WINDOWS)
async def test_in_the_channels_one_asks_and_comments_by_keys_alone(
    browser: Browser, house: Installation, device: str
) -> None:
    number = await _told(house)
    house.chooses("share", page=True, room="research")
    await house.delivers(number, to="research")
    async with window(browser, house, *WINDOWS[device]) as seen:
        page, keys = seen.page, seen.page.keyboard
        await seen.opens(house.address + "/")
        if device == "phone":
            await _goes_to(page, page.locator("#tab-ai-news"))
            await keys.press("ArrowRight")
            await expect(page.locator("#scroll-research")).to_be_visible()
        room = page.locator("#scroll-research")
        await _goes_to(page, room.locator(".reply textarea"))
        await keys.type("Impressive!")
        await keys.press("Enter")
        await expect(room.locator(".words")).to_have_text("Impressive!")
        await expect(room.locator(".reply textarea")).to_be_focused()
        await expect(page.locator("#scroll-ai-news .words").last).to_have_text("Impressive!")
        await _goes_to(page, page.locator("#command-research [name=text]"))
        await keys.type("/botbeat qwen")
        await keys.press("Enter")
        await expect(page.locator("#answers-research .answer")).to_have_count(1)
        await _goes_to(page, page.locator("#answers-research .answers-scroll"))
        share = page.locator("#answers-research").get_by_role("button", name="Share").first
        await _goes_to(page, share)
        await _goes_to(page, page.get_by_role("button", name="Dismiss"), "Shift+Tab")
        await keys.press("Enter")
        await expect(page.locator("#answers-research")).to_be_empty()
        await expect(page.locator("#command-research .primary")).to_be_focused()
