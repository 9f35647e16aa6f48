"""Commands and presses: acknowledged at once, answered through the `response_url` of each.

A button carries the text that would stand after `/botbeat`, so pressing is typing. Sources:
https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.slack.api import Api
from adapters.slack.mrkdwn import command_text
from adapters.slack.people import People
from adapters.slack.render import rendered
from bot.message import Message
from bot.model import Channel, MessageRef, Person, Visibility
from bot.ports import DeliveryError

if TYPE_CHECKING:
    from bot.bot import Bot

Json = dict[str, Any]
log = logging.getLogger(__name__)

_FAILED = Message(
    text="BotBeat could not do this just now. Nothing was changed; please try again in a minute."
)
_CALLED: dict[str, Visibility] = {"privategroup": "private", "directmessage": "direct"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asked, and where the answer goes. `pressed` is the button's message."""

    channel: str
    channel_name: str
    user: str
    user_name: str
    text: str
    response_url: str
    pressed: MessageRef | None = None
    thread: str = ""


def typed(form: Json) -> Ask:
    """A slash command."""
    channel, name, user, user_name, text, url = (
        str(form.get(key) or "")
        for key in ("channel_id", "channel_name", "user_id", "user_name", "text", "response_url")
    )
    return Ask(channel, name, user, user_name, command_text(text), url)


def pressed(payload: Json) -> Ask | None:
    """A press; None for a button that is a link, which Slack reports as well."""
    action: Json = next(iter(payload.get("actions") or ()), {})
    channel, user = payload.get("channel") or {}, payload.get("user") or {}
    where = payload.get("container") or {}
    if not action.get("value") or not channel.get("id"):
        return None
    ref = MessageRef(Channel("slack", str(channel["id"])), str(where.get("message_ts") or ""))
    return Ask(
        channel=ref.channel.id,
        channel_name=str(channel.get("name") or ""),
        user=str(user.get("id") or ""),
        user_name=str(user.get("name") or user.get("username") or ""),
        text=str(action["value"]),
        response_url=str(payload.get("response_url") or ""),
        pressed=ref,
        thread=str(where.get("thread_ts") or ""),
    )


class Answers:
    def __init__(self, bot: Bot, people: People, api: Api) -> None:
        self._bot, self._people, self._api = bot, people, api

    async def answer(self, ask: Ask) -> None:
        """Do what was asked and say so to the asker; whatever fails is told in one line."""
        try:
            message = await self._ask(ask)
        except Exception as error:
            log.error("a command of %s in %s failed", ask.user, ask.channel, exc_info=error)
            message = _FAILED
        try:
            await self._api.respond(ask.response_url, await self._body(ask, message))
            if message.announced:
                told = await self._body(ask, Message(message.announced, public=True))
                await self._api.respond(ask.response_url, told)
        except DeliveryError as error:
            log.warning("%s got no answer in %s: %s", ask.user, ask.channel, error.reason)
            return
        log.info("answered %s in %s", ask.user, ask.channel)

    async def _ask(self, ask: Ask) -> Message:
        guess = _CALLED.get(ask.channel_name)
        _, who = await asyncio.gather(
            self._people.visit(ask.channel, guess), self._people.profile(ask.user)
        )
        person = Person("slack", ask.user, who.name or ask.user_name)
        channel = Channel("slack", ask.channel)
        return await self._bot.command(channel, person, ask.text, manages=who.manages)

    async def _body(self, ask: Ask, message: Message) -> Json:
        # A report is nobody's to replace, whoever pressed a button on it.
        takes_place = bool(
            message.replace and ask.pressed and not await self._bot.is_ours(ask.pressed)
        )
        body: Json = {
            **rendered(message),
            "response_type": "in_channel" if message.public else "ephemeral",
            "replace_original": takes_place,
            "unfurl_links": False,
            "unfurl_media": False,
            "link_names": False,
            "parse": "none",
        }
        return {**body, "thread_ts": ask.thread} if ask.thread and not takes_place else body
