"""The query language: what people type, what it means, and that both databases agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Article, Sighting
from bot.query import Query, QueryError, looked_at, parse
from bot.query.language import keys_of
from bot.query.meaning import meaning
from bot.query.text import tokens
from storage.store import SqlStore
from tests.strategies import NOW, articles, queries


def _article(title: str, **more: object) -> Article:
    return replace(Article(1, title, "https://x", NOW), **more)  # type: ignore[arg-type]  # free test data


def _matches(query: str, title: str, **more: object) -> bool:
    return parse(query, NOW).matches(looked_at(_article(title, **more)))


@given(queries())
def test_a_query_is_read_back_as_it_was_written(query: Query) -> None:
    assert parse(str(query), NOW) == query


@given(st.lists(articles(), min_size=1, max_size=5), queries())
def test_a_match_always_has_one_of_the_terms_its_subscription_is_kept_under(
    stock: list[Article], query: Query
) -> None:
    for article in stock:
        looked = looked_at(article)
        if query.matches(looked):
            assert set(query.anchors()) & set(keys_of(looked))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_the_database_and_the_matcher_agree(store: SqlStore, data: st.DataObject) -> None:
    stock = [data.draw(articles(number)) for number in range(4)]
    asked = data.draw(st.lists(queries(), min_size=8, max_size=8))
    with store.write() as tx:
        # Each example starts with articles of its own, under numbers that nobody used.
        base = (tx.articles.search(Query(sort="new"), 1, 0).articles or stock)[0].id + (1 << 21)
        stored = [replace(one, id=base + place) for place, one in enumerate(stock)]
        for one in stored:
            assert tx.articles.add(one, [str(one.id)])
    for query in asked:
        with store.read() as tx:
            plain = replace(query, sort="new", page=1, limit=0)
            found = {one.id for one in tx.articles.search(plain, 10_000, 0).articles}
        for one in stored:
            assert (one.id in found) == query.matches(looked_at(one)), str(query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"open source"*', True),
        ('-"open-source"*', False),
        ('"open sour"*', True),
        ("type*", False),
        ("-compan*", True),
        ("title:sour*", False),
        ("source:qwen-blog", True),
        ("tag:*", True),
        ("has:*", False),
    ],
)
def test_the_beginning_of_a_word_does_not_find_the_name_of_a_property(
    store: SqlStore, query: str, found: bool
) -> None:
    article = _article(
        "Qwen",
        companies=("alibaba",),
        tags=("Open Source",),
        sightings=(Sighting("Qwen blog", "https://x"),),
    )
    with store.write() as tx:
        tx.articles.add(article, ["one"])
    asked = parse(query, NOW)
    with store.read() as tx:
        answered = bool(tx.articles.search(asked, 10, 0).articles)
    assert (answered, asked.matches(looked_at(article))) == (found, found)


@pytest.mark.parametrize(
    ("query", "title", "found"),
    [
        ("qwen", "Qwen3.6-27B is out", True),
        ("qwen3.6", "Qwen 3.6 is out", True),
        ("ai", "A training run", False),
        ("qwen*", "QwenLM is out", True),
        ("“open weights”", "Open weights for all", True),
        ('"weights open"', "Open weights for all", False),
        ("c++", "Faster C++ code", True),
        ("千问", "通义千问发布", True),
        ("问", "通义千问发布", True),
        ("gpt–5.5", "GPT-5.5 is here", True),
        ("-qwen", "Llama is out", True),
        ("–qwen", "Qwen is out", False),
        ("!qwen", "Qwen is out", False),
        ("+qwen", "Qwen is out", True),
        ("qwen,llama", "Llama is out", True),
        ("qwen llama", "Llama is out", False),
        ("title:llama", "Llama is out", True),
    ],
)
def test_words_match_as_people_expect(query: str, title: str, found: bool) -> None:
    assert _matches(query, title) is found


def test_a_company_nobody_knows_is_found_by_its_name() -> None:
    assert _matches("company:zorblatt", "Zorblatt raises money")
    assert not _matches("company:zorblatt", "Others raise money")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("type:opensource", "Did you mean: open-source"),
        ("-tag:funding", "Did you mean: type:funding-business, "),
        ("kompany:alibaba", "company:"),
        ("company:", "needs a value"),
        ('""', "nothing to search for"),
        ('"""""""', "nothing to search for"),
        ("!!! ???", "no letter or digit"),
        ("x" * 10_000, "10,000 characters"),
        ("since:someday", "no time I know"),
        ("sort:upwards", "best, new, exact"),
        ("page:0", "1 to 1000"),
        ("tag:robotix", "robotics"),
    ],
)
def test_what_is_not_understood_is_refused_in_plain_words(query: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(query, NOW)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=300))
def test_nothing_that_people_type_is_more_than_refused(text: str) -> None:
    try:
        query = parse(text, NOW)
    except QueryError:
        return
    assert parse(str(query), NOW) == query
    assert meaning(query)


@given(st.text(max_size=200))
def test_tokens_have_no_white_space_and_no_capitals(text: str) -> None:
    for token in tokens(text):
        assert token
        assert not any(letter.isspace() for letter in token)
        assert token == token.casefold()


def test_the_meaning_is_said_back() -> None:
    query = parse("company:alibaba,openai -type:funding-business since:2026-04-01", NOW)
    assert meaning(query) == (
        "company is Alibaba (Cloud) or OpenAI, and type is not Funding & business, "
        "and published since 1 Apr 2026"
    )
