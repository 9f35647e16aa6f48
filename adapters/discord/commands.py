"""`/botbeat`, `/botbeat-subs` and buttons: each becomes the text of a command for the core.

The rule: answer Discord first (it waits three seconds), then work; but a form has to be the first
answer. A button's command stands in its `custom_id`, so that one from before a restart still works.
Source: https://docs.discord.com/developers/interactions/receiving-and-responding.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, cast

import discord

from adapters.discord import modals, needs, remarks
from adapters.discord.grammar import ABOUT, COMMANDS, being_typed, command_text
from adapters.discord.intent import UNSEEN
from adapters.discord.render import Json, clip, command_of, payload
from adapters.discord.rest import Rest, delivering
from adapters.discord.servers import described
from adapters.discord.typed import typed
from bot.bot import Bot
from bot.commands import split
from bot.commands.failing import safely
from bot.message import Button, Message
from bot.model import Channel
from bot.ports import DeliveryError

log = logging.getLogger(__name__)

CALLBACK = "/interactions/{interaction_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ANSWER = FOLLOW_UP + "/messages/@original"
ONLY_ASKER = 64
CHOICES = 8
DEFER: Json = {"type": 5, "data": {"flags": ONLY_ASKER}}
DEFER_UPDATE: Json = {"type": 6}
MODAL = 9
FORM_SECONDS = 0.8
"""So long Discord is not answered, while what is asked for may turn out to be a form."""
SUGGESTION_SECONDS = 2.5
SHOWN_BELOW = Message("Posted below for everybody.")


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
                text = about(asked, data) if data["name"] in ABOUT else command_text(data)
                await self._answer(asked, text, DEFER)
            elif asked.type is kind.component:
                command = command_of(str(data.get("custom_id", "")))
                if command:
                    await self._answer(asked, command, DEFER_UPDATE)
                else:
                    await self._acknowledge(asked, DEFER_UPDATE)
            elif asked.type is kind.modal_submit:
                await self._acknowledge(asked, DEFER)
                await self._show(asked, await safely(self._filled_in(asked, data), whose(asked)))
        except DeliveryError as error:
            log.warning("A command on Discord got no answer: %s", error.reason)

    async def _answer(self, asked: discord.Interaction, text: str, defer: Json) -> None:
        """`defer` is how Discord is told to wait."""
        text, start = modals.place_in(text)
        if modals.may_open(text):
            work = asyncio.create_task(safely(self._obey(asked, text), whose(asked)))
            await asyncio.wait({work}, timeout=FORM_SECONDS)
            if work.done() and await self._opened(asked, work.result(), text, start):
                return
            await self._acknowledge(asked, defer)
            answer = await work
        else:
            await self._acknowledge(asked, defer)
            answer = await safely(self._obey(asked, text), whose(asked))
        await self._show(asked, answer, pressed=defer is DEFER_UPDATE)

    async def _opened(
        self, asked: discord.Interaction, answer: Message, text: str, start: int
    ) -> bool:
        """Whether the answer is a form, and stands before the person now."""
        if answer.form is None:
            return False
        try:
            shown = modals.modal(answer.form, text, start)
            await self._ask(asked, "POST", CALLBACK, {"type": MODAL, "data": shown})
        except ValueError as error:
            log.warning("A form cannot be shown on Discord: %s", error)
            return False
        except DeliveryError as error:
            if not error.unsure:
                log.warning("Discord shows no form: %s", error.reason)
            return error.unsure
        return True

    async def _acknowledge(self, asked: discord.Interaction, body: Json) -> None:
        try:
            await self._ask(asked, "POST", CALLBACK, body)
        except DeliveryError as error:
            # Discord may have taken it without our seeing so, and takes no second one.
            if not error.unsure:
                raise

    async def _obey(self, asked: discord.Interaction, text: str) -> Message:
        """The core's answer, with what Discord keeps it from."""
        channel, person = place_of(asked), remarks.author_of(asked)
        if text.startswith(remarks.UNSAY):
            number = text.removeprefix(remarks.UNSAY)
            return await remarks.unsay(self._bot, asked, channel, number)
        direct = isinstance(asked.channel, discord.DMChannel)
        known, name = self._client.get_channel(int(channel.id)), ""
        if isinstance(known, discord.abc.GuildChannel):
            name, seen = described(known)
            await self._bot.channel_seen(channel, name, seen)
        elif direct:
            await self._bot.channel_seen(channel, "", "direct")
        manages = direct or asked.permissions.manage_channels
        answer = await self._bot.command(channel, person, text, manages=manages)
        verb, told = split(text)[0], ""
        if verb == "subscribe" and not answer.refused and not direct:
            told = needs.missing(asked.app_permissions, name)
        elif verb == "status" and not direct and not self._client.intents.message_content:
            told = UNSEEN
        return replace(answer, text=f"{answer.text}\n\n{told}") if told else answer

    async def _filled_in(self, asked: discord.Interaction, data: Any) -> Message:
        """What a form that was sent off does."""
        sent = modals.sent(data)
        if sent.form.command.startswith(remarks.COMMENT):
            words = "".join(sent.filled.get("", ()))
            place = place_of(asked)
            return await remarks.say(self._bot, asked, place, sent.form.command, words)
        answer = await self._obey(asked, sent.text)
        rest = (Button("More settings", sent.rest),) if sent.rest else ()
        return replace(answer, buttons=(*rest, *answer.buttons))

    async def _show(
        self, asked: discord.Interaction, answer: Message, *, pressed: bool = False
    ) -> None:
        answer = typed(answer)
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
        before, words = being_typed(data)
        found: list[tuple[str, str]] = []
        try:
            async with asyncio.timeout(SUGGESTION_SECONDS):
                found = await self._bot.completions(place_of(asked), before + words)
        except Exception as error:  # People can go on typing.
            log.warning("No suggestions: %s", type(error).__name__)
        choices = [
            {"name": clip(label.removeprefix(before), 100) or value, "value": value}
            for label, full in found
            if 0 < len(value := full.removeprefix(before)) <= 100
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


def whose(asked: discord.Interaction) -> str:
    return f"{asked.user.id} in {asked.channel_id}"


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
