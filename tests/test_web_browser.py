"""The pages in a real browser: nothing foreign acts, and open pages follow what happens.

Chromium is taken from `BOTBEAT_CHROMIUM` or /usr/bin/chromium; without one these tests skip.
"""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Route, expect

from bot.model import PAGE, MessageRef, Person, Sighting, Takeaway
from tests.browser import needs_browser, window
from tests.pages import Installation
from tests.test_web_words import ATTACKS

pytestmark = needs_browser


async def test_hostile_words_do_nothing_anywhere(browser: Browser, house: Installation) -> None:
    number = await _hostile_report(house)
    async with window(browser, house) as seen:
        for path in ("/", f"/reports/{number}", f"/?report={number}", "/search?q=alert", "/chat"):
            await seen.opens(house.address + path)
            await seen.page.wait_for_timeout(100)
            for area in await seen.page.locator("details").all():
                await area.evaluate("area => area.open = true")
        await seen.opens(f"{house.address}/reports/{number}")
        links = await seen.page.eval_on_selector_all("a[href]", "all => all.map(a => a.protocol)")
        assert set(links) <= {"http:", "https:"}
        await seen.page.goto(
            f"{house.address}/search?q={'%22%3E%3Cscript%3Ealert(1)%3C/script%3E'}"
        )
        assert await seen.page.locator("main script").count() == 0
        assert await seen.page.locator("[onerror], [onload], [style], iframe, base").count() == 0
        assert seen.faults == []


async def _hostile_report(house: Installation) -> int:
    """A report and its comments whose every word means harm."""
    everything = " ".join(ATTACKS)
    number = await house.open_report(
        everything,
        url="javascript:alert(1)",
        source_title=ATTACKS[3],
        takeaways=tuple(Takeaway(attack, attack) for attack in ATTACKS),
        summary=everything,
        opinion=everything,
        writer=ATTACKS[0],
        tags=tuple(ATTACKS[:4]),
        companies=(ATTACKS[0],),
        lang='"><script>alert(1)</script>',
        withdrawn="",
        sightings=(
            Sighting(ATTACKS[1], "javascript:alert(1)", "javascript:alert(2)", 3),
            Sighting(ATTACKS[2], 'https://x.example/"onclick="alert(1)'),
        ),
    )
    for at, attack in enumerate(ATTACKS):
        await house.bot.comment_posted(
            MessageRef(PAGE, f"attack {at}"),
            MessageRef(PAGE, str(number)),
            Person("web", f"mallory {at}", attack),
            attack,
            1_777_000_000 + at,
        )
    await house.settle()
    return number


async def test_a_comment_its_edit_and_its_end_are_seen_live_in_the_other_channel(
    browser: Browser, house: Installation
) -> None:
    number = await house.open_report("Qwen 4 released")
    house.chooses("share", page=True, room="research")
    await house.delivers(number, to="research")
    async with window(browser, house) as seen:
        await seen.opens(f"{house.address}/?report={number}")
        left, right = seen.page.locator("#scroll-ai-news"), seen.page.locator("#scroll-research")
        own_page = seen.page.locator("#comments")
        box = left.locator(".reply textarea")
        await box.fill("Impresive!")
        await box.press("Enter")
        await expect(right.locator(".comment")).to_contain_text("You in #ai-news")
        await expect(right.locator(".words")).to_have_text("Impresive!")
        await expect(own_page.locator(".words")).to_have_text("Impresive!")
        await expect(box).to_have_value("")
        await expect(box).to_be_focused()
        await left.locator("summary", has_text="Edit").click()
        await left.locator(".own textarea").fill("Impressive!")
        await left.get_by_role("button", name="Save").click()
        await expect(right.locator(".words")).to_have_text("Impressive!")
        await expect(right.locator(".comment-top")).to_contain_text("edited")
        await left.get_by_role("button", name="Delete").click()
        await expect(right.locator(".comment")).to_have_count(0)
        await expect(own_page.locator(".comment")).to_have_count(0)
        assert seen.faults == []


