"""Answers to what people ask: acknowledged at once, and told where they asked, to them alone.

A button carries the text that would stand after `/botbeat`, so pressing is typing, and so is
sending off a form.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import views
from adapters.slack.api import Api
from adapters.slack.asks import Ask, Kept, asked_on, sent_off
from adapters.slack.history import Past
from adapters.slack.payload import Json, word
from adapters.slack.people import People
from adapters.slack.render import BARE, PLAIN, rendered
from adapters.slack.richtext import plain
from bot import commands
from bot.commands.failing import safely
from bot.commands.forms import memo, typed
from bot.message import Message
from bot.model import Channel, MessageRef, Person, Visibility
from bot.ports import DeliveryError

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""After so many seconds a form that was sent off is acknowledged, whether it is done or not."""
_NOT_OWN = Message(
    text="Only who wrote a message can attach it, as its words are shown under the report, and "
    "maybe in other channels. Nothing was changed."
)
_ATTACHED = Message(text="It is a comment on the report now. Edit or delete it where it stands.")
_ABSENT = (
    "**BotBeat is not in this channel, so it cannot post here yet.** Type `/invite @BotBeat`; "
    "what was set is kept, and nothing is lost."
)
_CALLED: dict[str, Visibility] = {"privategroup": "private", "directmessage": "direct"}
_MOST_CHANNELS = 200


