"""What a model may say: only what the source bears out, and nothing that acts on a chat.

A number, an address or a name for calling people that the source does not have is never shown;
a quotation counts only if the source has it word for word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.writer.sentences import squeezed, visible
from bot.query.text import tokens

_MARKUP = re.compile(
    r"</?[a-z!@#&][^<>\n]{0,300}>|!?\[([^\]\n]{0,300})\]\([^)\n]{0,600}\)|\*\*|__|`+|^#+\s", re.I
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s<>|\"'`]*"
    r"|(?:mailto|javascript|data|tel|file|vbscript):\S+"
    r"|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:[:/?#][^\s<>|\"'`]*)?",
    re.IGNORECASE | re.ASCII,
)
_CALLING = re.compile(
    r"<[!@#&]|(?<![\w.])@\w|@(?:everyone|here|channel)\b|&lt;[!@#&]", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(\d+(?:[.,]\d+)*)\s?"
    r"(?:(%|percent|per cent|thousand|million|billion|trillion|mn|bn|tn|k|m|b|t)"
    r"(?![a-z]))?",
    re.IGNORECASE,
)
_UNITS = {
    "percent": "%", "per cent": "%", "thousand": "k", "million": "m", "mn": "m",
    "billion": "b", "bn": "b", "trillion": "t", "tn": "t",
}  # fmt: skip
_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})
_QUOTE_WORDS = 3


def plain(text: str) -> str:
    """One line of text without markup, control and invisible characters."""
    seen = visible(text)
    return squeezed(_MARKUP.sub(lambda m: m.group(1) or "", squeezed(seen)))


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a source bears out. `text` is compared text; `numbers` maps values to their units."""

    text: str
    words: frozenset[str]
    numbers: frozenset[tuple[str, str]]
    addresses: frozenset[str]

    def sound(self, sentence: str) -> str:
        """The sentence as plain text, or nothing. What is hidden in its markup counts as said."""
        raw = squeezed(visible(sentence))
        text = plain(raw)
        return text if self.allows(raw) and self.allows(text) and text == plain(text) else ""

    def allows(self, sentence: str) -> bool:
        """Whether every number and address of a sentence is the source's, and it calls nobody."""
        folded = unicodedata.normalize("NFKC", sentence)
        return (
            not _CALLING.search(folded)
            and all(address in self.addresses for address in _addresses(folded))
            and all(self._has_number(*number) for number in _numbers(folded))
        )

    def quotes(self, quote: str) -> bool:
        """Whether the source has this word for word, and it is long enough to prove anything."""
        wanted = _comparable(quote)
        return len(tokens(quote)) >= _QUOTE_WORDS and wanted in self.text

    def about(self, title: str) -> bool:
        """Whether a headline is made of the source's words for the larger part."""
        words = set(tokens(title))
        return bool(words) and len(words & self.words) >= 0.6 * len(words)

    def _has_number(self, value: str, unit: str) -> bool:
        return (value, unit) in self.numbers or (not unit and (value, "any") in self.numbers)


def grounds(*texts: str) -> Grounds:
    """The grounds that a source's title, texts and addresses give together."""
    whole = "\n".join(visible(text) for text in texts)
    folded = unicodedata.normalize("NFKC", whole)
    numbers = frozenset(_numbers(folded))
    return Grounds(
        text=_comparable(whole),
        words=frozenset(tokens(whole)),
        numbers=numbers | {(value, "any") for value, _ in numbers},
        addresses=frozenset(_addresses(folded)),
    )


def _comparable(text: str) -> str:
    """Text without differences of case, white space and kinds of quotation marks."""
    folded = unicodedata.normalize("NFKC", text.replace("…", "...")).translate(_ALIKE)
    return squeezed(folded).casefold()


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.findall(text):
        address = found.rstrip(".,;:!?)]}'\"").lower()
        if "." in address or ":" in address:
            yield address


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """Numbers as value and unit: "1,000" and "1000" are the same, "30 million" and "30 billion"
    are not."""
    for digits, unit in _NUMBER.findall(text):
        value = digits.replace(",", "")
        if value.count(".") == 1:
            value = value.rstrip("0").rstrip(".")
        yield value, _UNITS.get(unit.lower(), unit.lower())
