"""A report from the article's own sentences: nothing is said that the source did not say.

Each sentence gets a score from reasons that anybody can check (where it stands, how much of the
headline it shares, numbers, names, length); the best that differ from each other become the
takeaways, the next best, in their order, the summary. There is never an opinion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.writer.boilerplate import is_boilerplate, without_furniture
from adapters.writer.headline import clipped, headline
from adapters.writer.sentences import Sentence, sentences
from bot.model import Found, Page, Takeaway, Written
from bot.query.text import tokens

SUMMARY = 600
TAKEAWAY = 300
READ = 60_000
"""Characters: of a summary, of a takeaway, and how much of a text is read at all."""

_SAME = 0.6
_WIDE_STOPS = ("。", "！", "？", "。”", "！”", "？”")
_STOPWORDS = frozenset(
    tokens(
        "a an and are as at be been but by can could for from had has have he her his how i if in "
        "into is it its more most new not now of on or our out over s she so t than that the their "
        "them they this to up us was we were what when which who will with would you your"
    )
)
_LEANS_BACK = re.compile(
    r"(?:it|he|she|they|this|that|these|those|its|his|her|their|but|and|or|so|also|however|still"
    r"|then|first|second|third|finally|meanwhile|instead|moreover|furthermore|additionally|therefore|thus|yet|such|here|for"
    r" example|for instance|in addition|that said|as a result|on the other hand)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(r"\b(?:i|i'm|my|imho|hopefully|unfortunately|amazing|thrilled|excited)\b")
_ADDRESS = re.compile(r"https?://\S+")
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][\w-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    place: int
    words: frozenset[str]
    score: float


def extract(found: Found, page: Page) -> Written:
    """The report in the source's own words; without any text it is the headline alone."""
    title = headline(found, page)
    candidates = _candidates(page.text, title) or _candidates(found.text, title)
    chosen = _takeaways(candidates)
    rest = [c for c in candidates if c not in chosen]
    takeaways = tuple(Takeaway(c.text, c.text) for c in chosen)
    return Written(title, takeaways, _summary(rest or candidates))


def _candidates(text: str, title: str) -> list[_Candidate]:
    """The sentences worth keeping, in order. Headings and cut sentences only if all are such."""
    about = _words(title)
    read = sentences(without_furniture(text[:READ]))
    useful = [s for s in read if _is_useful(s, about)]
    whole = [s for s in useful if s.whole]
    return _different(_scored(s, about) for s in whole or useful)


def _is_useful(sentence: Sentence, about: frozenset[str]) -> bool:
    words = _words(_ADDRESS.sub("", sentence.text))
    if len(words) < 4 or is_boilerplate(sentence.text) or _is_list_of_names(sentence):
        return False
    return len(words - about) >= 2 and _likeness(words, about) < 0.7


def _is_list_of_names(sentence: Sentence) -> bool:
    """Authors, or a bare heading: next to no word is written small."""
    if sentence.whole or not sentence.text.isascii():
        return False
    return sum(word[0].islower() for word in sentence.text.split()) < 3


def _scored(sentence: Sentence, about: frozenset[str]) -> _Candidate:
    text, words = sentence.text, _words(sentence.text)
    score = 1 / (1 + sentence.place / 6)
    score += 1.5 * len(words & about) / max(len(about), 1)
    score += 0.3 * any(c.isdigit() for c in text)
    score += 0.1 * min(len(_NAME.findall(text)), 3)
    score -= 0.5 * (len(text) < 45 and text.isascii()) + 0.5 * (len(text) > 240)
    score -= 0.6 * bool(_LEANS_BACK.match(text)) + 0.5 * bool(_OPINION.search(text.lower()))
    score -= 0.8 * text.endswith(("?", "？", ":", "："))
    return _Candidate(text, sentence.place, words, score)


def _different(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Without those that say again what an earlier one said."""
    kept: list[_Candidate] = []
    for candidate in candidates:
        if all(_likeness(candidate.words, k.words) < _SAME for k in kept[-200:]):
            kept.append(candidate)
    return kept


def _takeaways(candidates: list[_Candidate]) -> list[_Candidate]:
    """Two to four, in the text's order; none where there is but one sentence."""
    usable = [c for c in candidates if len(c.text) <= TAKEAWAY]
    if len(usable) < 2:
        return []
    wanted = 2 if len(candidates) < 5 else 3 if len(candidates) < 15 else 4
    return sorted(_best(usable, wanted), key=lambda c: c.place)


def _summary(candidates: list[_Candidate]) -> str:
    """The best of them, in order, as long as there is room."""
    chosen: list[_Candidate] = []
    room = SUMMARY
    for candidate in _best(candidates, 5):
        if len(candidate.text) + 1 <= room:
            chosen.append(candidate)
            room -= len(candidate.text) + 1
    if not chosen and candidates:
        return clipped(candidates[0].text, SUMMARY)
    return _flowing(c.text for c in sorted(chosen, key=lambda c: c.place))


def _flowing(texts: Iterable[str]) -> str:
    """Sentences one after the other; Chinese ones without a space between them."""
    flow = ""
    for text in texts:
        flow += text if not flow or flow.endswith(_WIDE_STOPS) else f" {text}"
    return flow


def _best(candidates: list[_Candidate], wanted: int) -> list[_Candidate]:
    """The highest scores, each lowered by its likeness to those taken before it."""
    left, taken = list(candidates), list[_Candidate]()
    while left and len(taken) < wanted:
        best = max(
            left,
            key=lambda c: c.score - 1.5 * max([_likeness(c.words, t.words) for t in taken] or [0]),
        )
        left.remove(best)
        taken.append(best)
    return taken


def _words(text: str) -> frozenset[str]:
    return frozenset(t for t in tokens(text) if t not in _STOPWORDS)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over all words, from 0 to 1."""
    return len(one & other) / len(one | other) if one and other else 0.0
