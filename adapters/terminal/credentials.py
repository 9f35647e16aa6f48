"""Whether Slack, Discord and the model take what is configured, asked of them directly.

Nothing here posts or changes anything. What comes back is a fact for people, or `Refused` with
what to do about it; no secret is in either.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

_PATIENCE = aiohttp.ClientTimeout(total=20, sock_connect=10)
_MODEL_PATIENCE = aiohttp.ClientTimeout(total=30, sock_connect=10)
_DISCORD = "https://discord.com/api/v10"
# https://docs.discord.com/developers/resources/application#application-object-application-flags:
# GATEWAY_MESSAGE_CONTENT, and the same below the number of servers that needs a review.
_SEES_CONTENT = 1 << 18 | 1 << 19

Json = dict[str, Any]


class Refused(Exception):
    """Not accepted; the text says what is wrong and what to do, in full sentences."""


@dataclass(frozen=True, slots=True)
class DiscordApp:
    """`reads`: the Message Content intent is switched on."""

    id: str
    name: str
    reads: bool


async def slack_bot(url: str, token: str) -> str:
    """The workspace that a bot's token belongs to; it must have every scope of our manifest."""
    from adapters.slack.manifest import bot_scopes

    if not token.startswith("xoxb-"):
        raise Refused("That is no bot token: it begins with xoxb-.")
    answer, headers = await _slack(url, "auth.test", token)
    granted = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    missing = [scope for scope in bot_scopes() if scope not in granted]
    if missing:
        raise Refused(
            f"The bot lacks the {'scope' if len(missing) == 1 else 'scopes'} "
            f"{', '.join(missing)}. Add them under OAuth & Permissions and install the app again."
        )
    return str(answer.get("team") or "a workspace without a name")


async def slack_app(url: str, token: str) -> None:
    """Whether this app-level token opens a socket (scope connections:write)."""
    if not token.startswith("xapp-"):
        raise Refused("That is no app-level token: it begins with xapp-.")
    await _slack(url, "apps.connections.open", token)


async def discord_bot(url: str, token: str) -> DiscordApp:
    """The application that a bot's token belongs to."""
    headers = {
        "Authorization": f"Bot {token}",
        "User-Agent": "DiscordBot (https://github.com/botbeat/botbeat, 0.1)",
    }
    place = f"{(url or _DISCORD).rstrip('/')}/applications/@me"
    status, answer, _ = await _ask("GET", place, headers, "Discord")
    if status == 401:
        raise Refused(
            "Discord does not accept this token. Make a new one on the Bot page of the developer "
            "portal (Reset Token)."
        )
    if status != 200 or "id" not in answer:
        raise Refused(f"Discord answered with status {status}. Try again later.")
    flags = answer.get("flags")
    reads = bool(isinstance(flags, int) and flags & _SEES_CONTENT)
    return DiscordApp(str(answer["id"]), str(answer.get("name", "")), reads)


async def model(url: str, key: str, name: str) -> float:
    """How many seconds a model takes for one short answer in the form that reports need."""
    from adapters.writer.answer import schema

    form = {"name": "report", "strict": True, "schema": schema()}
    text = "Qwen released a model. It is small. It is open."
    asked = {
        "model": name,
        "messages": [{"role": "user", "content": json.dumps({"title": "A test", "text": text})}],
        "response_format": {"type": "json_schema", "json_schema": form},
    }
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    place = f"{url.rstrip('/')}/chat/completions"
    began = time.monotonic()
    status, _, _ = await _ask("POST", place, headers, "The model", asked, _MODEL_PATIENCE)
    if status in (401, 403):
        raise Refused("The model's server does not accept OPENAI_API_KEY.")
    if status == 404:
        raise Refused(f"{place} is not there, or knows no model {name}: check OPENAI_BASE_URL "
                      "(it ends with /v1) and BOTBEAT_MODEL.")  # fmt: skip
    if status != 200:
        raise Refused(f"The model's server answered with status {status}; reports are extracted.")
    return time.monotonic() - began


async def _slack(url: str, method: str, token: str) -> tuple[Json, Mapping[str, str]]:
    headers = {"Authorization": f"Bearer {token}"}
    place = f"{url.rstrip('/')}/{method}"
    status, answer, told = await _ask("POST", place, headers, "Slack")
    if answer.get("ok") is True:
        return answer, told
    error = str(answer.get("error") or f"status {status}")[:60]
    if error in ("missing_scope", "not_allowed_token_type"):
        raise Refused("The token lacks the scope connections:write: make an app-level token "
                      "with it under Basic Information.")  # fmt: skip
    if status == 429 or status >= 500 or error in ("ratelimited", "internal_error", "fatal_error"):
        raise Refused(f"Slack could not say ({error}). Try again later.")
    raise Refused(f"Slack does not accept this token ({error}). Copy it again from the app's pages "
                  "at https://api.slack.com/apps.")  # fmt: skip


async def _ask(
    verb: str,
    url: str,
    headers: Mapping[str, str],
    who: str,
    body: Json | None = None,
    patience: aiohttp.ClientTimeout = _PATIENCE,
) -> tuple[int, Json, Mapping[str, str]]:
    """Status, answer and headers. A redirect is not followed: it would carry the secret on."""
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.request(
                verb, url, headers=headers, json=body, allow_redirects=False
            ) as response,
        ):
            answer = _object(await response.read(), needed=response.status < 300)
            return response.status, answer, response.headers
    except (aiohttp.ClientConnectionError, TimeoutError, OSError):
        raise Refused(f"{who} cannot be reached. Check the network and the address.") from None
    except (aiohttp.ClientError, ValueError):
        # These may quote a header; which answer it was does not help people anyway.
        raise Refused(f"{who} gave no proper answer. Check the address.") from None


def _object(body: bytes, *, needed: bool) -> Json:
    """The JSON object in an answer; ValueError if there must be one and is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if needed and not isinstance(answer, dict):
        raise ValueError("no object")
    return answer if isinstance(answer, dict) else {}
