"""Merging what several sources tell of one event, and keeping near misses apart."""

from __future__ import annotations

import pytest

from bot.classify import Headline, same_event
from bot.classify.headwords import traits
from bot.classify.rarity import rarity

DAY = 86400.0
MONDAY = 1_780_000_000.0


def told(title: str, *, day: float = 0, url: str = "", source: str = "") -> Headline:
    return Headline(title, url, MONDAY + day * DAY, source or title)


def same(a: Headline, b: Headline) -> bool:
    assert same_event(a, b) == same_event(b, a)
    return same_event(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Introducing Claude Opus 9", "Anthropic releases Opus 9 with a steadier hand"),
        ("Qwen5-27B released!", "Qwen 5 27B"),
        (
            "Apple sues OpenAI over stolen hardware secrets",
            "Apple Sues OpenAI, Alleging Stolen Hardware Secrets",
        ),
        (
            "Google to invest up to $40B in Anthropic",
            "Google will invest as much as $40 billion in Anthropic",
        ),
        (
            "Mossgarden raises $12M for weeding robots",
            "Farm robot startup Mossgarden raises seed funding from growers",
        ),
        (
            "Kelpnet: a new tide model from Huawei with twice the foresight",
            "Kelpnet: native tide forecasting back end by Huawei",
        ),
        (
            "Kvarn Robotics raises $1.4bn to build helpers for hospitals",
            "Hospital helper startup Kvarn Robotics gets $1.4 billion",
        ),
        (
            "Kvarnstream uninstalls surge 295% after its defence deal",
            "Kvarnstream: uninstalls surged by 295 percent after the defence deal",
        ),
        (
            "Judge halts the Acme-Globex merger over AI patents",
            "Judge pauses merger of Acme and Globex over AI patents",
        ),
        (
            "An AI agent of Kelpworks hacked three Norwegian fish farms",
            "Kelpworks’ agent breached three fish farms in Norwegian waters",
        ),
        (
            "Kelpworks has to pay $55.7 million for stolen tide data",
            "Kelpworks settles over stolen tide data for $56M",
        ),
        ("GLM 8.2 is out", "Z.ai releases GLM 8.2"),
    ],
)
def test_one_event_in_two_wordings_is_merged(a: str, b: str) -> None:
    assert same(told(a), told(b, day=1))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Qwen 5 27B released", "Qwen 5.5 27B released"),
        ("Introducing Gemini 9 Flash", "Introducing Gemini 9 Pro"),
        ("Qwen5-27B released", "Qwen5-9B released"),
        ("Introducing Claude Opus 9", "Claude Opus 9 benchmarks"),
        ("Alibaba opens data center number 6 today", "Alibaba opens data center number 7 today"),
        ("Introducing Claude Opus 9", "Claude Opus 9 is now available in Windsurf"),
        ("Introducing Claude Opus 9", "Claude Opus 9: System Card [pdf]"),
        ("Introducing Claude Opus 9", "My thoughts on Claude Opus 9"),
        ("Introducing Claude Opus 9", "Advancing finance with Claude Opus 9"),
        ("Introducing Claude for Gardens", "Introducing the Claude Platform on Mars"),
        ("Claude Opus 9 is out", "Claude Opus 9 costs twice as much per session"),
        ("Stability AI joins the Media Coalition", "Perplexity joins the Media Coalition"),
        ("Mossgarden raises $12 million for robots", "Mossgarden raises $90 million for robots"),
        ("Apple sues OpenAI over trade secrets", "OpenAI pushes back on Apple trade secrets"),
        (
            "SpaceX launches the Starfish rocket",
            "SpaceX’s Starfish rocket launch scrubbed after leak",
        ),
        (
            "Gemma 5.1 learns to hear birds through heavy rain",
            "Gemma 5.2 learns to hear birds through heavy rain",
        ),
        (
            "Gemini 9 Flash learns to hear birds through heavy rain",
            "Gemini 9 Pro learns to hear birds through heavy rain",
        ),
        (
            "The Download: OpenAI’s robots in the garden at night, and chips",
            "The Download: OpenAI’s robots in the garden at night, and lakes",
        ),
    ],
)
def test_near_misses_stay_apart(a: str, b: str) -> None:
    assert not same(told(a), told(b))


