"""Following a page by its address: its news comes to those who follow it, and to nobody else."""

from __future__ import annotations

import pytest

from bot import reading
from bot.commands.following import MOST
from bot.model import Channel, Person, Subscription
from bot.outbox import Wish
from tests.newsroom import Newsroom, news
from tests.world import World

BLOG = "https://garden.example/blog"
NAME = "Garden notes"
ROSES = "How to prune roses in autumn"
QWEN = "Alibaba releases the Qwen 4 AI model"


@pytest.fixture
def garden(world: World) -> World:
    world.pages[BLOG] = NAME
    return world


async def test_what_is_new_on_a_page_comes_to_who_follows_it_and_to_nobody_else(
    garden: World,
) -> None:
    await garden.discord.types("subscribe")
    await garden.lounge.types("subscribe source:garden-notes")
    answer = await garden.slack.types(f"subscribe {BLOG}")
    assert "source is garden notes, and it may be AI news or not" in answer.text
    assert "What stands there already is not posted" in answer.text
    await garden.news(ROSES, source=NAME)
    await garden.news(QWEN, source=NAME)
    assert garden.slack.reports() == [ROSES, QWEN]
    assert garden.discord.reports() == []
    assert garden.lounge.reports() == []


@pytest.mark.parametrize("written", [f"<{BLOG}>", f"<{BLOG}|garden.example>"])
async def test_an_address_is_understood_as_chat_programs_write_it(
    garden: World, written: str
) -> None:
    await garden.slack.types(f"subscribe {written} -roses mode:daily")
    assert garden.asked == [BLOG]
    listed = (await garden.slack.types("list")).text
    assert "it does not say “roses”" in listed
    assert "digest" in listed


async def test_several_channels_follow_one_source_and_it_is_looked_up_once(garden: World) -> None:
    feed = "https://Garden-notes.example/feed"
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.discord.types(f"subscribe {feed}")
    assert garden.asked == [BLOG]
    await garden.news(ROSES, source=NAME)
    assert garden.slack.reports() == garden.discord.reports() == [ROSES]
    with garden.store.read() as tx:
        assert len(tx.sources.all()) == 1


async def test_a_known_source_can_be_followed_and_stays_open_to_all(garden: World) -> None:
    """Its AI news is for everybody, as before; the rest comes to who follows it."""
    await garden.offer(NAME, [], first=True)
    await garden.discord.types("subscribe")
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.news(ROSES, source=NAME)
    await garden.news(QWEN, source=NAME)
    assert garden.slack.reports() == [ROSES, QWEN]
    assert garden.discord.reports() == [QWEN]


async def test_what_another_source_tells_too_is_for_everybody(garden: World) -> None:
    await garden.discord.types("subscribe")
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.news(QWEN, source=NAME, url="https://qwen.example/4")
    assert garden.discord.reports() == []
    await garden.news(QWEN, source="The Decoder", url="https://qwen.example/4")
    assert garden.discord.reports() == [QWEN]
    assert garden.slack.reports() == [QWEN]


async def test_a_search_leaves_it_out_unless_it_is_asked_for(garden: World) -> None:
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.news(ROSES, source=NAME)
    assert (await garden.slack.types("roses")).cards == ()
    assert (await garden.slack.types("latest")).cards == ()
    asked = await garden.slack.types("roses source:garden-notes is:any")
    assert [card.title for card in asked.cards] == [ROSES]


@pytest.mark.parametrize("verb", ["search", "latest", "preview", "subscribe"])
@pytest.mark.parametrize("asked", ["is:any", "source:garden-notes is:any", "-source:x is:any"])
async def test_what_a_channel_follows_is_no_business_of_others(
    garden: World, verb: str, asked: str
) -> None:
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.news(ROSES, source=NAME)
    answer = await garden.discord.types(f"{verb} {asked}")
    assert answer.text.startswith("is:any is for a source that this channel follows")
    assert answer.cards == ()
    front = reading.front(garden.store, asked, 1)
    assert front.articles == ()
    assert front.error == "What a channel follows by an address is shown in channels only."
    assert reading.front(garden.store, "roses", 1).articles == ()


