"""What somebody asked, wherever they did: a command, a press, a form, a mention, a message's menu.

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from adapters.slack.mrkdwn import command_text
from adapters.slack.views import channel_of
from bot.model import Channel, MessageRef

Json = dict[str, Any]
_CALLED = re.compile(r"\s*<@([A-Z0-9]+)(?:\|[^>]*)?>")
_ABOUT = ("", "why", "show")
"""What is asked in a thread is about its report, if nothing else is named."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`pressed` is the button's message. The answer goes to `response_url`, into the modal `view`,
    or else to the asker alone, in `thread` or the channel. `trigger` opens one modal, within three
    seconds. `home`: asked in the app's home, which shows what changed; the asker's channel with us.
    """

    channel: str
    user: str
    text: str
    channel_name: str = ""
    user_name: str = ""
    response_url: str = ""
    pressed: MessageRef | None = None
    thread: str = ""
    trigger: str = ""
    view: str = ""
    home: str | None = None


def typed(form: Json) -> Ask:
    """A slash command."""
    channel, name, user, user_name, text, url, trigger = (
        str(form.get(key) or "")
        for key in (
            *("channel_id", "channel_name", "user_id", "user_name", "text"),
            *("response_url", "trigger_id"),
        )
    )
    return Ask(channel, user, command_text(text), name, user_name, url, trigger=trigger)


def pressed(payload: Json) -> Ask | None:
    """A press; None for a button that is a link, which Slack reports as well."""
    action: Json = next(iter(payload.get("actions") or ()), {})
    channel, user = payload.get("channel") or {}, payload.get("user") or {}
    where, view = payload.get("container") or {}, payload.get("view") or {}
    place = str(channel.get("id") or "") or (channel_of(action.get("block_id")) if view else "")
    if not action.get("value") or not place:
        return None
    ref = MessageRef(Channel("slack", place), str(where.get("message_ts") or ""))
    return Ask(
        channel=place,
        channel_name=str(channel.get("name") or ""),
        user=str(user.get("id") or ""),
        user_name=str(user.get("name") or user.get("username") or ""),
        text=str(action["value"]),
        response_url=str(payload.get("response_url") or ""),
        pressed=None if view else ref,
        thread=str(where.get("thread_ts") or ""),
        trigger=str(payload.get("trigger_id") or ""),
        view=str(view.get("id") or "") if view.get("type") == "modal" else "",
        home=str(view.get("private_metadata") or "") if view.get("type") == "home" else None,
    )


def mention(event: Json, bot: str) -> Ask | None:
    """A message that calls `bot` by name; None if it does not begin so. Commands do not work in
    threads, and this does."""
    text, channel = str(event.get("text") or ""), str(event.get("channel") or "")
    called = _CALLED.match(text)
    if not bot or called is None or called[1] != bot:
        return None
    asked, root = command_text(text[called.end() :]), str(event.get("thread_ts") or "")
    if root and asked.casefold() in _ABOUT:
        asked = f"{asked or 'why'} archives/{channel}/p{root.replace('.', '')}"
    return Ask(channel, str(event.get("user") or ""), asked, thread=root)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form keeps until it is sent off. `message` is what is to be attached."""

    channel: str
    memo: str
    message: str = ""

    def __str__(self) -> str:
        return json.dumps([self.channel, self.memo, self.message], ensure_ascii=False)

    @classmethod
    def of(cls, view: Json) -> Kept:
        return cls(*json.loads(view["private_metadata"]))


def asked_on(payload: Json) -> Ask:
    """An entry of a message's menu."""
    channel, user = payload.get("channel") or {}, payload.get("user") or {}
    message = payload.get("message") or {}
    ref = MessageRef(Channel("slack", str(channel.get("id") or "")), str(message.get("ts") or ""))
    return Ask(
        channel=ref.channel.id,
        channel_name=str(channel.get("name") or ""),
        user=str(user.get("id") or ""),
        user_name=str(user.get("name") or user.get("username") or ""),
        text="form:attach",
        pressed=ref,
        trigger=str(payload.get("trigger_id") or ""),
    )
