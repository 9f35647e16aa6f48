"""The local Discord's application commands: registered, refused, and offered to people."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.discord import NotOfferedError
from tests.servers.discord.raw import Caller, Reply, running

BAD, MAX = "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_MAX_LENGTH"


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


def command(**more: object) -> dict[str, Any]:
    return {"name": "botbeat", "description": "Search reports", **more}


def option(name: str = "query", kind: int = 3, **more: object) -> dict[str, Any]:
    return {"name": name, "description": "What to find", "type": kind, **more}


def path(call: Caller, rest: str = "") -> str:
    return f"/applications/{call.server.bot.id}/commands{rest}"


async def create(call: Caller, body: dict[str, Any]) -> Reply:
    return await call("POST", path(call), body)


FAULTS = [
    ("name", command(name="BotBeat"), "APPLICATION_COMMAND_INVALID_NAME"),
    ("name", command(name="bot beat"), "APPLICATION_COMMAND_INVALID_NAME"),
    ("name", command(name="n" * 33), BAD),
    ("description", command(description=""), BAD),
    ("description", command(description="d" * 101), BAD),
    ("type", command(type=9), "BASE_TYPE_CHOICES"),
    ("options", command(options=[option(f"o{n}") for n in range(26)]), MAX),
    ("options.0.name", command(options=[option("Query")]), "APPLICATION_COMMAND_INVALID_NAME"),
    ("options.0.description", command(options=[option(description="")]), BAD),
    (
        "options.1.name",
        command(options=[option(), option()]),
        "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED",
    ),
    (
        "options.1",
        command(options=[option("a"), option("b", required=True)]),
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        "options",
        command(options=[option("list", 1), option()]),
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        "options.0.options.0.type",
        command(options=[option("group", 2, options=[option("text", 3)])]),
        "BASE_TYPE_CHOICES",
    ),
    (
        "options.0.options.0.type",
        command(options=[option("verb", 1, options=[option("inner", 1)])]),
        "BASE_TYPE_CHOICES",
    ),
    (
        "options.0.choices",
        command(options=[option(choices=[{"name": "n", "value": "v"}] * 26)]),
        MAX,
    ),
    (
        "options.0.choices.0.name",
        command(options=[option(choices=[{"name": "n" * 101, "value": "v"}])]),
        BAD,
    ),
    (
        "options.0.choices",
        command(options=[option(choices=[{"name": "n", "value": "v"}], autocomplete=True)]),
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
    ),
]


@pytest.mark.parametrize(("where", "body", "code"), FAULTS)
async def test_a_wrong_definition_is_refused_at_its_path(
    call: Caller, where: str, body: dict[str, Any], code: str
) -> None:
    """docs.discord.com/developers/interactions/application-commands#application-command-object"""
    reply = await create(call, body)
    assert reply.refusal == (400, 50035)
    assert reply.fault(where) == code
    assert len(call.server.ledger) == 0


async def test_a_command_has_8000_characters_in_all(call: Caller) -> None:
    """docs.discord.com/developers/reference#error-messages"""
    choices = [{"name": "n" * 100, "value": f"{n:0100}"} for n in range(25)]
    two = command(options=[option("a", choices=choices), option("b", choices=choices)])
    assert (await create(call, two)).fault("") == "APPLICATION_COMMAND_TOO_LARGE"


async def test_a_command_is_created_replaced_edited_and_deleted(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#endpoints"""
    first = await create(call, command())
    again = await create(call, command(description="New"))
    assert (first.status, again.status) == (201, 200)
    assert again.body["id"] == first.body["id"]
    one = path(call, f"/{first.body['id']}")
    assert (await call("PATCH", one, {"description": "Newer"})).body["name"] == "botbeat"
    assert (await call("GET", one)).body["description"] == "Newer"
    assert (await call("DELETE", one)).status == 204
    assert (await call("GET", one)).refusal == (404, 10063)


async def test_an_overwrite_replaces_all_and_keeps_ids(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#endpoints"""
    first = await create(call, command())
    await create(call, command(name="old"))
    menu = {"name": "Find related reports", "type": 3}
    stored = await call("PUT", path(call), [command(), menu])
    assert [one["name"] for one in stored.body] == ["botbeat", "Find related reports"]
    assert stored.body[0]["id"] == first.body["id"]
    twice = await call("PUT", path(call), [command(), command()])
    assert twice.fault("1.name") == "APPLICATION_COMMANDS_DUPLICATE_NAME"
    many = [{"name": f"menu {n}", "type": 3} for n in range(16)]
    assert (await call("PUT", path(call), many)).refusal == (400, 30032)


async def test_guild_commands_are_apart_and_foreign_applications_closed(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#registering-a-command"""
    place = f"/applications/{call.server.bot.id}/guilds/{call.server.guild.id}/commands"
    made = await call("POST", place, command())
    assert made.body["guild_id"] == call.server.guild.id
    assert (await call("GET", path(call))).body == []
    assert (await call("GET", "/applications/1/commands")).refusal == (403, 20012)
    call.server.removes_bot()
    assert (await call("GET", place)).refusal == (403, 50001)


async def test_people_are_offered_only_what_is_registered_and_allowed(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#permissions"""
    ada, place = call.server.adds_person("Ada"), call.server.channel
    with pytest.raises(NotOfferedError, match="no command"):
        call.server.slash(place, ada, "botbeat")
    await create(call, command(options=[option(required=True, max_length=5)]))
    with pytest.raises(NotOfferedError, match="must be filled in"):
        call.server.slash(place, ada, "botbeat")
    with pytest.raises(NotOfferedError, match="takes 0 to 5"):
        call.server.slash(place, ada, "botbeat", {"query": "too long"})
    with pytest.raises(NotOfferedError, match="no option"):
        call.server.slash(place, ada, "botbeat", {"query": "x", "since": "7d"})
    with pytest.raises(NotOfferedError, match="no autocomplete"):
        call.server.autocomplete(place, ada, "botbeat", "query", "q")
    await create(call, command(name="admin", default_member_permissions="16"))
    with pytest.raises(NotOfferedError, match="may not use"):
        call.server.slash(place, ada, "admin")
    call.server.grants("MANAGE_CHANNELS", to=ada)
    call.server.slash(place, ada, "admin")


async def test_sub_commands_are_needed_where_there_are_some(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#subcommands-and-groups"""
    ada, place = call.server.adds_person("Ada"), call.server.channel
    verbs = option("tune", 2, options=[option("pause", 1, options=[option("for", 3)])])
    await create(call, command(options=[verbs, option("where", 1, options=[option("at", 7)])]))
    with pytest.raises(NotOfferedError, match="needs a sub-command"):
        call.server.slash(place, ada, "botbeat")
    asked = call.server.slash(place, ada, "botbeat", {"for": "2h"}, subcommand="tune pause")
    inner = asked.data["options"][0]["options"][0]
    assert (inner["name"], inner["options"][0]["value"]) == ("pause", "2h")
    asked = call.server.slash(place, ada, "botbeat", {"at": place}, subcommand="where")
    assert asked.data["resolved"]["channels"][place.id]["name"] == "news"
