"""One question to a language model, through any server that speaks OpenAI's chat completions.

It gets text and a form for its answer, and nothing else: no tools, no secrets, no comments. Source:
https://platform.openai.com/docs/api-reference/chat/create.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib.resources import files

import aiohttp

from adapters.writer.answer import Unusable, spent
from bot.budget import Budget

_ANSWER_LIMIT = 256 * 1024
_SPARE = 1500
"""Tokens that are set aside for the prompt and the answer."""


def prompt(name: str) -> str:
    """What the model is told, from its file."""
    return (files("adapters.writer") / name).read_text(encoding="utf-8").strip()


class Model:
    """The model `name` at `base_url` (".../v1"). An empty key sends no authorisation.

    Without a `session` of the caller's, each question opens and closes its own.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        name: str,
        *,
        session: aiohttp.ClientSession | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.name = name
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session = session
        self._budget = budget

    async def ask(self, told: str, question: str, form: Mapping[str, object]) -> bytes:
        """The body of a completion whose answer has this form, within the budget. Raises Unusable,
        and what aiohttp raises."""
        # As many tokens as there are bytes would be the most; a token is some three.
        expected = len(question.encode()) // 3 + _SPARE
        hour = await self._budget.take(expected) if self._budget else 0
        if self._budget and not hour:
            raise Unusable("the budget for the language model is spent")
        body = await self._post(told, question, form)
        # What an answer that failed has cost nobody says: then all that was set aside counts.
        if self._budget and (used := spent(body)):
            await self._budget.correct(hour, used - expected)
        return body

    async def _post(self, told: str, question: str, form: Mapping[str, object]) -> bytes:
        request = {
            "model": self.name,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": told},
                {"role": "user", "content": question},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": form},
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


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The body, given up as soon as it is too long to be an answer."""
    body = b""
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            raise Unusable("the answer is too long")
    return body
