"""Whatever we write in Slack is taken, calls nobody, shows no preview, and bears nobody's name."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.message import Author, Button, Card, Message
from bot.model import MessageRef
from tests.servers.slack import Accepted
from tests.slack_world import KEY, REPORT, World, world_of
from tests.waiting import until

CALLS = (
    *("<!channel>", "<!here>", "<!everyone>", "<!group>", "<!here|here>", "<!subteam^S1>"),
    *("<@U1>", "<@W1|ada>", "<#C1>", "<#C1|general>", "<!subteam^S1|@team>"),
    *("@channel", "@here", "@everyone", "#general", "\u202e<!channel>\u202c"),
    *("&lt;!channel&gt;", "&amp;lt;!here&amp;gt;", "<https://a.example|https://b.example>"),
    "<!date^1392734382^{date}|<!here>>",
)
DRESSES = ("{}", "**{}** _{}_ > {}", "[{}]({}) `{}`")
CORPUS = [dress.replace("{}", call) for call, dress in itertools.product(CALLS, DRESSES)]
"""https://docs.slack.dev/messaging/formatting-message-text, each plain and in Markdown."""
POSTED, CHANGED, ANSWERED = "chat.postMessage", "chat.update", "response_url"
LONG = {
    "joined emoji": "👩‍👩‍👧‍👦" * 4000,
    "from right to left": "مرحبا " * 16_000,
    "angle brackets": "<" * 100_000,
    "ampersands": "&" * 100_000,
    "lists": "- x\n" * 25_000,
    "links": "<https://x.example/a|b> [b](https://x.example/a) " * 2000,
    "one long address": "https://x.example/" + "a" * 100_000,
    "bold words": "**x** " * 16_000,
}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as made:
        yield made


async def writes(world: World, text: str, key: str = KEY) -> MessageRef:
    """The text wherever we write something: in a report, in a copy, and in what they become."""
    card = Card(
        *(text, "https://x.example/a", 1, text, (text,) * 3, text, text, text),
        heading=text,
        buttons=(Button(text, "why 1"),),
    )
    report = Message(text, cards=(card,), buttons=(Button(text, url="https://x.example"),))
    several = Message(text, cards=(card,) * 12, footer=text)
    copy = Message(text, author=Author(text, "discord", "https://x.example/r#c"))
    chat, channel = world.chat, world.channel
    root = await chat.post(channel, report, None, key)
    ref = await chat.post(channel, copy, root, key[::-1])
    await chat.edit(ref, copy, key[::-1])
    await chat.edit(root, several, key)
    return root


async def answers(world: World, text: str) -> None:
    """The text in what one person is told, and in what the whole channel is told of it."""
    world.core.reply = Message(text, buttons=(Button(text, "x"),), announced=text, footer=text)
    gesture = world.slack.slash(world.lab, world.ada, "subscribe")
    await until(lambda: len(gesture.answers) == 2)


def texts(part: Any) -> Iterator[dict[str, Any]]:
    """All texts in which Slack would read markup."""
    if isinstance(part, list):
        for item in part:
            yield from texts(item)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part
        for value in part.values():
            yield from texts(value)


async def test_sixty_texts_that_are_made_to_call_people_call_nobody(world: World) -> None:
    for number, text in enumerate(CORPUS):
        await writes(world, text, f"{number:x>24}")
        await answers(world, text)
    ledger = world.slack.ledger
    assert [one.method for one in ledger].count(CHANGED) == 120
    assert {one.pings for one in ledger} == {()}
    for one in ledger:
        read = [one.text, *(text["text"] for text in texts(list(one.blocks)))]
        # Every angle bracket begins a link of ours; those of others are words.
        begins = {begin for text in read for begin in re.findall("<(.{0,8})", text, re.S)}
        assert begins <= {"https://"}
        assert not [text for text in read if "<https://a.example|" in text]


async def test_in_all_that_is_posted_and_changed_plain_names_stay_plain(world: World) -> None:
    """Slack would make mentions of them, in a change even unasked:
    https://docs.slack.dev/reference/methods/chat.update."""
    await writes(world, "@here #general")
    await answers(world, "@here #general")
    said = {(one.method, one.args["link_names"], one.args["parse"]) for one in world.slack.ledger}
    assert said == {(method, False, "none") for method in (POSTED, CHANGED, ANSWERED)}
    read = [text for one in world.slack.ledger for text in texts(list(one.blocks))]
    assert len(read) > 15
    assert all(text["verbatim"] is True for text in read)


async def test_slack_is_asked_for_no_previews(world: World) -> None:
    """It would fetch each page that is named, and show what it finds, pictures even unasked:
    https://github.com/slackhq/slack-api-docs/blob/master/page_unfurling.md."""
    await writes(world, "https://x.example/picture.png")
    await answers(world, "https://x.example/picture.png")
    posts: list[Accepted] = [one for one in world.slack.ledger if one.method != CHANGED]
    assert [one.method for one in posts] == [POSTED, POSTED, ANSWERED, ANSWERED]
    asked = {(one.args["unfurl_links"], one.args["unfurl_media"]) for one in posts}
    assert asked == {(False, False)}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
async def test_however_much_is_said_slack_takes_it_and_does_not_split_it(
    world: World, text: str
) -> None:
    """Slack splits a text of more than 4,000 (slackapi/bolt-python, issue 764), so ours is short
    and the rest stands in blocks."""
    await writes(world, text)
    await answers(world, text)
    assert [answer.error for answer in world.slack.answers if not answer.ok] == []
    assert len(world.slack.ledger) == 6
    assert max(len(one.text) for one in world.slack.ledger) <= 3000
    assert all(one.blocks for one in world.slack.ledger)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Slackbot", "Slackbot"),
        ("BotBeat", "BotBeat"),
        ("Ada", "Ada"),
        ("<!here>", "<!here>"),
        ("\u202eadA", "adA"),
        ("A\u200bd\u2060a\n\x00", "Ada"),
        ("x" * 300, "x" * 79 + "…"),
        ("\u200b \u202e", "Somebody"),
    ],
)
async def test_a_name_is_safe_and_never_that_of_anybody_here(
    world: World, name: str, shown: str
) -> None:
    """https://docs.slack.dev/reference/scopes/chat.write.customize"""
    root = await world.report()
    await world.chat.post(
        world.channel, Message("Hi", author=Author(name, "discord")), root, "k" * 24
    )
    report, copy = world.slack.ledger
    assert copy.username == f"{shown} · via Discord"
    people = world.slack.state.users.values()
    taken = {word for one in people for word in (one.name, one.display_name, one.real_name)}
    assert copy.username.casefold() not in {word.casefold() for word in {*taken, "Slackbot"}}
    assert copy.pings == ()
    # Only what somebody said elsewhere is under a name: no report is, and no member is played.
    assert report.username is None
    member = Message("Hi", author=Author("Ada", "slack"))
    await world.chat.post(world.channel, member, root, "m" * 24)
    await world.chat.post(world.channel, REPORT, None, "r" * 24)
    assert [one.username for one in world.slack.ledger[2:]] == [None, None]
