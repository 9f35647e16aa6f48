"""Forms as Discord's modals, and what was filled in as the text of a command.

The rule: nothing is kept meanwhile, so that a form may be sent off after a restart. What a form
ends as stands in its `custom_id`, what each field held at first in the field's own. A modal has
five fields; a form with more goes on behind a button, which carries `fields:5` and what was asked.
Limits: https://docs.discord.com/developers/components/reference#label and #string-select.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from adapters.discord.markdown import size
from adapters.discord.render import CUSTOM_ID, PREFIX, Json, clip
from bot.commands.forms import memo, typed
from bot.message import Field, Form

FIELDS, TITLE, LABEL, DESCRIPTION, LINE, LONGEST = 5, 45, 45, 100, 500, 4000
OPTIONS, OPTION = 25, 100
_LABEL, _INPUT, _SELECT = 18, 4, 3
_REST = re.compile(r"fields:(\d{1,2}) (.+)")


class Sent(NamedTuple):
    """A form that was sent off: what it ends as, its fields by name, and what asks for the rest."""

    form: Form
    filled: Mapping[str, list[str]]
    rest: str

    @property
    def text(self) -> str:
        """What the person would have typed."""
        return typed(memo(self.form), self.filled)


def place_in(text: str) -> tuple[str, int]:
    """What is asked for, and from which of its fields on a form is wanted."""
    found = _REST.fullmatch(text)
    return (found[2], int(found[1])) if found else (text, 0)


def may_open(text: str) -> bool:
    """Whether the answer may be a form, which must be Discord's first answer."""
    return text.startswith("form:") or text.strip().lower() == "settings"


def modal(form: Form, asked: str, start: int) -> Json:
    """The data of a modal. Raises ValueError if Discord has no room for what has to come back."""
    shown = form.fields[start : start + FIELDS]
    more = start + FIELDS < len(form.fields)
    rest = f"fields:{start + FIELDS} {asked}" if more else ""
    if not shown:
        raise ValueError("there are no such fields")
    return {
        "title": clip(form.title, TITLE),
        "custom_id": _fitting(f"{PREFIX}{form.command}|{rest}"),
        "components": [_labelled(field) for field in shown],
    }


def sent(data: Any) -> Sent:
    """What came back. Raises ValueError and the like for what was no form of ours."""
    command, _, rest = str(data["custom_id"]).removeprefix(PREFIX).partition("|")
    fields: list[Field] = []
    filled: dict[str, list[str]] = {}
    for part in data["components"]:
        answered = part["component"]
        name, value, empty, stated = json.loads(answered["custom_id"])
        fields.append(Field(name, "", tuple(value), empty=empty, stated=stated))
        filled[name] = list(answered.get("values") or [answered.get("value") or ""])
    return Sent(Form("", command, tuple(fields)), filled, rest)


def _labelled(field: Field) -> Json:
    label: Json = {
        "type": _LABEL,
        "label": clip(field.label, LABEL),
        "component": _choice(field) if field.options else _line(field),
    }
    return {**label, "description": clip(field.hint, DESCRIPTION)} if field.hint else label


def _line(field: Field) -> Json:
    line: Json = {
        "type": _INPUT,
        "custom_id": _held(field),
        "style": 2 if field.long else 1,
        "required": field.long,
        "max_length": LONGEST if field.long else LINE,
    }
    return {**line, "value": ",".join(field.value)[:LINE]} if field.value else line


def _choice(field: Field) -> Json:
    fitting = [one for one in field.options if size(one[0]) <= OPTION][:OPTIONS]
    options: list[Json] = [
        {"label": clip(label, OPTION), "value": value, "default": value in field.value}
        for value, label in fitting
    ]
    choice: Json = {"type": _SELECT, "custom_id": _held(field), "options": options}
    choice["required"] = not field.many
    # At least one where it is required: docs.discord.com/developers/components/reference.
    return {**choice, "min_values": 0, "max_values": len(options)} if field.many else choice


def _held(field: Field) -> str:
    held = [field.name, list(field.value), field.empty, field.stated]
    return _fitting(json.dumps(held, ensure_ascii=False, separators=(",", ":")))


def _fitting(custom_id: str) -> str:
    if size(custom_id) > CUSTOM_ID:
        raise ValueError("more was to be kept in a form than Discord keeps")
    return custom_id
