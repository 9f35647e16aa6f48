"""What kind of news it is: words, form and address give points to kinds; the most points win.

The kinds: a launch is a new named product, model or feature; open source is the release of
weights or code; research is papers, evaluations and engineering accounts; an industry report is
an event, a figure, an incident or a rumour; business is money, takeovers and people hired;
regulation is law, courts and governments; a partnership is two organisations, or one at work
with the other's product; an update changes what exists; opinion is essays, advice, interviews.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot import catalogue
from bot.classify.cues import ANYWHERE, OPENING
from bot.classify.lexicon import word_set
from bot.classify.naming import Mention
from bot.classify.reading import Reading
from bot.model import TYPES
from bot.query.text import tokens

_AMOUNT = re.compile(r"[$€£¥]\s?\d|\d\s?(?:million|billion|trillion)\b|\d\s?亿", re.IGNORECASE)
_VERSION = re.compile(r"\bv?\d+\.\d+\.\d+\b")
_SHARE = re.compile(r"\d\s?%|\bpercent\b", re.IGNORECASE)
_FIRST_PERSON = frozenset(("i", "i'm", "i've", "i'd", "my", "me"))
_RAISE = word_set("raise raises raised raising secures secured lands nabs bags snags")
_ROUND = word_set("funding round seed series valuation investors fund")
_FORUMS = word_set("reddit hacker hackernews lobsters")
_ESSAYS = frozenset(
    ("dev.to", "towardsdatascience.com", "medium.com", "substack.com", "github.io", "hashnode.dev")
)
_FLAIRS = {"[r]": ("RESEARCH", 3.0), "[d]": ("OPINION", 3.0), "[p]": ("PRODUCT LAUNCH", 1.5)}
"""How people on Reddit mark a paper, a discussion, and a project of their own."""
_BETTER = re.compile(
    r"\b\d+(?:\.\d+)?x (?:faster|cheaper)|\d\s?% (?:faster|cheaper)", re.IGNORECASE
)
_PRESS_DEFAULT = "INDUSTRY REPORT"

Point = tuple[str, float, str]

_PATHS: dict[str, tuple[str, float]] = {
    "research": ("RESEARCH", 2),
    "papers": ("RESEARCH", 3),
    "public_papers": ("RESEARCH", 3),
    "publications": ("RESEARCH", 3),
    "paper": ("RESEARCH", 3),
    "abs": ("RESEARCH", 3),
    "pdf": ("RESEARCH", 2),
    "engineering": ("RESEARCH", 2),
    "customers": ("PARTNERSHIP", 3),
    "customer-stories": ("PARTNERSHIP", 3),
    "case-studies": ("PARTNERSHIP", 3),
    "customer-story": ("PARTNERSHIP", 3),
    "changelog": ("UPDATE", 3),
    "release-notes": ("UPDATE", 2),
    "releases": ("UPDATE", 2),
    "incidents": ("INDUSTRY REPORT", 4),
    "opinion": ("OPINION", 3),
    "commentary": ("OPINION", 3),
    "podcast": ("OPINION", 3),
    "podcasts": ("OPINION", 3),
    "review": ("OPINION", 2),
    "reviews": ("OPINION", 2),
    "tutorials": ("OPINION", 3),
    "academy": ("OPINION", 2),
    "cookbook": ("OPINION", 2),
    "guides": ("OPINION", 2),
    "policy": ("POLICY & REGULATION", 1),
    "law": ("POLICY & REGULATION", 1.5),
    "press-releases": ("PRODUCT LAUNCH", 0.5),
}


_VOICES: dict[str, tuple[str, float]] = {
    "research": ("RESEARCH", 2.5),
    "publications": ("RESEARCH", 3),
    "papers": ("RESEARCH", 3),
    "engineering": ("RESEARCH", 1.5),
    "developer": ("OPINION", 1),
    "developers": ("OPINION", 1),
    "changelog": ("UPDATE", 3),
    "releases": ("UPDATE", 2),
    "red": ("RESEARCH", 2),
}


@dataclass(frozen=True, slots=True)
class Kind:
    type: str
    reason: str


def kind(reading: Reading, named: Sequence[Mention], official: str) -> Kind:
    """The type with the most points; at equal points the one that stands first below."""
    points = [
        *_from_opening(reading),
        *_from_words(reading, official),
        *_from_form(reading, named, official),
        *_from_place(reading, official),
        *_from_default(reading, official),
    ]
    total = dict.fromkeys(_ORDER, 0.0)
    for name, weight, _ in points:
        total[name] += weight
    best = max(_ORDER, key=lambda name: total[name])
    told = max((p for p in points if p[0] == best), key=lambda p: p[1])
    return Kind(best, f"{told[2]} is a sign of {best.lower()}.")


_ORDER = (
    "POLICY & REGULATION",
    "FUNDING & BUSINESS",
    "PARTNERSHIP",
    "OPEN SOURCE",
    "PRODUCT LAUNCH",
    "RESEARCH",
    "UPDATE",
    "OPINION",
    "INDUSTRY REPORT",
)
assert set(_ORDER) == set(TYPES)


def _from_opening(reading: Reading) -> list[Point]:
    match = OPENING.starting(reading.tokens)
    if match is None:
        return []
    return [(name, weight, f"Beginning with “{match.text}”") for name, weight in match.value]


def _from_words(reading: Reading, official: str) -> list[Point]:
    found = {match.text: match.value for match in ANYWHERE.find(reading.tokens)}
    points = [
        (name, weight, f"“{text}”") for text, values in found.items() for name, weight in values
    ]
    if official or reading.mark or is_paper(reading):
        return points
    if _discussion(reading):
        # Who tells there what they use works together with nobody.
        return [p if p[0] != "PARTNERSHIP" else (p[0], p[1] / 3, p[2]) for p in points]
    # The press borrows the words of papers: there they say less.
    return [p if p[0] != "RESEARCH" or p[1] > 2 else (p[0], p[1] / 3, p[2]) for p in points]


def _from_form(reading: Reading, named: Sequence[Mention], official: str) -> list[Point]:
    """What the shape of the headline tells: amounts, versions, questions, a bare name."""
    title, found = reading.title, list[Point]()
    money = bool(_AMOUNT.search(title))
    if money:
        found.append(("FUNDING & BUSINESS", 1, "An amount of money"))
    if not _RAISE.isdisjoint(reading.tokens) and (money or not _ROUND.isdisjoint(reading.tokens)):
        found.append(("FUNDING & BUSINESS", 3, "Raising money"))
    if _VERSION.search(title):
        found.append(("UPDATE", 2.5, "A three-part version number"))
    if _SHARE.search(title):
        found.append(("INDUSTRY REPORT", 1, "A percentage"))
    if title.rstrip().endswith(("?", "？")):
        found.append(("OPINION", 2, "A question"))
    if not _FIRST_PERSON.isdisjoint(reading.tokens) and not official and not reading.mark:
        found.append(("OPINION", 2, "Speaking of oneself"))
    if official:
        if _BETTER.search(title):
            found.append(("UPDATE", 2.5, "So much faster or cheaper"))
        found += _from_how(reading, named, official)
        found += _from_pair(reading, named, official)
    if _bare_name(reading, named):
        found.append(("PRODUCT LAUNCH", 2.8, "A bare product name"))
    if len(re.findall(r"[;；]", title)) > 1 or _is_list(reading):
        found.append(("INDUSTRY REPORT", 4, "Several headlines in one"))
    if ":" in title and not named and len(reading.tokens) > 7:
        found.append(("RESEARCH", 0.7, "A title with a subtitle"))
    return found


def _from_how(reading: Reading, named: Sequence[Mention], official: str) -> list[Point]:
    """A company that tells how others work with its product, or how it made something."""
    at = reading.tokens.index("how") + 1 if "how" in reading.tokens[:-1] else 0
    if not at:
        return []
    if reading.tokens[at] in ("a", "an"):
        return [("PARTNERSHIP", 4.5, "How somebody does it")]
    if reading.tokens[at] == "we" or any(m.start == at and m.slug == official for m in named):
        return [("RESEARCH", 2.5, "How the company itself did it")]
    stranger = reading.words[at].capital and not reading.title_case
    if stranger or any(m.start == at for m in named):
        return [("PARTNERSHIP", 4.5, "How somebody else does it")]
    return []


def _from_pair(reading: Reading, named: Sequence[Mention], official: str) -> list[Point]:
    """`Acme x Globex`, or a company that tells what it does with another, or another with it."""
    cut = reading.words
    told_of_it = len(cut) > 5 and any(m.slug == official and m.end == len(cut) for m in named)
    if told_of_it and "with" in reading.tokens[2:] and cut[0].capital and _is_a_name(cut[0].token):
        return [("PARTNERSHIP", 3.5, "What somebody does with the company's product")]
    for at in range(1, len(cut) - 1):
        if cut[at].shape == "x" and cut[at - 1].capital and cut[at + 1].capital:
            return [("PARTNERSHIP", 3.5, "Two names joined by a cross")]
    others = (one for one in named if one.slug != official and one.role == "name" and one.start)
    if any(cut[one.start - 1].token == "with" for one in others):
        return [("PARTNERSHIP", 2.5, "Doing it with another company")]
    return []


def _is_a_name(first: str) -> bool:
    """Whether a headline begins with somebody, as far as its first word tells."""
    return not first.endswith("ing") and OPENING.starting([first]) is None


def _is_list(reading: Reading) -> bool:
    """Headlines of several stories in one, as a newsletter strings them together."""
    parts = reading.title.split(", ")
    return len(parts) > 3 and reading.title_case and all(1 < len(p.split()) < 9 for p in parts)


def _bare_name(reading: Reading, named: Sequence[Mention]) -> bool:
    """Little but a product and its version: that is how a launch is announced."""
    product = next((one for one in named if one.role != "brand" and one.start <= 1), None)
    if product is None or len(reading.tokens) > 6:
        return False
    rest = reading.words[product.end :]
    numbered = any(word.token[0].isdigit() for word in rest)
    return numbered and all(word.capital or word.token[0].isdigit() for word in rest)


def _from_place(reading: Reading, official: str) -> list[Point]:
    found = [
        (*_PATHS[part], f"“{part}” in the address")
        for part in dict.fromkeys(reading.address.path[:-1])
        if part in _PATHS
    ]
    host = reading.address.host
    found += [
        (*_VOICES[word], f"A source named “{word}”")
        for word in dict.fromkeys(tokens(reading.source)[1:])
        if official and word in _VOICES and tokens(reading.source)[0] != "ai"
    ]
    found += [
        (*point, f"Marked “{mark}”")
        for mark, point in _FLAIRS.items()
        if _discussion(reading) and mark in reading.title.casefold()
    ]
    if is_paper(reading):
        found.append(("RESEARCH", 4, "arXiv"))
    if "producthunt.com" in host or "product hunt" in reading.source.casefold():
        found.append(("PRODUCT LAUNCH", 3, "A listing of new products"))
    if reading.address.labels[:1] == ("status",):
        found.append(("INDUSTRY REPORT", 4, "A status page"))
    if reading.mark:
        found += _from_mark(reading)
    elif host == "github.com" and len(reading.address.path) == 2:
        found.append(("OPEN SOURCE", 4, "A code repository"))
    elif host in ("huggingface.co", "hf.co") and reading.address.path[:1] != ("blog",):
        found.append(("OPEN SOURCE", 2, "A model's page"))
    if official and _tests_others(official):
        found.append(("RESEARCH", 2, "An evaluator's own page"))
    return found


def _from_mark(reading: Reading) -> list[Point]:
    if reading.mark in ("ask", "tell"):
        return [("OPINION", 4, "A question to everybody")]
    if reading.address.host in ("github.com", "codeberg.org", "gitlab.com"):
        return [("OPEN SOURCE", 3.5, "Code shown on Hacker News")]
    return [("PRODUCT LAUNCH", 2.5, "A project shown on Hacker News")]


def _tests_others(slug: str) -> bool:
    one = catalogue.company(slug)
    return one is not None and one.kind in ("evaluation", "safety", "nonprofit", "government")


def is_paper(reading: Reading) -> bool:
    """Whether it stands on arXiv."""
    return reading.address.host.endswith("arxiv.org") or tokens(reading.source)[:1] == ["arxiv"]


def _discussion(reading: Reading) -> bool:
    return not _FORUMS.isdisjoint(tokens(reading.source))


def _from_default(reading: Reading, official: str) -> list[Point]:
    """What it mostly is where nothing else is said."""
    if official:
        return [("PRODUCT LAUNCH", 0.4, "A company's own page"), ("UPDATE", 0.3, "An own page")]
    if _discussion(reading):
        return [("OPINION", 0.5, "A discussion site")]
    if reading.address.host in _ESSAYS or ".".join(reading.address.labels[-2:]) in _ESSAYS:
        return [("OPINION", 2, "A place for essays")]
    return [(_PRESS_DEFAULT, 0.6, "Plain news in the press")]
