"""The sample articles as feeds, for any moment after a start: a first stock, then one by one.

The articles are told in our own words; each links to the original. The dates are moved to the
time of the start, because news of last year would be refused as old. Nothing here is random.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

SPREAD = 14 * 86_400
"""Seconds before the start over which the first articles are spread."""
STEP = 20
"""Seconds after the start, and after each other, at which the later ones appear."""

_ABOUT = "Sample articles that come with BotBeat, in its own words. Each links to the original."
_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
for _prefix, _space in (("atom", _ATOM), ("content", _CONTENT), ("dc", _DC)):
    ET.register_namespace(_prefix, _space)


@dataclass(frozen=True, slots=True)
class Sample:
    """One article of a feed. `published` is the moved date, in seconds since 1970."""

    key: str
    title: str
    url: str
    text: str
    published: float
    author: str = ""
    discussion: str = ""
    points: int = 0
    comments: int = 0


@dataclass(frozen=True, slots=True)
class _Head:
    """What a feed says of itself."""

    title: str
    site: str
    own: str


def names() -> list[str]:
    """The feeds that there are."""
    return [feed["name"] for feed in _stock()["feeds"]]


def title(name: str) -> str:
    """What a feed is called."""
    return _named(name)["title"]


def media_type(name: str) -> str:
    """The Content-Type of a feed."""
    kinds = {"atom": "application/atom+xml", "json": "application/feed+json"}
    return kinds.get(_named(name)["format"], "application/rss+xml")


def feed(name: str, started: float, now: float, base_url: str) -> bytes:
    """A feed as it is at `now`; KeyError if there is none of this name.

    `base_url` is where the feeds are served, without a slash at its end.
    """
    about = _named(name)
    head = _Head(about["title"], f"{base_url}/", f"{base_url}/{name}")
    return _FORMATS[about["format"]](head, list(_out(name, started, now)))


@cache
def _stock() -> dict[str, Any]:
    stock: dict[str, Any] = json.loads(Path(__file__).with_name("articles.json").read_bytes())
    return stock


def _named(name: str) -> dict[str, str]:
    feeds: list[dict[str, str]] = _stock()["feeds"]
    return {feed["name"]: feed for feed in feeds}[name]


def _out(name: str, started: float, now: float) -> Iterator[Sample]:
    """The articles of a feed that are out, newest first."""
    first, later = _stock()["at_start"], _stock()["later"]
    dated = [(started + STEP * (n + 1), article) for n, article in enumerate(later)][::-1]
    dated += [(started - SPREAD * n / len(first), article) for n, article in enumerate(first)]
    for published, article in dated:
        if article["feed"] == name and published <= now:
            yield _sample(article, published)


def _sample(article: dict[str, Any], published: float) -> Sample:
    known = {key: article[key] for key in ("key", "title", "url", "text")}
    more = ("author", "discussion", "points", "comments")
    return Sample(
        published=published, **known, **{key: article[key] for key in more if key in article}
    )


def _rss(head: _Head, samples: list[Sample]) -> bytes:
    return _channel(head, samples, lambda sample: f"<p>{escape(sample.text)}</p>")


def _hnrss(head: _Head, samples: list[Sample]) -> bytes:
    """Like hnrss.org, which puts the discussion and its numbers into the description."""

    def told(sample: Sample) -> str:
        page, talk = escape(sample.url), escape(sample.discussion)
        return (
            f"<p>{escape(sample.text)}</p>"
            f'<p>Article URL: <a href="{page}">{page}</a></p>'
            f'<p>Comments URL: <a href="{talk}">{talk}</a></p>'
            f"<p>Points: {sample.points}</p><p># Comments: {sample.comments}</p>"
        )

    return _channel(head, samples, told)


def _channel(head: _Head, samples: list[Sample], told: Callable[[Sample], str]) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    for tag, value in (("title", head.title), ("link", head.site), ("description", _ABOUT)):
        ET.SubElement(channel, tag).text = value
    ET.SubElement(channel, f"{{{_ATOM}}}link", href=head.own, rel="self")
    for sample in samples:
        item = ET.SubElement(channel, "item")
        for tag, value in (
            ("title", sample.title),
            ("link", sample.url),
            ("pubDate", format_datetime(_moment(sample), usegmt=True)),
            ("description", sample.text.split(". ")[0].rstrip(".") + "."),
            (f"{{{_CONTENT}}}encoded", told(sample)),
            ("comments", sample.discussion),
            (f"{{{_DC}}}creator", sample.author),
        ):
            if value:
                ET.SubElement(item, tag).text = value
        ET.SubElement(item, "guid", isPermaLink="false").text = sample.discussion or sample.key
    return _document(root)


def _atom(head: _Head, samples: list[Sample]) -> bytes:
    root = ET.Element(f"{{{_ATOM}}}feed")
    for tag, value in (("title", head.title), ("subtitle", _ABOUT), ("id", head.own)):
        ET.SubElement(root, f"{{{_ATOM}}}{tag}").text = value
    newest = _moment(samples[0]) if samples else datetime.fromtimestamp(0, UTC)
    ET.SubElement(root, f"{{{_ATOM}}}updated").text = newest.isoformat()
    author = ET.SubElement(root, f"{{{_ATOM}}}author")
    ET.SubElement(author, f"{{{_ATOM}}}name").text = "BotBeat"
    ET.SubElement(root, f"{{{_ATOM}}}link", href=head.own, rel="self")
    for sample in samples:
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        date = _moment(sample).isoformat()
        name = f"tag:botbeat.invalid,2026:{sample.key}"
        for tag, value in (("title", sample.title), ("id", name), ("updated", date)):
            ET.SubElement(entry, f"{{{_ATOM}}}{tag}").text = value
        ET.SubElement(entry, f"{{{_ATOM}}}published").text = date
        ET.SubElement(entry, f"{{{_ATOM}}}link", href=sample.url, rel="alternate")
        content = ET.SubElement(entry, f"{{{_ATOM}}}content", type="html")
        content.text = f"<p>{escape(sample.text)}</p>"
    return _document(root)


def _json(head: _Head, samples: list[Sample]) -> bytes:
    """https://www.jsonfeed.org/version/1.1/"""
    items = [
        {
            "id": sample.key,
            "url": sample.url,
            "title": sample.title,
            "content_text": sample.text,
            "date_published": _moment(sample).isoformat(),
        }
        for sample in samples
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "description": _ABOUT,
        "home_page_url": head.site,
        "feed_url": head.own,
        "language": "en",
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _moment(sample: Sample) -> datetime:
    return datetime.fromtimestamp(int(sample.published), UTC)


def _document(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


_FORMATS: dict[str, Callable[[_Head, list[Sample]], bytes]] = {
    "rss": _rss,
    "hnrss": _hnrss,
    "atom": _atom,
    "json": _json,
}
