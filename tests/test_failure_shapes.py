"""How feeds make readers say a thing twice: each shape was reported of some reader of feeds.

synzen/MonitoRSS, lemon24/reader #322 and #340, NetNewsWire #324, FreshRSS #4487 and #8062.
"""

from __future__ import annotations

from email.utils import formatdate

import pytest

from bot.model import Channel, Person
from bot.outbox import Wish
from tests.newsroom import Newsroom

TITLE = "Alibaba releases the open weights of Qwen 4"
CHANNEL = Channel("slack", "C1")


def item(newsroom: Newsroom, title: str = TITLE, **changes: str) -> str:
    said = {
        "guid": "tag:qwen-4",
        "link": "https://qwen.example/posts/qwen-4",
        "pubDate": formatdate(newsroom.clock.now - 60),
        "description": "The AI model is out.",
    } | changes
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in said.items() if value)
    return f"<item><title>{title}</title>{inside}</item>"


def serve(newsroom: Newsroom, items: str) -> None:
    feed = f"<rss version='2.0'><channel><title>Qwen</title>{items}</channel></rss>"
    newsroom.server.serve("/feed", feed)


async def follows(newsroom: Newsroom) -> None:
    """Somebody subscribed, and the first visit found nothing."""
    await newsroom.bot.command(CHANNEL, Person("slack", "U1", "Ada"), "subscribe")
    await newsroom.follow("/feed")
    serve(newsroom, "")
    await newsroom.collect(after=3600)


def wanted(newsroom: Newsroom) -> list[tuple[str, int]]:
    """What is to be posted, and how many versions of it there were."""
    with newsroom.store.read() as tx:
        posts = tx.deliveries.listed(Wish(kind="report"), 100)
        found = [(tx.articles.one(post.article), post.wanted) for post in posts]
    return sorted((article.title, version) for article, version in found if article)


SHAPES: dict[str, list[dict[str, str]]] = {
    "a guid that is new at each poll": [{"guid": f"session-{n}"} for n in range(4)],
    "a guid that is gone": [{}, {"guid": ""}, {}],
    "a link with a campaign in it": [
        {"link": f"https://qwen.example/posts/qwen-4?utm_source=rss&amp;utm_id={n}"}
        for n in range(3)
    ],
    "a link that moves to https, to www and to a slash": [
        {"link": "http://qwen.example/posts/qwen-4"},
        {"link": "https://qwen.example/posts/qwen-4"},
        {"link": "https://www.qwen.example/posts/qwen-4/"},
    ],
    "a link that moves elsewhere": [{}, {"link": "https://blog.qwen.example/p/4"}],
    "a guid and a link that change": [
        {"guid": f"g{n}", "link": f"https://qwen.example/{n}"} for n in range(3)
    ],
    "a date that is new at each poll": [{"pubDate": "now"} for _ in range(4)],
    "a date that is gone": [{}, {"pubDate": ""}, {}],
    "an entry that comes back": [{}, {"gone": "yes"}, {}],
}


MOVED = {
    "a link that moves to https, to www and to a slash",
    "a link that moves elsewhere",
    "a guid and a link that change",
}


@pytest.mark.parametrize("restarted", [False, True], ids=["", "restarted"])
@pytest.mark.parametrize("shape", SHAPES)
async def test_nothing_is_news_twice(newsroom: Newsroom, shape: str, restarted: bool) -> None:
    await follows(newsroom)
    date = formatdate(newsroom.clock.now + 3000)
    for changes in SHAPES[shape]:
        told = {"pubDate": date} | changes
        if told["pubDate"] == "now":
            told["pubDate"] = formatdate(newsroom.clock.now)
        serve(newsroom, "" if told.pop("gone", "") else item(newsroom, **told))
        await newsroom.collect(after=3600)
        if restarted:
            newsroom.restarts()
    ((title, versions),) = wanted(newsroom)
    assert title == TITLE
    # A card leads to where its article has moved, without a word.
    assert versions == 1 or shape in MOVED
    assert len(newsroom.articles()) == 1


async def test_new_articles_are_none_the_less_news(newsroom: Newsroom) -> None:
    """What is like another one, and is not the same: nothing is missed."""
    first = item(newsroom)
    second = item(newsroom, "Qwen 4 model: how to run it", guid="2", link="https://qwen.example/2")
    other = item(
        newsroom, "Alibaba opens an AI lab in Lyon", guid="", link="https://qwen.example/3"
    )
    await follows(newsroom)
    for items in (first, second + first, other + second + first):
        serve(newsroom, items)
        await newsroom.collect(after=3600)
    titles = [TITLE, "Qwen 4 model: how to run it", "Alibaba opens an AI lab in Lyon"]
    assert wanted(newsroom) == [(title, 1) for title in sorted(titles)]


async def test_odd_dates_neither_flood_nor_lead(newsroom: Newsroom) -> None:
    """What seems to be from tomorrow is from now; what is old is stored, and is no news."""
    dates = {
        "from the future": "Fri, 01 Jan 2999 00:00:00 GMT",
        "from the beginning": "Mon, 04 Jan 1971 00:00:00 GMT",
        "from a clock that never ran": "Thu, 01 Jan 1970 00:00:00 GMT",
        "without any": "",
        "at an hour that there is not": formatdate(newsroom.clock.now)[:17] + "24:00:00 GMT",
        "in no words": "yesterday, or so",
    }
    items = [
        item(newsroom, f"AI model {n} released {how}", guid=f"{n}", link=f"https://qwen.example/{n}",
             pubDate=date)
        for n, (how, date) in enumerate(dates.items())
    ]  # fmt: skip
    await follows(newsroom)
    serve(newsroom, "".join(items))
    await newsroom.collect(after=3600)
    known = {one.title: one.published for one in newsroom.articles()}
    assert len(known) == len(dates)
    assert max(known.values()) <= newsroom.clock.now
    posted = [title for title, _ in wanted(newsroom)]
    assert posted == sorted(title for title in known if "beginning" not in title)
