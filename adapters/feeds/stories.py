"""The stories of a list of Hacker News, each looked at for the points that it has by now."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.feeds import hackernews
from adapters.feeds.feed import NotAFeed
from adapters.feeds.fetch import Fetched, Fetcher, FetchError
from bot.model import Found


async def read(fetcher: Fetcher, got: Fetched, url: str, most: int) -> tuple[Found, ...]:
    """Of the first `most` on the list `url`, which was answered with `got`, those that have the
    points it asks for. What cannot be read is passed over, unless nothing can: FetchError."""
    try:
        addresses = hackernews.listed(got.body, got.url)[:most]
    except ValueError as error:
        raise NotAFeed(str(error)) from error
    found, failed = list[Found](), list[FetchError]()
    for address in addresses:
        try:
            found += await _story(fetcher, address)
        except FetchError as error:
            failed.append(error)
    if failed and len(failed) == len(addresses):
        raise failed[0]
    least = hackernews.floor(url)
    return tuple(story for story in found if story.points >= least)


async def _story(fetcher: Fetcher, address: str) -> list[Found]:
    got = await fetcher.fetch(address)
    if got.status != 200:
        raise FetchError(f"{urlsplit(got.url).hostname} answered with status {got.status}")
    try:
        story = hackernews.item(got.body)
    except ValueError as error:
        raise FetchError(str(error)) from error
    return [story] if story else []
