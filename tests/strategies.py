"""Random articles and queries that often have something to do with each other."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.model import TYPES, Article, Sighting, Takeaway
from bot.query import Clause, Query, Term
from bot.query.language import slug

WORDS = (
    "qwen", "Qwen3.6-27B", "GPT-5.5", "C++", "open-source", "agents", "robots", "通义千问", "模型",
    "it's", "“quoted”", "naïve", "v2", "AI", "a", "1,000", "C#", "über", "don’t", "model", "models",
)  # fmt: skip
COMPANIES = ("alibaba", "openai", "mistral", "some-startup")
TAGS = ("Open Source", "Robotics", "Data & Privacy", "AI Agents")
SOURCES = ("Hacker News", "Qwen blog", "The Decoder")
NOW = 1_777_000_000.0

_words = st.sampled_from(WORDS)
_text = st.lists(_words, min_size=0, max_size=6).map(" ".join)


@st.composite
def articles(draw: st.DrawFn, number: int = 1) -> Article:
    published = NOW - draw(st.integers(0, 40)) * 86400.0
    sources = draw(st.lists(st.sampled_from(SOURCES), max_size=2, unique=True))
    return Article(
        id=(int(published) << 20) + number,
        title=draw(_text) or "qwen",
        url="https://news.example/1",
        published=published,
        companies=tuple(draw(st.lists(st.sampled_from(COMPANIES), max_size=2, unique=True))),
        type=draw(st.sampled_from(TYPES)),
        takeaways=(Takeaway(draw(_text)),),
        summary=draw(_text),
        opinion=draw(st.sampled_from(["", "Hm."])),
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))),
        sightings=tuple(
            Sighting(source, "https://news.example/1", draw(st.sampled_from(["", "https://x/d"])))
            for source in sorted(sources)
        ),
        lang=draw(st.sampled_from(["", "en", "zh"])),
        score=float(draw(st.integers(0, 10))),
        revision=draw(st.integers(1, 2)),
        withdrawn=draw(st.sampled_from(["", "", "", "An error."])),
        followed=draw(st.integers(0, 4)) == 4,
    )


_values = {
    "type": [slug(name) for name in TYPES],
    "tag": [slug(tag) for tag in TAGS],
    "source": [slug(source) for source in SOURCES],
    "lang": ["en", "zh"],
    "is": ["withdrawn", "revised", "any"],
    "has": ["discussion", "opinion"],
}


@st.composite
def terms(draw: st.DrawFn, key: str) -> Term:
    if key in ("", "title"):
        quoted = draw(st.booleans())
        value = draw(st.lists(_words, min_size=1, max_size=2)) if quoted else [draw(_words)]
        text = " ".join(value).replace("“", "").replace("”", "")
        return Term(key, text, draw(st.booleans()), quoted or "," in text)
    if key == "company":
        name = draw(st.sampled_from([*COMPANIES, "*", "qwen-models"]))
        return Term(key, name, loose=name in ("some-startup", "qwen-models"))
    if key == "score":
        sign = draw(st.sampled_from([">=", "<=", ">", "<"]))
        return Term(key, f"{sign}{draw(st.integers(0, 10))}")
    if key in ("since", "until"):
        return Term(key, str(int(NOW) - draw(st.integers(0, 40)) * 86400))
    return Term(key, draw(st.sampled_from([*_values[key], "*"])))


KEYS = ("", "title", "company", "score", "since", "until", *_values)


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    key = draw(st.sampled_from(KEYS))
    chosen = draw(st.lists(terms(key), min_size=1, max_size=3, unique=True))
    return Clause(tuple(chosen), draw(st.integers(0, 3)) == 0)


def queries() -> st.SearchStrategy[Query]:
    return st.builds(
        Query,
        st.lists(clauses(), max_size=2, unique=True).map(tuple),
        st.sampled_from(["best", "new", "exact"]),
        st.integers(1, 9),
        st.integers(0, 9),
    )
