"""A language model decides what the rules leave in doubt, and only as far as it may."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from adapters.writer.judging import Judging
from adapters.writer.model import Model
from bot.classify import judge
from bot.model import Found, Judgement, Page
from tests.newsroom import Newsroom, news, page
from tests.servers.model import ModelServer, Reply

TITLE = "A faster chip for washing machines"
TEXT = "Kvarnholm makes chips. They learn how dirty the laundry is. " * 3
DOUBTFUL = judge(TITLE)
FOUND = Found("1", "https://a.example/1", TITLE, 0)
PAGE = Page("https://a.example/1", TITLE, TEXT)


def said(**changes: Any) -> Reply:
    answer = {"is_ai": True, "type": "PRODUCT LAUNCH", "company": "Kvarnholm"} | changes
    return Reply(json.dumps(answer))


async def advised(model: ModelServer, *replies: Reply) -> Judgement:
    model.will(*replies)
    by = Judging(Model(model.url, model.key, "tern-mini"), deadline=1)
    return await by.advise(FOUND, PAGE, DOUBTFUL)


@pytest.mark.parametrize(
    ("title", "doubtful"),
    [
        (TITLE, True),
        ("A faster chip for training at home", True),
        ("OpenAI releases GPT-9", False),
        ("Rain in Lyon", False),
    ],
)
def test_there_is_doubt_where_only_weak_words_speak(title: str, doubtful: bool) -> None:
    assert judge(title).doubtful == doubtful


async def test_the_model_decides_and_says_so(model: ModelServer) -> None:
    told = await advised(model, said())
    assert (told.is_ai, told.type, told.companies) == (True, "PRODUCT LAUNCH", ("kvarnholm",))
    assert told.reasons[0] == "It is not clear; tern-mini says that it is about AI."
    assert told.reasons[1] == "tern-mini says that it is about Kvarnholm."
    told = await advised(model, said(is_ai=False, company=""))
    assert (told.is_ai, told.companies) == (False, ())
    asked = json.loads(model.ledger[-1]["messages"][-1]["content"])
    assert asked == {"headline": TITLE, "text": TEXT.strip()}


@pytest.mark.parametrize(
    "company",
    ["OpenAI", "x" * 500, "K", "They learn how dirty the laundry is."],
)
async def test_a_company_that_the_article_does_not_name_is_none(
    model: ModelServer, company: str
) -> None:
    assert (await advised(model, said(company=company))).companies == ()


@pytest.mark.parametrize(
    "reply",
    [
        Reply("no JSON"),
        Reply(json.dumps({"is_ai": True})),
        said(is_ai="perhaps, or so"),
        said(also="more"),
        Reply(status=500),
        Reply(refusal="I would rather not"),
        Reply(seconds=5),
        Reply(body=b"\x00"),
    ],
)
async def test_whatever_goes_wrong_it_is_as_the_rules_say(
    model: ModelServer, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert await advised(model, reply) == DOUBTFUL
    assert "judged without tern-mini" in caplog.text
    assert "perhaps" not in caplog.text


async def test_a_type_that_there_is_not_is_the_one_of_the_rules(model: ModelServer) -> None:
    assert (await advised(model, said(type="@everyone"))).type == DOUBTFUL.type


async def test_only_fresh_news_in_doubt_is_asked_about(
    newsroom: Newsroom, model: ModelServer
) -> None:
    newsroom.collector._adviser = Judging(Model(model.url, model.key, "tern-mini"))
    await newsroom.follow("/feed", "A weekly")
    for titles in (["A chip of old"], [TITLE, "OpenAI releases GPT-9"]):
        for title in titles:
            page(newsroom, title, TEXT)
        newsroom.server.serve("/feed", news(newsroom, *titles, text=""))
        model.will(said())
        await newsroom.collect(after=3600)
    assert len(model.ledger) == 1
    assert sorted(one.title for one in newsroom.articles()) == [TITLE, "OpenAI releases GPT-9"]