def test_one_page_is_one_event_however_its_address_is_written() -> None:
    a = told("Claude sings", url="https://www.example.org/a/?utm_source=x&id=7")
    b = told("A quite different headline", url="http://example.org/a?id=7", day=30)
    assert same(a, b)
    assert not same(a, told("A quite different headline", url="http://example.org/a?id=8"))


def test_one_page_of_release_notes_tells_of_many_releases() -> None:
    page = "https://docs.example.org/releases"
    assert not same(told("GLM-7.1", url=page), told("GLM-7.2", url=page, day=20))
    assert not same(told("Spring", url=f"{page}#may"), told("Summer", url=f"{page}#june"))


def test_the_same_words_a_week_later_are_another_event() -> None:
    title = "Claude is unavailable for many users in Europe"
    assert same(told(title, source="Ada’s notes"), told(title, day=1))
    assert not same(told(title, source="Ada’s notes"), told(title, day=6))


def test_an_outlet_that_tells_more_about_an_event_writes_another_story() -> None:
    a = "Google to invest up to $40B in Anthropic and its data centers"
    b = "Google will invest as much as $40 billion in Anthropic"
    assert same(told(a, source="The Daily"), told(b, source="The Herald"))
    assert not same(told(a, source="The Daily"), told(b, source="The Daily"))


@pytest.mark.parametrize("title", ["", "?", "the", "AI", "🤖"])
def test_headlines_that_say_nothing_have_nothing_in_common(title: str) -> None:
    assert not same(told(title, source="a"), told(title, source="b", day=1))
    assert not same(told(title), told("Introducing Claude Opus 9"))


def test_a_rare_word_tells_more_than_one_of_every_other_headline() -> None:
    assert rarity("kelpnet") > rarity("robot") > rarity("model") > 0


def test_amounts_are_read_in_every_spelling_and_are_no_versions() -> None:
    for said in ("$1.4bn", "$1.4 billion", "$1.4B", "$ 1.4 bn"):
        told = traits(f"Kvarn raises {said} in a round", "")
        assert told.amounts == {1.4e9}, said
        assert not told.versions | told.variants, said
    assert traits("Uninstalls Surge 295% In May", "").versions == set()
    assert traits("Qwen 3.6 27B Is Here", "").versions == {"3.6"}


@pytest.mark.parametrize("amount", ["$1.5.2", "$" + "9" * 400, "$1,,,2 m", "€0", "$٣"])
def test_an_amount_that_makes_no_sense_is_borne(amount: str) -> None:
    title = f"Kvarn raises {amount} for hospital helpers"
    assert same(told(title), told(f"Kvarn raises {amount} for its hospital helpers"))


def test_two_forums_speak_of_one_thing_in_many_ways() -> None:
    a, b = "Kelpnet 4 hears whales", "Kelpnet 4 hears boats"
    press = same(told(a, source="Tide Weekly"), told(b, day=1, source="Whale Post"))
    forums = same(told(a, source="Reddit r/kelp"), told(b, day=1, source="Hacker News"))
    assert (press, forums) == (True, False)


def test_what_a_company_says_on_its_own_page_is_what_others_report_of_it() -> None:
    ours = "Patching the planet: help for maintainers"
    theirs = "OpenAI helps maintainers with their bugs"
    own, other = "https://openai.com/index/patch", "https://tides.example/patch"
    assert same(told(ours, url=own), told(theirs))
    assert not same(told(ours, url=other), told(theirs))


def test_who_puts_in_the_money_is_not_what_it_is_about() -> None:
    told = traits("Sequoia Capital leads a round for Mistral", "")
    assert told.companies == {"mistral"}
    assert traits("Sequoia Capital moves to Lyon", "").companies == {"sequoia-capital"}


def test_what_answers_to_an_event_is_another_one() -> None:
    event = "Ministry labels Acme a supply chain risk after the harbor trial"
    answer = "Acme hits back after ministry labels it a supply chain risk"
    assert not same(told(event), told(answer))
