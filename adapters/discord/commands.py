"""`/botbeat`, `/botbeat-subs` and buttons: each becomes the text of a command for the core.

The rule: answer Discord first (it waits three seconds), then work. A button's command stands in
its `custom_id`, so that a button from before a restart still works.
Source: https://docs.discord.com/developers/interactions/receiving-and-responding.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, cast

import discord

from adapters.discord.events import visibility
from adapters.discord.render import Json, clip, command_of, payload
from adapters.discord.rest import Rest, delivering
from bot.bot import Bot
from bot.message import Message
from bot.model import Channel, Person
from bot.ports import DeliveryError

log = logging.getLogger(__name__)

CALLBACK = "/interactions/{interaction_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ANSWER = FOLLOW_UP + "/messages/@original"
ONLY_ASKER = 64
CHOICES = 8
EVERYWHERE = [0, 1]
"""In servers and in direct messages with the bot, which are everybody's own to manage."""
DEFER: Json = {"type": 5, "data": {"flags": ONLY_ASKER}}
DEFER_UPDATE: Json = {"type": 6}
SUGGESTION_SECONDS = 2.5
SHOWN_BELOW = Message("Posted below for everybody.")
APOLOGY = Message("BotBeat could not do this just now; nothing was changed. Please try again.")


def _text(name: str, description: str, *choices: str, **more: bool) -> Json:
    form = {"type": 3, "name": name, "description": description, "required": False, **more}
    return form | {"choices": [{"name": choice, "value": choice} for choice in choices]}


def _command(name: str, description: str, *options: Json, **more: Any) -> Json:
    form = {"type": 1, "name": name, "description": description}
    return form | {"options": list(options), **more}


_QUERY = _text("query", 'Such as: qwen, company:nvidia since:7d, "open weights"', autocomplete=True)
_FILTERS = _text("filters", "Such as: company:alibaba type:research", autocomplete=True)
_WHICH = _text("subscription", "Its number or its query", autocomplete=True)
_UNTIL = _text("until", "Such as: monday, 7d, 2026-09-01")
_REPORT = _text("report", "Number or link of the report")
_COMMENTS = _text("comments", "Do comments enter or leave this channel?", "off", "read", "share")
_PAGE = _text("page", "Do shared comments stand on the report's web page?", "on", "off")
_MANAGERS = _text("managers", "Who may change subscriptions?", "everyone", "admins")
KEYED = ("comments", "page", "managers", "until")
"""Options that the core's grammar writes as `name:value`."""
ABOUT = {"Why was this posted?": "why", "Find related reports": "related"}
"""What stands in the menu of a message, and the verb it stands for."""
COMMANDS = [
    _command("botbeat", "Search AI news, or any command of BotBeat", _QUERY, contexts=EVERYWHERE),
    _command(
        "botbeat-subs",
        "Choose which AI news BotBeat posts in this channel",
        _command("subscribe", "Post matching reports here; all if empty", _FILTERS, _COMMENTS),
        _command("unsubscribe", "Stop a subscription", _WHICH | {"required": True}),
        _command("list", "The subscriptions of this channel"),
        _command("pause", "Keep a subscription but post nothing", _WHICH, _UNTIL),
        _command("resume", "Go on posting", _WHICH),
        _command("why", "Why was a report posted here?", _REPORT),
        _command("settings", "What holds in this channel", _COMMENTS, _PAGE, _MANAGERS),
        contexts=EVERYWHERE,
        default_member_permissions=str(discord.Permissions(manage_channels=True).value),
    ),
    *({"type": 3, "name": name, "contexts": EVERYWHERE} for name in ABOUT),
]


async def offer(rest: Rest, application: int) -> None:
    """Gives Discord our commands if it has others; without them the bot still posts and listens."""
    path = "/applications/{application_id}/commands"
    try:
        async with delivering():
            theirs = await rest.ask("GET", path, application_id=application)
            if not _same(_ordered(COMMANDS), _ordered(theirs)):
                await rest.ask("PUT", path, COMMANDS, application_id=application)
                log.info("Discord's commands were renewed")
    except DeliveryError as error:
        log.warning("Discord's commands could not be set up: %s", error.reason)


def command_text(data: Any) -> str:
    """What the person would have typed after `/botbeat`."""
    options, parts = data.get("options") or [], []
    if data["name"] != "botbeat":
        parts, options = [options[0]["name"]], options[0].get("options") or []
    for option in options:
        prefix = f"{option['name']}:" if option["name"] in KEYED else ""
        parts.append(prefix + str(option["value"]))
    return " ".join(parts)


def about(asked: discord.Interaction, data: Any) -> str:
    """What is asked of a message, which is named as by a link to it."""
    place, message = place_of(asked).id, str(data["target_id"])
    if isinstance(asked.channel, discord.Thread):
        message = f"{asked.channel_id}/{message}"
    return f"{ABOUT[data['name']]} channels/{asked.guild_id or 0}/{place}/{message}"


