"""From a feed on the internet to an article in the database: the real core, a real server."""

from __future__ import annotations

import asyncio

import pytest

from tests.newsroom import LONG, Newsroom, news, page


async def test_the_first_visit_floods_nobody_and_the_second_brings_news(
    newsroom: Newsroom,
) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 3"))
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert newsroom.told == ["Qwen blog: 1 from before, posted to nobody"]
    newsroom.clock.now += 1000
    page(newsroom, "Alibaba releases Qwen 4")
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 4"))
    await newsroom.collect()
    assert newsroom.told[1:] == ["Qwen blog: 1 new", "Qwen blog: Alibaba releases Qwen 4"]
    assert [article.title for article in newsroom.articles()] == [
        "Alibaba releases Qwen 4",
        "Alibaba releases Qwen 3",
    ]
    assert newsroom.writer.read[-1].text == LONG.strip()


@pytest.mark.parametrize("fault", ["missing", "robots", "silent about it"])
async def test_news_whose_page_cannot_be_read_is_written_from_the_feed(
    newsroom: Newsroom, fault: str
) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 4"))
    if fault == "robots":
        newsroom.server.serve("/robots.txt", "User-agent: *\nDisallow: /")
        page(newsroom, "Alibaba releases Qwen 4")
    elif fault == "silent about it":
        page(newsroom, "Alibaba releases Qwen 4", text="")
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert [page.text for page in newsroom.writer.read] == ["The AI model is out."]
    assert len(newsroom.articles()) == 1


async def test_a_page_is_not_asked_for_when_the_feed_tells_all(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 4", text=LONG))
    page(newsroom, "Alibaba releases Qwen 4")
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert newsroom.server.ledger.of("/Alibaba-releases-Qwen-4") == []


async def test_release_notes_and_old_articles_do_not_cost_a_page(newsroom: Newsroom) -> None:
    page(newsroom, "Alibaba releases Qwen 4")
    page(newsroom, "Alibaba releases Qwen 5")
    feed = news(newsroom, "Alibaba releases Qwen 4").replace("Qwen-4<", "Qwen-4#v4<")
    newsroom.server.serve("/feed", feed)
    newsroom.clock.now -= 8 * 86400
    newsroom.server.serve("/old", news(newsroom, "Alibaba releases Qwen 5"))
    newsroom.clock.now += 8 * 86400
    await newsroom.follow("/feed", "Notes")
    await newsroom.follow("/old", "Archive")
    await newsroom.collect()
    assert len(newsroom.articles()) == 2
    assert {asked.path for asked in newsroom.server.ledger.asked} == {"/feed", "/old"}


async def test_what_is_no_ai_news_is_not_written(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Rain expected in Paris", text="It is wet."))
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert (newsroom.articles(), newsroom.writer.read) == ([], [])
    await newsroom.collect()
    assert len(newsroom.server.ledger.of("/Rain-expected-in-Paris")) == 1


async def test_the_same_page_in_two_feeds_is_one_article(newsroom: Newsroom) -> None:
    title = "Alibaba releases Qwen 4 with open weights"
    newsroom.server.serve("/feed", news(newsroom, title))
    newsroom.server.redirect("/short", "/" + title.replace(" ", "-"))
    page(newsroom, title)
    other = news(newsroom, "Everybody talks about the AI model Qwen 4").replace(
        "/Everybody-talks-about-the-AI-model-Qwen-4", "/short"
    )
    newsroom.server.serve("/other", other)
    await newsroom.follow("/feed", "Qwen blog")
    await newsroom.follow("/other", "The Other")
    await newsroom.collect()
    (article,) = newsroom.articles()
    assert {seen.source for seen in article.sightings} == {"Qwen blog", "The Other"}


async def test_one_entry_that_fails_stops_no_other(newsroom: Newsroom) -> None:
    titles = ("Alibaba releases Qwen 4", "Mistral releases Magistral 3", "xAI releases Grok 9")
    newsroom.server.serve("/feed", news(newsroom, *titles))
    newsroom.writer.broken = "Mistral"
    await newsroom.follow("/feed")
    await newsroom.collect()
    assert len(newsroom.articles()) == 2
    newsroom.writer.broken = ""
    await newsroom.collect(after=130)
    assert {article.title for article in newsroom.articles()} == set(titles)


async def test_it_runs_until_it_is_stopped_and_goes_on_where_it_was(newsroom: Newsroom) -> None:
    newsroom.server.serve("/feed", news(newsroom, "Alibaba releases Qwen 4"))
    running = asyncio.create_task(newsroom.collector.run())
    await newsroom.follow("/feed")
    await asyncio.wait_for(newsroom.heard.wait(), 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    newsroom.restarts()
    await newsroom.collect(after=130)
    assert [article.title for article in newsroom.articles()] == ["Alibaba releases Qwen 4"]
