"""What stands in no channel: modals that are filled in or read, and the app's home.

Slack tells of a press in a view without saying in which channel it is meant, so each row of buttons
carries that in its `block_id`. Sources: https://docs.slack.dev/surfaces/modals and
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack.limits import LABEL
from adapters.slack.payload import Json, part, parts, word
from adapters.slack.render import rendered
from bot.message import Field, Form, Message
from bot.text import clip, one_line

BLOCKS = 100
_TITLE, _METADATA, _HINT, _LINE = 24, 3000, 150, 500
_OPTIONS, _VALUE = 100, 150
_FIELD = "field:"
_LEAST = 4
"""Blocks: a channel with fewer is not shown, but counted."""
_MORE = "**{}** more channels have no room here; `/botbeat list` tells in each what it gets."
WORKING = Message(text="BotBeat is at work on it…")
_NOTHING = Message(
    text="**No channel that you are in has a subscription yet.** Type "
    "`/botbeat subscribe company:alibaba` in the channel where reports are wanted."
)


def answer(message: Message, channel: str) -> Json:
    """A modal to be read."""
    return {**_modal("BotBeat", ""), "blocks": _placed(message, channel)}


def form(shown: Form, metadata: str) -> Json:
    """A modal to be filled in; `metadata` comes back with it."""
    if len(metadata) > _METADATA:
        raise ValueError("more was to be kept in a form than Slack keeps")
    return {
        **_modal(shown.title, metadata),
        "close": _plain("Cancel", _TITLE),
        "submit": _plain(shown.submit, _TITLE),
        "blocks": [_input(field) for field in shown.fields],
    }


def home(channels: Iterable[tuple[str, Message]], metadata: str) -> Json:
    """What the channels get that somebody is in, as far as there is room for it."""
    blocks: list[Json] = [{"type": "header", "text": _plain("What your channels get", LABEL)}]
    left = 0
    for channel, message in channels:
        if (room := BLOCKS - 2 - len(blocks)) > _LEAST:
            blocks += [{"type": "divider"}, *_placed(message, channel, room)]
        else:
            left += 1
    if left:
        blocks += rendered(Message(_MORE.format(left)))["blocks"]
    shown = blocks if len(blocks) > 1 else rendered(_NOTHING)["blocks"]
    return {"type": "home", "blocks": shown, "private_metadata": metadata}


def filled(view: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands in the fields of a modal, by their names."""
    found: dict[str, list[str]] = {}
    for block, actions in part(view, "state", "values").items():
        if str(block).startswith(_FIELD):
            found[str(block).removeprefix(_FIELD)] = _values(next(iter(actions.values()), {}))
    return found


def refused(view: Mapping[str, Any], reason: str) -> Json:
    """The same modal once more, with what is wrong under the field that the reason names."""
    fields = [word(block, "block_id") for block in parts(view, "blocks")]
    named = [one for one in fields if f"{one.removeprefix(_FIELD)}:" in reason and one != _FIELD]
    return {next(iter(named + fields), ""): one_line(reason)[:_LINE]}


def channel_of(block_id: object) -> str:
    """The channel that a row of buttons in a view is about."""
    return str(block_id or "").partition(":")[0]


def _values(element: Mapping[str, Any]) -> list[str]:
    chosen = element.get("selected_options") or filter(None, [element.get("selected_option")])
    options = [word(option, "value") for option in chosen]
    return options or [text for text in [word(element, "value")] if text]


def _placed(message: Message, channel: str, most: int = BLOCKS) -> list[Json]:
    blocks = rendered(message, most=most)["blocks"]
    return [
        {**block, "block_id": f"{channel}:{number}"}
        if block["type"] == "actions" or "accessory" in block
        else block
        for number, block in enumerate(blocks)
    ]


def _modal(title: str, metadata: str) -> Json:
    return {
        "type": "modal",
        "title": _plain(title, _TITLE),
        "close": _plain("Close", _TITLE),
        "private_metadata": metadata,
    }


def _input(field: Field) -> Json:
    shown: Json = {
        "type": "input",
        "block_id": _FIELD + field.name,
        "label": _plain(field.label, LABEL),
        "optional": field.many or not field.options,
        "element": {
            **(_choice(field) if field.options else _line(field)),
            "action_id": field.name or "words",
        },
    }
    return {**shown, "hint": _plain(field.hint, _HINT)} if field.hint else shown


def _line(field: Field) -> Json:
    line: Json = {"type": "plain_text_input", "max_length": _LINE}
    return {**line, "initial_value": ",".join(field.value)} if field.value else line


def _choice(field: Field) -> Json:
    options = [
        {"text": _plain(label, LABEL), "value": value}
        for value, label in field.options[:_OPTIONS]
        if len(value) <= _VALUE
    ]
    at_first = [option for option in options if option["value"] in field.value]
    kind = "multi_static_select" if field.many else "static_select"
    choice: Json = {"type": kind, "options": options}
    if at_first and field.many:
        choice["initial_options"] = at_first
    elif at_first:
        choice["initial_option"] = at_first[0]
    return choice


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": clip(one_line(text), most) or "–", "emoji": True}
