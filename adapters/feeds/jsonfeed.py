"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), read without trust in types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.feeds.plain import (
    clean,
    language,
    plain_text,
    plain_title,
    shorten,
    web_link,
)
from bot.model import Found

# One more than the caller keeps, so that it notices.
_MAX = 2001


@dataclass(frozen=True, slots=True)
class Known:
    """What a JSON Feed says of itself, and its entries; a missing id is an empty key."""

    title: str
    lang: str
    link: str
    entries: list[Found]


def loaded(text: str) -> Any:
    """The data in a JSON text; ValueError, in plain words, if there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it looks like JSON but cannot be read as such") from error


def read(data: Any, url: str) -> Known:
    """The feed in some JSON; ValueError, in plain words, if it is no JSON Feed."""
    if not isinstance(data, dict) or "jsonfeed.org" not in str(data.get("version")):
        raise ValueError("it is JSON, but not a JSON Feed")
    items = data.get("items")
    items = items[:_MAX] if isinstance(items, list) else []
    base = web_link(data.get("home_page_url"), url) or url
    lang = language(data.get("language"))
    entries = [_found(item, lang, base) for item in items if isinstance(item, dict)]
    return Known(plain_title(text_of(data, "title")), lang, base, entries)


def _found(item: Mapping[str, Any], lang: str, base: str) -> Found:
    number = item.get("id")
    text = plain_text(text_of(item, "content_html")) or clean(text_of(item, "content_text"))
    return Found(
        key=str(number)[:500] if isinstance(number, str | int | float) else "",
        url=web_link(item.get("url"), base) or web_link(item.get("external_url"), base),
        title=plain_title(text_of(item, "title")) or shorten(text.strip().partition("\n")[0], 120),
        published=seconds(item, "date_published") or seconds(item, "date_modified"),
        text=shorten(text.strip(), 20_000) or plain_text(text_of(item, "summary")),
        author=_author(item),
        lang=language(item.get("language")) or lang,
        updated=seconds(item, "date_modified"),
    )


def _author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    names = [text_of(one, "name") for one in people if isinstance(one, dict)]
    return shorten(", ".join(plain_title(name) for name in names if name), 200)


def seconds(item: Mapping[str, Any], name: str) -> float:
    try:
        found = datetime.fromisoformat(text_of(item, name).strip())
        return max(0.0, (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0


def text_of(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
