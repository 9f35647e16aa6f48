"""What the Slack of our tests remembers of the calls it got, apart from its own state.

The rule: `Accepted` is what took effect, `Answer` is what the caller was told, and a fault may
make the two disagree. Tests judge by the first.
"""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """One write that took effect. `at` is monotonic seconds; `args` is all that was sent."""

    method: str
    channel: str
    ts: str
    thread_ts: str | None
    text: str
    blocks: tuple[Json, ...]
    metadata: Json | None
    username: str | None
    icon_url: str | None
    pings: tuple[str, ...]  # The mentions in it that would notify or link someone.
    at: float
    args: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call was told. A dropped connection has the status 0 and the fault as error."""

    method: str
    ok: bool
    error: str
    status: int
    token: str
    channel: str
    at: float
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand an event, a command or an interaction to the app."""

    kind: str  # events_api, slash_commands or interactive
    id: str  # The event_id, the same at each try.
    event: str  # The type of the event, with its subtype after a slash.
    number: int  # 0 for the first try.
    reason: str  # Why this is a retry, in Slack's words; empty at the first try.
    via: str  # http or the number of the socket.
    ok: bool
    failure: str  # Why it failed, which is the reason of the next try.
    at: float
    took: float = 0  # Seconds until it was acknowledged, or had failed.
