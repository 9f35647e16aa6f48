"""A headline cut into words, and what its address tells without being fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.classify.lexicon import without_possessive
from bot.query.text import fold, tokens

_TITLE_LIMIT = 500  # characters; what is longer is no headline
_AGGREGATORS = frozenset({"news.google.com"})
_OUTLET = re.compile(r"\s+[-–—|]\s+[^-–—|]{2,40}$")
_SITE = re.compile(r"(?<=\S)\s+[·|]\s+(?:[A-Z][\w.&]*\s?){1,4}$")
_MARK = re.compile(r"^\s*(show|ask|tell|launch)\s+hn\s*[:–-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A token without its possessive 's, and the same as it was written."""

    token: str
    shape: str
    owns: bool = False

    @property
    def capital(self) -> bool:
        return self.shape[:1].isupper()


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL. `host` has no `www.`; `path` is its folded segments."""

    host: str
    path: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.host.split("."))


@dataclass(frozen=True, slots=True)
class Reading:
    """One headline. `mark` is `show`, `ask`, `tell` or `launch` where Hacker News says so."""

    title: str
    mark: str
    words: tuple[Word, ...]
    tokens: tuple[str, ...]
    address: Address
    source: str
    text: str

    @property
    def title_case(self) -> bool:
        """Most long words begin with a capital, so that a capital says nothing."""
        long = [word for word in self.words if len(word.token) > 3 and word.token.isalpha()]
        return len(long) > 2 and sum(word.capital for word in long) > 0.7 * len(long)


def words(text: str) -> tuple[Word, ...]:
    """The tokens of a text in order, each with its own spelling."""
    found: list[Word] = []
    for chunk in text.split():
        folded, at = fold(chunk), 0
        for token in tokens(chunk):
            place = max(folded.find(token, at), 0)
            at = place + len(token)
            # Folding can change a text's length; then the token itself is the best we have.
            same = len(folded) == len(chunk)
            shape = chunk[place:at] if same else token
            bare = without_possessive(token)
            found.append(Word(bare, shape[: len(bare)], owns=bare != token))
    return tuple(found)


def address(url: str) -> Address:
    """A URL's host and path; what is no URL has neither."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return Address("", ())
    return Address(host, tuple(fold(part) for part in parts.path.split("/") if part))


def read(title: str, url: str = "", source: str = "", text: str = "") -> Reading:
    title, where = title[:_TITLE_LIMIT], address(url)
    if where.host in _AGGREGATORS:
        title = _OUTLET.sub("", title)
    title = _SITE.sub("", title)
    mark = _MARK.match(title)
    cut = words(title[mark.end() :] if mark else title)
    return Reading(
        title=title,
        mark=mark[1].casefold() if mark else "",
        words=cut,
        tokens=tuple(word.token for word in cut),
        address=where,
        source=source,
        text=text,
    )
