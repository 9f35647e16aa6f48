"""Reports written by a language model, through any server that speaks OpenAI's chat completions.

The model gets the article's text and nothing else: no tools, no secrets, no comments. Whatever
goes wrong, after `deadline` seconds in any case, and where the budget is spent, the report is
extracted instead. What the model is told is in `prompt.txt`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence

import aiohttp

from adapters.writer.answer import Answer, Unusable, read, report, schema
from adapters.writer.extract import extract
from adapters.writer.model import Model, prompt
from adapters.writer.sentences import sentences, visible
from bot.budget import Budget
from bot.model import Found, Page, Written

DEADLINE = 30.0
TEXT_BUDGET = 12_000
"""Characters of the article that the model gets: about 3,000 tokens, 12,000 in Chinese."""

_ATTEMPTS = 2
_LEAST_SENTENCES = 2
_REMEMBERED = 64

_TOLD = prompt("prompt.txt")

log = logging.getLogger("botbeat.writer")


class Llm:
    """A writer that asks `model` at `base_url` (".../v1"). An empty key sends no authorisation.

    Without a `session` of the caller's, each report opens and closes its own. The same article is
    not read twice while this writer remembers it.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        deadline: float = DEADLINE,
        session: aiohttp.ClientSession | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._model = Model(base_url, api_key, model, session=session, budget=budget)
        self._deadline = deadline
        self._known: OrderedDict[str, Answer] = OrderedDict()

    async def write(self, found: Found, page: Page, companies: Sequence[str]) -> Written:
        """The model's report, or the extracted one with the reason in the log."""
        text = page.text or found.text
        if len(await asyncio.to_thread(sentences, text[:TEXT_BUDGET])) < _LEAST_SENTENCES:
            return await asyncio.to_thread(extract, found, page)
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._answer(_question(found, text, companies))
                written = await asyncio.to_thread(report, answer, found, page, self._model.name)
        except TimeoutError:
            reason = f"no answer within {self._deadline:g} s"
        except Unusable as problem:
            reason = str(problem)
        except aiohttp.ClientError as problem:
            reason = f"the model cannot be reached ({type(problem).__name__})"
        except (ValueError, OSError, RuntimeError) as problem:
            # The texts of these may quote the answer or a header, so only their kind is told.
            reason = f"the answer cannot be used ({type(problem).__name__})"
        else:
            log.info("report written by %s in %.1f s", self._model.name, time.monotonic() - began)
            return written
        log.warning("report extracted, not written by %s: %s", self._model.name, reason)
        return await asyncio.to_thread(extract, found, page)

    async def _answer(self, question: str) -> Answer:
        """The model's answer; one that is not as agreed is asked for once more."""
        if known := self._known.get(question):
            return known
        for _ in range(_ATTEMPTS):
            body = await self._model.ask(_TOLD, question, schema())
            try:
                answer = read(body)
            except ValueError:
                continue
            self._known[question] = answer
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return answer
        raise Unusable("the answer is not the JSON that was asked for")


def _question(found: Found, text: str, companies: Sequence[str]) -> str:
    """The article as one JSON object: no text in it can end it and speak as somebody else."""
    article = {
        "title": visible(found.title),
        "companies": list(companies),
        "text": _within_budget(visible(text)),
    }
    return json.dumps(article, ensure_ascii=False)


def _within_budget(text: str) -> str:
    if len(text) <= TEXT_BUDGET:
        return text
    return text[:TEXT_BUDGET].rsplit(None, 1)[0]