async def test_who_follows_no_more_gets_no_more_and_the_source_is_left_alone(
    garden: World,
) -> None:
    await garden.slack.types(f"subscribe {BLOG}")
    assert [one.name for one in await garden.bot.due_sources(10)] == [NAME]
    garden.clock.now += 3600
    answer = await garden.slack.types("unsubscribe https://Garden-notes.example/feed")
    assert "is off" in answer.text
    assert await garden.bot.due_sources(10) == []
    await garden.news(ROSES, source=NAME)
    assert garden.slack.reports() == []
    # What was undone is as it was.
    await garden.slack.presses(answer, "Undo")
    garden.clock.now += 3600
    assert [one.name for one in await garden.bot.due_sources(10)] == [NAME]


async def test_what_is_typed_beside_an_address_opens_no_other_source(garden: World) -> None:
    garden.pages["https://other.example/"] = "Another"
    await garden.slack.types(f"subscribe {BLOG}")
    await garden.news(ROSES, source=NAME)
    await garden.discord.types("subscribe https://other.example/ source:garden-notes")
    answer = await garden.discord.types("search source:garden-notes is:any")
    assert answer.text.startswith("is:any is for a source that this channel follows")
    assert answer.cards == ()


async def test_an_address_that_is_none_is_refused_in_one_line(garden: World) -> None:
    answer = await garden.slack.types("subscribe http://[garden/")
    assert answer.text.startswith("http://[garden/ cannot be followed: ")
    assert answer.text.count("\n") == 0


async def test_two_pages_of_one_name_stay_apart(garden: World) -> None:
    garden.pages["https://other.example/"] = "Garden  notes"
    await garden.slack.types(f"subscribe {BLOG}")
    answer = await garden.slack.types("subscribe https://other.example/")
    assert "source is garden notes other example" in answer.text


async def test_a_page_without_a_feed_is_refused_and_nothing_is_changed(garden: World) -> None:
    answer = await garden.slack.types("subscribe https://nothing.example/x")
    assert answer.text == (
        "nothing.example cannot be followed: it is a web page, not a feed, and it names no feed. "
        "Nothing was changed."
    )
    with garden.store.read() as tx:
        assert not tx.sources.all()
        assert not tx.subscriptions.of(garden.slack.channel)


async def test_who_may_not_manage_the_channel_makes_nobody_look(garden: World) -> None:
    await garden.slack.types("settings managers:admins")
    answer = await garden.slack.types(f"subscribe {BLOG}", manages=False)
    assert "Only those who manage this channel" in answer.text
    assert not garden.asked


async def test_what_the_operator_switched_off_stays_off(garden: World) -> None:
    await garden.offer(NAME, [], first=True)
    with garden.store.write() as tx:
        (source,) = tx.sources.all()
        tx.sources.remove(source.id)
    answer = await garden.slack.types(f"subscribe {BLOG}")
    assert "Whoever runs BotBeat has switched garden.example off" in answer.text


async def test_a_channel_follows_so_many_pages_and_no_more(garden: World) -> None:
    ada = Person("slack", "U1", "Ada")
    with garden.store.write() as tx:
        for number in range(MOST):
            query = f"source:page-{number} is:any"
            tx.subscriptions.add(
                Subscription(0, garden.slack.channel, query, ada, tx.now), [("*", "*")]
            )
    answer = await garden.slack.types(f"subscribe {BLOG}")
    assert "This channel follows 100 pages, which is the most." in answer.text
    assert not garden.asked


async def test_a_real_page_is_followed_by_the_feed_that_it_names(newsroom: Newsroom) -> None:
    server, channel, ada = newsroom.server, Channel("slack", "C1"), Person("slack", "U1", "Ada")
    feed = server.serve("/feed", news(newsroom, "Old roses", text="They bloom."))
    named = f"<link rel='alternate' type='application/rss+xml' href='{feed}'>"
    blog = server.serve("/blog", f"<html><head>{named}</head></html>", content_type="text/html")
    answer = await newsroom.bot.command(channel, ada, f"subscribe {blog}")
    assert "is on" in answer.text
    await newsroom.collect()
    server.serve("/feed", news(newsroom, "Old roses", ROSES, text="They bloom."))
    await newsroom.collect(after=4000)
    with newsroom.store.read() as tx:
        wanted = tx.deliveries.listed(Wish(channel=channel), 10)
        titles = [one.title for one in tx.articles.many([each.article for each in wanted])]
    assert titles == [ROSES]
