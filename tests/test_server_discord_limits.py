"""The local Discord's limits: the longest that fits passes, one more is refused at its path."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.discord.raw import Caller, running

MAX, BAD = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH"
V2 = 1 << 15


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        yield caller


def button(**more: object) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": "a", **more}


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def text(content: str = "x") -> dict[str, Any]:
    return {"type": 10, "content": content}


def buttons(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [button(custom_id=f"id{number}") for number in range(start, start + count)]


def link(url: str) -> dict[str, Any]:
    return {"type": 2, "style": 5, "label": "Read", "url": url}


def options(count: int) -> dict[str, Any]:
    made = [{"label": str(number), "value": str(number)} for number in range(count)]
    return {"type": 3, "custom_id": "s", "options": made}


EMBEDS = [
    ("title", {"title": "t" * 256}, {"title": "t" * 257}, MAX),
    ("description", {"description": "d" * 4096}, {"description": "d" * 4097}, MAX),
    (
        "fields",
        {"fields": [{"name": "n", "value": "v"}] * 25},
        {"fields": [{"name": "n", "value": "v"}] * 26},
        MAX,
    ),
    (
        "fields.0.name",
        {"fields": [{"name": "n" * 256, "value": "v"}]},
        {"fields": [{"name": "n" * 257, "value": "v"}]},
        BAD,
    ),
    (
        "fields.0.value",
        {"fields": [{"name": "n", "value": "v" * 1024}]},
        {"fields": [{"name": "n", "value": "v" * 1025}]},
        BAD,
    ),
    (
        "footer.text",
        {"footer": {"text": "f" * 2048}},
        {"footer": {"text": "f" * 2049}},
        BAD,
    ),
    ("author.name", {"author": {"name": "a" * 256}}, {"author": {"name": "a" * 257}}, BAD),
    ("description", {"title": "t"}, {}, "BASE_TYPE_REQUIRED"),
    (
        "url",
        {"title": "t", "url": "https://a.b"},
        {"title": "t", "url": "javascript:alert(1)"},
        "URL_TYPE_INVALID_SCHEME",
    ),
    (
        "timestamp",
        {"title": "t", "timestamp": "2026-11-24T10:00:00+00:00"},
        {"title": "t", "timestamp": "yesterday"},
        "DATE_TIME_TYPE_PARSE",
    ),
    (
        "color",
        {"title": "t", "color": 0xFFFFFF},
        {"title": "t", "color": 1 << 24},
        "NUMBER_TYPE_MAX",
    ),
]


@pytest.mark.parametrize(("path", "fits", "too_much", "code"), EMBEDS)
async def test_an_embed_is_refused_one_past_its_limit(
    call: Caller, path: str, fits: object, too_much: object, code: str
) -> None:
    """docs.discord.com/developers/resources/message#embed-object-embed-limits"""
    assert (await call.post({"embeds": [fits]})).status == 200
    reply = await call.post({"embeds": [too_much]})
    assert reply.refusal == (400, 50035)
    assert reply.fault(f"embeds.0.{path}") == code


