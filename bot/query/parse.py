"""From what people type to a `Query`, the same on every platform and on the web.

Nothing is ever ignored: what is not understood is refused with the nearest names. Chat programs
turn quotes curly and hyphens into dashes; both are understood.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import catalogue
from bot.model import TYPES
from bot.query.language import ANY, FACETS, KEYS, SORTS, Clause, Query, Term, slug
from bot.query.text import phrase

LONGEST = 1000
"""The most characters that a query may have."""

_FLAGS = {"is": ("withdrawn", "revised", ANY), "has": ("discussion", "opinion")}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»〝〞＂", '"'),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "：": ":",
        "，": ",",
    }
)
_TYPES = {slug(name): name for name in TYPES}
_VALUE = re.compile(r'"([^"]*)"(\*?)|([^\s,"]+)')
_KEY = re.compile(r"([A-Za-z_]+):(?!//)")


class QueryError(ValueError):
    """A query that was not understood, in words for the person who typed it."""


def tidy(text: str) -> str:
    """Typed text with straight quotes and plain spaces; a dash before a word is a minus."""
    spaced = re.sub(r"[\s\x00-\x1f\x7f-\x9f]", " ", text.translate(_PLAIN))
    return re.sub(r"(^| )[–—−](?=\S)", r"\1-", spaced).strip()


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words that look most like this one, always so many if there are."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=most, cutoff=0.3)
    return [*near, *(name for name in names if name not in near)][:most]


def parse(text: str, now: float) -> Query:
    """Read a query; `now` is what `since:7d` counts back from. Raises `QueryError`."""
    query, options = read(text, now)
    assert not options
    return query


def read(text: str, now: float, options: Iterable[str] = ()) -> tuple[Query, dict[str, str]]:
    """Read a query with options (such as `comments:share`) among its terms."""
    if len(text) > LONGEST:
        raise QueryError(
            f"That is {len(text):,} characters long; a search has at most {LONGEST:,}. "
            "Nothing was changed."
        )
    text = tidy(text)
    clauses: list[Clause] = []
    chosen: dict[str, str] = {}
    query = Query()
    at = 0
    while at < len(text):
        if text[at] in " ,":
            at += 1
            continue
        negated = text[at] in "-!"
        if text[at] in "-!+":
            at += 1
        key, at = _key_at(text, at, options)
        values, at = _values_at(text, at)
        if key in options or key in ("sort", "page", "limit"):
            value = ",".join(value for value, _, _ in values)
            if not value or negated:
                raise QueryError(f'"{key}:" needs a value. Nothing was changed.')
            if key in options:
                # `page:on` is a channel's setting where settings are read, else a page's number.
                chosen[key] = value
            else:
                query = _with_option(query, key, value)
        else:
            terms = tuple(dict.fromkeys(_term(key, value, now) for value in values))
            if not terms:
                raise QueryError(_nothing_to_find(key))
            clauses.append(Clause(terms, negated))
    return replace(query, clauses=tuple(dict.fromkeys(clauses))), chosen


def _key_at(text: str, at: int, options: Iterable[str]) -> tuple[str, int]:
    found = _KEY.match(text, at)
    if not found:
        return "", at
    key = found[1].lower()
    known = (*KEYS, "sort", "page", "limit", *options)
    if key not in known:
        raise QueryError(
            f'Unknown key "{key}:". Did you mean: '
            f"{', '.join(name + ':' for name in nearest(key, known))}? "
            f'To search for the words, write "{key} …" in quotes. Nothing was changed.'
        )
    return key, found.end()


def _values_at(text: str, at: int) -> tuple[list[tuple[str, bool, bool]], int]:
    """The values from here on, parted by commas: text, whether quoted, whether a prefix."""
    values: list[tuple[str, bool, bool]] = []
    while at < len(text):
        found = _VALUE.match(text, at)
        if not found:
            # A quote that is never closed means the rest of the line.
            if text[at] != '"':
                break
            values.append((" ".join(text[at + 1 :].split()), True, False))
            return values, len(text)
        if found[1] is not None:
            values.append((" ".join(found[1].split()), True, bool(found[2])))
        else:
            bare = found[3]
            values.append((bare.rstrip("*") or bare, False, len(bare) > 1 and bare.endswith("*")))
        at = found.end()
        if at < len(text) and text[at] == ",":
            at += 1
            continue
        break
    return [value for value in values if value[0]], at


def _nothing_to_find(key: str) -> str:
    if key:
        return f'"{key}:" needs a value, as in {key}:{_example(key)}. Nothing was changed.'
    return "There is nothing to search for. Try: `/botbeat qwen`"


def _example(key: str) -> str:
    examples = {"company": "alibaba", "type": "open-source", "tag": "robotics", "score": ">=7"}
    return examples.get(key, "7d" if key in ("since", "until") else "qwen")


def _with_option(query: Query, key: str, value: str) -> Query:
    if key == "sort":
        if value not in SORTS:
            raise QueryError(f'Unknown order "{value}". It is one of: {", ".join(SORTS)}.')
        return replace(query, sort=value)
    most = 1000 if key == "page" else 10
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise QueryError(f'"{key}:" takes a number from 1 to {most}, not "{value[:40]}".')
    number = int(value)
    return replace(query, page=number) if key == "page" else replace(query, limit=number)


def _term(key: str, value: tuple[str, bool, bool], now: float) -> Term:
    text, quoted, prefix = value
    if key in ("", "title"):
        if not phrase(text)[0]:
            raise QueryError(
                f'"{text[:40]}" has no letter or digit to search for. Nothing was changed.'
            )
        return Term(key, text, prefix, quoted or "," in text or ":" in text)
    if key in ("since", "until"):
        return Term(key, str(moment(text, now, end=key == "until")))
    if key == "score":
        return Term(key, _comparison(text))
    if text == "*" and key in FACETS:
        return Term(key, "*")
    if key == "company":
        return _company(text)
    return Term(key, _known(key, text))


def _company(text: str) -> Term:
    known = catalogue.resolve(text)
    if known:
        return Term("company", known)
    name = slug(text)
    if not name:
        raise QueryError(f'"{text[:40]}" is no company\'s name. Nothing was changed.')
    return Term("company", name, loose=True)


def _known(key: str, text: str) -> str:
    """A facet's value, refused with the nearest three where its values are a closed list."""
    name = slug(text)
    closed: dict[str, Iterable[str]] = {
        "type": _TYPES,
        "tag": _tags(),
        **_FLAGS,
    }
    if key in closed and name not in closed[key]:
        # What kind of news it is, and what it is about, are easily taken for each other.
        other = {"tag": "type", "type": "tag"}.get(key, "")
        kin = [f"{other}:{one}" for one in closed.get(other, ()) if name in one.split("-")]
        near = [*kin[:1], *nearest(name, closed[key])][:3]
        raise QueryError(
            f'Unknown {key} "{text[:40]}". Did you mean: {", ".join(near)}? Nothing was changed.'
        )
    if not name:
        raise QueryError(_nothing_to_find(key))
    if key == "tag":
        return _tags()[name]
    return name[:2] if key == "lang" else name


