"""Fills in a slash command as Discord's client does, from the command as it is registered.

Source: docs.discord.com/developers/interactions/receiving-and-responding#interaction-data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.servers.discord.definitions import (
    CHANNEL,
    GROUP,
    ROLE,
    STRING,
    SUB_COMMAND,
    USER_OPTION,
)
from tests.servers.discord.platform import Platform
from tests.servers.discord.shapes import channel_json, member_json, role_json, user_json
from tests.servers.discord.state import Guild, Json, Place, id_of

Value = Place | float
Options = Mapping[str, Value]


class NotOfferedError(AssertionError):
    """Discord's client would not have let the person do this."""


@dataclass(slots=True)
class Filling:
    """`focused` is the option being typed, for autocomplete: then nothing is required yet."""

    platform: Platform
    guild: Guild
    focused: str | None = None
    resolved: Json = field(default_factory=dict)

    def data(self, command: Json, options: Options, subcommand: str | None) -> Json:
        """`subcommand` is "verb" or "group verb"."""
        level: list[Json] = command["options"]
        steps: list[Json] = []
        for word in (subcommand or "").split():
            steps.append(_definition(level, word))
            level = steps[-1].get("options") or []
        if any(option["type"] in (SUB_COMMAND, GROUP) for option in level):
            raise NotOfferedError(f"{command['name']!r} needs a sub-command")
        given = [self._option(_definition(level, name), options[name]) for name in options]
        if self.focused is None:
            _refuse_missing(level, options)
        for step in reversed(steps):
            given = [{"name": step["name"], "type": step["type"], "options": given}]
        data = {**named(command), "options": given}
        return {**data, "resolved": self.resolved} if self.resolved else data

    def _option(self, definition: Json, value: Value) -> Json:
        name, kind = definition["name"], definition["type"]
        shape: Json = {"name": name, "type": kind}
        if name == self.focused:
            if not definition.get("autocomplete"):
                raise NotOfferedError(f"option {name!r} has no autocomplete")
            return {**shape, "value": value, "focused": True}
        if kind in (USER_OPTION, CHANNEL, ROLE) and not isinstance(value, float):
            return {**shape, "value": self._resolve(definition, id_of(value))}
        if kind == STRING:
            _check_text(definition, str(value))
        return {**shape, "value": value}

    def _resolve(self, definition: Json, identity: str) -> str:
        """Notes the entity an option names, so that the bot is told what it is."""
        kind, bot = definition["type"], self.platform.bot.id
        if kind == CHANNEL:
            channel = self.guild.channels[identity]
            allowed = definition.get("channel_types")
            if allowed and channel.kind not in allowed:
                raise NotOfferedError(f"{channel.name!r} is not of a type {allowed}")
            permissions = str(self.platform.bits(channel, self.platform.bot))
            shape = {**channel_json(channel, bot), "permissions": permissions}
            self.resolved.setdefault("channels", {})[identity] = shape
        elif kind == ROLE:
            shape = role_json(self.guild.roles[identity], 1)
            self.resolved.setdefault("roles", {})[identity] = shape
        else:
            member = self.guild.members[identity]
            self.resolved.setdefault("users", {})[identity] = user_json(member.user)
            partial = {**member_json(member, with_user=False), "permissions": "0"}
            self.resolved.setdefault("members", {})[identity] = partial
        return identity


def named(command: Json) -> Json:
    shape: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    return {**shape, "guild_id": command["guild_id"]} if command.get("guild_id") else shape


def _definition(known: list[Json], name: str) -> Json:
    for option in known:
        if option["name"] == name:
            return option
    raise NotOfferedError(f"there is no option {name!r}")


def _refuse_missing(known: list[Json], options: Options) -> None:
    missing = [one["name"] for one in known if one.get("required") and one["name"] not in options]
    if missing:
        raise NotOfferedError(f"{missing} must be filled in")


def _check_text(definition: Json, value: str) -> None:
    least, most = definition.get("min_length") or 0, definition.get("max_length") or 6000
    if not least <= len(value) <= most:
        raise NotOfferedError(f"{definition['name']!r} takes {least} to {most} characters")
    choices = [choice["value"] for choice in definition.get("choices") or []]
    if choices and value not in choices:
        raise NotOfferedError(f"{value!r} is not a choice of {definition['name']!r}")
