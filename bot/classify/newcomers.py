"""Companies that nobody listed, known by the sentence they stand in: "Acme raises $20M".

Only money and takeovers are trusted: there the subject is nearly always a company.
"""

from __future__ import annotations

import re

from bot.classify.lexicon import word_set
from bot.classify.reading import Reading, Word

_MONEY = word_set(
    """
    raises raised secures secured lands nabs bags snags closes nets scores acquires acquired
    """
)
_FUNDS = word_set("funding round seed series valuation investment ipo fund")
_TAKES_OVER = frozenset(("acquires", "acquired"))
_KINDS = word_set(
    """
    startup start-up company firm maker unicorn lab giant developer platform provider
    builder specialist tech upstart
    """
)
_NOT_FIRST = word_set(
    """
    us u.s china india japan eu uk france germany canada how why what the this study report
    ai trump congress senate court judge exclusive breaking
    """
)
_AMOUNT = re.compile(r"[$€£¥]\s?\d|\d\s?(?:million|billion|m\b|b\b)", re.IGNORECASE)


def newcomer(reading: Reading) -> str:
    """The name of the company that takes money or takes over another, or an empty text."""
    verb = next((i for i, word in enumerate(reading.words) if word.token in _MONEY), 0)
    if not verb or not _about_money(reading, verb):
        return ""
    name = _name_before(reading.words[:verb])
    if not name or len(name) > 4 or name[0].token in _NOT_FIRST:
        return ""
    return " ".join(word.shape for word in name)


def _about_money(reading: Reading, verb: int) -> bool:
    if _AMOUNT.search(reading.title) or not _FUNDS.isdisjoint(reading.tokens):
        return True
    after = reading.words[verb + 1 : verb + 2]
    return reading.tokens[verb] in _TAKES_OVER and bool(after) and after[0].capital


def _name_before(cut: tuple[Word, ...]) -> tuple[Word, ...]:
    """The capitalised words right before the verb, without what says the kind of company."""
    start = len(cut)
    while start and (cut[start - 1].capital or cut[start - 1].token.isdigit()):
        start -= 1
    name = cut[start:]
    for at, word in reversed(list(enumerate(name[:-1]))):
        if word.token in _KINDS:
            return name[at + 1 :]
    return name