class Answers:
    def __init__(self, bot: Bot, people: People, api: Api, past: Past) -> None:
        self._bot, self._people, self._api, self._past = bot, people, api, past

    async def answer(self, ask: Ask) -> None:
        """Do what was asked and say so; whatever fails is told in one line."""
        if ask.home is not None and not (ask := await self._with_modal(ask)).view:
            return
        await self._say(ask, await safely(self._asked(ask), ask.whose))
        if ask.home is not None:
            await self.home(ask.user, ask.home)

    async def mentioned(self, ask: Ask, ts: str) -> None:
        """Somebody called us by name. The event may come again, or to another process as well."""
        if await self._bot.lease(f"asked {ask.channel} {ts}", secrets.token_hex(8), 3600):
            await self.answer(ask)

    async def attach(self, payload: Json) -> None:
        """The entry in a message's menu: which report is it about?"""
        ask = await self._with_modal(asked_on(payload))
        own = word(payload, "message", "user") == ask.user
        if ask.view:
            await self._say(ask, await safely(self._asked(ask), ask.whose) if own else _NOT_OWN)

    async def submitted(self, ack: AsyncAck, body: Json) -> Coroutine[Any, Any, None]:
        """A form that was sent off. What is wrong with it is told beside what was filled in; what
        is left to do after the acknowledgement is returned."""
        view = body["view"]
        kept, values = Kept.of(view), views.filled(view)
        ask = sent_off(body, kept.channel, typed(kept.memo, values))
        report = next(iter(values.get("report", ())), "")
        work = self._attached(ask, kept, report) if kept.message else self._asked(ask)
        task = asyncio.create_task(safely(work, ask.whose))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            shown = views.answer(views.WORKING, ask.channel)
            await ack(response_action="update", view=shown)
            return self._late(ask, task)
        message = task.result()
        if message.refused:
            wrong = views.refused(view, plain(message.text, 500))
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=views.answer(message, ask.channel))
        return self._announce(ask, message)

    async def _late(self, ask: Ask, work: asyncio.Task[Message]) -> None:
        await self._say(ask, await work)

    async def home(self, user: str, direct: str) -> None:
        """Show somebody what the channels get that they are in; `direct` is theirs with us."""
        who = await self._people.profile(user)
        person, shown = Person("slack", user, who.name), list[tuple[str, Message]]()
        try:
            for channel in [direct, *await self._channels_of(user)]:
                place = Channel("slack", channel)
                message = await self._bot.command(place, person, "form:home", manages=who.manages)
                if message.cards:
                    shown.append((channel, message))
            view = views.home(shown, direct)
            await self._api.call("views.publish", user_id=user, view=view)
        except DeliveryError as error:
            log.warning("the home of %s was not shown: %s", user, error.reason)

    async def _channels_of(self, user: str) -> list[str]:
        found = list[str]()
        pages = self._api.pages(
            "users.conversations",
            "channels",
            user=user,
            types="public_channel,private_channel",
            exclude_archived="true",
        )
        async for page, _ in pages:
            found += [word(one, "id") for one in page]
            if len(found) >= _MOST_CHANNELS:
                break
        return found[:_MOST_CHANNELS]

    async def _asked(self, ask: Ask) -> Message:
        guess = _CALLED.get(ask.channel_name)
        _, who = await asyncio.gather(
            self._people.visit(ask.channel, guess), self._people.profile(ask.user)
        )
        person = Person("slack", ask.user, who.name or ask.user_name)
        channel = Channel("slack", ask.channel)
        message = await self._bot.command(channel, person, ask.text, manages=who.manages)
        acts = message.announced or commands.changes(commands.split(ask.text)[0])
        if acts and not message.refused and self._people.is_absent(ask.channel):
            return replace(message, text=f"{message.text}\n\n{_ABSENT}")
        return message

    async def _attached(self, ask: Ask, kept: Kept, report: str) -> Message:
        channel = Channel("slack", kept.channel)
        if not report:
            return Message(text="Which report? Nothing was changed.", refused=True)
        said = await self._past.one(MessageRef(channel, kept.message))
        if said is None or said.author is None or said.author.id != ask.user:
            return _NOT_OWN
        above = MessageRef(channel, report)
        await self._bot.comment_posted(said.ref, above, said.author, said.text, said.written)
        return _ATTACHED

    async def _say(self, ask: Ask, message: Message) -> None:
        try:
            await self._tell(ask, message)
        except DeliveryError as error:
            log.warning("%s got no answer in %s: %s", ask.user, ask.channel, error.reason)
            return
        log.info("answered %s in %s", ask.user, ask.channel)
        await self._announce(ask, message)

    async def _tell(self, ask: Ask, message: Message) -> None:
        shown = self._view(ask, message)
        if ask.view:
            await self._api.call("views.update", view_id=ask.view, view=shown)
        elif message.form and (await self._with_modal(ask, shown)).view:
            return
        elif ask.response_url:
            await self._api.respond(ask.response_url, await self._body(ask, message))
        else:
            where: Json = {"channel": ask.channel, "user": ask.user, **PLAIN}
            if ask.thread:
                where["thread_ts"] = ask.thread
            await self._api.call("chat.postEphemeral", **where, **rendered(message))

    def _view(self, ask: Ask, message: Message) -> Json:
        if not message.form:
            return views.answer(message, ask.channel)
        attached = ask.pressed.id if ask.pressed and message.form.command == "attach" else ""
        return views.form(message.form, str(Kept(ask.channel, memo(message.form), attached)))

    async def _with_modal(self, ask: Ask, view: Json | None = None) -> Ask:
        """With a modal opened where the answer goes; as it was if it could not be opened."""
        if not ask.trigger:
            return ask
        shown = view or views.answer(views.WORKING, ask.channel)
        try:
            answer = await self._api.call("views.open", trigger_id=ask.trigger, view=shown)
        except DeliveryError as error:
            log.warning("no modal could be opened for %s: %s", ask.user, error.reason)
            return ask
        return replace(ask, view=word(answer, "view", "id"), trigger="")

    async def _announce(self, ask: Ask, message: Message) -> None:
        """Tell the whole channel what somebody changed: a courtesy, which is not repeated."""
        if not message.announced:
            return
        told = Message(message.announced, public=True)
        try:
            if ask.response_url:
                await self._api.respond(ask.response_url, await self._body(ask, told))
            elif not self._people.is_absent(ask.channel):
                place: Json = {"channel": ask.channel, **PLAIN, **BARE}
                await self._api.call("chat.postMessage", **place, **rendered(told))
        except DeliveryError as error:
            log.warning("%s was not told of a change: %s", ask.channel, error.reason)

    async def _body(self, ask: Ask, message: Message) -> Json:
        # A report is nobody's to replace, whoever pressed a button on it.
        takes_place = bool(
            message.replace and ask.pressed and not await self._bot.is_ours(ask.pressed)
        )
        body: Json = {
            **rendered(message),
            "response_type": "in_channel" if message.public else "ephemeral",
            "replace_original": takes_place,
            **PLAIN,
            **BARE,
        }
        return {**body, "thread_ts": ask.thread} if ask.thread and not takes_place else body
