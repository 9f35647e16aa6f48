"""Make the moving picture of the README: `.venv/bin/python docs/picture.py` writes docs/demo.gif.

It starts the demo in an empty folder, without the internet, uses it in a real browser as a new
user would, and keeps a frame of each step. What a caption says was looked for in the page first:
where it does not happen, there is no picture. It takes two minutes, until enough news has come.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser import running_browser
from tests.processes import ROOT, program

PICTURE = ROOT / "docs" / "demo.gif"
AFTER = "Apple Intelligence"
"""The report after which the picture begins: the next one has a card that fits into it."""
WIDE, HIGH, FOOTER, BAND = 1120, 870, 41, 56
"""The window, its lower part that is left out, and the caption above; in pixels."""
PAPER, INK, ACCENT, MARK = "#1b1e22", "#ffffff", "#4fd3a3", "#e8590c"
COMMENT, BETTER = "Open weights! Lets try it on our forum.", "Open weights! Let's try it this week."
ROOMS = ("ai-news", "research")
# Python reads this before the demo starts, which then finds no internet and takes the samples.
ONLY_HERE = """
import sys
def refuse(event, words):
    if event == "socket.getaddrinfo" and words[0] not in (None, "127.0.0.1", b"127.0.0.1"):
        raise OSError("the picture is made without the internet")
sys.addaudithook(refuse)
"""


@dataclass(frozen=True, slots=True)
class Frame:
    caption: str
    seconds: float
    image: Image.Image


@dataclass
class Film:
    """The demo in a window, and the frames so far."""

    page: Page
    frames: list[Frame] = field(default_factory=list)

    async def shows(self, caption: str, seconds: float, *marked: Locator) -> None:
        """One frame, with a line around what is `marked`."""
        await self.page.mouse.move(0, 0)  # Nothing looks pointed at.
        shown = (0, 0, WIDE, HIGH - FOOTER)
        taken = Image.open(BytesIO(await self.page.screenshot(caret="initial"))).crop(shown)
        image = _under_caption(taken, caption)
        for one in marked:
            box = await one.bounding_box()
            assert box, f"“{caption}” is not to be seen"
            left, top = box["x"] - 5, box["y"] + BAND - 3
            corners = (left, top, left + box["width"] + 10, top + box["height"] + 6)
            ImageDraw.Draw(image).rounded_rectangle(corners, 10, outline=MARK, width=3)
        self.frames.append(Frame(caption, seconds, image))

    async def types(self, box: Locator, text: str, caption: str) -> None:
        """Somebody writes into a box, a few letters at a time, and sends it."""
        for at in range(0, len(text), 8):
            await box.press_sequentially(text[at : at + 8])
            await self.shows(caption, 0.22, box)
        await box.press("Enter")

    def reports(self, room: str) -> Locator:
        """The reports in a channel, the newest last."""
        return self.page.locator(f"#scroll-{room} .said:has(.card)")

    def places(self, inside: str) -> list[Locator]:
        """The same in both channels and on the report's page."""
        areas = [*(self.reports(room).last for room in ROOMS), self.page.locator("#comments")]
        return [area.locator(inside) for area in areas]


def _under_caption(seen: Image.Image, caption: str) -> Image.Image:
    image = Image.new("RGB", (seen.width, seen.height + BAND), PAPER)
    image.paste(seen, (0, BAND))
    draw = ImageDraw.Draw(image)
    draw.text((24, BAND / 2), caption, INK, ImageFont.load_default(27), "lm")
    draw.rounded_rectangle((WIDE - 154, 11, WIDE - 20, BAND - 11), 8, outline=ACCENT, width=2)
    draw.text((WIDE - 87, BAND / 2), "local demo", ACCENT, ImageFont.load_default(21), "mm")
    return image


async def _subscribes(film: Film) -> None:
    caption = "The second channel asks for AI news, too"
    await film.shows("Two channels, and the news beside them", 0.9)
    box = film.page.locator("#command-research [name=text]")
    await film.types(box, "/botbeat subscribe", caption)
    answer = film.page.locator("#answers-research")
    await expect(answer).to_contain_text("is on: every report")
    await film.shows(caption, 1.1)
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_be_empty()


