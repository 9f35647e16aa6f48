"""The report page that BotBeat began with: from a source's page to every element of ours."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate
from html import unescape

import aiohttp
import pytest

from adapters import web, writer
from adapters.feeds.collect import Collector
from adapters.feeds.fetch import Fetcher
from adapters.feeds.reader import Reader
from bot import reading
from bot.bot import Bot
from bot.model import Channel, Person
from bot.ports import Source, Writer
from storage.store import SqlStore, open_store
from tests.servers.feeds import FeedServer
from tests.servers.model import ModelServer, Reply, model_server
from tests.world import Clock

HEADLINE = "Open Source AI Dominance: Chinese Models Lead as U.S. Seeks Policy Response"
ORIGINAL = "Asserting American Leadership in Open Source AI"
SENTENCES = (
    "Open source AI is turning into the infrastructure on which the world builds.",
    "Alibaba and its Qwen family passed 700 million downloads on Hugging Face.",
    "Qwen is now the most widely adopted open family of models.",
    "Chinese open models made up as much as 30% of AI usage in some weeks of 2025.",
    "American companies still lead with proprietary frontier models.",
    "Against this dominance the authors ask for a policy response from the U.S. government.",
)
OPINION = "When models become a commodity, whoever maintains the commons sets the rules."
PAGE = f"""<!doctype html><html lang="en"><head><title>{ORIGINAL}</title></head><body>
<nav>Home About Subscribe now for free</nav><article><h1>{ORIGINAL}</h1>
<p>{" ".join(SENTENCES[:3])}</p><p>{" ".join(SENTENCES[3:])}</p></article>
<footer>We use cookies. Accept all.</footer></body></html>"""
REPORT = {
    "title": HEADLINE,
    "takeaways": [
        {"text": "Open source AI is becoming infrastructure.", "quote": SENTENCES[0]},
        {"text": "Alibaba's Qwen is the most widely adopted open family.", "quote": SENTENCES[2]},
        {"text": "American companies lead with proprietary models.", "quote": SENTENCES[4]},
    ],
    "summary": f"{SENTENCES[1]} {SENTENCES[3]}",
    "opinion": OPINION,
}
MORE = (
    "Civic-SLM: Alibaba Qwen model tailored for local government documents",
    "Alibaba Releases Qwen3.6-27B Open-Source Language Model on Hugging Face",
    "Alibaba Open-Sources Qwen3.6-35B-A3B, a 35B Mixture-of-Experts Model",
)
OTHERS = (
    "Google publishes Gemma open weights for open source developers",
    "Mistral open-sources Shieldstral, a 3B model for moderation",
    "Meta AI open-sources a brain-to-text decoder",
)


@dataclass
class Newsroom:
    """Sources, a model and the pages, all on this machine."""

    clock: Clock
    store: SqlStore
    bot: Bot
    feeds: FeedServer
    model: ModelServer
    pages: str

    async def collects(self, words: Writer) -> None:
        self.clock.now += 4000
        allow = frozenset({self.feeds.address})
        extractor = writer.Extractor()
        async with (
            Fetcher("BotBeat-test", allow=allow, spacing=0) as fetcher,
            Reader(fetcher) as reader,
        ):
            collector = Collector(
                self.bot, fetcher, reader, words, old_writer=extractor, clock=self.clock
            )
            await collector.once()

    async def page(self) -> str:
        """The report's page as a person reads it: text, with addresses of links in brackets."""
        front = reading.front(self.store, "leadership", 1)
        number = front.articles[0].id
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.pages}/reports/{number}") as answer,
        ):
            assert answer.status == 200
            text = await answer.text()
        text = re.sub(r'<a [^>]*href="([^"]+)"[^>]*>', r" [\1] ", text)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _search(feeds: FeedServer, clock: Clock, *, empty: bool = False) -> str:
    hit = {
        "objectID": "43821",
        "title": ORIGINAL,
        "url": feeds.url("/asserting"),
        "author": "somebody",
        "points": 312,
        "num_comments": 40,
        "created_at_i": int(clock.now),
        "_tags": ["story"],
    }
    return json.dumps({"hits": [] if empty else [hit], "nbHits": 1, "page": 0, "nbPages": 1})


