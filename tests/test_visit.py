"""Visits of sources: how often, at what cost, and what becomes of those that fail."""

from __future__ import annotations

from bot import notices
from bot.ports import Source
from tests.newsroom import Newsroom, news


async def test_nothing_is_asked_again_before_its_time_and_unchanged_costs_nothing(
    newsroom: Newsroom,
) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Qwen 4"), etag='"1"', modified="then")
    await newsroom.follow("/feed")
    await newsroom.collect()
    await newsroom.collect(after=890)
    assert len(newsroom.server.ledger.of("/feed")) == 1
    await newsroom.collect(after=110)
    first, second = newsroom.server.ledger.of("/feed")
    assert "If-None-Match" not in first.headers
    assert second.headers["If-None-Match"] == '"1"'
    assert second.headers["If-Modified-Since"] == "then"
    assert newsroom.source().etag == '"1"'
    assert newsroom.source().failures == 0


async def test_a_server_without_validators_is_not_read_twice(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Qwen 4"))
    await newsroom.follow("/feed")
    await newsroom.collect()
    await newsroom.sandbox.close()
    await newsroom.collect(after=1000)
    assert len(newsroom.server.ledger.of("/feed")) == 2
    assert not newsroom.sandbox.running


async def test_who_fails_is_asked_less_and_less_often_and_recovers(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", "", status=500)
    await newsroom.follow("/feed")
    waits = []
    for _ in range(9):
        await newsroom.collect()
        waits.append(newsroom.wait())
        newsroom.clock.now = newsroom.source().next_visit
    expected = [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    for wait, least in zip(waits, expected, strict=True):
        assert least <= wait <= least * 1.11
    assert newsroom.told[0] == ("Qwen blog: 127.0.0.1 answered with status 500; next try in 15 min")
    newsroom.server.serve("/feed", news(newsroom, "Qwen 4"))
    await newsroom.collect()
    assert (newsroom.source().failures, newsroom.source().reason) == (0, "")


async def test_a_source_that_asks_for_an_hour_gets_it(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", "", status=429, headers={"Retry-After": "3600"})
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert 60 <= newsroom.wait() <= 66
    feed = news(newsroom, "Qwen 4").replace("<title>Qwen<", "<ttl>45</ttl><title>Qwen<")
    newsroom.server.serve("/slow", feed)
    other = newsroom.server.url("/slow").replace("127.0.0.1", "localhost")
    await newsroom.bot.add_source(Source(0, other, "Slow"))
    await newsroom.collect()
    assert 45 <= newsroom.wait("Slow") < 50


async def test_a_source_that_is_gone_is_left_alone(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", "", status=410)
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert newsroom.source().disabled
    await newsroom.collect(after=10 * 86400)
    assert len(newsroom.server.ledger.of("/feed")) == 1


async def test_who_fails_for_two_weeks_is_given_up_as_long_as_others_answer(
    newsroom: Newsroom,
) -> None:
    newsroom.server.serve("/feed", "", status=500)
    newsroom.server.serve("/good", news(newsroom, "Qwen 4"))
    await newsroom.follow("/feed")
    await newsroom.follow("/good", name="Good")
    began, days = newsroom.clock.now, 0.0
    while not newsroom.source().disabled:
        assert newsroom.source().failures < notices.MOST_FAILURES
        await newsroom.collect(after=3600)
        days = (newsroom.clock.now - began) / 86400
    assert 13 < days < 16
    assert "Qwen blog is not visited any more: 127.0.0.1 answered with status 500" in newsroom.told
    asked = len(newsroom.server.ledger.of("/feed"))
    assert asked == notices.MOST_FAILURES
    await newsroom.collect(after=10 * 86400)
    assert len(newsroom.server.ledger.of("/feed")) == asked


async def test_bad_sources_do_not_touch_the_good_ones(newsroom: Newsroom) -> None:
    server = newsroom.server
    server.serve("/html", "<html><p>Hello</p></html>")
    server.bomb("/bomb", 20)
    server.raw("/raw", b"nonsense\r\n\r\n")
    server.serve("/laughs", "<!DOCTYPE r [<!ENTITY a 'ha'>]><rss>&a;</rss>")
    server.redirect("/inside", "http://169.254.169.254/latest/meta-data")
    server.serve("/good", news(newsroom, "Alibaba releases Qwen 4"))
    for path in ("/html", "/bomb", "/raw", "/laughs", "/inside", "/missing", "/good"):
        await newsroom.follow(path, name=path)
    await newsroom.collect()
    assert [article.title for article in newsroom.articles()] == ["Alibaba releases Qwen 4"]
    failed = {path: newsroom.source(path).reason for path in ("/html", "/bomb", "/laughs")}
    assert failed == {
        "/html": "it is a web page, not a feed",
        "/bomb": "127.0.0.1 sent more than 5 MiB",
        "/laughs": "the feed declares entities of its own, which is refused",
    }
    assert "public internet" in newsroom.source("/inside").reason
    assert newsroom.source("/good").reason == ""


async def test_a_page_that_names_its_feed_can_be_followed(newsroom: Newsroom) -> None:
    head = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head>'
    newsroom.server.serve("/blog", head, content_type="text/html", etag='"page"')
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 4"))
    await newsroom.follow("/blog")
    await newsroom.collect()
    assert [article.title for article in newsroom.articles()] == ["Alibaba releases Qwen 4"]
    assert newsroom.source().etag == ""


async def test_hacker_news_is_a_source_of_its_own_kind(newsroom: Newsroom) -> None:
    body = (
        '{"hits": [{"objectID": "41", "title": "Alibaba releases Qwen 4", "points": 120,'
        f'"url": "{newsroom.server.url("/qwen")}", "created_at_i": {newsroom.clock.now:.0f},'
        '"_tags": ["story"]}]}'
    )
    newsroom.server.serve("/search", body, content_type="application/json")
    await newsroom.follow("/search", "Hacker News", kind="hackernews")
    await newsroom.collect()
    (article,) = newsroom.articles()
    assert article.sightings[0].points == 120
    assert article.sightings[0].discussion == "https://news.ycombinator.com/item?id=41"
