"""Discord: a post in a forum has the tags that say what its report is about.

https://docs.discord.com/developers/resources/channel#forum-tag-object
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.discord import kinds
from bot import wording
from bot.message import Card, Message
from bot.model import Article, Channel
from tests.discord_place import KEY, Place, serving
from tests.discord_process import TITLES, identified, process
from tests.servers.discord import Channel as Forum
from tests.servers.discord import DiscordServer
from tests.waiting import until

ARTICLE = Article(
    7,
    "Qwen 4 released",
    "https://a.example/",
    1_777_000_000.0,
    ("alibaba", "some-start-up"),
    "OPEN SOURCE",
    tags=("Generative AI", "Market Trends", "AI Agents"),
)
REPORT = wording.report(ARTICLE, "")


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


def named(server: DiscordServer, forum: Forum) -> list[list[str]]:
    """The names of the tags of each post, in their order."""
    names = {tag["id"]: tag["name"] for tag in forum.tags}
    places = server.platform.guilds[forum.guild].channels.values()
    made = [one.thread for one in places if one.parent == forum.id and one.thread]
    return [[names.get(tag, "gone") for tag in one.applied_tags] for one in made]


async def posted(place: Place, forum: Forum, message: Message = REPORT, key: str = KEY) -> None:
    await place.chat.post(Channel("discord", forum.id), message, None, key)


async def test_a_post_has_the_tags_of_its_type_its_companies_and_its_topics(place: Place) -> None:
    offered = ("ai-agents", "Some Start-Up", "Chips", "open source", "ALIBABA")
    forum = place.server.adds_channel("papers", "forum", tags=offered)
    await posted(place, forum)
    assert named(place.server, forum) == [["open source", "ALIBABA", "Some Start-Up", "ai-agents"]]


async def test_a_post_has_five_tags_at_most_and_the_type_comes_first(place: Place) -> None:
    offered = ("AI Agents", "Market Trends", "Generative AI", "Alibaba", "Alibaba (Cloud)")
    forum = place.server.adds_channel("papers", "media", tags=(*offered, "Open Source"))
    await posted(place, forum)
    assert named(place.server, forum) == [
        ["Open Source", "Alibaba (Cloud)", "Alibaba", "Generative AI", "Market Trends"]
    ]


async def test_what_fits_no_tag_is_other_news_where_there_is_such_a_tag(place: Place) -> None:
    forum = place.server.adds_channel("papers", "forum", tags=("Chips", "News"), requires_tag=True)
    plain = place.server.adds_channel("plain", "forum", tags=("Chips",))
    await posted(place, forum)
    await posted(place, plain)
    assert (named(place.server, forum), named(place.server, plain)) == ([["News"]], [[]])


async def test_a_tag_for_moderators_is_left_out(place: Place) -> None:
    forum = place.server.adds_channel("papers", "forum")
    place.server.people.offers_tags(forum, "Alibaba", moderated=("Open Source",))
    await posted(place, forum)
    assert named(place.server, forum) == [["Alibaba"]]


async def test_tags_that_people_change_are_known_at_once_where_it_matters(place: Place) -> None:
    forum = place.server.adds_channel("papers", "forum", tags=("Alibaba", "Chips"))
    await posted(place, forum)
    place.server.people.offers_tags(forum, "Chips")  # The one we know is gone.
    await posted(place, forum, key="b" * 24)
    place.server.people.offers_tags(forum, "Chips", "Open Source", required=True)
    await posted(place, forum, key="d" * 24)
    assert named(place.server, forum)[1:] == [[], ["Open Source"]]


async def test_a_tag_that_people_add_is_known_within_a_minute(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum = place.server.adds_channel("papers", "forum", tags=("Alibaba",))
    await posted(place, forum)
    place.server.people.offers_tags(forum, "Alibaba", "Open Source")
    await posted(place, forum, key="b" * 24)
    monkeypatch.setattr(kinds, "TAGS_KEPT", -1.0)
    await posted(place, forum, key="d" * 24)
    assert named(place.server, forum)[1:] == [["Alibaba"], ["Open Source", "Alibaba"]]


async def test_a_digest_takes_any_tag_where_it_must_have_one(place: Place) -> None:
    forum = place.server.adds_channel("papers", "forum", tags=("Chips",), requires_tag=True)
    await posted(place, forum, Message("**2 reports**", cards=(Card("One", ""), Card("Two", ""))))
    assert named(place.server, forum) == [["Chips"]]


async def test_a_forum_that_wants_tags_is_paused_until_one_fits(
    sqlite_url: str, server: DiscordServer
) -> None:
    forum = server.adds_channel("papers", "forum", tags=("Chips",), requires_tag=True)
    async with process(sqlite_url, server) as here:
        await here.subscribes(forum.id)
        await here.listens()
        await identified(server)
        await here.publishes(TITLES[0])
        await here.worker.deliver_due()
        assert "or do not require tags" in here.held()[forum.id]
        assert named(server, forum) == []
        server.people.offers_tags(forum, "Chips", "Alibaba", required=True)
        await until(lambda: not here.held())
        await here.delivers()
        assert here.states() == ["shown"]
    assert named(server, forum) == [["Alibaba"]]
