"""What hosts ask of robots (RFC 9309), read once a day for each host and kept in memory.

Asked before a page is read; a feed is made for robots and needs no leave.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from adapters.feeds.fetch import Fetcher

_DAY = 86400.0
_KEPT = 500
_LONGEST = 512 << 10


class Robots:
    """`agent` is the name under which the rules for us stand in a robots.txt."""

    def __init__(self, fetcher: Fetcher, agent: str) -> None:
        self._fetcher = fetcher
        self._agent = agent
        self._rules: OrderedDict[str, tuple[float, RobotFileParser]] = OrderedDict()

    async def allow(self, url: str) -> bool:
        """Whether this page may be read; FetchError if the host cannot be asked at all."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(site)
        if known is None or known[0] < time.monotonic():
            known = (time.monotonic() + _DAY, await self._ask(site))
            self._rules[site] = known
            if len(self._rules) > _KEPT:
                self._rules.popitem(last=False)
        return known[1].can_fetch(self._agent, url)

    async def _ask(self, site: str) -> RobotFileParser:
        got = await self._fetcher.fetch(f"{site}/robots.txt", limit=_LONGEST, deadline=10)
        rules = RobotFileParser()
        if got.status == 200:
            rules.parse(got.body.decode("utf-8", "replace").splitlines())
        elif got.status >= 500:
            # RFC 9309, 2.3.1.4: a host that cannot say is taken to say no.
            rules.parse(["User-agent: *", "Disallow: /"])
        else:
            rules.parse([])
        return rules
