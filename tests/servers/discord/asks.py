"""What people do with the bot's commands, buttons and forms.

Only what Discord's own client would let them do: a command must be registered, its required options
filled in, a button shown and enabled. Anything else raises NotOfferedError, a fault of the test or
of the registered command.
"""

from collections.abc import Mapping

from tests.servers.discord.components import BUTTON, LABEL, LINK, ROW, SELECTS, TEXT, every
from tests.servers.discord.definitions import CHAT_INPUT, MESSAGE
from tests.servers.discord.filling import Filling, NotOfferedError, Options, named
from tests.servers.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Interactions,
)
from tests.servers.discord.state import Channel, Json, Message, User

IN_GUILD, IN_DIRECT = 0, 1
"""Where a command is offered: docs.discord.com/developers/interactions/receiving-and-responding
#interaction-object-interaction-context-types."""


class Asks:
    def __init__(self, interactions: Interactions) -> None:
        self.interactions, self.platform = interactions, interactions.platform

    def slash(
        self, channel: Channel, user: User, name: str, options: Options, subcommand: str | None
    ) -> Interaction:
        command = self._command(channel, user, name, CHAT_INPUT)
        guild = self.platform.home(channel)
        filled = Filling(self.platform, guild).data(command, options, subcommand)
        return self.interactions.begin(COMMAND, channel, user, filled)

    def autocomplete(
        self,
        channel: Channel,
        user: User,
        name: str,
        option: str,
        typed: str,
        others: Options,
        subcommand: str | None,
    ) -> Interaction:
        command = self._command(channel, user, name, CHAT_INPUT)
        guild = self.platform.home(channel)
        filling = Filling(self.platform, guild, focused=option)
        filled = filling.data(command, {**others, option: typed}, subcommand)
        return self.interactions.begin(AUTOCOMPLETE, channel, user, filled)

    def message_command(
        self, channel: Channel, message: Message, user: User, name: str
    ) -> Interaction:
        command = self._command(channel, user, name, MESSAGE)
        shown = self.platform.message_json(message)
        data = {
            **named(command),
            "target_id": message.id,
            "resolved": {"messages": {message.id: shown}},
        }
        return self.interactions.begin(COMMAND, channel, user, data)

    def press(
        self, channel: Channel, message: Message, which: str, user: User, values: list[str] | None
    ) -> Interaction:
        """Presses the button with this label or custom_id, or chooses `values` in a select."""
        component = _pressable(message, which)
        data = {"custom_id": component["custom_id"], "component_type": component["type"]}
        if component["type"] in SELECTS:
            data["values"] = list(values or [])
        return self.interactions.begin(COMPONENT, channel, user, data, message)

    def submits(self, asked: Interaction, values: Mapping[str, str], user: User) -> Interaction:
        """Fills in the modal that answered `asked`: values by label or custom_id."""
        if asked.modal is None:
            raise NotOfferedError("no form was shown")
        left = dict(values)
        components = [_answered(part, left) for part in asked.modal["components"]]
        if left:
            raise NotOfferedError(f"the form has no field {sorted(left)}")
        data = {"custom_id": asked.modal["custom_id"], "components": components}
        return self.interactions.begin(MODAL_SUBMIT, asked.channel, user, data, asked.message)

    def _command(self, channel: Channel, user: User, name: str, kind: int) -> Json:
        scopes = (self.platform.commands.get(scope, {}) for scope in (channel.guild, None))
        found = [
            command
            for scope in scopes
            for command in scope.values()
            if (command["name"], command["type"]) == (name, kind)
        ]
        if not found:
            raise NotOfferedError(f"no command {name!r} is registered")
        here = IN_GUILD if channel.guild else IN_DIRECT
        if here not in (found[0]["contexts"] or [here]):
            raise NotOfferedError(f"{name!r} is not offered here")
        if not channel.guild:  # Nobody but the person is there to permit anything.
            return found[0]
        wanted = int(found[0]["default_member_permissions"] or 0)
        if self.platform.bits(channel, user) & wanted != wanted:
            raise NotOfferedError(f"{user.name} may not use {name!r} here")
        return found[0]


def _pressable(message: Message, which: str) -> Json:
    """The enabled button or select with this label or custom_id (its start is not enough)."""
    for _, component in every(message.components):
        names = (component.get("label"), component.get("custom_id"), component.get("placeholder"))
        if which not in names:
            continue
        if component.get("disabled"):
            raise NotOfferedError(f"{which!r} cannot be pressed: it is disabled")
        if component.get("style") == LINK and component["type"] == BUTTON:
            raise NotOfferedError(f"{which!r} is a link to {component['url']}")
        return component
    raise NotOfferedError(f"nothing to press is called {which!r}")


def _answered(part: Json, left: dict[str, str]) -> Json:
    """One row of a form with what was typed; takes its value out of `left`."""
    if part["type"] == LABEL:
        field = part["component"]
        return {"type": LABEL, "id": 1, "component": _typed(field, part["label"], left)}
    if part["type"] == TEXT:
        return {"type": TEXT, "id": 1}
    fields = [_typed(field, field.get("label"), left) for field in part["components"]]
    return {"type": ROW, "id": 1, "components": fields}


def _typed(field: Json, label: str | None, left: dict[str, str]) -> Json:
    """One field; of a select several values are separated by commas, and what is left alone has
    its defaults."""
    name = field["custom_id"] if field["custom_id"] in left else label or ""
    options = field.get("options") or []
    before = [one["value"] for one in options if one.get("default")]
    value = left.pop(name, ",".join(before) or field.get("value") or "")
    if field.get("required", True) and not value:
        raise NotOfferedError(f"{label or field['custom_id']!r} must be filled in")
    shape: Json = {"type": field["type"], "id": 1, "custom_id": field["custom_id"]}
    if field["type"] in SELECTS:
        return {**shape, "values": _chosen(field, value)}
    if len(value) > field.get("max_length", 4000):
        raise NotOfferedError(f"{label!r} takes no more than {field['max_length']} characters")
    return {**shape, "value": value}


def _chosen(field: Json, value: str) -> list[str]:
    values = [one for one in value.split(",") if one]
    if unknown := {*values} - {one["value"] for one in field.get("options") or []}:
        raise NotOfferedError(f"{sorted(unknown)} are no choices")
    if len(values) > field.get("max_values", 1):
        raise NotOfferedError(f"at most {field.get('max_values', 1)} can be chosen")
    return values
