"""What reading a feed gives: the feed, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Found


class NotAFeed(Exception):
    """`reason` is one line for people; `feeds` are the feeds that a web page names as its own."""

    def __init__(self, reason: str, feeds: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.feeds = tuple(feeds)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that cannot be news, and why."""

    entry: Found
    reason: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read. `ttl` is how many seconds it asks to be left alone, 0 if it does not say."""

    title: str
    lang: str
    link: str
    entries: tuple[Found, ...]
    warnings: tuple[str, ...] = ()
    ttl: float = 0
    left_out: tuple[LeftOut, ...] = ()
