"""Articles in the store: one for each identity, whatever number or time it has."""

from __future__ import annotations

from dataclasses import replace

from bot.articles import number_for, store_old
from bot.model import Article, Found, Sighting
from bot.query import parse
from storage.store import SqlStore
from tests.world import START, World


def _article(title: str, number: int = 7) -> Article:
    return Article(number, title, f"https://news.example/{title}", START, ("alibaba",))


def test_articles_of_one_second_get_numbers_of_their_own(store: SqlStore) -> None:
    with store.write() as tx:
        numbers = [tx.articles.add(_article(title), [title]) for title in ("One", "Two", "Three")]
    assert numbers == [7, 8, 9]
    with store.read() as tx:
        assert [one.title for one in tx.articles.many([9, 7])] == ["Three", "One"]


def test_many_at_once_are_what_they_would_be_one_by_one(store: SqlStore) -> None:
    first = [
        (_article("One"), ["a"]),
        (_article("Two"), ["b", "b"]),
        (_article("Again"), ["c", "a"]),
    ]
    with store.write() as tx:
        assert store_old(tx, first) == 2
        # Its number is taken by the one before, its keys are not.
        assert store_old(tx, [*first, (_article("Three"), ["d"]), (_article("Four"), ["e"])]) == 2
    with store.read() as tx:
        found = tx.articles.search(parse("company:alibaba sort:new", START), 10, 0)
        assert [(one.id, one.title) for one in found.articles] == [
            (10, "Four"),
            (9, "Three"),
            (8, "Two"),
            (7, "One"),
        ]
        assert tx.articles.keyed(["b"]) == 8
        assert tx.articles.search(parse("three", START), 10, 0).total == 1


def test_a_key_longer_than_an_index_takes_is_a_key_all_the_same(store: SqlStore) -> None:
    key = "k" * 5000
    with store.write() as tx:
        assert tx.articles.add(_article("One"), [key]) == 7
        assert tx.articles.add(_article("Two"), [key]) is None
        assert tx.articles.keyed([key]) == 7
        assert tx.articles.keyed([key[:-1]]) is None


def test_a_later_sighting_is_noted_once(store: SqlStore) -> None:
    with store.write() as tx:
        number = tx.articles.add(_article("One"), ["a"]) or 0
        seen = Sighting("Hacker News", "https://news.example/One", "https://hn.example/1", 100)
        for sighting in (seen, Sighting("Hacker News", seen.url, points=312)):
            tx.articles.revise(replace(_article("One"), id=number, sightings=(sighting,)), ["a"])
        article = tx.articles.one(number)
    assert article is not None
    assert [(one.source, one.points) for one in article.sightings] == [("Hacker News", 312)]


def test_numbers_are_in_the_order_of_time() -> None:
    assert number_for(100.0, "z") < number_for(101.0, "a")
    assert number_for(100.9, "a") == number_for(100.1, "a")


async def test_a_first_visit_floods_nobody(world: World) -> None:
    await world.slack.types("subscribe")
    found = [
        Found(f"k{number}", f"https://n/{number}", f"AI model {number}", world.clock.now - 60)
        for number in range(30)
    ]
    await world.offer("New blog", found, first=True)
    await world.settle()
    assert world.slack.reports() == []
    assert len((await world.slack.types("latest")).cards) == 5
