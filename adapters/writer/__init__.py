"""The writer makes a report out of an article: takeaways with their evidence, and a summary.

`extract` takes the article's own sentences; `llm` asks a language model and falls back to
`extract`. Which of them works is settled once, by `create`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.writer.extract import extract
from adapters.writer.judging import Judging
from adapters.writer.llm import Llm
from adapters.writer.model import Model
from bot.budget import Budget
from bot.model import Found, Page, Written
from bot.ports import Adviser, Writer

__all__ = ["Extractor", "Llm", "adviser", "create", "extract"]


class Extractor:
    """A writer that only takes sentences from the article: no model, no network."""

    async def write(self, found: Found, page: Page, companies: Sequence[str]) -> Written:
        """The extracted report, made in a thread because a long page takes a while."""
        return await asyncio.to_thread(extract, found, page)


def create(base_url: str, api_key: str, model: str, budget: Budget | None = None) -> Writer:
    """The model's writer if there are an address and a model's name, else extraction alone."""
    if base_url and model:
        return Llm(base_url, api_key, model, budget=budget)
    return Extractor()


def adviser(base_url: str, api_key: str, model: str, budget: Budget) -> Adviser | None:
    """The model for what the rules leave in doubt, if there are an address and a model's name."""
    if base_url and model:
        return Judging(Model(base_url, api_key, model, budget=budget))
    return None