class Commands:
    """Answers what people ask on one client from now on."""

    def __init__(self, client: discord.Client, bot: Bot, rest: Rest) -> None:
        self._client = client
        self._bot = bot
        self._rest = rest
        client.event(self.on_interaction)

    async def on_interaction(self, asked: discord.Interaction) -> None:
        data, kind = cast(Any, asked.data), discord.InteractionType
        try:
            if asked.type is kind.autocomplete:
                await self._suggest(asked, data)
            elif asked.type is kind.application_command:
                await self._acknowledge(asked, DEFER)
                text = about(asked, data) if data["name"] in ABOUT else command_text(data)
                await self._show(asked, await self._obey(asked, text))
            elif asked.type is kind.component:
                await self._acknowledge(asked, DEFER_UPDATE)
                if command := command_of(str(data.get("custom_id", ""))):
                    await self._show(asked, await self._obey(asked, command), pressed=True)
        except DeliveryError as error:
            log.warning("A command on Discord got no answer: %s", error.reason)

    async def _acknowledge(self, asked: discord.Interaction, body: Json) -> None:
        try:
            await self._ask(asked, "POST", CALLBACK, body)
        except DeliveryError as error:
            # Discord may have taken it without our seeing so, and takes no second one.
            if not error.unsure:
                raise

    async def _obey(self, asked: discord.Interaction, text: str) -> Message:
        """The core's answer; what it cannot do now is said to the person and logged once."""
        channel = place_of(asked)
        person = Person("discord", str(asked.user.id), asked.user.display_name)
        try:
            direct = isinstance(asked.channel, discord.DMChannel)
            known = self._client.get_channel(int(channel.id))
            if isinstance(known, discord.abc.GuildChannel):
                await self._bot.channel_seen(channel, known.name, visibility(known))
            elif direct:
                await self._bot.channel_seen(channel, "", "direct")
            manages = direct or asked.permissions.manage_channels
            return await self._bot.command(channel, person, text, manages=manages)
        except Exception:
            log.exception("A command in Discord channel %s failed", channel.id)
            return APOLOGY

    async def _show(
        self, asked: discord.Interaction, answer: Message, *, pressed: bool = False
    ) -> None:
        if answer.public and not answer.replace:
            refused = await self._publish(asked, answer)
            if pressed and not refused:
                return
            answer = replace(answer, text=f"{refused}\n\n{answer.text}") if refused else SHOWN_BELOW
        if answer.announced and (refused := await self._publish(asked, Message(answer.announced))):
            untold = f"{answer.text}\n\nThe others here could not be told. {refused}"
            answer = replace(answer, text=untold)
        if pressed and not answer.replace:
            # It has no nonce, so a second attempt could say it twice.
            body = payload(answer) | {"flags": ONLY_ASKER}
            await self._ask(asked, "POST", FOLLOW_UP, body, once=True)
        else:
            await self._ask(asked, "PATCH", ANSWER, payload(answer))

    async def _publish(self, asked: discord.Interaction, answer: Message) -> str:
        """Posts an answer for everybody, where it was asked; the reason if Discord refuses.

        It is a message like any other, since only those have a nonce: it is never there twice.
        """
        body = {**payload(answer), "nonce": str(asked.id), "enforce_nonce": True}
        path = "/channels/{channel_id}/messages"
        try:
            async with delivering(("Send Messages", "Embed Links")):
                sent = await self._rest.ask("POST", path, body, channel_id=asked.channel_id)
                log.info("An answer for everybody is Discord message %s", sent["id"])
        except DeliveryError as error:
            return error.reason
        return ""

    async def _suggest(self, asked: discord.Interaction, data: Any) -> None:
        options, verb = data.get("options") or [], ""
        if data["name"] != "botbeat":
            verb, options = options[0]["name"] + " ", options[0].get("options") or []
        typed = verb + next((str(one["value"]) for one in options if one.get("focused")), "")
        found: list[tuple[str, str]] = []
        try:
            async with asyncio.timeout(SUGGESTION_SECONDS):
                found = await self._bot.completions(place_of(asked), typed)
        except Exception as error:  # People can go on typing.
            log.warning("No suggestions: %s", type(error).__name__)
        choices = [
            {"name": clip(label.removeprefix(verb), 100) or value, "value": value}
            for label, full in found
            if 0 < len(value := full.removeprefix(verb)) <= 100
        ]
        body = {"type": CHOICES, "data": {"choices": choices[:25]}}
        await self._ask(asked, "POST", CALLBACK, body)

    async def _ask(
        self, asked: discord.Interaction, method: str, path: str, body: Json, *, once: bool = False
    ) -> None:
        """Uses the interaction's own token, which holds for 15 minutes."""
        ids = {"webhook_id": asked.application_id, "webhook_token": asked.token}
        async with delivering():
            await self._rest.ask(method, path, body, once=once, interaction_id=asked.id, **ids)


def place_of(asked: discord.Interaction) -> Channel:
    """The channel that a command is about: in a thread, the thread's channel."""
    place = asked.channel
    number = place.parent_id if isinstance(place, discord.Thread) else asked.channel_id
    return Channel("discord", str(number))


def _ordered(commands: Any) -> list[Json]:
    """In an order of our own, as Discord promises none."""
    return sorted(commands, key=lambda one: (one["type"], one["name"]))


def _same(ours: Any, theirs: Any) -> bool:
    """Whether Discord has what we would send; it adds fields of its own and drops empty ones."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(_same(value, theirs.get(name)) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    return bool(ours == theirs or not (ours or theirs))
