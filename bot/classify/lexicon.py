"""Phrases found in tokens in one pass, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.query.text import phrase

T = TypeVar("T")


def word_set(words: str) -> frozenset[str]:
    """The words of a text that are separated by spaces; keeps long lists readable."""
    return frozenset(words.split())


_CONTRACTED = word_set("it's what's here's that's there's who's how's where's let's he's she's")


def without_possessive(token: str) -> str:
    """`openai` for `openai's`; `it's` stays."""
    owns = token.endswith("'s") and len(token) > 2 and token not in _CONTRACTED
    return token[:-2] if owns else token


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase that stands at `tokens[start:end]`, and what it means."""

    start: int
    end: int
    text: str
    value: T


class Lexicon(Generic[T]):
    """Phrases and their meanings. The first meaning given to a phrase holds."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._meanings: dict[tuple[str, ...], tuple[str, T]] = {}
        self._reach: dict[str, int] = {}
        for text, value in entries:
            cut = tuple(without_possessive(token) for token in phrase(text)[0])
            if cut:
                self._meanings.setdefault(cut, (text, value))
                self._reach[cut[0]] = max(len(cut), self._reach.get(cut[0], 0))

    def find(self, tokens: Sequence[str]) -> list[Match[T]]:
        """The phrases in these tokens, the longest at each place, none within another."""
        found: list[Match[T]] = []
        at = 0
        while at < len(tokens):
            match = self._longest(tokens, at)
            if match:
                found.append(match)
            at = match.end if match else at + 1
        return found

    def starting(self, tokens: Sequence[str]) -> Match[T] | None:
        """The phrase with which the tokens begin."""
        return self._longest(tokens, 0) if tokens else None

    def _longest(self, tokens: Sequence[str], at: int) -> Match[T] | None:
        for length in range(self._reach.get(tokens[at], 0), 0, -1):
            meaning = self._meanings.get(tuple(tokens[at : at + length]))
            if meaning and at + length <= len(tokens):
                return Match(at, at + length, meaning[0], meaning[1])
        return None