async def test_what_somebody_writes_stays_while_others_comment(
    browser: Browser, house: Installation
) -> None:
    number = await house.open_report()
    async with window(browser, house) as seen:
        await seen.opens(f"{house.address}/reports/{number}")
        form_id = await seen.page.input_value("#comment-form [name=form]")
        await seen.page.fill("#comment-form [name=name]", "Ada")
        await seen.page.locator("#comment-form textarea").press_sequentially("Half a thou")
        for at in range(3):
            await house.bot.comment_posted(
                MessageRef(PAGE, f"other {at}"),
                MessageRef(PAGE, str(number)),
                Person("web", "bob", "Bob"),
                f"Remark {at}",
                1_777_000_000 + at,
            )
            await expect(seen.page.locator("#comments .comment")).to_have_count(at + 1)
        await seen.page.locator("#comment-form textarea").press_sequentially("ght")
        # Sent again after a lost answer, it must be the same comment.
        assert await seen.page.input_value("#comment-form [name=form]") == form_id
        await seen.page.get_by_role("button", name="Post comment").click()
        await expect(seen.page.locator("#comments .comment")).to_have_count(4)
        assert "Ada: Half a thought" in house.comments(number)
        await expect(seen.page.locator("#comment-form textarea")).to_have_value("")
        assert await seen.page.input_value("#comment-form [name=form]") != form_id
        await seen.page.fill("#comment-form textarea", "Another")
        await seen.page.get_by_role("button", name="Post comment").click()
        await expect(seen.page.locator("#comments .comment")).to_have_count(5)
        assert seen.faults == []


async def test_a_refused_comment_stays_in_the_box_with_the_reason(
    browser: Browser, house: Installation
) -> None:
    number = await house.open_report()
    async with window(browser, house) as seen:
        await seen.opens(f"{house.address}/reports/{number}")
        await seen.page.context.clear_cookies()
        await seen.page.fill("#comment-form [name=name]", "Ada")
        await seen.page.fill("#comment-form textarea", "Worth keeping")
        await seen.page.get_by_role("button", name="Post comment").click()
        await expect(seen.page.locator("#comment-form .problem")).to_contain_text("has expired")
        await expect(seen.page.locator("#comment-form textarea")).to_have_value("Worth keeping")
        assert house.comments(number) == []


async def test_a_report_that_comes_before_the_page_listens_appears_as_well(
    browser: Browser, house: Installation
) -> None:
    listening = asyncio.Event()

    async def slowly(route: Route) -> None:
        await listening.wait()
        await route.continue_()

    async with window(browser, house) as seen:
        await seen.page.route("**/live", slowly)
        await seen.opens(house.address + "/")
        await expect(seen.page.locator("#list")).to_contain_text("No reports yet.")
        house.news("Qwen 4 released")
        await asyncio.sleep(0.5)
        listening.set()
        await expect(seen.page.locator("#list h3")).to_have_text("Qwen 4 released")


async def test_new_reports_appear_by_themselves(browser: Browser, house: Installation) -> None:
    async with window(browser, house) as seen:
        await seen.opens(house.address + "/")
        await expect(seen.page.locator("#list")).to_contain_text("No reports yet.")
        number = house.news("Qwen 4 released")
        await expect(seen.page.locator("#list h3")).to_have_text("Qwen 4 released")
        await house.delivers(number)
        await expect(seen.page.locator("#scroll-ai-news .card-title")).to_have_text(
            "Qwen 4 released"
        )


async def test_a_command_is_answered_under_the_box_and_pages_in_place(
    browser: Browser, house: Installation
) -> None:
    for at in range(12):
        house.news(f"Qwen number {at} released")
    async with window(browser, house) as seen:
        await seen.opens(house.address + "/")
        box = seen.page.locator("#command-ai-news [name=text]")
        await box.fill("/botbeat qwen")
        await box.press("Enter")
        answers = seen.page.locator("#answers-ai-news")
        await expect(answers).to_contain_text("Only you can see this")
        before = await answers.locator(".card-title").all_inner_texts()
        await answers.get_by_role("button", name="Older").click()
        await expect(answers.locator(".card-title").first).not_to_have_text(before[0])
        await expect(answers.locator(".answer")).to_have_count(1)
        await answers.get_by_role("button", name="Share").first.click()
        await expect(seen.page.locator("#scroll-ai-news .card-title")).to_have_count(1)
        await answers.get_by_role("button", name="Dismiss").click()
        await expect(answers).to_be_empty()
        assert seen.faults == []


async def test_a_slash_goes_to_the_prompt(browser: Browser, house: Installation) -> None:
    house.news("Qwen 4 released")
    async with window(browser, house) as seen:
        await seen.opens(house.address + "/")
        await seen.page.keyboard.press("/")
        await expect(seen.page.locator("#search")).to_be_focused()
        await seen.page.keyboard.type("gemini/")
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator("#list")).to_contain_text("No report matches.")
        await expect(seen.page.locator("#search")).to_have_value("gemini/")
