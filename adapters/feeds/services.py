"""Services that answer in JSON of their own: releases on GitHub, the daily papers of Hugging Face.

Each has an address that people know, and another one that is meant for programs. Sources:
https://docs.github.com/en/rest/releases/releases and https://huggingface.co/.well-known/openapi.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters.feeds import hackernews
from adapters.feeds.jsonfeed import Known, seconds, text_of
from adapters.feeds.plain import clean, plain_text, plain_title, shorten, web_link
from bot.model import Found

_NAME = r"[A-Za-z0-9][\w.-]{0,99}"
_RELEASES = re.compile(rf"/repos/({_NAME})/({_NAME})/releases/?$")
_REPOSITORY = re.compile(rf"/({_NAME})/({_NAME})(?:/releases(?:\.atom)?|/tags(?:\.atom)?)?/?$")
_ARXIV_LIST = re.compile(r"/list/([a-z-]+(?:\.[A-Za-z-]{2,20})?)(?:/(?:recent|new|pastweek))?/?$")
_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}")
_ARXIV_QUERY = (
    "https://export.arxiv.org/api/query?search_query=cat:{}"
    "&sortBy=submittedDate&sortOrder=descending&max_results=50"
)
_NO_REPOSITORIES = {"orgs", "topics", "features", "marketplace", "sponsors", "collections"}
_PAPERS = "https://huggingface.co/api/daily_papers?limit=50"
_MOST = 100


def better(url: str) -> str:
    """The address for programs behind one that people know; the same address if there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # Whoever fetches it says what is wrong.
    host = (parts.hostname or "").removeprefix("www.")
    named = _REPOSITORY.match(parts.path) if host == "github.com" else None
    if named and named[1].lower() not in _NO_REPOSITORIES:
        return f"https://api.github.com/repos/{named[1]}/{named[2]}/releases?per_page=30"
    if host == "huggingface.co" and parts.path.rstrip("/") == "/papers":
        return _PAPERS
    if host == "arxiv.org" and (category := _ARXIV_LIST.match(parts.path)):
        return _ARXIV_QUERY.format(category[1])
    return hackernews.better(url)


def reader(url: str) -> Callable[[Any, str], Known] | None:
    """What reads the answer of this address; None for an address of no such service."""
    parts = urlsplit(url)
    if parts.hostname == "api.github.com" and _RELEASES.match(parts.path):
        return releases
    if parts.hostname == "huggingface.co" and parts.path.startswith("/api/daily_papers"):
        return papers
    return None


def releases(data: Any, url: str) -> Known:
    """What GitHub lists of a repository, without drafts and previews. ValueError, in plain words,
    if it is no such list."""
    named = _RELEASES.search(urlsplit(url).path)
    if not isinstance(data, list) or not named:
        raise ValueError("it is not a list of releases from GitHub")
    owner, name = named[1], named[2]
    out = [one for one in _objects(data) if not (one.get("draft") or one.get("prerelease"))]
    entries = [_release(one, name) for one in out]
    site = f"https://github.com/{owner}/{name}/releases"
    return Known(f"{owner}/{name} releases", "", site, [one for one in entries if one.url])


def _release(one: Mapping[str, Any], name: str) -> Found:
    tag, title = plain_title(text_of(one, "tag_name")), plain_title(text_of(one, "name"))
    told = title or tag
    author = one.get("author")
    return Found(
        key=tag or str(one.get("id")),
        url=web_link(one.get("html_url")),
        # A release is often called by its number alone.
        title=told if name.lower() in told.lower() else f"{name} {told}",
        published=seconds(one, "published_at") or seconds(one, "created_at"),
        text=shorten(_without_marks(text_of(one, "body")), 20_000),
        author=plain_title(text_of(author, "login")) if isinstance(author, dict) else "",
    )


def papers(data: Any, url: str) -> Known:
    """The papers that people found worth reading on a day, with their votes. The paper's own page
    is its address, so that it is the same article wherever it is found."""
    if not isinstance(data, list):
        raise ValueError("it is not a list of papers from Hugging Face")
    entries = [found for one in _objects(data) if (found := _paper(one))]
    return Known("Hugging Face daily papers", "en", "https://huggingface.co/papers", entries)


def _paper(one: Mapping[str, Any]) -> Found | None:
    paper = one.get("paper")
    if not isinstance(paper, dict) or not _ARXIV_ID.fullmatch(number := text_of(paper, "id")):
        return None
    authors = [plain_title(text_of(who, "name")) for who in _objects(paper.get("authors"))]
    votes = paper.get("upvotes")
    return Found(
        key=number,
        url=f"https://arxiv.org/abs/{number}",
        title=plain_title(text_of(paper, "title") or text_of(one, "title")),
        published=seconds(paper, "submittedOnDailyAt") or seconds(one, "publishedAt"),
        text=plain_text(text_of(paper, "summary") or text_of(one, "summary")),
        author=shorten(", ".join(name for name in authors[:5] if name), 200),
        lang="en",
        discussion=f"https://huggingface.co/papers/{number}",
        points=max(0, votes) if isinstance(votes, int) else 0,
    )


def _objects(data: Any) -> list[Mapping[str, Any]]:
    listed = data[:_MOST] if isinstance(data, list) else []
    return [one for one in listed if isinstance(one, dict)]


def _without_marks(markdown: str) -> str:
    """The words of some Markdown, roughly: lines without marks, links without their addresses."""
    text = re.sub(r"!?\[([^\]\n]{0,300})\]\([^)\s]{0,2000}\)", r"\1", clean(markdown[:60_000]))
    lines = (re.sub(r"^[\s>#*+-]+|[*_`]{2,}", "", line).strip() for line in text.splitlines())
    return plain_text("\n\n".join(line for line in lines if line))
