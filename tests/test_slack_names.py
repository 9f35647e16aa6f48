"""Whom a copy of a comment seems to be by in Slack."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack import create
from adapters.slack.api import CUSTOMIZE
from bot.message import Author
from bot.model import Channel
from tests.chats import looked_for
from tests.servers.slack import SCOPES, SlackServer
from tests.slack_world import COMMENT, KEY, REPORT, World, world_of

PICTURE = "https://cdn.discordapp.com/embed/avatars/3.png"
BY_ADA = replace(COMMENT, author=Author("Ada\u202e <!here>", "discord", picture=PICTURE))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


async def test_a_copy_has_its_authors_name_and_picture_where_the_scope_allows(
    world: World,
) -> None:
    root = await world.report()
    ref = await world.chat.post(world.channel, BY_ADA, root, "k" * 24)
    posted = world.slack.message(world.lab, ref.id)
    assert (posted.username, posted.icon_url) == ("Ada <!here> · via Discord", PICTURE)
    assert "Ada" not in str(posted.blocks)
    assert world.slack.ledger[-1].pings == ()
    assert await looked_for(world.chat, world.channel, root, "k" * 24, 0) == ref
    # Nobody knows whether it was posted under a name; an edit never leaves it without one.
    await world.chat.edit(ref, replace(BY_ADA, text="Edited"), "k" * 24)
    assert "Ada" in str(world.slack.message(world.lab, ref.id).blocks)


async def test_a_process_asks_for_its_scopes_before_its_first_copy(world: World) -> None:
    root = await world.report()
    other = create(world.slack.bot_token, world.slack.app_token, api_url=world.slack.url)
    ref = await other.post(world.channel, BY_ADA, root, "k" * 24)
    await other.close()
    assert world.slack.message(world.lab, ref.id).icon_url == PICTURE


@pytest.mark.parametrize(
    "picture", ["javascript:alert(1)", "http://x.example/a.png", "", "data:image/png;base64,AA=="]
)
async def test_a_picture_is_loaded_from_the_web_or_not_at_all(world: World, picture: str) -> None:
    root = await world.report()
    shown = replace(BY_ADA, author=Author("Ada", "web", picture=picture))
    ref = await world.chat.post(world.channel, shown, root, "k" * 24)
    posted = world.slack.message(world.lab, ref.id)
    assert (posted.username, posted.icon_url) == ("Ada · via the web", None)


async def test_without_the_scope_a_copy_begins_with_its_authors_name() -> None:
    async with SlackServer(scopes=SCOPES - {CUSTOMIZE}) as slack:
        lab = slack.adds_channel("lab")
        chat = create(slack.bot_token, slack.app_token, api_url=slack.url)
        channel = Channel("slack", lab)
        root = await chat.post(channel, REPORT, None, KEY)
        ref = await chat.post(channel, BY_ADA, root, "k" * 24)
        await chat.close()
        posted = slack.message(lab, ref.id)
        assert posted.username is None
        assert "Ada <!here>" in str(posted.blocks)
        assert "from Discord" in str(posted.blocks)
