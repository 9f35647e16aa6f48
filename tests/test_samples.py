"""The sample feeds: well-formed, full of news at the start, and more of it every few seconds."""

import io
import json
import re
from calendar import timegm
from itertools import pairwise
from pathlib import Path
from typing import Any

import feedparser
import pytest

from adapters.terminal import samples
from adapters.terminal.samples.samples import SPREAD, STEP
from adapters.writer import extract
from adapters.writer.sentences import sentences
from bot.model import TYPES, Found, Page

STARTED = 1_790_000_000.0
BASE = "http://127.0.0.1:8000/samples"
STOCK: dict[str, Any] = json.loads(
    (Path(samples.__file__).with_name("articles.json")).read_text("utf-8")
)
ARTICLES: list[dict[str, Any]] = STOCK["at_start"] + STOCK["later"]


def offered(name: str, seconds: float) -> list[dict[str, Any]]:
    """What a feed offers so many seconds after the start, as its reader sees it."""
    body = samples.feed(name, STARTED, STARTED + seconds, BASE)
    if samples.media_type(name) == "application/feed+json":
        items: list[dict[str, Any]] = json.loads(body)["items"]
        return [{**item, "link": item["url"], "text": item["content_text"]} for item in items]
    read = feedparser.parse(io.BytesIO(body))
    assert not read.bozo, read.get("bozo_exception")
    return [{**entry, "text": entry["content"][0]["value"]} for entry in read.entries]


def count(seconds: float) -> int:
    return sum(len(offered(name, seconds)) for name in samples.names())


@pytest.mark.parametrize("name", samples.names())
def test_a_feed_is_well_formed_and_every_entry_has_all_that_a_report_needs(name: str) -> None:
    entries = offered(name, 10_000)
    assert entries
    for entry in entries:
        assert entry["title"]
        assert entry["link"].startswith("https://")
        assert entry["id"]
        assert len(entry["text"]) > 200
        assert entry.get("published") or entry.get("date_published")


def test_there_are_six_feeds_in_four_formats() -> None:
    assert samples.names() == [
        "labs", "open-source", "research", "business", "policy", "hackernews"
    ]  # fmt: skip
    assert {samples.media_type(name) for name in samples.names()} == {
        "application/rss+xml", "application/atom+xml", "application/feed+json"
    }  # fmt: skip


def test_an_unknown_feed_is_an_error() -> None:
    with pytest.raises(KeyError):
        samples.feed("sports", STARTED, STARTED, BASE)


def test_at_the_start_there_are_24_articles() -> None:
    assert count(0) == 24


def test_one_article_more_appears_every_20_seconds() -> None:
    assert [count(s) for s in (STEP - 1, STEP, 2 * STEP - 1, 2 * STEP)] == [24, 25, 25, 26]
    assert count(STEP * len(STOCK["later"])) == len(ARTICLES) == count(10**6)


def test_what_was_offered_stays_the_same() -> None:
    for name in samples.names():
        body = samples.feed(name, STARTED, STARTED + 100, BASE)
        assert body == samples.feed(name, STARTED, STARTED + 100, BASE)
        later = {entry["id"]: entry for entry in offered(name, 200)}
        for entry in offered(name, 100):
            assert later[entry["id"]] == entry


def test_the_newest_is_of_the_start_and_the_oldest_of_two_weeks_before() -> None:
    found = [
        seconds for name in samples.names() if name != "research"
        for entry in feedparser.parse(
            io.BytesIO(samples.feed(name, STARTED, STARTED, BASE))
        ).entries
        for seconds in [timegm(entry.published_parsed)]
    ]  # fmt: skip
    assert max(found) == STARTED
    assert STARTED - SPREAD < min(found) < STARTED - 10 * 86_400


def test_a_hacker_news_entry_carries_its_discussion_and_points() -> None:
    (entry,) = [e for e in offered("hackernews", 0) if "27B" in e["title"]]
    assert entry["comments"] == "https://news.ycombinator.com/item?id=47863217"
    assert "Points: 476" in entry["text"]
    assert "# Comments: 234" in entry["text"]


# The articles


def test_the_articles_cover_twelve_companies_all_types_and_alibaba_above_all() -> None:
    companies = [article["company"] for article in ARTICLES]
    assert len(set(companies) - {""}) >= 12
    assert companies.count("Alibaba") >= 6
    assert {article["type"] for article in ARTICLES} == set(TYPES)
    assert {article["feed"] for article in ARTICLES} == set(samples.names())


def test_the_first_news_after_the_start_is_about_alibaba_and_the_next_is_not() -> None:
    later = [article["company"] for article in STOCK["later"]]
    assert later[0] == "Alibaba"
    assert later[:8].count("Alibaba") >= 3
    assert all(a != b or a == "" for a, b in pairwise(later))


def test_every_article_has_its_own_key_and_its_own_words() -> None:
    assert len({article["key"] for article in ARTICLES}) == len(ARTICLES)
    assert len({article["text"] for article in ARTICLES}) == len(ARTICLES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["key"])
def test_an_article_makes_a_full_report_by_itself(article: dict[str, Any]) -> None:
    assert 4 <= len(sentences(article["text"])) <= 8
    assert re.fullmatch(r"https://\S+", article["url"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", article["date"])
    assert not re.search(r"\b(?:we|our|I)\b", article["text"])
    found = Found(article["key"], article["url"], article["title"], 0, article["text"])
    report = extract(found, Page(""))
    assert len(report.takeaways) >= 2
    assert report.summary
    assert not {t.text for t in report.takeaways} & {s.text for s in sentences(report.summary)}
