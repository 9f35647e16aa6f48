"""A model's answer, from its bytes to a report, or the reason why it cannot be one.

The model is not trusted: whatever it says is checked against the source, sentence by sentence,
because the page that it read may have told it what to say.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.writer.extract import READ
from adapters.writer.grounds import Grounds, grounds
from adapters.writer.headline import clipped, headline
from adapters.writer.sentences import sentences
from bot.model import Found, Page, Takeaway, Written

TITLE, TAKEAWAY, QUOTE, SUMMARY, OPINION = 160, 300, 500, 1200, 600
"""The greatest lengths in characters, within what a card of either platform can show."""
_MOST_TOKENS = 1_000_000


class Unusable(Exception):
    """The answer cannot become a report. The text is the reason, and never has words of it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Point(_Strict):
    text: str
    quote: str


class Answer(_Strict):
    """The fixed form in which the model must answer; its JSON schema goes into the request."""

    title: str
    takeaways: list[_Point] = Field(max_length=12)
    summary: str
    opinion: str


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Said


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Usage(BaseModel):
    total_tokens: int = Field(ge=0, le=_MOST_TOKENS)


class _Metered(BaseModel):
    usage: _Usage


def spent(body: bytes) -> int:
    """How many tokens a chat completion says it took; 0 if it does not say, or nonsense."""
    try:
        return _Metered.model_validate_json(body).usage.total_tokens
    except ValidationError:
        return 0


def schema() -> dict[str, object]:
    """The answer's JSON schema as `response_format` takes it in strict mode."""
    point = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "quote": {"type": "string"}},
        "required": ["text", "quote"],
        "additionalProperties": False,
    }
    fields: dict[str, object] = {name: {"type": "string"} for name in Answer.model_fields}
    fields["takeaways"] = {"type": "array", "items": point}
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def content(body: bytes) -> str:
    """What the model said, inside a chat completion. `ValueError`: there is no such thing."""
    said = _Completion.model_validate_json(body).choices[0].message
    if said.refusal:
        raise Unusable("the model refused")
    told = (said.content or "").strip()
    return told.strip("`").removeprefix("json") if told.startswith("```") else told


def read(body: bytes) -> Answer:
    """The answer inside a chat completion. `ValueError`: not as agreed, asking again may help."""
    told = content(body)
    try:
        return Answer.model_validate_json(told)
    except ValidationError:
        raise ValueError("the answer is not the JSON that was asked for") from None


def report(answer: Answer, found: Found, page: Page, model: str) -> Written:
    """The report in the model's words, as far as the source bears them out."""
    texts = (found.title, found.text[:READ], page.title, page.text[:READ])
    source = grounds(*texts, found.url, page.url, found.discussion)
    points = [_takeaway(point, source) for point in answer.takeaways]
    takeaways = _without_repeats([point for point in points if point])[:4]
    summary = _kept(answer.summary, source, SUMMARY)
    if len(takeaways) < 2 or not summary:
        raise Unusable("too little of the answer is in the source")
    return Written(
        title=_title(answer.title, source) or headline(found, page),
        takeaways=tuple(takeaways),
        summary=summary,
        opinion=_kept(answer.opinion, source, OPINION),
        writer=model,
    )


def _title(title: str, source: Grounds) -> str:
    sound = source.sound(title)
    return clipped(sound, TITLE) if source.about(sound) else ""


def _takeaway(point: _Point, source: Grounds) -> Takeaway | None:
    """The point, or None if the source does not say it or have the sentence that is to prove it."""
    text, quote = source.sound(point.text), source.sound(point.quote)
    proven = len(quote) <= QUOTE and source.quotes(quote)
    return Takeaway(clipped(text, TAKEAWAY), quote) if text and proven else None


def _without_repeats(takeaways: list[Takeaway]) -> list[Takeaway]:
    return list({takeaway.text.casefold(): takeaway for takeaway in takeaways}.values())


def _kept(text: str, source: Grounds, longest: int) -> str:
    """The sentences that the source bears out, as many as there is room for."""
    kept = ""
    for sentence in sentences(text):
        sound = source.sound(sentence.text)
        if sound and len(kept) + len(sound) < longest:
            kept = f"{kept} {sound}".strip()
    return kept
