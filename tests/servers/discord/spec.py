"""Discord's own description of its HTTP API, where the folder beside the project has it.

It is no part of the project: without it nothing is checked here. What stands in it is a preview,
so that it may lack what is new; such names stand in `BESIDES`, with the page that has them.
Source: https://github.com/discord/discord-api-spec.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.servers.discord.state import Json

FILE = Path(__file__).parents[3].parent / "shared" / "specs" / "discord-openapi.json"
BESIDES = {
    "nsfw": "https://docs.discord.com/developers/interactions/application-commands",
    # What discord.py sends by itself when it edits a message or opens a thread in a forum:
    # https://github.com/Rapptz/discord.py/blob/master/discord/http.py.
    "tts": "https://docs.discord.com/developers/resources/message",
    "type": "https://docs.discord.com/developers/resources/channel",
    "use_nested_fields": "https://github.com/Rapptz/discord.py/blob/master/discord/http.py",
}
"""Names in a body or a query that the file does not have, with the page that does."""
_NUMBERS_AS_TEXT = frozenset({"default_member_permissions"})
"""A number in the file, and a string in the documentation:
https://docs.discord.com/developers/interactions/application-commands#application-command-object."""
_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


@cache
def whole() -> Json:
    """The file, or nothing."""
    found: Json = json.loads(FILE.read_bytes()) if FILE.is_file() else {}
    return found


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    """Paths with fewer gaps come first: `@me` is no id."""
    paths = sorted(whole()["paths"], key=lambda path: str(path).count("{"))
    parts = [[re.escape(part) for part in re.split(r"{\w+}", path)] for path in paths]
    return [(re.compile("[^/]+".join(part)), path) for part, path in zip(parts, paths, strict=True)]


def forget() -> None:
    """Read `FILE` anew at the next request."""
    whole.cache_clear()
    _routes.cache_clear()


def wrongs(method: str, path: str, query: list[str], body: object) -> list[str]:
    """What the description does not know of a request; `body` is None when there is none."""
    if not whole():
        return []
    names = [name for pattern, name in _routes() if pattern.fullmatch(path)]
    known = [name for name in names if method.lower() in whole()["paths"][name]]
    if not known:
        return [f"Discord's description has no {method} {path}"]
    route = whole()["paths"][known[0]]
    call = route[method.lower()]
    parameters = [*route.get("parameters", []), *call.get("parameters", [])]
    allowed = {one["name"] for one in parameters if one.get("in") == "query"}
    strange = sorted(set(query) - allowed - set(BESIDES))
    told = [f"{method} {known[0]} has no ?{name}" for name in strange]
    if body is None:
        return told
    schema = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "schema" not in schema:
        return [*told, f"{method} {known[0]} has no body"]
    return told + list(differs(schema["schema"], body, "body"))


def differs(schema: Json, value: object, at: str) -> Iterator[str]:
    """Where a value is not as its schema says, by path; also each name that the schema lacks."""
    schema = _seen(schema)
    for name in ("anyOf", "oneOf"):
        if choices := schema.get(name):
            yield from _fitting([_seen(one) for one in choices], value, at)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(kind, value) for kind in kinds):
        yield f"{at} is no {' or '.join(kinds)}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{at} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    yield from _bounds(schema, value, at)
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from differs(schema.get("items", {}), item, f"{at}[{place}]")
    if isinstance(value, dict) and "properties" in schema:
        yield from _names(schema, value, at)


def _names(schema: Json, value: Json, at: str) -> Iterator[str]:
    for name in sorted(set(schema.get("required", [])) - set(value)):
        yield f"{at}.{name} is missing"
    for name, part in value.items():
        if name in _NUMBERS_AS_TEXT and isinstance(part, str):
            part = int(part) if part.isdecimal() else part
        if name in schema["properties"]:
            yield from differs(schema["properties"][name], part, f"{at}.{name}")
        elif not schema.get("additionalProperties") and name not in BESIDES:
            yield f"{at}.{name} is not described"


def _fitting(choices: list[Json], value: object, at: str) -> Iterator[str]:
    """Of several schemas one must fit; what the nearest one lacks is told."""
    told = [list(differs(choice, value, at)) for choice in choices]
    other = f"{at} is no "  # Something of another kind altogether is not near.
    yield from min(told, key=lambda one: (any(other in wrong for wrong in one), len(one)))


def _bounds(schema: Json, value: object, at: str) -> Iterator[str]:
    if isinstance(value, str | list):
        name = "Length" if isinstance(value, str) else "Items"
        if not schema.get(f"min{name}", 0) <= len(value) <= schema.get(f"max{name}", len(value)):
            yield f"{at} has a length of {len(value)}"
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        yield f"{at} is out of range: {value}"


def _seen(schema: Json) -> Json:
    """The schema itself where only its name stands; several together are one."""
    if reference := schema.get("$ref"):
        return _seen(whole()["components"]["schemas"][str(reference).rpartition("/")[2]])
    if parts := schema.get("allOf"):
        one: Json = {key: part for key, part in schema.items() if key != "allOf"}
        for part in map(_seen, parts):
            properties = {**one.get("properties", {}), **part.get("properties", {})}
            one = {**one, **part} | ({"properties": properties} if properties else {})
        return one
    return schema


def _is(kind: str, value: object) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _KINDS[kind])
