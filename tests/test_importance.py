"""How much a report matters, why, and who gets it because of that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classify import importance
from bot.model import Article, Found, Sighting
from tests.world import World

BASE = Article(1, "Something", "https://news.example/1", 0, type="RESEARCH")
QWEN = "Alibaba releases the Qwen 4 AI model"


def score(**has: object) -> float:
    return importance(replace(BASE, **has)).score  # type: ignore[arg-type]  # fields by name


def seen(source: str, *, url: str = "https://news.example/1", points: int = 0) -> Sighting:
    return Sighting(source, url, points=points)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"companies": ("openai",)}, {"companies": ("walmart",)}),
        ({"companies": ("walmart",)}, {"companies": ("some-startup",)}),
        ({"type": "PRODUCT LAUNCH"}, {"type": "UPDATE"}),
        ({"type": "UPDATE"}, {"type": "OPINION"}),
        ({"sightings": (seen("a"), seen("b"))}, {"sightings": (seen("a"),)}),
        ({"sightings": (seen("a", points=300),)}, {"sightings": (seen("a", points=120),)}),
        ({"sightings": (seen("a", points=120),)}, {"sightings": (seen("a", points=20),)}),
        (
            {"companies": ("openai",), "sightings": (seen("a", url="https://openai.com/news"),)},
            {"companies": ("openai",), "sightings": (seen("a"),)},
        ),
    ],
)
def test_what_matters_more(more: dict[str, object], less: dict[str, object]) -> None:
    assert score(**more) > score(**less)


def test_each_reason_is_said_with_what_it_weighs() -> None:
    sightings = (seen("OpenAI", url="https://openai.com/x"), seen("Hacker News", points=612))
    told = importance(
        replace(BASE, companies=("openai",), type="PRODUCT LAUNCH", sightings=sightings)
    )
    assert told.score == 10
    assert told.reasons == (
        "612 people voted for it (+3)",
        "AI is all that OpenAI does (+1.5)",
        "OpenAI says it itself (+1)",
        "something new is out (+1)",
        "2 sources tell of it (+1)",
    )


@given(
    st.lists(st.builds(Sighting, st.text(max_size=3), st.text(max_size=9)), max_size=9),
    st.sampled_from(["OPINION", "PRODUCT LAUNCH", "", "NEVER HEARD"]),
    st.lists(st.sampled_from(["openai", "x", ""]), max_size=2),
)
def test_it_is_from_0_to_10(sightings: list[Sighting], kind: str, companies: list[str]) -> None:
    found = score(sightings=tuple(sightings), type=kind, companies=tuple(companies))
    assert 0 <= found <= 10


async def test_a_report_that_comes_to_matter_is_posted_once_then(world: World) -> None:
    await world.slack.types("subscribe company:alibaba score:>=6")
    await world.news(QWEN, source="Qwen blog", key="q")
    assert world.slack.reports() == []
    assert "Its importance is 4.5" in (await world.slack.types(f"why {world.number(QWEN)}")).text
    for source in ("The Harbor", "Lab notes", "Model watch"):
        await world.news(QWEN, source=source, key="q")
    assert world.slack.reports() == [QWEN]
    said = (await world.slack.types(f"why {world.number(QWEN)}")).text
    assert "Its importance is 7.5 of 10: 4 sources tell of it" in said


async def test_a_late_riser_is_posted_when_people_have_voted(world: World) -> None:
    await world.slack.types("subscribe score:>=7")
    found = Found("hn", "https://news.example/q", QWEN, published=world.clock.now - 60, text=QWEN)
    await world.offer("Hacker News", [found])
    await world.settle()
    assert world.slack.reports() == []
    await world.offer("Hacker News", [replace(found, points=612)])
    await world.settle()
    assert world.slack.reports() == [QWEN]
