"""A language model on localhost that speaks OpenAI's chat completions, good and bad.

The rule: it refuses a request that the real service refuses (key, strict schema), and what it
answers is chosen by the test: an honest report made of the text it was given, or any words.
https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `content` is the model's words, None for an honest report of what it read."""

    content: str | None = None
    status: int = 200
    seconds: float = 0
    refusal: str = ""
    body: bytes | None = None
    location: str = ""
    tokens: object = 900


@dataclass(slots=True)
class ModelServer:
    """The server's state. `replies` are used up in order; after them every answer is honest."""

    key: str = "sk-test-key"
    url: str = ""
    replies: deque[Reply] = field(default_factory=deque)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.ledger.append(asked)
        self.authorizations.append(request.headers.get("Authorization", ""))
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, f"Incorrect API key provided: {self.key[:5]}***")
        fault = _refusal(asked)
        if fault:
            return _error(400, fault)
        reply = self.replies.popleft() if self.replies else Reply()
        await asyncio.sleep(reply.seconds)
        return _response(reply, asked)


def _response(reply: Reply, asked: dict[str, Any]) -> web.Response:
    if reply.status >= 300:
        headers = {"Location": reply.location} if reply.location else {"Retry-After": "20"}
        return web.json_response({"error": {"message": "no"}}, status=reply.status, headers=headers)
    if reply.body is not None:
        return web.Response(body=reply.body, content_type="application/json")
    content = honest(asked) if reply.content is None else reply.content
    message = {"role": "assistant", "content": content, "refusal": reply.refusal or None}
    return web.json_response(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": reply.tokens},
        }
    )


def honest(asked: dict[str, Any]) -> str:
    """A report that says only what the text says: sentences of it, each as its own evidence."""
    article = json.loads(asked["messages"][-1]["content"])
    sentences = re.split(r"(?<=[.!?])\s+", article["text"])
    return report(
        title=article["title"],
        takeaways=[(sentence, sentence) for sentence in sentences[:3]],
        summary=" ".join(sentences[:4]),
        opinion="It is worth a look.",
    )


def report(
    *,
    title: str = "Qwen releases a model",
    takeaways: list[tuple[str, str]],
    summary: str,
    opinion: str = "",
) -> str:
    """An answer's content in the agreed form, whatever its words."""
    points = [{"text": text, "quote": quote} for text, quote in takeaways]
    return json.dumps({"title": title, "takeaways": points, "summary": summary, "opinion": opinion})


def _refusal(asked: dict[str, Any]) -> str:
    """Why the real service answers 400 to this request, or nothing."""
    if not asked.get("model") or not asked.get("messages"):
        return "you must provide a model and messages"
    shape = asked.get("response_format", {})
    if shape.get("type") != "json_schema" or not shape["json_schema"].get("strict"):
        return "response_format must be a strict json_schema"
    return _loose(shape["json_schema"]["schema"])


def _loose(schema: dict[str, Any]) -> str:
    """Strict mode wants every object closed and every property required."""
    if schema["type"] == "array":
        return _loose(schema["items"])
    if schema["type"] != "object":
        return ""
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false"
    if set(schema["required"]) != set(schema["properties"]):
        return "'required' is required to include every key in properties"
    faults = [_loose(part) for part in schema["properties"].values()]
    return next((fault for fault in faults if fault), "")


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": {"message": text, "type": "invalid"}}, status=status)


@asynccontextmanager
async def model_server() -> AsyncIterator[ModelServer]:
    """A running server on a free port of localhost; its `url` is the base URL, with /v1."""
    server = ModelServer()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
