"""Hacker News as its two interfaces tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.feeds.hackernews import floor, is_search, item, search
from bot.model import Found

SEARCH = "https://hn.algolia.com/api/v1/search_by_date?tags=story&query=qwen"
TALK = "https://news.ycombinator.com/item?id="


def hit(**changes: Any) -> dict[str, Any]:
    return {
        "objectID": "41", "title": "Qwen 4 released", "url": "https://qwen.example/4",
        "author": "ada", "points": 120, "created_at_i": 1_777_000_000, "story_text": None,
        "_tags": ["story", "author_ada"], "num_comments": 9,
    } | changes  # fmt: skip


def found_in(*hits: Any, url: str = SEARCH) -> list[Found]:
    return search(json.dumps({"hits": hits, "nbHits": len(hits)}).encode(), url)


def test_a_story_comes_with_its_points_and_its_discussion() -> None:
    assert found_in(hit()) == [
        Found(
            key="41",
            url="https://qwen.example/4",
            title="Qwen 4 released",
            published=1_777_000_000,
            author="ada",
            discussion=TALK + "41",
            points=120,
        )
    ]


def test_a_question_has_no_page_but_its_discussion() -> None:
    (found,) = found_in(hit(url=None, title="Ask HN: GPUs?", story_text="<p>Which?<p>And why?"))
    assert (found.url, found.text) == (TALK + "41", "Which?\nAnd why?")
    assert found_in(hit(url="javascript:alert(1)"))[0].url == TALK + "41"


@pytest.mark.parametrize(
    ("filters", "least"),
    [
        ("points>50", 51), ("points>=50", 50), ("created_at_i>1757000000,points>50", 51),
        ("points > 7", 8), ("num_comments>9", 0), ("points<9", 0), ("", 0),
    ],
)  # fmt: skip
def test_the_floor_is_what_the_search_asks_for(filters: str, least: int) -> None:
    url = f"{SEARCH}&numericFilters={filters}"
    assert floor(url) == least
    points = [found.points for found in found_in(*(hit(points=n) for n in range(60)), url=url)]
    assert points == list(range(least, 60))


def test_what_is_no_story_is_left_out() -> None:
    assert found_in(
        hit(title=None), hit(title=""), hit(objectID=None), hit(objectID="../x"),
        hit(_tags=["comment"]), None, "x", 5,
    ) == []  # fmt: skip
    assert found_in(hit(points=None, created_at_i="?"))[0].points == 0


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"hits": 5}', b"<html>", b"[" * 100_000])
def test_another_answer_is_told_in_plain_words(body: bytes) -> None:
    with pytest.raises(ValueError, match="Hacker News"):
        search(body, SEARCH)


def raw(**changes: Any) -> bytes:
    story = {"id": 41, "type": "story", "title": "A &amp; B", "url": "https://a.example/",
             "score": 7, "by": "ada", "time": 1_777_000_000} | changes  # fmt: skip
    return json.dumps(story).encode()


def test_a_single_item_is_a_story_too() -> None:
    found = item(raw())
    assert found is not None
    assert (found.key, found.title, found.points) == ("41", "A & B", 7)
    assert found.discussion == TALK + "41"


@pytest.mark.parametrize(
    "body",
    [b"null", raw(deleted=True), raw(dead=True), raw(type="comment"), raw(title=None), b"[]"],
)
def test_deleted_dead_and_other_items_are_nothing(body: bytes) -> None:
    assert item(body) is None


def test_a_search_is_known_by_its_host() -> None:
    assert is_search(SEARCH)
    assert not is_search("https://hnrss.example/newest?x=hn.algolia.com")
