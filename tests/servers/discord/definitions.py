"""Refuses application command definitions that Discord refuses.

Source: docs.discord.com/developers/interactions/application-commands#application-command-object.
"""

import re

from tests.servers.discord.refusals import Form, Path, Refusal
from tests.servers.discord.state import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL, ROLE = range(1, 9)
NUMBER, OPTION_TYPES = 10, range(1, 12)
CHOOSABLE = (STRING, INTEGER, NUMBER)

NAME, DESCRIPTION, OPTIONS, CHOICES, CHOICE, SIZE = 32, 100, 25, 25, 100, 8000
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
_WORD = re.compile(r"[-_'\w]{1,32}\Z")


def command_of(body: Json, form: Form, path: Path = ()) -> Json:
    """The command as stored; faults go to `form`."""
    kind = body.get("type") or CHAT_INPUT
    if kind == CHAT_INPUT:
        _name(form, (*path, "name"), body.get("name"))
        form.text((*path, "description"), body.get("description"), DESCRIPTION, 1)
        _options(form, (*path, "options"), body.get("options"), depth=0)
        if _size(body) > SIZE:
            message = f"Command exceeds maximum size ({SIZE})"
            form.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)
    elif kind in (USER, MESSAGE):
        _context_menu(form, path, body)
    else:
        form.choice((*path, "type"), (CHAT_INPUT, USER, MESSAGE))
    permissions = body.get("default_member_permissions")
    return {
        "name": body.get("name"),
        "description": body.get("description") or "",
        "type": kind,
        "options": body.get("options") or [],
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": body.get("dm_permission", True),
        "contexts": body.get("contexts"),
        "integration_types": body.get("integration_types") or [0],
        "nsfw": bool(body.get("nsfw")),
    }


def refuse_duplicates(commands: list[Json]) -> None:
    """A bulk overwrite names no command twice and keeps the numbers per type."""
    form = Form()
    seen: set[tuple[int, str]] = set()
    for place, command in enumerate(commands):
        key = (command["type"], command["name"])
        if key in seen:
            message = "Application command names must be unique"
            form.add((place, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    form.check()
    for kind, most in MOST.items():
        if sum(command["type"] == kind for command in commands) > most:
            raise Refusal(30032)


def _context_menu(form: Form, path: Path, body: Json) -> None:
    form.text((*path, "name"), body.get("name"), NAME, 1)
    for name in ("description", "options"):
        if body.get(name):
            message = f"Context menu commands cannot have {name}"
            form.add((*path, name), "APPLICATION_COMMAND_CONTEXT_MENU_INVALID", message)


def _name(form: Form, path: Path, value: object) -> None:
    text = form.text(path, value, NAME, 1)
    if text and (not _WORD.match(text) or text != text.lower()):
        form.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _options(form: Form, path: Path, value: object, depth: int) -> None:
    """`depth` 0 is the command, 1 a group, 2 a sub-command: each may hold only what is below."""
    options = form.dictionaries(path, value, OPTIONS)
    nested = [option.get("type") in (SUB_COMMAND, GROUP) for option in options]
    if any(nested) and not all(nested):
        form.add(
            path,
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other "
            "types",
        )
    names: set[object] = set()
    optional_seen = False
    for place, option in enumerate(options):
        here = (*path, place)
        _option(form, here, option, depth)
        if option.get("name") in names:
            message = f'Option name "{option.get("name")}" is already used'
            form.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", message)
        names.add(option.get("name"))
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            form.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")


def _option(form: Form, path: Path, option: Json, depth: int) -> None:
    kind = option.get("type")
    _name(form, (*path, "name"), option.get("name"))
    form.text((*path, "description"), option.get("description"), DESCRIPTION, 1)
    allowed = {0: OPTION_TYPES, 1: (SUB_COMMAND,), 2: range(STRING, 12)}[depth]
    if kind not in allowed:
        form.choice((*path, "type"), allowed)
    elif kind == GROUP:
        _options(form, (*path, "options"), option.get("options"), depth=1)
    elif kind == SUB_COMMAND:
        _options(form, (*path, "options"), option.get("options"), depth=2)
    else:
        _choices(form, (*path, "choices"), option)


def _choices(form: Form, path: Path, option: Json) -> None:
    if option.get("autocomplete") and option.get("choices"):
        message = "Cannot use choices and autocomplete together"
        form.add(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", message)
    if option.get("choices") and option["type"] not in CHOOSABLE:
        form.add(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_TYPE", "This type has no choices")
    validate_choices(form, path, option.get("choices"))


def validate_choices(form: Form, path: Path, value: object) -> list[Json]:
    """The choices of an option, or those of an autocomplete answer (the same limits hold)."""
    choices = form.dictionaries(path, value, CHOICES)
    for place, choice in enumerate(choices):
        form.text((*path, place, "name"), choice.get("name"), CHOICE, 1)
        given = choice.get("value")
        if given is None:
            form.required((*path, place, "value"))
        elif not isinstance(given, int | float):
            form.text((*path, place, "value"), given, CHOICE, 1)
    return choices


def _size(value: object) -> int:
    """Characters of all names, descriptions and values, at every depth."""
    if isinstance(value, list):
        return sum(_size(part) for part in value)
    if not isinstance(value, dict):
        return 0
    texts = [value.get(name) for name in ("name", "description", "value")]
    own = sum(len(text) for text in texts if isinstance(text, str))
    return own + sum(_size(value.get(name)) for name in ("options", "choices"))
