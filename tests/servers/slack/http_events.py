"""Events, commands and interactions by HTTP, signed as Slack signs them.

Sources: https://docs.slack.dev/authentication/verifying-requests-from-slack/ and, for the retry
headers, https://docs.slack.dev/apis/events-api#retries.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from tests.servers.slack.delivery import Outcome, Parcel
from tests.servers.slack.ledger import Json
from tests.servers.slack.shapes import VERIFICATION
from tests.servers.slack.state import State

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def signed_headers(secret: str, body: bytes, timestamp: str = "") -> dict[str, str]:
    """The headers that prove a body comes from Slack; `timestamp` is now when empty."""
    timestamp = timestamp or str(int(time.time()))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(secret, timestamp, body),
    }


@dataclass(slots=True)
class HttpDoor:
    """The app's addresses by kind of parcel. `slack` is the session that calls them."""

    state: State
    secret: str
    urls: dict[str, str] = field(default_factory=dict)
    slack: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self.state.modes.ack_timeout)
        self.slack = aiohttp.ClientSession(timeout=timeout, trust_env=False)

    async def close(self) -> None:
        if self.slack is not None:
            await self.slack.close()
            self.slack = None

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome:
        headers = {"Content-Type": "application/json" if parcel.kind == "events_api" else FORM}
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        try:
            status, answer, no_retry = await self.post(parcel, body_of(parcel), headers)
        except TimeoutError:
            return Outcome(False, "http", "http_timeout")
        except aiohttp.TooManyRedirects:
            return Outcome(False, "http", "too_many_redirects")
        except aiohttp.ClientError:
            return Outcome(False, "http", "connection_failed")
        if not 200 <= status < 300:
            return Outcome(False, "http", "http_error", again=not no_retry)
        if not parcel.acked.done():
            parcel.acked.set_result(answer)
        return Outcome(True, "http")

    async def post(
        self, parcel: Parcel, body: bytes, headers: dict[str, str]
    ) -> tuple[int, Json, bool]:
        assert self.slack is not None, "the platform is down"
        headers |= signed_headers(self.secret, body)
        url = self.urls[parcel.kind]
        async with self.slack.post(url, data=body, headers=headers, max_redirects=2) as answer:
            text = await answer.text()
            return answer.status, body_json(text), "x-slack-no-retry" in answer.headers

    async def verify(
        self, *, challenge: str = "a-challenge", signed: bool = True
    ) -> tuple[int, str]:
        """Ask as Slack does when the address is set: https://docs.slack.dev/reference/events/url_verification."""
        assert self.slack is not None, "the platform is down"
        asked = {"token": VERIFICATION, "challenge": challenge, "type": "url_verification"}
        body = json.dumps(asked).encode()
        headers = {"Content-Type": "application/json"}
        headers |= signed_headers(self.secret, body) if signed else {}
        async with self.slack.post(self.urls["events_api"], data=body, headers=headers) as answer:
            return answer.status, await answer.text()


def body_of(parcel: Parcel) -> bytes:
    """The bytes Slack sends: JSON for events, a form for commands, JSON in a form for the rest."""
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload).encode()
    if parcel.kind == "slash_commands":
        return urlencode(parcel.payload).encode()
    return urlencode({"payload": json.dumps(parcel.payload)}).encode()


def body_json(text: str) -> Json:
    """The body of an acknowledgement: JSON, or plain text as a message, or nothing."""
    if not text.strip():
        return {}
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text}
    return parsed if isinstance(parsed, dict) else {"text": text}
