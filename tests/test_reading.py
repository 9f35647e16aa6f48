"""What the pages are told: only what may be shown, in the order people expect."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import reading
from bot.model import MessageRef, Person
from tests.pages import Installation, installation


@pytest.fixture
async def house(database: str) -> AsyncIterator[Installation]:
    async with installation(database) as house:
        yield house


async def test_suggestions_share_topics_but_neither_company_nor_season(
    house: Installation,
) -> None:
    now = time.time()
    number = house.news("Asked", tags=("Robotics", "Open Source"), published=now - 100)
    house.news("Same company", tags=("Robotics",), published=now - 200)
    house.news("One topic", tags=("Robotics",), companies=("google",), published=now - 101)
    house.news(
        "Two topics", tags=("Robotics", "Open Source"), companies=("openai",), published=now - 5000
    )
    house.news("Long ago", tags=("Robotics",), companies=("meta",), published=now - 60 * 86400)
    house.news("Other topic", tags=("Healthcare",), companies=("meta",))
    house.news("Hoax", tags=("Robotics",), companies=("xai",), withdrawn="It was a hoax.")
    view = reading.report(house.store, number)
    assert view is not None
    assert [one.title for one in view.suggested] == ["Two topics", "One topic"]
    assert [one.title for one in view.more] == ["Same company"]


async def test_at_most_three_more_of_a_company_the_newest(house: Installation) -> None:
    now = time.time()
    numbers = [house.news(f"News {at}", published=now - 1000 + at) for at in range(6)]
    view = reading.report(house.store, numbers[5])
    assert view is not None
    assert [one.title for one in view.more] == ["News 4", "News 3", "News 2"]


async def test_a_report_without_company_or_topics_stands_alone(house: Installation) -> None:
    house.news("Another", companies=(), tags=())
    view = reading.report(house.store, house.news("Alone", companies=(), tags=()))
    assert view is not None
    assert (view.more, view.suggested, view.company) == ((), (), None)
    assert reading.report(house.store, 5) is None


async def test_companies_are_counted(house: Installation) -> None:
    house.news("One", companies=("alibaba",))
    house.news("Two", companies=("alibaba", "google"))
    house.news("Three", companies=("acme-robots",))
    assert reading.companies(house.store) == [
        ("alibaba", "Alibaba (Cloud)", 2),
        ("acme-robots", "Acme Robots", 1),
        ("google", "Google / Alphabet", 1),
    ]


async def test_pages_outside_the_list_are_empty_or_the_first(house: Installation) -> None:
    house.news()
    assert reading.front(house.store, "", 99).articles == ()
    assert len(reading.front(house.store, "", -5).articles) == 1
    assert len(reading.front(house.store, "qwen page:7 limit:3", 1).articles) == 1


async def test_the_deployments_default_opens_public_channels_only(house: Installation) -> None:
    number = house.news()
    house.chooses("share", page=True)
    await house.delivers(number)
    with house.store.write() as tx:
        settings = tx.channels.place(house.channel("ai-news")).settings
        tx.channels.choose(house.channel("ai-news"), replace(settings, comments=""))
    view = reading.report(house.store, number)
    assert view is not None
    assert not view.open_for_comments
    shared = reading.report(house.store, number, "share")
    assert shared is not None
    assert shared.open_for_comments


async def test_a_channel_sees_its_own_comments_and_the_copies_that_arrived(
    house: Installation,
) -> None:
    number = await house.open_report()
    house.chooses("share", page=False, room="research")
    await house.delivers(number, to="research")
    for room in ("ai-news", "research"):
        await house.bot.comment_posted(
            MessageRef(house.channel(room), f"m-{room}"),
            house.root(number, room),
            Person("local", room, f"Someone in {room}"),
            f"From {room}.",
            time.time(),
        )

    def lines(room: str) -> list[tuple[str, str]]:
        view = reading.channel_view(house.store, house.channel(room))
        return [(line.kind, line.comment.text) for line in view.reports[0].thread]

    assert lines("ai-news") == [("own", "From ai-news.")]
    await house.settle()
    assert lines("ai-news") == [("own", "From ai-news."), ("copy", "From research.")]
    assert lines("research") == [("copy", "From ai-news."), ("own", "From research.")]
    assert house.comments(number) == ["Someone in ai-news: From ai-news."]


async def test_a_deleted_comment_is_nowhere(house: Installation) -> None:
    number = await house.open_report()
    ref = MessageRef(house.channel("ai-news"), "m1")
    ada = Person("local", "ada", "Ada")
    await house.bot.comment_posted(ref, house.root(number, "ai-news"), ada, "Oops.", time.time())
    view = reading.report(house.store, number)
    assert view is not None
    kept = view.comments[0].id
    assert reading.comment(house.store, kept) is not None
    await house.bot.comment_deleted(ref)
    assert reading.comment(house.store, kept) is None
    assert reading.comment(house.store, 999) is None
    assert house.comments(number) == []
    assert reading.root_message(house.store, house.channel("research"), number) is None
