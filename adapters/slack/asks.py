"""What somebody asked, wherever they did: a command, a press, a form, a mention, a message's menu.

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from adapters.slack.mrkdwn import command_text
from adapters.slack.payload import Json, part, parts, word
from adapters.slack.views import channel_of
from bot.model import Channel, MessageRef

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

    @property
    def whose(self) -> str:
        return f"{self.user} in {self.channel}"


def typed(form: Json) -> Ask:
    """A slash command."""
    return Ask(
        channel=word(form, "channel_id"),
        channel_name=word(form, "channel_name"),
        user=word(form, "user_id"),
        user_name=word(form, "user_name"),
        text=command_text(word(form, "text")),
        response_url=word(form, "response_url"),
        trigger=word(form, "trigger_id"),
    )


def pressed(payload: Json) -> Ask | None:
    """A press; None for a button that is a link, which Slack reports as well."""
    action: Json = next(iter(parts(payload, "actions")), {})
    where, view = part(payload, "container"), part(payload, "view")
    ask = _by(payload, word(action, "value"))
    place = ask.channel or (channel_of(action.get("block_id")) if view else "")
    if not ask.text or not place:
        return None
    ref = MessageRef(Channel("slack", place), word(where, "message_ts"))
    return replace(
        ask,
        channel=place,
        response_url=word(payload, "response_url"),
        pressed=None if view else ref,
        thread=word(where, "thread_ts"),
        view=word(view, "id") if view.get("type") == "modal" else "",
        home=word(view, "private_metadata") if view.get("type") == "home" else None,
    )


def mention(event: Json, bot: str) -> Ask | None:
    """A message that calls `bot` by name; None if it does not begin so. Commands do not work in
    threads, and this does."""
    text, channel = word(event, "text"), word(event, "channel")
    called = _CALLED.match(text)
    if not bot or called is None or called[1] != bot:
        return None
    asked, root = command_text(text[called.end() :]), word(event, "thread_ts")
    if root and asked.casefold() in _ABOUT:
        asked = f"{asked or 'why'} archives/{channel}/p{root.replace('.', '')}"
    return Ask(channel, word(event, "user"), asked, thread=root)


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
    ask = _by(payload, "form:attach")
    ref = MessageRef(Channel("slack", ask.channel), word(payload, "message", "ts"))
    return replace(ask, pressed=ref)


def sent_off(payload: Json, channel: str, text: str) -> Ask:
    """A form; the answer takes its place."""
    view = str(payload["view"].get("id"))
    return replace(_by(payload, text), channel=channel, trigger="", view=view)


def _by(payload: Json, text: str) -> Ask:
    """What whoever caused this interaction asks, where they did."""
    user = part(payload, "user")
    return Ask(
        channel=word(payload, "channel", "id"),
        channel_name=word(payload, "channel", "name"),
        user=word(user, "id"),
        user_name=word(user, "name") or word(user, "username"),
        text=text,
        trigger=word(payload, "trigger_id"),
    )
