"""Who may call what: tokens, scopes, rate limits, and the channels a caller may see.

Each refusal has the name Slack gives it; the method's page at docs.slack.dev/reference/methods
lists them.
"""

import math
import time
from collections import deque
from collections.abc import Mapping

from tests.servers.slack.ledger import Json
from tests.servers.slack.state import Channel, State, Token

KIND_WORDS = {"public": "channels", "private": "groups", "im": "im"}

# https://docs.slack.dev/reference/methods: a `*` stands for channels, groups or im, by the kind
# of the channel. An empty string means that any token will do.
SCOPES: Mapping[str, str] = {
    "auth.test": "",
    "apps.connections.open": "connections:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.getPermalink": "",
    "conversations.history": "*:history",
    "conversations.replies": "*:history",
    "conversations.info": "*:read",
    "conversations.list": "*:read",
    "conversations.members": "*:read",
    "conversations.join": "channels:join",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "users.conversations": "*:read",
    "bots.info": "users:read",
    "views.open": "",
    "views.publish": "",
    "views.update": "",
}

# Calls a minute, https://docs.slack.dev/apis/web-api/rate-limits.
PER_MINUTE: Mapping[str, int] = {
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.info": 50,
    "conversations.list": 20,
    "conversations.join": 50,
    "conversations.members": 100,
    "conversations.open": 50,
    "users.info": 100,
    "users.conversations": 50,
    "bots.info": 50,
    "views.open": 100,
    "views.publish": 100,
    "views.update": 100,
}


class Refusal(Exception):
    """Slack says no: `ok: false` with this error and what else belongs to the answer."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more
        self.retry_after = 0


def too_fast(seconds: float) -> Refusal:
    refusal = Refusal("ratelimited")
    refusal.retry_after = max(1, math.ceil(seconds))
    return refusal


def caller(state: State, value: str, method: str) -> Token:
    """The token that calls, once it is known, live and of the kind the method wants."""
    if not value:
        raise Refusal("not_authed")
    token = state.tokens.get(value)
    if token is None:
        raise Refusal("invalid_auth")
    if token.state != "live":
        words = {"revoked": "token_revoked", "inactive": "account_inactive"}
        raise Refusal(words.get(token.state, "token_expired"))
    if (token.kind == "app") != (method == "apps.connections.open") and method != "auth.test":
        raise Refusal("not_allowed_token_type")
    if needed := SCOPES[method]:
        need_any(token, [needed.replace("*", word) for word in KIND_WORDS.values()])
    return token


def need_any(token: Token, scopes: list[str]) -> None:
    if not token.scopes.intersection(scopes):
        provided = ",".join(sorted(token.scopes))
        raise Refusal("missing_scope", needed=scopes[0], provided=provided)


def need(token: Token, scope: str) -> None:
    need_any(token, [scope])


def visible_channel(state: State, token: Token, name: object) -> Channel:
    """The channel of this id, if the caller may know of it; a private one only to its members."""
    channel = state.channels.get(str(name or ""))
    if channel is None or token.team not in {channel.team, *channel.shared_with}:
        raise Refusal("channel_not_found")
    if channel.kind != "public" and token.user not in channel.members:
        raise Refusal("channel_not_found")
    return channel


def readable_channel(state: State, token: Token, args: Json) -> Channel:
    """A channel whose messages the caller may read: reading needs membership."""
    channel = visible_channel(state, token, args.get("channel"))
    need(token, f"{KIND_WORDS[channel.kind]}:history")
    if token.user not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def writable_channel(state: State, token: Token, channel: Channel) -> None:
    if channel.archived:
        raise Refusal("is_archived")
    if token.user not in channel.members:
        open_to_all = channel.kind == "public" and "chat:write.public" in token.scopes
        if not open_to_all:
            raise Refusal("not_in_channel")
    if channel.read_only:
        raise Refusal("restricted_action_read_only_channel")


def pace(state: State, method: str, token: Token, args: Json) -> None:
    """Refuse what comes too fast, counting by method and workspace, for posts also by channel."""
    if not state.modes.rate_limits:
        return
    if method in ("chat.postMessage", "chat.postEphemeral"):
        burst = state.modes.post_burst
        admit(state, (f"{token.team} {args.get('channel')}", method), burst, float(burst))
        return
    reads = method in ("conversations.history", "conversations.replies")
    limit = state.modes.history_per_minute if reads else PER_MINUTE.get(method)
    if limit:
        admit(state, (token.team, method), limit, state.modes.minute)


def admit(state: State, key: tuple[str, str], calls: int, seconds: float) -> None:
    """Let at most `calls` through in any `seconds`; a refused call does not count."""
    now = time.monotonic()
    past = state.calls.setdefault(key, deque())
    while past and past[0] <= now - seconds:
        past.popleft()
    if len(past) >= calls:
        raise too_fast(past[0] + seconds - now)
    past.append(now)
