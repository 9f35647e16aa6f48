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
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib.resources import files

import aiohttp

from adapters.writer.answer import Answer, Unusable, read, report, schema, spent
from adapters.writer.extract import extract
from adapters.writer.sentences import sentences, visible
from bot.budget import Budget
from bot.model import Found, Page, Written

DEADLINE = 30.0
TEXT_BUDGET = 12_000
"""Characters of the article that the model gets: about 3,000 tokens, 12,000 in Chinese."""

_ANSWER_LIMIT = 256 * 1024
_ATTEMPTS = 2
_LEAST_SENTENCES = 2
_REMEMBERED = 64

_SPARE = 1500
"""Tokens that are set aside for the prompt and the answer."""
_SYSTEM = (files("adapters.writer") / "prompt.txt").read_text(encoding="utf-8").strip()

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
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._deadline = deadline
        self._session = session
        self._budget = budget
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
                written = await asyncio.to_thread(report, answer, found, page, self._model)
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
            log.info("report written by %s in %.1f s", self._model, time.monotonic() - began)
            return written
        log.warning("report extracted, not written by %s: %s", self._model, reason)
        return await asyncio.to_thread(extract, found, page)

    async def _answer(self, question: str) -> Answer:
        """The model's answer; one that is not as agreed is asked for once more."""
        if known := self._known.get(question):
            return known
        for _ in range(_ATTEMPTS):
            body = await self._paid(question)
            try:
                answer = read(body)
            except ValueError:
                continue
            self._known[question] = answer
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return answer
        raise Unusable("the answer is not the JSON that was asked for")

    async def _paid(self, question: str) -> bytes:
        """The bytes of one answer, within the budget."""
        if self._budget is None:
            return await self._ask(question)
        # As many tokens as there are bytes would be the most; a token is some three.
        expected = len(question.encode()) // 3 + _SPARE
        if not await self._budget.take(expected):
            raise Unusable("the budget for the language model is spent")
        body = await self._ask(question)
        # What an answer that failed has cost nobody says: then all that was set aside counts.
        if used := spent(body):
            await self._budget.correct(used - expected)
        return body

    async def _ask(self, question: str) -> bytes:
        request = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": question},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "report", "strict": True, "schema": schema()},
            },
        }
        # A redirect is not followed: it would carry the key and the text to somebody else.
        async with (
            self._opened() as session,
            session.post(
                self._url, json=request, headers=self._headers, allow_redirects=False
            ) as response,
        ):
            if response.status != 200:
                raise Unusable(f"the model's server answered {response.status}")
            return await _limited(response)

    def _opened(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        if self._session is not None:
            return nullcontext(self._session)
        return aiohttp.ClientSession()


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


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The body, given up as soon as it is too long to be an answer."""
    body = b""
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            raise Unusable("the answer is too long")
    return body
