"""Slack's events, told to the core. Each call returns once the core has committed it.

Only after that Slack gets its acknowledgement, so what raises here comes again; what needs Slack
itself (names of people and channels) is left for later. Source:
https://docs.slack.dev/reference/events/message and its neighbours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from adapters.slack.asks import mention
from adapters.slack.marks import is_own, key_of
from adapters.slack.mrkdwn import markdown_of
from adapters.slack.payload import Json, part, parts, word
from adapters.slack.people import People
from bot.model import Channel, MessageRef, Person, Visibility

if TYPE_CHECKING:
    from adapters.slack.answers import Answers
    from bot.bot import Bot

Later = Callable[[Coroutine[Any, Any, None]], None]
log = logging.getLogger(__name__)

_ABOUT = ("left", "archive", "unarchive", "deleted", "rename")
NAMES = (
    *("message.channels", "message.groups", "member_joined_channel"),
    *(f"{kind}_{what}" for kind in ("channel", "group") for what in _ABOUT),
    *("channel_shared", "channel_unshared", "app_uninstalled", "tokens_revoked"),
    "app_home_opened",
)
"""The events the manifest subscribes to."""

_SAID = {"", "thread_broadcast", "file_share", "me_message", "bot_message"}
_PAUSES = {
    "left": "BotBeat was removed from this channel: type /invite @BotBeat there",
    "archive": "This channel is archived; BotBeat goes on when it is restored",
    "deleted": "This channel was deleted",
}
_KINDS: dict[str, Visibility] = {"group": "private", "im": "direct", "mpim": "direct"}


class Events:
    """`later` starts what may be done after the acknowledgement; `missed` is called when a channel
    can be read again."""

    def __init__(
        self,
        bot: Bot,
        people: People,
        answers: Answers,
        later: Later,
        missed: Callable[[], None],
    ) -> None:
        self._bot, self._people, self._answers = bot, people, answers
        self._later, self._missed = later, missed

    async def take(self, body: Json) -> None:
        """One event with its envelope. Raises what the core raises, and nothing else."""
        event = part(body, "event")
        kind = word(event, "type")
        if kind == "message":
            await self._message(event, body)
        elif kind == "member_joined_channel":
            if event.get("user") == _bot_user(body):
                channel, at = _channel(event), _told(event, body)
                await self._bot.channel_joined(Channel("slack", channel), at)
                self._reads_again(channel)
        elif kind == "app_home_opened" and event.get("tab") == "home":
            self._later(self._answers.home(word(event, "user"), _channel(event)))
        elif kind in ("app_uninstalled", "tokens_revoked"):
            log.error("Slack says %s: BotBeat must be installed again", kind)
        elif kind.startswith(("channel_", "group_")):
            await self._about(_channel(event), kind.partition("_")[2], _told(event, body))

    async def _message(self, event: Json, body: Json) -> None:
        match word(event, "subtype"):
            case "message_changed":
                await self._changed(event, body)
            case "message_deleted":
                previous = part(event, "previous_message")
                ts = word(event, "deleted_ts") or word(previous, "ts")
                await self._removed(_ref(event, ts), previous, body)
            case subtype if subtype in _SAID:
                await self._said(event, body)

    async def _said(self, event: Json, body: Json) -> None:
        ref = _ref(event, word(event, "ts"))
        if self._own(event, body):
            # The echo of our own message proves that it arrived, maybe before Slack's answer.
            if key := key_of(event):
                await self._bot.delivered(key, ref)
            return
        root, user = _root(event), word(event, "user")
        if not is_by_person(event):
            return
        if asked := mention(event, _bot_user(body)):
            self._later(self._answers.mentioned(asked, ref.id))
        if root is None:
            return
        kind = _visibility(event, body)
        await self._people.warn(ref.channel.id, kind)
        name = self._people.known(user)
        text = markdown_of(event, self._people.known)
        author = Person("slack", user, name)
        gesture = word(event, "client_msg_id")
        await self._bot.comment_posted(ref, root, author, text, moment(ref.id), gesture)
        log.info("comment %s by %s in %s", ref.id, user, ref.channel.id)
        self._later(self._people.introduce(user))
        self._later(self._people.visit(ref.channel.id, kind))

    async def _changed(self, event: Json, body: Json) -> None:
        """An edit is a change of words; previews and counts of replies come as changes too."""
        message, previous = part(event, "message"), part(event, "previous_message")
        ref = _ref(event, word(message, "ts"))
        if message.get("subtype") == "tombstone":
            await self._removed(ref, previous, body)
            return
        root = _root({**message, "channel": ref.channel.id})
        if message.get("bot_id") or self._own(message, body):
            return
        if root is None and not await self._bot.is_comment(ref):
            return
        text = markdown_of(message, self._people.known)
        if previous and text == markdown_of(previous, self._people.known):
            return
        edited = part(message, "edited").get("ts") or event.get("event_ts") or event.get("ts")
        await self._bot.comment_edited(ref, text, moment(edited), root)
        log.info("comment %s in %s was edited", ref.id, ref.channel.id)

    async def _removed(self, ref: MessageRef, previous: Json, body: Json) -> None:
        """A message of ours that goes was removed by somebody else, or at our own wish."""
        root = _root({**previous, "channel": ref.channel.id})
        own = self._own(previous, body)
        elsewhere = previous and root is None and not own
        if elsewhere and not await self._bot.is_comment(ref):
            return
        if own and (key := key_of(previous)):
            # Its echo may still be on its way: what was there, and is gone, is not posted again.
            await self._bot.delivered(key, ref)
        await self._bot.comment_deleted(ref, root)
        log.info("message %s in %s was removed", ref.id, ref.channel.id)

    def _own(self, message: Json, body: Json) -> bool:
        return is_own(message, word(body, "api_app_id"), _bot_user(body))

    async def _healed(self, channel: str, at: float) -> None:
        await self._bot.channel_resumed(Channel("slack", channel), at)
        self._reads_again(channel)

    def _reads_again(self, channel: str) -> None:
        log.info("channel %s takes reports again", channel)
        self._people.forget(channel)
        self._later(self._people.visit(channel))
        self._missed()

    async def _about(self, channel: str, what: str, at: float) -> None:
        if reason := _PAUSES.get(what):
            await self._bot.channel_paused(Channel("slack", channel), reason, at)
            log.info("channel %s is paused: %s", channel, what)
        elif what == "unarchive":
            await self._healed(channel, at)
        elif what in ("rename", "shared", "unshared"):
            self._people.forget(channel)
            self._later(self._people.visit(channel))


def _channel(event: Json) -> str:
    """An event names its channel by id, or by an object that holds the id."""
    return word(event, "channel", "id") or word(event, "channel")


def _ref(event: Json, ts: str) -> MessageRef:
    return MessageRef(Channel("slack", _channel(event)), ts)


def _root(message: Json) -> MessageRef | None:
    """The message under which a reply stands; None for what stands in the channel itself."""
    root = word(message, "thread_ts")
    return _ref(message, root) if root and root != message.get("ts") else None


def _bot_user(body: Json) -> str:
    first: Json = next(iter(parts(body, "authorizations")), {})
    return word(first, "user_id") if first.get("is_bot") else ""


def _visibility(event: Json, body: Json) -> Visibility | None:
    """What an event itself says of its channel, where that is not `public`."""
    if body.get("is_ext_shared_channel"):
        return "shared"
    return _KINDS.get(word(event, "channel_type"))


def is_by_person(message: Json) -> bool:
    """Whether somebody said this, and neither a bot nor Slack itself."""
    user = word(message, "user")
    said = word(message, "subtype") in _SAID
    return said and bool(user) and not message.get("bot_id") and user != "USLACKBOT"


def moment(ts: object) -> float:
    """A `ts` as seconds; 0 for what is none."""
    try:
        return float(str(ts or 0))
    except ValueError:
        return 0.0


def _told(event: Json, body: Json) -> float:
    """When it happened by Slack's own clock: the same each time that the event is sent."""
    return moment(event.get("event_ts")) or moment(body.get("event_time"))
