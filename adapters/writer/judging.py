"""A language model decides what plain rules leave in doubt, in a fixed form and within bounds.

It may say whether something is AI news, of which type it is, and which company acts: a type that
there is, and a company that the article names. Whatever goes wrong, it is as the rules say.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.writer.answer import Unusable, content
from adapters.writer.model import Model, prompt
from adapters.writer.sentences import visible
from bot import catalogue
from bot.model import TYPES, Found, Judgement, Page

DEADLINE = 15.0
_TEXT, _NAME = 3000, 60  # characters
_WORDS = 5
_TOLD = prompt("judging.txt")
log = logging.getLogger("botbeat.writer")


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    is_ai: bool
    type: str
    company: str


class Judging:
    """An adviser that asks a language model, for `deadline` seconds at most."""

    def __init__(self, model: Model, *, deadline: float = DEADLINE) -> None:
        self._model = model
        self._deadline = deadline

    async def advise(self, found: Found, page: Page, judgement: Judgement) -> Judgement:
        """The judgement with what the model decided, or as it was, with the reason in the log."""
        text = visible(page.text or found.text)[:_TEXT].strip()
        question = json.dumps({"headline": visible(found.title), "text": text}, ensure_ascii=False)
        try:
            async with asyncio.timeout(self._deadline):
                body = await self._model.ask(_TOLD, question, _form())
            verdict = _Verdict.model_validate_json(content(body))
        except (Unusable, TimeoutError, aiohttp.ClientError, ValidationError, ValueError) as error:
            reason = str(error) if isinstance(error, Unusable) else type(error).__name__
            log.warning("judged without %s: %s", self._model.name, reason)
            return judgement
        return self._decided(judgement, verdict, f"{found.title}\n{text}")

    def _decided(self, judgement: Judgement, verdict: _Verdict, source: str) -> Judgement:
        said = "is" if verdict.is_ai else "is not"
        reasons = [f"It is not clear; {self._model.name} says that it {said} about AI."]
        companies = judgement.companies
        if not companies and (slug := _company(verdict.company, source)):
            companies, name = (slug,), catalogue.display_name(slug)
            reasons.append(f"{self._model.name} says that it is about {name}.")
        return replace(
            judgement,
            is_ai=verdict.is_ai,
            type=verdict.type if verdict.type in TYPES else judgement.type,
            companies=companies,
            reasons=(*reasons, *judgement.reasons),
        )


def _company(name: str, source: str) -> str:
    """The slug of a company that the article itself names, known to us or not."""
    told = " ".join(name.split())
    is_name = 2 <= len(told) <= _NAME and len(told.split()) <= _WORDS
    if not is_name or told.casefold() not in source.casefold():
        return ""
    return catalogue.resolve(told) or catalogue.slug(told)


def _form() -> dict[str, object]:
    fields: dict[str, object] = {
        "is_ai": {"type": "boolean"},
        "type": {"type": "string", "enum": list(TYPES)},
        "company": {"type": "string"},
    }
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
