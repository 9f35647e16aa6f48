"""What a source offers, from the bytes it sent: RSS 0.9 to 2.0, RDF, Atom and JSON Feed.

feedparser reads, with everything that made it stumble mended before (see `repair`). It gets
bytes in a `BytesIO` only: given a string, it would open the file or address of that name.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from time import struct_time
from typing import Any
from urllib.parse import urlsplit

import feedparser

from adapters.feeds import arxiv, jsonfeed, repair, services
from adapters.feeds.bounds import Dangerous, is_well_formed, refuse_broken
from adapters.feeds.canonical import untracked
from adapters.feeds.discover import feed_links
from adapters.feeds.feed import Feed, LeftOut, NotAFeed
from adapters.feeds.plain import language, plain_text, plain_title, shorten, web_link
from bot.model import Found

MAX_BYTES = 5 << 20
MAX_ENTRIES = 2000
_FROM_TEXT = 120
_NAMELESS, _REPEATED = "neither title nor link", "the same id and link as another entry"
_EMAIL = re.compile(r"<?[^\s<>()@]+@[^\s<>()]+>?")

feedparser.registerDateHandler(repair.named_zone)


def parse(body: bytes, url: str, content_type: str = "") -> Feed:
    """The feed in `body`, which came from `url`; NotAFeed if there is none."""
    if len(body) > MAX_BYTES:
        raise NotAFeed("the feed is larger than 5 MiB")
    text = repair.decode(body, content_type).lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise NotAFeed("the answer is empty")
    if text[0] in "{[":
        return _from_json(text, url)
    return _from_xml(text, url)


def _from_json(text: str, url: str) -> Feed:
    try:
        known = (services.reader(url) or jsonfeed.read)(jsonfeed.loaded(text), url)
    except ValueError as error:
        raise NotAFeed(str(error)) from error
    return _feed(known.title, known.lang, known.link, known.entries, url, [])


def _from_xml(text: str, url: str) -> Feed:
    try:
        root = repair.without_controls(repair.strip_prolog(text))
        _refuse_others(root, url)
        good = is_well_formed(root)
        root = root if good else _mended(root)
    except Dangerous as error:
        raise NotAFeed(f"the feed {error}, which is refused") from error
    try:
        read = _read(root)
        lang = language(read.feed.get("language"))
        listed = [one for one in read.entries[:MAX_ENTRIES] if not arxiv.is_replaced(one)]
        entries = [_found(entry, lang, url) for entry in listed]
    except Exception as error:  # on hostile input feedparser raises anything
        raise NotAFeed(f"the feed cannot be read ({type(error).__name__})") from error
    if refusal := arxiv.refusal(url, read.entries):
        raise NotAFeed(f"arXiv says: {refusal}")
    if not read.version and not entries:
        raise NotAFeed("it is neither RSS nor Atom nor JSON Feed")
    about, warnings = read.feed, [] if good else ["the feed is not well-formed"]
    title, link = plain_title(_text(about, "title")), web_link(about.get("link"), url)
    feed = _feed(title, lang, link, entries, url, warnings)
    return replace(feed, ttl=_minutes(about.get("ttl")))


def _mended(root: str) -> str:
    mended = repair.mend(root)
    if not is_well_formed(mended):
        refuse_broken(mended)
    return mended


def _refuse_others(root: str, url: str) -> None:
    name = root[1:20].lower()
    if name.startswith("html") or name.startswith(("head", "body", "script")):
        raise NotAFeed("it is a web page, not a feed", feed_links(root, url))
    if name.startswith("opml"):
        raise NotAFeed("it is a list of feeds (OPML), not a feed")
    if not root:
        raise NotAFeed("it is neither RSS nor Atom nor JSON Feed")


def _read(root: str) -> feedparser.FeedParserDict:
    # Without an address of its own it leaves relative ones alone: an id must not change with it.
    return feedparser.parse(
        io.BytesIO(root.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _found(entry: feedparser.FeedParserDict, lang: str, base: str) -> Found:
    text = _longest(entry)
    link = web_link(entry.get("link"), base) or _other_link(entry, base)
    title = plain_title(_text(entry, "title")) or _first_line(text)
    discussion = web_link(entry.get("comments"), base)
    # A blog's `comments` is the article's own page; only another site's is a discussion.
    elsewhere = urlsplit(discussion).hostname != urlsplit(link).hostname
    return Found(
        key=arxiv.number(key := _text(entry, "id").strip()[:500]) or key,
        url=link,
        title=title,
        published=_seconds(entry, "published_parsed", "updated_parsed", "created_parsed"),
        text=text,
        author=_author(entry),
        lang=language(_detail(entry, "title").get("language")) or lang,
        discussion=discussion if elsewhere else "",
        updated=_seconds(entry, "updated_parsed"),
    )


def _feed(
    title: str, lang: str, link: str, found: Sequence[Found], url: str, warnings: list[str]
) -> Feed:
    told = [replace(one, url=untracked(one.url)) for one in found if one.title or one.url]
    left_out = [LeftOut(one, _NAMELESS) for one in found if not (one.title or one.url)]
    if len(found) >= MAX_ENTRIES:
        warnings.append(f"only the first {MAX_ENTRIES} entries were read")
    known: dict[str, Found] = {}
    for one in _told_apart(told):
        if known.setdefault(one.key, one) is not one:
            left_out.append(LeftOut(one, _REPEATED))
    entries = tuple(known.values())
    return Feed(title, lang, link, entries, tuple(warnings), left_out=tuple(left_out))


def _told_apart(found: Sequence[Found]) -> list[Found]:
    """What several entries share is the identity of none of them.

    Release notes give all their entries the address of one page, so each gets a fragment of its
    own; and some feeds give all their entries one guid, which counts for nothing then.
    """
    pairs = {(one.key, one.url) for one in found}
    guids = Counter(key for key, _ in pairs)
    keyed = [replace(one, key=one.key if one.key and guids[one.key] == 1 else _own_key(one))
             for one in found]  # fmt: skip
    shared = Counter(url for url, _ in {(one.url, one.key) for one in keyed})
    return [
        replace(one, url=f"{one.url}#entry-{_hash(one.key)[:8]}")
        if one.url and shared[one.url] > 1 and "#" not in one.url
        else one
        for one in keyed
    ]


def _own_key(one: Found) -> str:
    return one.url or _hash(f"{one.title}\n{one.published}")


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _detail(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = entry.get(f"{name}_detail")
    return value if isinstance(value, Mapping) else {}


def _longest(entry: Mapping[str, Any]) -> str:
    """The entry's full text where it has one, else its description."""
    parts = [_text(part, "value") for part in entry.get("content", ())]
    parts += [_text(entry, "summary")]
    return max((plain_text(part) for part in parts if part), key=len, default="")


def _author(entry: Mapping[str, Any]) -> str:
    """The name; an address of e-mail is not ours to show."""
    name = _EMAIL.sub("", plain_title(_text(entry, "author")))
    return shorten(name.replace("()", "").strip(" ()"), 200)


def _other_link(entry: Mapping[str, Any], base: str) -> str:
    links = [link.get("href") for link in entry.get("links", ()) if link.get("rel") != "enclosure"]
    return next((good for link in [*links, entry.get("id")] if (good := web_link(link))), "")


def _first_line(text: str) -> str:
    return shorten(text.partition("\n")[0], _FROM_TEXT)


def _seconds(entry: Mapping[str, Any], *names: str) -> float:
    for name in names:
        # Asked for a date that is missing, feedparser's own `get` warns and gives another one.
        value = dict.get(entry, name) if isinstance(entry, dict) else None
        if isinstance(value, struct_time):
            return float(max(0, timegm(value)))
    return 0


def _minutes(value: object) -> float:
    text = value.strip()[:6] if isinstance(value, str) else ""
    return float(text) * 60 if text.isascii() and text.isdigit() else 0


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