async def _report_comes(film: Film, before: int) -> None:
    for room, count in zip(ROOMS, (before + 1, 1), strict=True):
        await expect(film.reports(room)).to_have_count(count, timeout=60_000)
    title = await film.reports("ai-news").last.locator(".card-title").inner_text()
    await expect(film.reports("research").last.locator(".card-title")).to_have_text(title)
    cards = [film.reports(room).last.locator(".card") for room in ROOMS]
    await film.shows("A report comes: it lands in both", 1.3, *cards)
    await film.reports("ai-news").last.get_by_role("link", name="Open report").click()
    await expect(film.page.locator(".report h1")).to_have_text(title)
    await film.shows("Its own page opens beside them", 0.9, film.page.locator(".report header"))
    down = "it => { it.scrollIntoView(); it.closest('.pane-scroll').scrollBy(0, -14); }"
    await film.page.locator("#comments").evaluate(down)


async def _comments(film: Film) -> None:
    box = film.reports("ai-news").last.locator(".reply textarea")
    await film.types(box, COMMENT, "Somebody comments in the first channel ...")
    for words in film.places(".words"):
        await expect(words).to_have_text(COMMENT)
    await film.shows("... it is in the other thread and on the page", 1.6, *film.places(".comment"))


async def _edits_and_deletes(film: Film) -> None:
    own = film.reports("ai-news").last.locator(".own")
    await own.locator("summary", has_text="Edit").click()
    box = own.locator("textarea")
    await film.shows("The comment is edited ...", 0.5, box)
    await box.fill(BETTER)
    await film.shows("The comment is edited ...", 0.5, box)
    await own.get_by_role("button", name="Save").click()
    for words, line in zip(film.places(".words"), film.places(".comment-top"), strict=True):
        await expect(words).to_have_text(BETTER)
        await expect(line).to_contain_text("edited")
        await expect(line).not_to_contain_text("on its way")
    await film.shows("... edited everywhere", 1.4, *film.places(".comment"))
    button = own.get_by_role("button", name="Delete")
    await film.shows("The comment is deleted ...", 0.8, button)
    await button.click()
    for comment in film.places(".comment"):
        await expect(comment).to_have_count(0)
    await film.shows("... gone everywhere", 1.2)


async def film_demo(folder: Path, after: str = "") -> list[Frame]:
    """Use a demo in this empty folder; AssertionError where it does not do what is to be seen."""
    (folder / "sitecustomize.py").write_text(ONLY_HERE)
    started = program(folder, "demo", "--port", "0", PYTHONPATH=f"{folder}:{ROOT}")
    size: ViewportSize = {"width": WIDE, "height": HIGH}
    async with started as demo, running_browser() as browser:
        address = re.findall(r"http://\S+", await demo.says("BotBeat is at"))[0]
        await demo.says("using the sample news")
        film = Film(await browser.new_page(viewport=size, reduced_motion="reduce"))
        await film.page.goto(address)
        reports = film.reports("ai-news")
        if after:
            await expect(reports.filter(has_text=after)).to_have_count(1, timeout=120_000)
        await expect(film.page.locator("#list .row").nth(9)).to_be_attached(timeout=30_000)
        before = await reports.count()
        await _subscribes(film)
        await _report_comes(film, before)
        await _comments(film)
        await _edits_and_deletes(film)
        # A further report would have pushed this one away.
        await expect(reports).to_have_count(before + 1)
        return film.frames


def save(frames: list[Frame], file: Path) -> None:
    """All frames with the same colours, so that nothing flickers."""
    high, sample = HIGH - FOOTER + BAND, frames[::3]
    sheet = Image.new("RGB", (WIDE, high * len(sample)))
    for at, frame in enumerate(sample):
        sheet.paste(frame.image, (0, high * at))
    # The pages' own colours as they are, and those between them as near as can be.
    counted = sorted(sheet.getcolors(WIDE * sheet.height) or [], reverse=True)
    colors = b"".join(bytes(color) for _, color in counted[:96] if isinstance(color, tuple))
    colors += bytes(sheet.quantize(160, Image.Quantize.MAXCOVERAGE).getpalette() or [])[:480]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colors)
    images = [frame.image.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    durations = [round(frame.seconds * 1000) for frame in frames]
    images[0].save(file, save_all=True, append_images=images[1:], duration=durations, loop=0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        frames = asyncio.run(film_demo(Path(folder), AFTER))
    save(frames, PICTURE)
    print(f"{PICTURE}: {len(frames)} frames, {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
