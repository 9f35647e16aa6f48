"""Rate limits: one bucket per route and top-level resource, and 50 requests a second over all.

Source: docs.discord.com/developers/topics/rate-limits. Off unless the settings switch them on.
"""

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.servers.discord.platform import Platform
from tests.servers.discord.requests import answer
from tests.servers.discord.state import Json

Scope = Literal["user", "global", "shared"]
TOP_LEVEL = ("channel", "guild", "token")


@dataclass(slots=True)
class Bucket:
    ends: float
    left: int


@dataclass(slots=True)
class Limits:
    platform: Platform
    buckets: dict[str, Bucket] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=deque)

    def refusal(self, call: str, request: web.Request) -> web.Response | None:
        """Counts a request and answers 429 when it is one too many."""
        if not self.platform.settings.rate_limits:
            return None
        if "/{token}" not in call and self._over_all():
            return too_many(1.0, "global")
        bucket, now = self._bucket(call, request), self.platform.now()
        if bucket.left == 0:
            refused = too_many(round(bucket.ends - now, 3), "user")
            refused.headers.update(self._headers(call, bucket))
            return refused
        bucket.left -= 1
        return None

    def headers(self, call: str, request: web.Request) -> dict[str, str]:
        """What every answer says about its bucket."""
        if not self.platform.settings.rate_limits:
            return {}
        return self._headers(call, self._bucket(call, request))

    def _over_all(self) -> bool:
        now = self.platform.now()
        while self.recent and now - self.recent[0] >= 1.0:
            self.recent.popleft()
        if len(self.recent) >= self.platform.settings.global_per_second:
            return True
        self.recent.append(now)
        return False

    def _bucket(self, call: str, request: web.Request) -> Bucket:
        major = [request.match_info.get(name, "") for name in TOP_LEVEL]
        key, now = "|".join([call, *major]), self.platform.now()
        found = self.buckets.get(key)
        if found is None or found.ends <= now:
            settings = self.platform.settings
            found = Bucket(now + settings.bucket_seconds, settings.bucket_size)
            self.buckets[key] = found
        return found

    def _headers(self, call: str, bucket: Bucket) -> dict[str, str]:
        after = max(0.0, bucket.ends - self.platform.now())
        return {
            "X-RateLimit-Limit": str(self.platform.settings.bucket_size),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{bucket.ends:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": f"{zlib.crc32(call.encode()):08x}",
        }


def too_many(seconds: float, scope: Scope) -> web.Response:
    """A 429. `seconds` 0 leaves out the Retry-After header, as some of Discord's edges do."""
    resource = "The resource is" if scope == "shared" else "You are"
    body: Json = {
        "message": f"{resource} being rate limited.",
        "retry_after": seconds,
        "global": scope == "global",
    }
    refused = answer(body, 429)
    refused.headers["X-RateLimit-Scope"] = scope
    if seconds:
        refused.headers["Retry-After"] = str(int(seconds) + (seconds % 1 > 0))
    if scope == "global":
        refused.headers["X-RateLimit-Global"] = "true"
    return refused
