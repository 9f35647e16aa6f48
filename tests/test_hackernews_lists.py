"""Hacker News by its lists: each story is looked at again, so that those who rise late are caught.
https://github.com/HackerNews/API tells how lists and items look."""

from __future__ import annotations

import json

import pytest

from adapters.feeds import hackernews, services
from bot.ports import Source, Unreadable
from tests.newsroom import Newsroom

LIST = "/v0/topstories.json"


class Stories:
    """The list and the items of a server in the place of theirs."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.numbers: list[int] = []

    def tell(self, number: int, title: str, points: int, **more: object) -> None:
        """A story stands on the list, with so many points by now."""
        server = self.newsroom.server
        told = {
            "id": number,
            "type": "story",
            "title": title,
            "score": points,
            "time": self.newsroom.clock.now - 3600,
            "by": "ada",
            "url": server.url(f"/page-{number}"),
            **more,
        }
        server.serve(f"/v0/item/{number}.json", json.dumps(told), content_type="application/json")
        if number not in self.numbers:
            self.numbers.append(number)
        self.list()

    def list(self) -> None:
        # They always change a little: what is at the top today is not tomorrow.
        self.numbers.reverse()
        body = json.dumps(self.numbers)
        self.newsroom.server.serve(LIST, body, content_type="application/json")


@pytest.fixture
async def stories(newsroom: Newsroom) -> Stories:
    told = Stories(newsroom)
    told.tell(1, "Mistral releases an AI model for tides", 300)
    await newsroom.follow(f"{LIST}#points>=100", "Hacker News", kind="hackernews")
    await newsroom.collect()
    return told


def titles(newsroom: Newsroom) -> list[str]:
    return sorted(one.title for one in newsroom.articles())


async def test_a_story_that_rises_late_is_caught_at_a_later_look(
    newsroom: Newsroom, stories: Stories
) -> None:
    stories.tell(2, "Alibaba releases Qwen 4", 60)
    await newsroom.collect(after=1000)
    assert titles(newsroom) == ["Mistral releases an AI model for tides"]
    stories.tell(2, "Alibaba releases Qwen 4", 140)
    await newsroom.collect(after=1000)
    late = next(one for one in newsroom.articles() if "Qwen" in one.title)
    assert late.sightings[0].points == 140
    assert late.sightings[0].discussion == "https://news.ycombinator.com/item?id=2"


async def test_what_is_no_story_or_cannot_be_read_is_passed_over(
    newsroom: Newsroom, stories: Stories
) -> None:
    stories.tell(2, "Hiring AI gardeners", 900, type="job")
    stories.tell(3, "Flagged AI news", 900, dead=True)
    stories.numbers.append(4)
    newsroom.server.serve("/v0/item/4.json", "", status=500)
    stories.numbers.append(5)
    newsroom.server.serve("/v0/item/5.json", "null", content_type="application/json")
    stories.tell(6, "Alibaba releases Qwen 4", 200)
    await newsroom.collect(after=1000)
    assert titles(newsroom) == ["Alibaba releases Qwen 4", "Mistral releases an AI model for tides"]
    assert newsroom.source("Hacker News").reason == ""


async def test_a_list_of_which_nothing_can_be_read_is_a_failed_visit(
    newsroom: Newsroom, stories: Stories
) -> None:
    newsroom.server.serve("/v0/item/1.json", "", status=503)
    stories.numbers.append(1)
    stories.list()
    await newsroom.collect(after=1000)
    assert newsroom.source("Hacker News").reason == "127.0.0.1 answered with status 503"


async def test_only_the_top_of_a_long_list_is_read(newsroom: Newsroom, stories: Stories) -> None:
    for number in range(2, 60):
        stories.tell(number, f"Story {number} about an AI model", 500)
    newsroom.server.ledger.asked.clear()
    await newsroom.collect(after=1000)
    asked = [one for one in newsroom.server.ledger.asked if one.path.startswith("/v0/item/")]
    assert len(asked) == hackernews.MOST_ITEMS


@pytest.mark.parametrize("body", ["{}", "[", '["a", 1.5, null, -3, {"id": 4}]', "[1e400]"])
async def test_another_answer_is_no_list(newsroom: Newsroom, stories: Stories, body: str) -> None:
    newsroom.server.serve(LIST, body, content_type="application/json")
    await newsroom.collect(after=1000)
    assert titles(newsroom) == ["Mistral releases an AI model for tides"]


@pytest.mark.parametrize(
    ("address", "behind"),
    [
        ("https://news.ycombinator.com", "topstories.json#points>=50"),
        ("https://news.ycombinator.com/news", "topstories.json#points>=50"),
        ("https://news.ycombinator.com/best", "beststories.json#points>=50"),
        ("https://news.ycombinator.com/newest", "newstories.json#points>=50"),
        ("https://news.ycombinator.com/show#points>=200", "showstories.json#points>=200"),
    ],
)
def test_the_pages_that_people_know_are_read_by_their_lists(address: str, behind: str) -> None:
    assert services.better(address) == f"https://hacker-news.firebaseio.com/v0/{behind}"


def test_a_search_is_asked_for_as_many_stories_as_it_gives() -> None:
    """It lists the newest first: who rises late stands further behind."""
    asked = "https://hn.algolia.com/api/v1/search_by_date?tags=story&query=AI"
    assert services.better(asked) == f"{asked}&hitsPerPage=100"
    bare = "https://hn.algolia.com/api/v1/search_by_date"
    assert services.better(bare) == f"{bare}?hitsPerPage=100"
    assert services.better(f"{asked}&hitsPerPage=10") == f"{asked}&hitsPerPage=10"


async def test_a_list_is_found_by_its_address(newsroom: Newsroom, stories: Stories) -> None:
    address = newsroom.server.url(LIST) + "#points>=100"
    assert await newsroom.find(address) == Source(0, address, "Hacker News", "hackernews")
    newsroom.server.serve(LIST, "{}", content_type="application/json")
    with pytest.raises(Unreadable, match="no list of Hacker News"):
        await newsroom.find(address)
