"""The catalogue: people name companies as they like, and the facts in it fit together."""

from __future__ import annotations

import re

import pytest

from bot import catalogue
from bot.catalogue import TAGS
from bot.classify import judge
from bot.query.text import phrase


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("OpenAI", "openai"),
        ("open ai", "openai"),
        ("HUGGING FACE", "hugging-face"),
        ("huggingface", "hugging-face"),
        ("hugging-face", "hugging-face"),
        ("Alphabet", "google"),
        ("Google / Alphabet", "google"),
        ("Alibaba (Cloud)", "alibaba"),
        ("阿里巴巴", "alibaba"),
        ("Anthropic PBC", "anthropic"),
        ("Mistral", "mistral"),
        ("Zhipu AI", "zhipu"),
        ("NVIDIA Corporation", "nvidia"),
        ("Salesforce Inc.", "salesforce"),
    ],
)
def test_a_company_is_known_under_any_spelling_of_its_names(said: str, slug: str) -> None:
    assert catalogue.resolve(said) == slug


@pytest.mark.parametrize(("product", "slug"), [("Qwen", "alibaba"), ("chatgpt", "openai")])
def test_a_product_stands_for_its_company(product: str, slug: str) -> None:
    assert catalogue.resolve(product) == slug


@pytest.mark.parametrize("said", ["", "  ", "?!", "Acme Rockets of Nowhere", "inc", "AI labs"])
def test_a_name_nobody_knows_stands_for_nothing(said: str) -> None:
    assert catalogue.resolve(said) is None


def test_a_mistyped_name_finds_the_company_nearby() -> None:
    assert catalogue.nearest("antropic")[0] == "anthropic"
    assert catalogue.nearest("Mistrall")[0] == "mistral"
    assert len(catalogue.nearest("open", n=2)) <= 2
    assert catalogue.nearest("zzzzzz") == []


def test_a_company_that_is_not_listed_is_shown_by_the_words_of_its_slug() -> None:
    assert catalogue.slug("Ada & Sons 2.0") == "ada-sons-2-0"
    assert catalogue.display_name("ada-sons") == "Ada Sons"
    assert catalogue.display_name("google") == "Google / Alphabet"


def test_every_company_can_be_shown() -> None:
    everyone = catalogue.companies()
    assert len(everyone) >= 150
    for one in everyone:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.slug), one.slug
        assert re.fullmatch(r"#[0-9a-f]{6}", one.color), one.slug
        assert re.fullmatch(r"[A-Z]{2}", one.country), one.slug
        assert 1 <= len(one.monogram) <= 2, one.slug
        assert one.name.strip() == one.name != ""
        assert catalogue.company(one.slug) is one
        assert catalogue.resolve(one.slug) == one.slug
        assert catalogue.resolve(one.name) == one.slug


def test_no_two_companies_claim_one_name_or_domain() -> None:
    names: dict[str, str] = {}
    domains: dict[str, str] = {}
    for one in catalogue.companies():
        for name in (one.short_name, *one.aliases, *one.products, *one.brands):
            assert names.setdefault(catalogue.key(name), one.slug) == one.slug, name
        for domain in one.domains:
            assert domains.setdefault(domain, one.slug) == one.slug, domain


def test_every_name_that_needs_care_is_somebodys() -> None:
    care = catalogue.care()
    every = {
        catalogue.key(name)
        for one in catalogue.companies()
        for name in (one.short_name, one.name, *one.aliases, *one.products, *one.brands)
    }
    for name in (*care.version, *care.capital, *care.context, *care.unless):
        assert catalogue.key(name) in every, name


def test_sources_are_distinct_and_belong_to_known_companies() -> None:
    listed = catalogue.sources()
    assert len(listed) >= 40
    assert len({one.url for one in listed}) == len(listed)
    assert len({one.name for one in listed}) == len(listed)
    for one in listed:
        assert one.url.startswith("https://"), one.url
        assert one.kind in ("feed", "hackernews")
        assert one.evidence
        assert not one.company or catalogue.company(one.company), one.company
    assert any(one.kind == "hackernews" and "query=AI&" in one.url for one in listed)


def test_what_a_company_publishes_in_its_own_feed_is_its_own_news() -> None:
    for one in catalogue.sources():
        if one.company:
            told = judge("A quiet afternoon", source=one.name, source_company=one.company)
            assert told.companies[0] == one.company, one.name


def test_topics_are_few_distinct_and_have_words() -> None:
    assert 15 <= len(TAGS) <= 25
    assert len({tag.slug for tag in TAGS}) == len({tag.name for tag in TAGS}) == len(TAGS)
    assert {"Generative AI", "Market Trends", "Regulation & Policy", "Open Source"} <= {
        tag.name for tag in TAGS
    }
    for tag in TAGS:
        assert all(phrase(word)[0] for word in tag.words), tag.slug