def _tags() -> dict[str, str]:
    """Each tag by its name and by its short name, as its facet is written."""
    names = {slug(tag.name): slug(tag.name) for tag in catalogue.TAGS}
    return {tag.slug: slug(tag.name) for tag in catalogue.TAGS} | names


def _comparison(text: str) -> str:
    found = re.fullmatch(r"(>=|<=|>|<)?(\d+(?:\.\d+)?)", text)
    if not found:
        raise QueryError(f'"score:" takes a comparison such as >=7, not "{text[:40]}".')
    return (found[1] or ">=") + found[2]


def moment(text: str, now: float, *, end: bool = False) -> int:
    """A point in time: `7d`, `24h`, `2w`, `monday`, `2026-09-01`, or seconds since 1970.

    A day means its start, in UTC; with `end`, the day itself still counts.
    """
    text = text.lower()
    spans = {"h": 3600, "d": 86400, "w": 604800, "m": 2592000}
    if found := re.fullmatch(r"(\d{1,4})([hdwm])", text):
        return int(now) - int(found[1]) * spans[found[2]]
    if re.fullmatch(r"\d{8,11}", text):
        return int(text)
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if text in ("today", "yesterday"):
        day = today - timedelta(days=text == "yesterday")
    elif text in _DAYS:
        day = today - timedelta(days=(today.weekday() - _DAYS.index(text)) % 7)
    else:
        try:
            day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise QueryError(
                f'"{text[:40]}" is no time I know. Write 7d, 24h, monday or 2026-09-01.'
            ) from None
    return int(day.timestamp()) + (86400 if end else 0)
