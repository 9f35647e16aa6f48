"""Text as sentences, each word for word as it stands there (white space apart).

A sentence ends at its full stop, at the end of its paragraph or at the end of its list item;
never at an abbreviation, a decimal, a version number or inside quotation marks. Time is linear
in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.query.text import tokens

LONGEST = 400
"""Characters. Quotation marks that never close must not swallow the rest of a text."""

_HARD_WRAP = 100
_BULLET = re.compile(r"\s{0,8}(?:[-*+•▸▪◦●·–—‣]|\d{1,2}[.)])\s+(?=\S)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?=\S)")
_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s)"
    r"|[。！？]+[”’」』）\"]*"
)
_STOPS = tuple(".!?…。！？")
_CLOSERS = "\"'”’»)]」』）"
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“‘'])(?:mr|mrs|ms|dr|prof|sen|rep|gov|gen|col|lt|sgt|rev|hon|pres|st|mt|ft|vs|v"
    r"|no|nos|fig|figs|eq|sec|ch|vol|pp|p|ed|eds|est|approx|ca|cf|viz|e\.g|i\.e|resp|incl|dept"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.$",
    re.IGNORECASE,
)
_MAY_END = re.compile(
    r"(?:\b(?:inc|corp|ltd|co|llc|bros|etc|al|jr|sr|a\.m|p\.m|ph\.d)|\b(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?:^|[\s.(])[A-Z]\.$")
_OPENERS = frozenset(
    tokens(
        "the a an it its he she they we i you this that these those in on at for from with by as"
        " but and or so if when while after before since although however meanwhile according"
        " there here our their his her one some many both all most"
    )
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and its `place` in the text. `whole`: it has its full stop, or is a list item
    of its own; what is not whole is a headline between paragraphs, or was cut off."""

    text: str
    place: int
    whole: bool


def visible(text: str) -> str:
    """Text without control, invisible and direction-changing characters; line breaks stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in _HIDDEN)


def squeezed(text: str) -> str:
    """Text with each run of white space as one space: how texts are compared."""
    return " ".join(text.split())


def sentences(text: str) -> list[Sentence]:
    """All sentences of a text in order. Each, squeezed, is found in the text, squeezed."""
    found: list[Sentence] = []
    for passage, item in _passages(visible(text)):
        for part in _parts(passage):
            found.append(Sentence(part, len(found), _whole(part, item)))
    return found


def _whole(part: str, item: bool) -> bool:
    bare = part.rstrip(_CLOSERS)
    if bare.endswith(("…", "...", "[…", "[...")):
        return False
    return item or bare.endswith(_STOPS)


def _passages(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs and list items, with whether it is a list item."""
    for block in re.split(r"\n[ ]*\n", text):
        lines = [line for line in block.split("\n") if line.strip()]
        wrapped = len(lines) > 1 and max(map(len, lines)) <= _HARD_WRAP
        gathered: list[str] = []
        item = False
        for line in lines:
            bullet = _BULLET.match(line) or _HEADING.match(line)
            if gathered and (bullet or not _goes_on(gathered[-1], line, wrapped)):
                yield squeezed(" ".join(gathered)), item
                gathered, item = [], False
            if bullet:
                item = bullet.re is _BULLET
                line = line[bullet.end() :]
            gathered.append(line)
        if gathered:
            yield squeezed(" ".join(gathered)), item


def _goes_on(line: str, following: str, wrapped: bool) -> bool:
    """Whether a line break is only where the line was full, not where a paragraph ends."""
    if following.lstrip()[:1].islower():
        return True
    return wrapped and len(line) >= _HARD_WRAP // 2


def _parts(passage: str) -> Iterator[str]:
    """The passage cut where sentences end; what is inside quotation marks stays together."""
    start = 0
    for end in _END.finditer(passage):
        part = passage[start : end.end()]
        if _open_quote(part) and len(part) < LONGEST:
            continue
        if _is_end(part, passage[end.end() : end.end() + 40]):
            yield part.strip()
            start = end.end()
    if passage[start:].strip():
        yield passage[start:].strip()


def _is_end(before: str, after: str) -> bool:
    """Whether a sentence ends between these two."""
    following = after.split(maxsplit=1)[0] if after.strip() else ""
    if before.rstrip(_CLOSERS).endswith(("。", "！", "？")):
        return True
    word = following.strip("\"'“‘«([")
    if word and word[0].islower() and not any(c.isupper() for c in word):
        return False
    tail = before[-24:]
    if _ABBREVIATION.search(tail) or (_INITIAL.search(tail) and not _closes(word)):
        return False
    return not _MAY_END.search(tail) or _closes(word)


def _closes(word: str) -> bool:
    """Whether a word after a possible abbreviation shows that a new sentence begins."""
    return not word or word.lower().rstrip(",'’") in _OPENERS


def _open_quote(text: str) -> bool:
    """Quotation marks that are not in pairs, whichever kinds were mixed."""
    return sum(text.count(mark) for mark in '"“”') % 2 == 1
