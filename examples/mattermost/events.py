"""Mattermost's events, told to the core. Each call returns once the core has committed it.

What needs no commit (the answer to a command, somebody's name) goes on beside it. The events, and
what a post has in it: https://docs.mattermost.com/api/reference/mattermost-api and `Post` in
https://github.com/mattermost/mattermost/blob/master/api/v4/source/definitions.yaml.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from bot.commands.failing import safely
from bot.message import Message
from bot.model import Channel, MessageRef, Person, Visibility
from bot.ports import DeliveryError

from .api import Api, Json
from .render import WORD, rendered

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

KEY = "botbeat_delivery"
"""Where a post of ours carries its delivery's key: among the `props`, which nobody sees."""
_KINDS: dict[str, Visibility] = {"D": "direct", "G": "direct", "P": "private"}
_CHANGED = {"channel_updated", "channel_converted"}
_TOLD = {"posted", "post_edited", "post_deleted"}


class Events:
    def __init__(
        self, bot: Bot, api: Api, later: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._bot, self._api, self._later = bot, api, later
        self._seen: set[str] = set()

    async def take(self, event: Json) -> None:
        """One event. Raises what the core raises, and DeliveryError."""
        if event["event"] == "hello":
            self._seen.clear()  # Channels may have changed while nobody listened.
        if event["event"] in _CHANGED:
            self._seen.discard(event["broadcast"]["channel_id"])
        if event["event"] not in _TOLD:
            return
        post, me = json.loads(event["data"]["post"]), await self._api.me()
        ref, root = ref_of(post), root_of(post)
        if key := key_of(post, me):
            # Our own message is a receipt, maybe before the answer; also when it is gone again.
            await self._bot.delivered(key, ref)
        if event["event"] == "post_deleted":
            await self._bot.comment_deleted(ref, root)
        elif event["event"] == "posted" and (asked := command(post, me)):
            self._later(self._answer(post, asked))
        elif is_comment(post, me) and root:
            await self._comment(event["event"], post, ref, root)

    async def _comment(self, kind: str, post: Json, ref: MessageRef, root: MessageRef) -> None:
        if kind == "posted":
            await self.look_at(ref.channel)
            author = Person("mattermost", post["user_id"])
            written = post["create_at"] / 1000
            await self._bot.comment_posted(ref, root, author, post["message"], written)
            self._later(self._introduce(author.id))
        elif post["edit_at"]:  # Else it was pinned, or got a preview.
            edited = post["edit_at"] / 1000
            await self._bot.comment_edited(ref, post["message"], edited, root)

    async def look_at(self, channel: Channel) -> None:
        """Tell the core who reads a channel, before anything of it is kept: what stands in one that
        is not public is never shared by default."""
        if channel.id not in self._seen:
            info = await self._api.call("GET", f"channels/{channel.id}")
            kind = "shared" if info.get("shared") else _KINDS.get(info["type"], "public")
            await self._bot.channel_seen(channel, info["display_name"], kind)
            self._seen.add(channel.id)

    async def _introduce(self, user: str) -> None:
        if await self._bot.knows("mattermost", user):
            return
        try:
            for person, name in (await self._api.names([user])).items():
                await self._bot.person_named(Person("mattermost", person, name))
        except DeliveryError as error:
            log.warning("the name of %s is not known: %s", user, error.reason)

    async def _answer(self, post: Json, asked: str) -> None:
        """Answer in the thread of the question, where everybody sees it."""
        channel, root = ref_of(post).channel, post["root_id"] or post["id"]
        try:
            answer = await self._obeyed(channel, post["user_id"], asked)
            await self.say(channel, answer, root, f"answer-{post['id']}")
            if answer.announced:
                await self.say(channel, Message(answer.announced), "", f"told-{post['id']}")
        except DeliveryError as error:
            log.warning("a command in Mattermost got no answer: %s", error.reason)

    async def _obeyed(self, channel: Channel, user: str, asked: str) -> Message:
        await self.look_at(channel)
        member = await self._api.call("GET", f"channels/{channel.id}/members/{user}")
        manages = "channel_admin" in member["roles"].split()
        person = Person("mattermost", user, (await self._api.names([user])).get(user, ""))
        done = self._bot.command(channel, person, asked, manages=manages)
        return await safely(done, f"{user} in {channel.id}")

    async def say(self, channel: Channel, message: Message, root: str, once: str) -> None:
        """Mattermost takes what has the same `pending_post_id` once within half a minute."""
        body = {"channel_id": channel.id, "message": rendered(message), "root_id": root}
        await self._api.call("POST", "posts", {**body, "pending_post_id": once})


def ref_of(post: Json) -> MessageRef:
    return MessageRef(Channel("mattermost", post["channel_id"]), post["id"])


def root_of(post: Json) -> MessageRef | None:
    """The post under which a reply stands."""
    return MessageRef(ref_of(post).channel, post["root_id"]) if post["root_id"] else None


def key_of(post: Json, me: Json) -> str:
    """The delivery's key, if it is we who wrote the post: others can copy what is in it."""
    props = post.get("props") or {}
    return str(props.get(KEY, "")) if post["user_id"] == me["id"] else ""


def is_by_person(post: Json, me: Json) -> bool:
    """Not by us, not by another bot, and not Mattermost's own notice, which has a type."""
    props = post.get("props") or {}
    is_bot = props.get("from_bot") or props.get("from_webhook")
    return not (post["user_id"] == me["id"] or is_bot or post["type"])


def command(post: Json, me: Json) -> str:
    """What somebody asks of us: what stands after `!botbeat`, or after our name at the start."""
    names = rf"(?:{re.escape(WORD)}|@{re.escape(me['username'])})"
    asked = re.match(rf"\s*{names}(?![\w.-])\s*(.*)", post["message"], re.IGNORECASE | re.DOTALL)
    return (asked[1].strip() or "help") if asked and is_by_person(post, me) else ""


def is_comment(post: Json, me: Json) -> bool:
    """Words of a person under something. A file without words is none."""
    words = is_by_person(post, me) and post["message"].strip()
    return bool(words and post["root_id"] and not command(post, me))
