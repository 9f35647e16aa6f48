"""What of a headline can tell two events apart: its weighty words, names, versions, amounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.classify.lexicon import Lexicon
from bot.classify.naming import Mention, mentions
from bot.classify.reading import Reading, Word, read

_STOP = frozenset(
    """
    a about after all also an and any are as at be been before but by can could did do does for
    from get gets had has have he her his how i if in into is it it's its just may me more most my
    no not now of off on one or our out over s says said she so some than that the their them then
    there these they this those through to too under up us was we were what when where which while
    who why will with without would you your via per amid
    """.split()
)
_COMMON = frozenset(
    """
    ai artificial intelligence model models new company companies tech technology launch launches
    launched release releases released announce announces announced introduce introduces
    introducing unveil unveils debut debuts reveal reveals first big next make makes made use uses
    using used build builds building built help work works working want wants plan plans day week
    year today time world user users app apps tool tools platform system feature features startup
    report reportedly open agent agents llm llms data best better good people way thing things live
    available officially official come comes coming let lets show shows set take takes bring brings
    add adds update updated version exclusive breaking latest million billion
    """.split()
)
_SPACED = re.compile(r"[$€£]\s?(\d+(?:[.,]\d+)*)\s?(k|m|b|t|million|billion|trillion)?\b", re.I)
_UNITS = {"k": "k", "m": "m", "million": "m", "b": "b", "billion": "b", "t": "t", "trillion": "t"}
_VARIANTS = frozenset(
    """
    pro flash max mini lite ultra nano plus turbo air large small medium coder vl omni preview
    thinking opus sonnet haiku fable mythos instruct base vision audio image code edge tiny
    """.split()
)
_SIZE_UNITS = frozenset(("b", "m"))
_FLAIR = re.compile(r"^\s*(?:\[[^\]]{1,20}\]|(?:show|ask|tell|launch) hn:)\s*", re.I)

_TONES: Lexicon[str] = Lexicon(
    (phrase.strip(), tone)
    for tone, phrases in {
        "talk": """
            review; reviews; reviewed; hands on; tested; we tested; i tested; tried; vs; versus;
            comparison; compared; comparing; explained; explainer; explains; thoughts; guide; how to;
            why; tips; tutorial; interview; podcast; opinion; lessons; need to know; i; my; me; i'm;
            i've; anyone; best model; everything; deep dive; means for; what it means; the case for;
            running; locally; insane; impressions; should; roundtable; roundtables; live updates;
            how to watch; what to expect; worth; excellent; amazing; honestly; actually; tricks
            """,
        "test": """
            benchmark; benchmarks; benchmarking; ranked; tops; leaderboard; leader; leading; evaluation;
            evaluating; evaluations; system card; model card; technical report; analysis; scores;
            beats; outperforms; arena
            """,
        "spread": """
            available in; available on; now live on; support for; gguf; ggufs; quantization; quants;
            supported; merged; integration; lands in
            """,
        "trouble": "outage; down; elevated errors; incident; unavailable; status",
        "answer": "responds; response; reacts; reaction; backlash; apologizes; denies; after",
        "rumour": "rumor; rumors; rumored; leak; leaks; leaked; spotted; coming soon; soon; expected",
    }.items()
    for phrase in phrases.split(";")
)


@dataclass(frozen=True, slots=True)
class Traits:
    """`stems` weigh by `weight`; `tone` says how it speaks of the event, if not as plain news."""

    stems: frozenset[str]
    companies: frozenset[str]
    versions: frozenset[str]
    variants: frozenset[str]
    amounts: frozenset[str]
    tone: frozenset[str]


def traits(title: str, url: str) -> Traits:
    reading = read(_FLAIR.sub("", title), url)
    named = mentions(reading, "", True)
    return Traits(
        stems=frozenset(_stem(word.token) for word in reading.words if word.token not in _STOP),
        companies=frozenset(one.slug for one in named if one.role != "brand"),
        versions=_versions(reading.words),
        variants=frozenset(reading.tokens) & _VARIANTS if _versions(reading.words) else frozenset(),
        amounts=_amounts(title),
        tone=_tone(reading, named),
    )


def weight(stem: str) -> float:
    """How much a word tells: names and rare words much, the words of every headline little."""
    if stem in _COMMON_STEMS:
        return 0.3
    return 1.3 if stem[0].isdigit() and "." in stem else 1.0


def _stem(token: str) -> str:
    """A word without the ending that number or tense gives it."""
    for ending in ("ing", "ies", "ed", "es", "s", "e"):
        if token.endswith(ending) and len(token) - len(ending) >= 4 - (ending in ("s", "e")):
            return token[: -len(ending)]
    return token


_COMMON_STEMS = frozenset(map(_stem, _COMMON))


def _versions(cut: tuple[Word, ...]) -> frozenset[str]:
    """Numbers that stand right behind a name: the `3.6` of `Qwen3.6`, not the `5` of `5 ways`."""
    found = set[str]()
    for before, word in zip(cut, cut[1:], strict=False):
        if word.token[0].isdigit() and (before.capital or before.token[0].isdigit()):
            found.add(word.token.replace(",", ""))
    return frozenset(found)


def _amounts(title: str) -> frozenset[str]:
    found = set[str]()
    for number, unit in _SPACED.findall(title):
        found.add(f"{float(number.replace(',', '')):g}{_UNITS.get(unit.casefold(), '')}")
    return frozenset(found)


def _tone(reading: Reading, named: tuple[Mention, ...]) -> frozenset[str]:
    tones = {match.value for match in _TONES.find(reading.tokens)}
    if reading.title.rstrip().endswith("?"):
        tones.add("talk")
    return frozenset(tones)
