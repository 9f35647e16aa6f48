"""SQL and Python mean the same by a query: 10,000 pairs of article and query on each database."""

from __future__ import annotations

import random
from collections import Counter

from bot.model import TYPES, Article, Sighting, Takeaway
from bot.query import Clause, Query, Term, looked_at, parse
from bot.query.language import KEYS, slug
from storage.store import SqlStore
from tests.strategies import COMPANIES, NOW, SOURCES, TAGS, WORDS

ARTICLES, QUERIES = 100, 100


def text(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def some(chance: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(chance.sample(names, chance.randint(0, 2)))


def article(chance: random.Random, number: int) -> Article:
    published = NOW - chance.randrange(40) * 86400.0
    discussion = chance.choice(["", "https://x.example/d"])
    return Article(
        id=(int(published) << 20) + number,
        title=text(chance, 6),
        url="https://news.example/1",
        published=published,
        companies=some(chance, COMPANIES),
        type=chance.choice(TYPES),
        takeaways=(Takeaway(text(chance, 6)),),
        summary=text(chance, 8),
        opinion=chance.choice(["", "Hm."]),
        tags=some(chance, TAGS),
        sightings=tuple(
            Sighting(source, "https://news.example/1", discussion)
            for source in sorted(some(chance, SOURCES))
        ),
        lang=chance.choice(["", "en", "zh"]),
        score=float(chance.randint(0, 10)),
        revision=chance.randint(1, 2),
        withdrawn=chance.choice(["", "", "An error."]),
        followed=chance.random() < 0.2,
    )


def term(chance: random.Random, key: str) -> Term:
    if key in ("", "title"):
        words = chance.choices(WORDS, k=chance.choice([1, 1, 2]))
        said = " ".join(words).replace("“", "").replace("”", "")
        return Term(key, said, chance.random() < 0.3, len(words) > 1 or "," in said)
    if key == "score":
        return Term(key, f"{chance.choice(['>=', '<=', '>', '<'])}{chance.randint(0, 10)}")
    if key in ("since", "until"):
        return Term(key, str(int(NOW) - chance.randrange(40) * 86400))
    values = {
        "company": [*COMPANIES, "qwen-models", "*"],
        "type": [*map(slug, TYPES), "*"],
        "tag": [*map(slug, TAGS), "*"],
        "source": [*map(slug, SOURCES), "*"],
        "lang": ["en", "zh", "*"],
        "is": ["withdrawn", "revised", "any"],
        "has": ["discussion", "opinion"],
    }
    value = chance.choice(values[key])
    return Term(key, value, loose=key == "company" and value in ("some-startup", "qwen-models"))


def query(chance: random.Random, key: str) -> Query:
    keys = [key, *chance.sample(KEYS, chance.choice([0, 0, 1]))]
    clauses = [
        Clause(
            tuple(dict.fromkeys(term(chance, one) for _ in range(chance.randint(1, 3)))),
            chance.random() < 0.25,
        )
        for one in keys
    ]
    return Query(tuple(dict.fromkeys(clauses)), "new")


def test_ten_thousand_pairs_are_judged_alike(store: SqlStore) -> None:
    chance = random.Random(4)
    stock = [article(chance, number) for number in range(ARTICLES)]
    with store.write() as tx:
        assert tx.articles.add_all([(one, [str(one.id)]) for one in stock]) == ARTICLES
    # Each key in its turn, the plain word among them.
    asked = [query(chance, ("", *KEYS)[number % (len(KEYS) + 1)]) for number in range(QUERIES)]
    matching, used = 0, Counter[str]()
    for one in asked:
        assert parse(str(one), NOW) == one
        used.update(clause.terms[0].key for clause in one.clauses)
        with store.read() as tx:
            found = {hit.id for hit in tx.articles.search(one, 1000, 0).articles}
        expected = {hit.id for hit in stock if one.matches(looked_at(hit))}
        assert found == expected, str(one)
        matching += len(expected)
    assert set(used) == {"", *KEYS}
    assert matching >= ARTICLES * QUERIES / 5
