"""The calls of the example adapter, over real sockets: what goes out, and what refusals mean."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.message import Author, Button, Card, Message
from bot.ports import DeliveryError
from examples.mattermost import create
from tests.chats import looked_for
from tests.mattermost_place import Place, opened, refusal_of
from tests.servers import faults

CREATE, LISTED = "POST posts", "GET channels/{channel}/posts"
KEY = "k" * 24


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Place]:
    async with opened(sqlite_url) as made:
        yield made


async def test_what_mattermost_refuses_is_told_with_true_flags(quick: Place) -> None:
    chat, state, lab = quick.chat, quick.server.state, quick.lab
    reply = await quick.server.says(
        lab, quick.ada, "Hm.", await quick.server.says(lab, quick.ada, "A")
    )
    closed = state.adds_channel()
    del state.members[closed, state.bot]
    archived = state.adds_channel()
    state.channels[archived]["delete_at"] = 1
    for channel, root in ((lab, reply), (lab, "no such post")):
        error = await refusal_of(chat, channel, root)
        assert (error.permanent, error.unsure, error.scope) == (True, False, "message")
    for channel in (closed, archived, "no such channel"):
        error = await refusal_of(chat, channel)
        assert (error.permanent, error.unsure, error.scope) == (True, False, "channel")
    quick.server.faults.add(faults.ratelimited(7), faults.ratelimited(0), call=CREATE)
    waits = [(await refusal_of(chat, lab)).retry_after for _ in range(2)]
    assert waits == [7, 30]
    for fault in (faults.accept_then_truncate(), faults.accept_then_html(200)):
        quick.server.faults.add(fault, call=CREATE)
        error = await refusal_of(chat, lab)
        assert (error.permanent, error.unsure) == (False, True)
    quick.server.token = "another one"
    error = await refusal_of(chat, lab)
    assert (error.permanent, error.scope) == (True, "install")


async def test_what_never_left_is_not_unsure() -> None:
    chat = create("http://127.0.0.1:1", "a token")
    error = await refusal_of(chat, "lab")
    assert (error.permanent, error.unsure) == (False, False)
    assert error.__context__ is error.__cause__ is None
    await chat.close()


async def test_the_same_key_gives_the_same_post_and_stays_when_it_is_edited(quick: Place) -> None:
    refs = [await quick.chat.post(quick.channel, Message("One"), None, KEY) for _ in range(2)]
    assert refs[0] == refs[1]
    await quick.chat.edit(refs[0], Message("Two"), KEY)
    assert await looked_for(quick.chat, quick.channel, None, KEY, 0) == refs[0]
    assert quick.under("") == ["Two"]
    await quick.chat.delete(refs[0])
    await quick.chat.delete(refs[0])
    assert await looked_for(quick.chat, quick.channel, None, KEY, 0) is None
    with pytest.raises(DeliveryError, match="Somebody deleted"):
        await quick.chat.edit(refs[0], Message("Three"), KEY)


async def test_a_look_that_does_not_see_all_never_says_that_nothing_is_there(quick: Place) -> None:
    """A list that is cut, an answer that is no list, and a post of somebody with the same key."""
    forged = {"props": {"botbeat_delivery": KEY}}
    await quick.server.says(quick.lab, quick.ada, "I am BotBeat", "", **forged)
    assert await looked_for(quick.chat, quick.channel, None, KEY, 0) is None
    quick.server.faults.add(faults.accept_then_status(200), call=LISTED)
    with pytest.raises(DeliveryError) as odd:
        await looked_for(quick.chat, quick.channel, None, KEY, 0)
    assert not odd.value.permanent
    await quick.chat.post(quick.channel, Message("One"), None, KEY)
    for _ in range(1000):
        quick.server.state.adds(quick.lab, quick.ada, "More", "", {})
    with pytest.raises(DeliveryError) as cut:
        await looked_for(quick.chat, quick.channel, None, KEY, 0)
    assert cut.value.permanent


@pytest.mark.parametrize(
    "words",
    [
        "@all @channel @here @ada @Ada",
        r"\@all \\@ada x.@here (@channel)",
        "&#64;all &commat;ada &#x40;here",
        "https://x.example/@all https://x.example/.@ada [a](https://x.example/@here)@channel",
        "```\n@all\n``` `@ada` **@**here",
    ],
)
async def test_whatever_is_written_nobody_is_called_and_nothing_loads(
    quick: Place, words: str
) -> None:
    card = Card(words, "https://x.example/@all", byline=words, takeaways=(words,), via=words)
    author = Author(words, words, "https://x.example/@ada")
    buttons = (Button(words, words), Button(words, url="https://x.example/.@here"))
    message = Message(f"{words} ![x](https://x.example/p.png)", (card,), buttons, author, words)
    await quick.chat.post(quick.channel, message, None, KEY)
    (sent,) = quick.server.state.ledger
    assert quick.server.state.pings(words)
    assert sent.pings == ()
    assert "![" not in sent.message


async def test_a_text_of_any_length_fits_into_a_post(quick: Place) -> None:
    await quick.chat.post(quick.channel, Message("@" * 40_000), None, KEY)
    (sent,) = quick.server.state.ledger
    assert sent.message.endswith("…")