def _feed(titles: tuple[str, ...], clock: Clock) -> str:
    items = "".join(
        f"<item><guid>{n} {title}</guid><title>{title}</title>"
        f"<link>https://news.example/{abs(hash(title))}</link>"
        f"<description>{title}. Open source AI for everybody.</description>"
        f"<pubDate>{formatdate(clock.now - 86400 * (n + 1))}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f'<rss version="2.0"><channel><title>Open weekly</title>{items}</channel></rss>'


@pytest.fixture
async def newsroom(database: str) -> AsyncIterator[Newsroom]:
    clock = Clock()
    store = open_store(database, clock)
    bot = Bot(store, base_url="https://botbeat.example")
    async with (
        FeedServer() as feeds,
        model_server() as model,
        web.serve(web.create(bot), "127.0.0.1", 0) as pages,
    ):
        stories = feeds.serve("/hn", _search(feeds, clock, empty=True))
        weekly = feeds.serve("/rss", _feed(MORE + OTHERS, clock))
        feeds.serve("/asserting", PAGE, content_type="text/html")
        await bot.add_source(Source(0, stories, "Hacker News", "hackernews"))
        await bot.add_source(Source(0, weekly, "Open weekly"))
        room = Newsroom(clock, store, bot, feeds, model, pages)
        # The first visit is a baseline: what comes later is news.
        await room.collects(writer.Extractor())
        feeds.serve("/hn", _search(feeds, clock))
        yield room
    bot.close()
    store.close()


async def test_a_report_written_by_a_model_has_every_element_of_the_seed(
    newsroom: Newsroom,
) -> None:
    newsroom.model.will(Reply(json.dumps(REPORT)))
    words = writer.create(newsroom.model.url, newsroom.model.key, "test-model")
    await newsroom.collects(words)
    page = await newsroom.page()
    for element in (
        "Alibaba (Cloud)",
        HEADLINE,
        ORIGINAL,
        "24 Apr 2026",
        "Key Takeaways",
        *(point["text"] for point in REPORT["takeaways"]),  # type: ignore[index]  # a literal above
        "https://news.ycombinator.com/item?id=43821",
        "312 points",
        newsroom.feeds.url("/asserting"),
        "Summary",
        SENTENCES[1],
        "Editorial Opinion",
        OPINION,
        "test-model",
        "Open Source",
        "More from Alibaba (Cloud)",
        *MORE,
        "Comments",
        "Suggested",
        *OTHERS,
        ">",
        "© 2026 BotBeat",
        "About",
        "Privacy Policy",
        "Terms of Service",
        "Contact Us",
    ):
        assert str(element) in page, element


async def test_without_a_model_every_sentence_is_the_sources_own_and_there_is_no_opinion(
    newsroom: Newsroom,
) -> None:
    await newsroom.collects(writer.create("", "", ""))
    (article,) = reading.front(newsroom.store, "leadership", 1).articles
    assert article.title == ORIGINAL
    assert 2 <= len(article.takeaways) <= 4
    assert {take.text for take in article.takeaways} < set(SENTENCES)
    rest = article.summary
    for sentence in SENTENCES:
        rest = rest.replace(sentence, "")
    assert article.summary
    assert rest.strip() == ""
    assert article.opinion == ""
    page = await newsroom.page()
    assert "Editorial Opinion" not in page
    assert "sentences of the source" in page


@pytest.mark.parametrize(
    "reply",
    [Reply(status=500), Reply("this is no JSON"), Reply(refusal="I cannot"), Reply(seconds=3)],
    ids=["fails", "talks", "refuses", "is slow"],
)
async def test_when_the_model_fails_the_extracted_report_goes_out(
    newsroom: Newsroom, reply: Reply
) -> None:
    newsroom.model.will(reply, reply)
    words = writer.Llm(newsroom.model.url, newsroom.model.key, "test-model", deadline=0.5)
    await newsroom.bot.command(Channel("slack", "C1"), Person("slack", "u", "Ada"), "subscribe")
    await newsroom.collects(words)
    (article,) = reading.front(newsroom.store, "leadership", 1).articles
    assert article.writer == "extract"
    assert article.takeaways
    assert await newsroom.bot.waiting() == 1
