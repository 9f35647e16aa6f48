"""A real browser for the tests of the pages, which notices what should never happen.

Chromium is taken from `BOTBEAT_CHROMIUM` or /usr/bin/chromium; without one these tests skip.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, async_playwright

from tests.pages import Installation

CHROMIUM = os.environ.get("BOTBEAT_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


needs_browser = pytest.mark.skipif(
    not Path(CHROMIUM).exists(),
    reason=f"there is no browser at {CHROMIUM}; set BOTBEAT_CHROMIUM to run these tests",
)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Watched:
    """A page, and everything in it that should never happen."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def opens(self, url: str) -> None:
        await self.page.goto(url, wait_until="load")


@asynccontextmanager
async def window(
    browser: Browser, house: Installation, width: int = 1440, height: int = 900
) -> AsyncIterator[Watched]:
    context = await browser.new_context(viewport={"width": width, "height": height})
    watched = Watched(await context.new_page())

    async def refuse(dialog: Dialog) -> None:
        watched.faults.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    page = watched.page
    page.on("dialog", refuse)
    page.on("pageerror", lambda error: watched.faults.append(f"error {error}"))
    page.on("console", lambda said: watched.faults.append(said.text))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(house.address)
            else watched.faults.append(f"outside {asked.url}")
        ),
    )
    yield watched
    await context.close()
