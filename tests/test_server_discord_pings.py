"""Whom the local Discord says a message would notify."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.discord import Pings
from tests.servers.discord.raw import Caller, running

LOUD = "@everyone @here <@11> <@!12> <@&13>"
ALL = Pings(everyone=True, here=True, users=("11", "12"), roles=("13",))
SILENT: dict[str, Any] = {"parse": [], "replied_user": False}


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, ALL),
        ({"parse": ["users", "roles", "everyone"]}, ALL),
        (SILENT, Pings()),
        ({}, Pings()),
        ({"parse": ["everyone"]}, Pings(everyone=True, here=True)),
        ({"users": ["12", "99"]}, Pings(users=("12",))),
        ({"parse": ["users"], "roles": ["13"]}, Pings(users=("11", "12"), roles=("13",))),
    ],
)
async def test_allowed_mentions_decide_whom_a_message_notifies(
    call: Caller, allowed: dict[str, Any] | None, expected: Pings
) -> None:
    """docs.discord.com/developers/resources/message#allowed-mentions-object"""
    body = {"content": LOUD, "allowed_mentions": allowed} if allowed is not None else None
    await call.post(body or {"content": LOUD})
    assert call.server.ledger[0].pings == expected
    assert call.server.ledger[0].allowed_mentions == allowed


async def test_an_edit_without_allowed_mentions_parses_them_all_again(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#edit-message"""
    posted = await call.post({"content": LOUD, "allowed_mentions": SILENT})
    one = f"/channels/{call.server.channel.id}/messages/{posted.body['id']}"
    await call("PATCH", one, {"content": LOUD})
    await call("PATCH", one, {"content": LOUD, "allowed_mentions": SILENT})
    assert [entry.pings for entry in call.server.ledger] == [Pings(), ALL, Pings()]


async def test_text_displays_notify_and_embeds_do_not(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#allowed-mentions-object"""
    await call.post({"flags": 1 << 15, "components": [{"type": 10, "content": "@here"}]})
    await call.post({"embeds": [{"title": LOUD}]})
    assert [bool(entry.pings) for entry in call.server.ledger] == [True, False]


async def test_a_reply_notifies_its_person_unless_told_not_to(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#allowed-mentions-object (replied_user)"""
    ada = call.server.adds_person("Ada")
    said = call.server.person_says(call.server.channel, ada, "hi")
    reply = {"content": "yes", "message_reference": {"message_id": said}}
    await call.post(reply)
    await call.post({**reply, "allowed_mentions": SILENT})
    assert [entry.pings.users for entry in call.server.ledger] == [(ada.id,), ()]
