"""Hacker News, from Algolia's search (https://hn.algolia.com/api) and from the lists and items of
the Firebase API (https://github.com/HackerNews/API).

Either is asked again and again, so a story that rises late is caught when it has the points that
the address asks for: a search in its filters, a list behind its `#`, as in `…#points>=100`.

A story's identity is its number; where it has no page of its own (Ask HN), its discussion is it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from adapters.feeds.plain import plain_text, plain_title, web_link
from bot.model import Found

_DISCUSSION = "https://news.ycombinator.com/item?id="
_LISTS = {
    "": "top",
    "news": "top",
    "best": "best",
    "newest": "new",
    "ask": "ask",
    "show": "show",
}
_LIST = re.compile(r"/v0/(?:top|new|best|ask|show)stories\.json$")
_API = "https://hacker-news.firebaseio.com/v0/"
_USUAL = "points>=50"
MOST_ITEMS = 40
"""So many stories of a list are read at each visit: the highest, each with a request of its own."""
_FLOOR = re.compile(r"points\s*(>=?)\s*(\d{1,6})")


def is_search(url: str) -> bool:
    """Whether an address is one of Algolia's searches."""
    return urlsplit(url).hostname == "hn.algolia.com"


def is_list(url: str) -> bool:
    """Whether an address is one of the lists of stories."""
    return bool(_LIST.search(urlsplit(url).path))


def better(url: str) -> str:
    """The address for programs behind one of its pages; a search with as many stories as it gives,
    since it lists the newest first; any other address as it is."""
    parts = urlsplit(url)
    page = _LISTS.get(parts.path.strip("/"))
    if parts.hostname == "news.ycombinator.com" and page and not parts.query:
        return f"{_API}{page}stories.json#{parts.fragment or _USUAL}"
    if is_search(url) and "hitsPerPage=" not in parts.query:
        query = "&".join(filter(None, (parts.query, "hitsPerPage=100")))
        return parts._replace(query=query).geturl()
    return url


def listed(body: bytes, url: str) -> list[str]:
    """The addresses of the highest stories on the list `url`. ValueError, in plain words, if it is
    no such list."""
    data = _json(body)
    if not isinstance(data, list):
        raise ValueError("it is no list of Hacker News")
    numbers = [one for one in data[:MOST_ITEMS] if isinstance(one, int) and one > 0]
    return [urljoin(url, f"item/{number}.json") for number in numbers]


def search(body: bytes, url: str) -> list[Found]:
    """The stories in the answer to the search `url`, with at least the points it asks for.

    ValueError, in plain words, if it is no such answer.
    """
    data = _json(body)
    hits = data.get("hits") if isinstance(data, dict) else None
    if not isinstance(hits, list):
        raise ValueError("it is not an answer of the Hacker News search")
    least = floor(url)
    found = [_hit(hit) for hit in hits if isinstance(hit, dict)]
    return [one for one in found if one is not None and one.points >= least]


def item(body: bytes) -> Found | None:
    """One item of the Firebase API; None for what is null, deleted, dead or no story."""
    data = _json(body)
    if not isinstance(data, dict) or data.get("deleted") or data.get("dead"):
        return None
    if data.get("type") != "story":
        return None
    number, time, score = data.get("id"), data.get("time"), data.get("score")
    return _story(data, number, "text", time, score, "by")


def floor(url: str) -> int:
    """The least number of points that a search or a list asks for, 0 if it does not."""
    parts = urlsplit(url)
    filters = ",".join(parse_qs(parts.query).get("numericFilters", (parts.fragment,)))
    least = _FLOOR.search(filters)
    return int(least[2]) + (least[1] == ">") if least else 0


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not an answer of Hacker News") from error


def _hit(hit: Mapping[str, Any]) -> Found | None:
    tags = hit.get("_tags")
    if isinstance(tags, list) and "story" not in tags:
        return None
    created, points = hit.get("created_at_i"), hit.get("points")
    return _story(hit, hit.get("objectID"), "story_text", created, points, "author")


def _story(
    data: Mapping[str, Any], number: object, text: str, time: object, points: object, author: str
) -> Found | None:
    name, title = str(number), plain_title(str(data.get("title") or ""))
    if not (name.isascii() and name.isdigit()) or not title:
        return None
    return Found(
        key=name,
        url=web_link(data.get("url")) or _DISCUSSION + name,
        title=title,
        published=float(_count(time)),
        text=plain_text(str(data.get(text) or "")),
        author=plain_title(str(data.get(author) or "")),
        discussion=_DISCUSSION + name,
        points=_count(points),
    )


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0