async def test_content_has_2000_characters_after_trimming(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message"""
    assert (await call.post({"content": " " + "é" * 2000 + "\n"})).status == 200
    assert (await call.post({"content": "é" * 2001})).fault("content") == MAX
    assert (await call.post({"content": 5})).fault("content") == "STRING_TYPE_CONVERT"


async def test_embeds_are_10_with_6000_characters_in_all(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#embed-object-embed-limits"""
    assert (await call.post({"embeds": [{"title": "t"}] * 10})).status == 200
    assert (await call.post({"embeds": [{"title": "t"}] * 11})).fault("embeds") == MAX
    half = {"description": "d" * 3000}
    assert (await call.post({"embeds": [half, half]})).status == 200
    over = await call.post({"embeds": [half, half, {"footer": {"text": "f"}}]})
    assert over.fault("embeds") == "MAX_EMBED_SIZE_EXCEEDED"


COMPONENTS = [
    ("", [row(button())] * 1, [row(*buttons(1, n)) for n in range(6)], MAX),
    ("0.components", [row(*buttons(5))], [row(*buttons(6))], MAX),
    (
        "0.components.1.custom_id",
        [row(*buttons(2))],
        [row(button(), button())],
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    (
        "0.components.0.custom_id",
        [row(button(custom_id="i" * 100))],
        [row(button(custom_id="i" * 101))],
        BAD,
    ),
    (
        "0.components.0.custom_id",
        [row(button())],
        [row(button(custom_id=None))],
        "BASE_TYPE_REQUIRED",
    ),
    ("0.components.0.label", [row(button(label="l" * 80))], [row(button(label="l" * 81))], MAX),
    (
        "0.components.0.url",
        [row(link("http://a.b"))],
        [row(link("ftp://a.b"))],
        "URL_TYPE_INVALID_SCHEME",
    ),
    (
        "0.components.0.url",
        [row(link("https://a.b/" + "p" * 500))],
        [row(link("https://a.b/" + "p" * 501))],
        MAX,
    ),
    (
        "0.components.0",
        [row(link("https://a.b"))],
        [row({**link("https://a.b"), "custom_id": "a"})],
        "BUTTON_CUSTOM_ID_AND_URL",
    ),
    (
        "0.components",
        [row(options(25))],
        [row(options(1), button())],
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    ("0.components.0.options", [row(options(25))], [row(options(26))], MAX),
    ("0.type", [row(button())], [text()], "BASE_TYPE_CHOICES"),
]


@pytest.mark.parametrize(("path", "fits", "too_much", "code"), COMPONENTS)
async def test_components_are_refused_one_past_their_limit(
    call: Caller, path: str, fits: object, too_much: object, code: str
) -> None:
    """docs.discord.com/developers/components/reference"""
    assert (await call.post({"content": "x", "components": fits})).status == 200
    reply = await call.post({"content": "x", "components": too_much})
    assert reply.refusal == (400, 50035)
    assert reply.fault(f"components.{path}".rstrip(".")) == code


async def test_components_v2_stand_alone(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#create-message (flags)"""
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    good = {"flags": V2, "components": [text(), row(button())]}
    posted = await call.post(good)
    assert posted.status == 200
    assert (await call.post({**good, "content": "x"})).fault("content") == code
    assert (await call.post({**good, "embeds": [{"title": "x"}]})).fault("embeds") == code
    one = f"/channels/{call.server.channel.id}/messages/{posted.body['id']}"
    assert (await call("PATCH", one, {"flags": 0})).refusal == (400, 50035)


async def test_components_v2_are_at_most_40_with_4000_characters(call: Caller) -> None:
    """docs.discord.com/developers/components/reference"""

    async def fault(components: list[Any]) -> str:
        return (await call.post({"flags": V2, "components": components})).fault("components")

    container = {"type": 17, "components": [text()] * 39}
    assert (await call.post({"flags": V2, "components": [container]})).status == 200
    assert await fault([container, text()]) == "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"
    assert (await call.post({"flags": V2, "components": [text("t" * 4000)]})).status == 200
    assert await fault([text("t" * 4000), text()]) == "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"


async def test_a_section_needs_its_texts_and_its_accessory(call: Caller) -> None:
    """docs.discord.com/developers/components/reference#section"""
    section = {"type": 9, "components": [text()], "accessory": button()}
    assert (await call.post({"flags": V2, "components": [section]})).status == 200
    bare = await call.post({"flags": V2, "components": [{**section, "accessory": None}]})
    assert bare.fault("components.0.accessory") == "BASE_TYPE_REQUIRED"
    many = await call.post({"flags": V2, "components": [{**section, "components": [text()] * 4}]})
    assert many.fault("components.0.components") == MAX


async def test_components_come_back_numbered(call: Caller) -> None:
    """docs.discord.com/developers/components/reference#anatomy-of-a-component"""
    posted = await call.post({"content": "x", "components": [row(*buttons(2))]})
    first = posted.body["components"][0]
    assert [first["id"], *(part["id"] for part in first["components"])] == [1, 2, 3]


async def test_allowed_mentions_contradict_themselves_in_vain(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#allowed-mentions-object"""

    async def fault(path: str, allowed: object) -> str:
        reply = await call.post({"content": "x", "allowed_mentions": allowed})
        return reply.fault(f"allowed_mentions{path}")

    both = {"parse": ["users"], "users": ["1"]}
    assert await fault("", both) == "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
    assert await fault(".parse.0", {"parse": ["all"]}) == "BASE_TYPE_CHOICES"
    assert await fault(".users", {"users": [str(n) for n in range(101)]}) == MAX


async def test_all_faults_of_a_body_are_told_at_once(call: Caller) -> None:
    """docs.discord.com/developers/reference#error-messages"""
    reply = await call.post({"content": "x" * 2001, "embeds": [{"title": "t" * 257}]})
    assert sorted(reply.body["errors"]) == ["content", "embeds"]
    assert reply.body["message"] == "Invalid Form Body"
