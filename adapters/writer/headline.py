"""The headline of a report: the source's own words without the site's name around them.

What is cut is sure to be no news: the site's name, "Blog", a forum's label. In doubt it stays.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from adapters.writer.sentences import sentences, squeezed, visible
from bot.model import Found, Page

LONGEST = 200
"""Characters. Longer ones are posts whose first paragraph stands in for a headline."""

_LABEL = re.compile(
    r"(?:\[(?:d|r|p|n|discussion|research|project|news|update|updated|breaking|exclusive|translated)"
    r"\]|\[\d{4}\.\d{4,5}(?:v\d+)?\]|(?:show|launch) hn\s*[:–—-]|breaking\s*:|exclusive\s*:)\s*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:\[(?:pdf|video|audio|d|r|p|n|updated?)\]|\(arxiv:\S+(?: \[[\w.-]+\])?\))$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»\\]|::|-)\s+")
_GENERIC = re.compile(
    r"(?:the )?(?:official |company |latest |engineering |research |developer |tech |ai )*"
    r"(?:blog|news|newsroom|home|homepage|press|press releases?|announcements?|updates)",
    re.IGNORECASE,
)
_SITE_KIND = re.compile(r"(?:\S+ ){0,4}(?:blog|newsroom)", re.IGNORECASE)
_NO_NAMES = {"www", "blog", "blogs", "news", "com", "org", "net", "co", "io", "ai", "dev", "github"}
_READERS = ("news.google.com", "news.yahoo.com")


def headline(found: Found, page: Page) -> str:
    """The title, cleaned and never empty."""
    for title in (found.title, page.title):
        cleaned = _cleaned(squeezed(visible(title)), found.url, page.url)
        if cleaned:
            return clipped(cleaned, LONGEST)
    opening = sentences((found.text or page.text)[: LONGEST * 5])
    return clipped(opening[0].text, LONGEST) if opening else _from_address(found.url or page.url)


def clipped(text: str, longest: int) -> str:
    """Text of at most so many characters, cut between two words."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    at_word = kept.rpartition(" ")[0]
    return (at_word if len(at_word) > longest // 2 else kept).rstrip(" ,;:–—-") + "…"


def _cleaned(title: str, *urls: str) -> str:
    for _ in range(3):
        shorter = _without_site(_AFTER.sub("", title), urls)
        label = _LABEL.match(shorter)
        shorter = shorter[label.end() :] if label else shorter
        if shorter == title or not shorter:
            break
        title = shorter
    return title


def _without_site(title: str, urls: tuple[str, ...]) -> str:
    """The title without its last part, if that part is the site's name and enough is left."""
    cuts = list(_SEPARATOR.finditer(title))
    if not cuts:
        return title
    head, tail = title[: cuts[-1].start()], title[cuts[-1].end() :]
    if _is_site(tail, urls) and _says_enough(head):
        return head
    return title


def _is_site(tail: str, urls: tuple[str, ...]) -> bool:
    if _GENERIC.fullmatch(tail) or _SITE_KIND.fullmatch(tail):
        return True
    hosts = [urlsplit(url).hostname or "" for url in urls if url]
    if any(host in _READERS for host in hosts):
        return len(tail.split()) <= 6
    name = _letters(tail.removeprefix("The "))
    return any(_names(host, name) for host in hosts)


def _names(host: str, name: str) -> bool:
    """Whether a name, letters only, is a host's name: "MIT Technology Review" and its address."""
    labels = [part.replace("-", "") for part in host.lower().split(".") if part not in _NO_NAMES]
    full = [part.removeprefix("the") for part in labels if len(part) >= 3]
    return any(
        name == part or (len(part) >= 6 and name.endswith(part)) or name == _letters(host)
        for part in full
    )


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _says_enough(head: str) -> bool:
    words = head.split()
    wide = sum(ord(c) >= 0x3040 for c in head)
    return len(words) >= 2 or wide >= 4 or any(c.isdigit() for c in head)


def _from_address(url: str) -> str:
    """Words from an address, where nobody gave a title."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "Untitled"
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    words = squeezed(visible(re.sub(r"[-_+]+|\.html?$", " ", last)))
    return clipped(words or parts.hostname or "Untitled", LONGEST)
