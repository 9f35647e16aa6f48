"""`import`: articles in bulk into either database, each once."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.feeds.canonical import keys
from adapters.terminal.imported import imported
from adapters.terminal.importing import BATCH, NAMED
from adapters.terminal.lines import BrokenLine
from bot.bot import Bot
from bot.model import Article, Channel, Found, Person
from bot.query import parse
from storage.store import open_store
from tests.terminal import Said, Terminal

NOW = 1_777_900_000.0  # 4 May 2026
QWEN = {
    "title": "Qwen 4 released",
    "url": "https://qwen.example/4?utm_source=rss",
    "date": "2026-04-28",
    "source": "Qwen blog",
    "company": "Alibaba Cloud",
    "type": "OPEN SOURCE",
    "tags": ["Generative AI", "open-source"],
    "summary": "All weights are open.",
}


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> Terminal:
    made = Terminal(tmp_path, monkeypatch)
    made.sets(DATABASE_URL=database)
    return made


def brings_in(terminal: Terminal, *rows: Any) -> Said:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    return terminal.types("import", str(terminal.has("articles.jsonl", text)))


def stored(database: str, query: str = "") -> tuple[Article, ...]:
    store = open_store(database)
    with store.read() as tx:
        found = tx.articles.search(parse(query, tx.now), 100, 0).articles
    store.close()
    return found


def test_an_article_is_stored_as_its_line_says(terminal: Terminal, database: str) -> None:
    said = brings_in(terminal, QWEN)
    assert (said.code, said.out, said.err) == (0, "1 new, 0 known, 0 broken.\n", "")
    (article,) = stored(database)
    assert (article.title, article.url) == (QWEN["title"], QWEN["url"])
    assert article.published == 1_777_334_400
    assert (article.companies, article.type) == (("alibaba",), "OPEN SOURCE")
    assert article.tags == ("Generative AI", "Open Source")
    assert article.summary == "All weights are open."
    assert [seen.source for seen in article.sightings] == ["Qwen blog"]


def test_twice_changes_nothing(terminal: Terminal, database: str) -> None:
    undated = {"title": "Claude 5 is out"}
    again = {**QWEN, "url": "https://www.qwen.example/4/#utm_medium=x"}
    assert brings_in(terminal, QWEN, undated, again).out == (
        "2 new, 1 known, 0 broken. 1 line without a date, dated today.\n"
    )
    before = stored(database)
    assert brings_in(terminal, QWEN, undated, again).out.startswith("0 new, 3 known, 0 broken.")
    assert stored(database) == before


def test_what_its_own_feed_brought_already_is_known(terminal: Terminal, database: str) -> None:
    feed = "https://qwen.example/feed.xml"
    known = Found("guid-4", "https://qwen.example/4", "Qwen 4 released!", NOW)
    store = open_store(database)
    with store.write() as tx:
        tx.articles.add(Article(5, known.title, known.url, NOW), keys(known, feed))
    store.close()
    assert brings_in(terminal, QWEN).out == "0 new, 1 known, 0 broken.\n"


def test_what_is_left_out_is_judged_by_the_headline(terminal: Terminal, database: str) -> None:
    brings_in(terminal, {"title": "Anthropic raises $30 billion", "url": "https://a.example/1"})
    (article,) = stored(database)
    assert (article.companies, article.type) == (("anthropic",), "FUNDING & BUSINESS")
    assert "Market Trends" in article.tags


def test_a_text_gives_takeaways_in_its_own_words(terminal: Terminal, database: str) -> None:
    text = (
        "Harbor Labs released Tern 2, a language model with 27 billion parameters, on Monday. "
        "Tern 2 reads up to 128,000 tokens at once. Its license is Apache 2.0, said Ines Obi."
    )
    brings_in(
        terminal, {**QWEN, "title": "Harbor Labs releases Tern 2", "text": text, "summary": ""}
    )
    (article,) = stored(database)
    assert article.takeaways
    assert all(take.text in text for take in article.takeaways)
    assert article.summary


def test_broken_lines_are_named_and_the_others_go_on(terminal: Terminal, database: str) -> None:
    said = brings_in(
        terminal,
        QWEN,
        "{broken\n",
        {"url": "https://a.example/1"},
        {**QWEN, "type": "open sauce"},
        {**QWEN, "date": "soon"},
        {**QWEN, "url": "javascript:alert(1)"},
        {**QWEN, "tags": "AI"},
        "\n",
        {"title": "Claude 5 is out", "date": "2026-04-28", "url": "https://a.example/2"},
    )
    assert said.code == 1
    assert said.out == "2 new, 0 known, 6 broken.\n"
    assert said.complaints[0] == "line 2: it is not JSON"
    assert said.complaints[1] == "line 3: it has no “title”"
    assert said.complaints[2].startswith("line 4: “type” is none of BotBeat's types; did you mean")
    assert "OPEN SOURCE" in said.complaints[2]
    assert said.complaints[3].startswith("line 5: “date” is no date")
    assert said.complaints[4] == "line 6: “url” is no web address"
    assert said.complaints[5] == "line 7: “tags” must be a list of texts"
    assert len(stored(database)) == 2


def test_of_many_broken_lines_ten_are_named(terminal: Terminal) -> None:
    said = brings_in(terminal, *["{\n"] * 25)
    assert said.code == 1
    assert len(said.complaints) == NAMED + 1
    assert said.complaints[-1] == "… and 15 more broken lines."
    assert said.out == "0 new, 0 known, 25 broken.\n"


def test_what_the_line_itself_calls_no_ai_news_stays_out(terminal: Terminal, database: str) -> None:
    said = brings_in(terminal, {**QWEN, "is_ai": False}, {**QWEN, "is_ai": True, "url": ""})
    assert said.out.startswith("1 new, 0 known, 0 broken. 1 line said to be no AI news, or none")
    assert len(stored(database)) == 1


def test_what_classify_and_fetch_say_can_be_imported(terminal: Terminal, database: str) -> None:
    entry = {
        "id": "1",
        "url": "https://blog.google/1",
        "title": "Gemini 3.1 Pro is out",
        "date_published": "2026-04-28T12:00:00Z",
    }
    version = "https://jsonfeed.org/version/1.1"
    feed = terminal.has("feed.json", json.dumps({"version": version, "items": [entry]}))
    fetched = terminal.types("fetch", str(feed), "--json").out
    judged = terminal.types("classify", stdin=fetched).out
    terminal.has("articles.jsonl", judged)
    assert terminal.types("import", "articles.jsonl").out == "1 new, 0 known, 0 broken.\n"
    (article,) = stored(database)
    assert (article.companies, article.published) == (("google",), 1_777_377_600)


def test_more_lines_than_fit_one_transaction(terminal: Terminal, database: str) -> None:
    rows = [{**QWEN, "title": f"Qwen {n} released", "url": f"https://qwen.example/{n}"}
            for n in range(BATCH + 3)]  # fmt: skip
    assert brings_in(terminal, *rows).out == f"{BATCH + 3} new, 0 known, 0 broken.\n"
    store = open_store(database)
    with store.read() as tx:
        assert tx.articles.count(parse("company:alibaba", tx.now)) == BATCH + 3
    store.close()


def test_nothing_that_is_imported_is_posted(terminal: Terminal, database: str) -> None:
    store = open_store(database)
    bot = Bot(store)
    channel = Channel("slack", "C1")
    asyncio.run(bot.command(channel, Person("slack", "U1", "Ada"), "subscribe company:alibaba"))
    brings_in(terminal, {**QWEN, "date": time.strftime("%Y-%m-%d")})
    with store.read() as tx:
        assert tx.deliveries.pending() == 0
    bot.close()
    store.close()


def test_hostile_words_reach_either_database_whole_or_cut(
    terminal: Terminal, database: str
) -> None:
    long = "word" * 50_000
    odd = {**QWEN, "title": "Qwen \ud800 \x00 \x1b[31m" + long, "summary": long, "source": long,
           "company": long, "tags": [long], "url": f"https://a.example/{long[:1500]}"}  # fmt: skip
    said = brings_in(terminal, odd)
    assert (said.code, said.out) == (0, "1 new, 0 known, 0 broken.\n")
    (article,) = stored(database)
    assert article.title.startswith("Qwen [31mword")
    assert len(article.title) <= 400


def test_a_file_that_is_missing_is_one_line(terminal: Terminal) -> None:
    said = terminal.types("import", "none.jsonl")
    assert (said.code, said.err) == (1, "No such file or directory: none.jsonl\n")


def test_the_names_of_companies_are_resolved_and_others_kept() -> None:
    def companies(**fields: Any) -> tuple[str, ...]:
        made = imported({"title": "It is out", **fields}, NOW)
        assert made
        return made.article.companies

    assert companies(company="Google / Alphabet") == ("google",)
    assert companies(company="qwen", companies=["Alibaba (Cloud)", "OpenAI"]) == (
        "alibaba",
        "openai",
    )
    assert companies(company="Ada & Sons") == ("ada-sons",)
    assert companies(company=None, companies=[]) == ()


def test_a_line_without_a_date_is_dated_now_and_one_of_the_future_too() -> None:
    undated = imported({"title": "Qwen 4"}, NOW)
    later = imported({"title": "Qwen 4", "published": "2099-01-01"}, NOW)
    assert undated
    assert later
    assert (undated.article.published, undated.dated) == (NOW, False)
    assert (later.article.published, later.dated) == (NOW, True)
    assert undated.article.id >> 20 == int(NOW)


def test_where_it_was_found_has_a_name_that_people_can_read() -> None:
    def source(**fields: Any) -> str:
        made = imported({"title": "Qwen 4", **fields}, NOW)
        assert made
        return made.article.sightings[0].source

    assert source(source="Qwen blog") == "Qwen blog"
    assert source(source="https://www.qwen.example/feed.xml") == "qwen.example"
    assert source(url="https://news.example/1") == "news.example"
    assert source() == "Import"


def test_a_tag_outside_the_vocabulary_is_left_out() -> None:
    made = imported({**QWEN, "tags": ["agents", "Blockchain", "AI Agents"]}, NOW)
    assert made
    assert made.article.tags == ("AI Agents",)


def test_the_identities_are_those_of_the_collector() -> None:
    found = Found("", str(QWEN["url"]), str(QWEN["title"]), 1_777_334_400)
    made = imported(QWEN, NOW)
    assert made
    assert made.keys == keys(found, "Qwen blog")
    bare = imported({"title": "Qwen 4"}, NOW)
    assert bare
    assert bare.keys == keys(replace(found, key="Qwen 4", url="", published=0), "Import")


@pytest.mark.parametrize("name", ["title", "url", "summary", "text", "source", "company", "type"])
def test_what_must_be_a_text_and_is_none_breaks_its_line(name: str) -> None:
    with pytest.raises(BrokenLine, match=f"“{name}” must be a text"):
        imported({**QWEN, name: 5}, NOW)
