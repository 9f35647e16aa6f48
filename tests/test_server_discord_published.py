"""The Discord of our tests takes what Discord publishes, up to its limits, and no more.

Each request that any test sends passes these checks: one that Discord does not describe would make
that test fail.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.servers.discord import spec
from tests.servers.discord.published import EMBEDS_TOGETHER, LIMITS, Limit
from tests.servers.discord.raw import Caller, Reply, running


def described(name: str, **more: Any) -> dict[str, Any]:
    """One call of a description like Discord's own, which may be away."""
    return {"parameters": [], "operationId": name, **more}


DESCRIPTION: dict[str, Any] = {
    "paths": {
        "/users/@me": {"get": described("get_my_user")},
        "/users/{user_id}": {"get": described("get_user")},
        "/channels/{channel_id}/messages": {
            "get": described("list_messages", parameters=[{"in": "query", "name": "limit"}]),
            "post": described(
                "create_message",
                requestBody={
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Message"}}
                    }
                },
            ),
        },
    },
    "components": {
        "schemas": {
            "Message": {
                "type": "object",
                "properties": {
                    "content": {"type": ["string", "null"], "maxLength": 4000},
                    "enforce_nonce": {"type": ["boolean", "null"]},
                    "allowed_mentions": {
                        "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Mentions"}]
                    },
                },
            },
            "Mentions": {"type": "object", "properties": {"parse": {"type": "array"}}},
        }
    },
}


@pytest.fixture
def description(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Requests are held to `DESCRIPTION` meanwhile."""
    file = tmp_path / "description.json"
    file.write_text(json.dumps(DESCRIPTION))
    monkeypatch.setattr(spec, "FILE", file)
    spec.forget()
    yield
    monkeypatch.undo()
    spec.forget()


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


def button(number: int) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "Go", "custom_id": f"go {number}"}


def row(number: int) -> dict[str, Any]:
    return {"type": 1, "components": [button(number)]}


def option(number: int) -> dict[str, Any]:
    return {"type": 3, "name": f"o{number}", "description": "d"}


def items(name: str, count: int) -> list[Any]:
    """So many of what stands in a list of this name."""
    made: dict[str, Callable[[int], Any]] = {
        "embeds": lambda n: {"title": "t"},
        "fields": lambda n: {"name": "n", "value": "v"},
        "options": option,
        "choices": lambda n: {"name": f"c{n}", "value": f"c{n}"},
        "applied_tags": str,
    }
    return [made[name](number) for number in range(count)]


BODIES: dict[str, dict[str, Any]] = {
    "message": {
        "content": "x",
        "nonce": "n",
        "embeds": [
            {
                "title": "t",
                "description": "d",
                "footer": {"text": "f"},
                "author": {"name": "a"},
                "fields": [{"name": "n", "value": "v"}],
            }
        ],
        "components": [row(0)],
    },
    "command": {"name": "go", "description": "d", "options": [option(0) | {"choices": []}]},
    "thread": {"name": "t"},
    "post": {"name": "t", "message": {"content": "x"}, "applied_tags": []},
}


def filled(limit: Limit, count: int) -> dict[str, Any]:
    """A body in which what is limited has a length of `count`."""
    body = deepcopy(BODIES[limit.kind])
    *steps, last = limit.path.split(".")
    part: Any = body
    for step in steps:
        part = part[int(step)] if step.isdecimal() else part[step]
    if last == "components":
        make = button if steps else row
        part[last] = [make(number) for number in range(count)]
    else:
        texts = isinstance(part.get(last, ""), str)
        part[last] = "x" * count if texts else items(last, count)
    return body


async def sent(call: Caller, kind: str, body: dict[str, Any]) -> Reply:
    server = call.server
    path = f"/channels/{server.channel.id}/messages"
    if kind == "command":
        path = f"/applications/{server.bot.id}/commands"
    elif kind == "thread":
        message = (await call("POST", path, {"content": "x"})).body["id"]
        path = f"{path}/{message}/threads"
    elif kind == "post":
        forum = server.adds_channel("forum", "forum", tags=tuple("abcdefgh"))
        known = [tag["id"] for tag in forum.tags]
        body = body | {"applied_tags": [known[int(n)] for n in body["applied_tags"]]}
        path = f"/channels/{forum.id}/threads"
    return await call("POST", path, body)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.kind} {limit.path}")
async def test_each_published_limit_is_taken_and_one_more_is_refused(
    call: Caller, limit: Limit
) -> None:
    assert (await sent(call, limit.kind, filled(limit, limit.most))).status in (200, 201)
    refused = await sent(call, limit.kind, filled(limit, limit.most + 1))
    assert refused.refusal == (400, 50035)
    assert refused.fault(limit.path)


async def test_all_embeds_together_have_a_limit(call: Caller) -> None:
    half = EMBEDS_TOGETHER // 2
    assert (await call.post({"embeds": [{"description": "x" * half}] * 2})).status == 200
    more = [{"description": "x" * half}, {"description": "x" * (half + 1)}]
    assert (await call.post({"embeds": more})).refusal == (400, 50035)


async def test_a_route_that_the_server_does_not_have_is_refused_by_its_name(call: Caller) -> None:
    told = await call("POST", "/channels/1/massages", {"content": "x"})
    assert told.status == 404
    assert "POST /channels/1/massages" in told.body["message"]
    assert [one.status for one in call.server.answers] == [404]


@pytest.mark.usefixtures("description")
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"content": "x", "embed": {}}, "body.embed is not described"),
        ({"content": "x", "enforce_nonce": "yes"}, "body.enforce_nonce is no boolean or null"),
        ({"content": "x", "allowed_mentions": {"parse": [], "role": []}}, "role is not described"),
    ],
)
async def test_a_body_that_discord_does_not_describe_is_refused_by_its_name(
    call: Caller, body: dict[str, Any], wrong: str
) -> None:
    refused = await call.post(body)
    assert refused.refusal == (400, 50035)
    assert wrong in str(refused.body["errors"])


@pytest.mark.usefixtures("description")
async def test_a_query_that_discord_does_not_describe_is_refused_by_its_name(call: Caller) -> None:
    path = f"/channels/{call.server.channel.id}/messages"
    assert (await call("GET", f"{path}?limit=5")).status == 200
    refused = await call("GET", f"{path}?limits=5")
    assert "has no ?limits" in str(refused.body["errors"])


@pytest.mark.usefixtures("description")
def test_a_route_that_discord_does_not_describe_is_told_by_its_name() -> None:
    assert spec.wrongs("GET", "/users/@me", [], None) == []
    assert spec.wrongs("GET", "/users/5", [], None) == []
    told = ["Discord's description has no GET /user/@me"]
    assert spec.wrongs("GET", "/user/@me", [], None) == told
