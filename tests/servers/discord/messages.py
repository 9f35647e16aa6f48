"""REST: create, list, fetch, edit and delete messages.

Source: docs.discord.com/developers/resources/message.
"""

from typing import NoReturn

from aiohttp import web

from tests.servers.discord.ledger import Accepted
from tests.servers.discord.pings import pings_of
from tests.servers.discord.platform import Platform
from tests.servers.discord.posting import apply, post, record, remove, remove_many
from tests.servers.discord.refusals import Form, Refusal
from tests.servers.discord.requests import Route, answer, files_of, json_of, limit_of
from tests.servers.discord.snowflake import moment
from tests.servers.discord.state import POSTS_ONLY, Channel, Json, Message
from tests.servers.discord.validate import Draft, draft_of

FORTNIGHT = 14 * 24 * 3600.0


class Messages:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def routes(self) -> list[Route]:
        base, one = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
        return [
            ("POST", base, self.create),
            ("GET", base, self.listing),
            ("POST", f"{base}/bulk-delete", self.bulk_delete),
            ("GET", one, self.fetch),
            ("PATCH", one, self.edit),
            ("DELETE", one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel = self.platform.channel(request.match_info["channel"])
        self._may_post(channel, body)
        draft = draft_of(body, files=files_of(request, self.platform.ids))
        earlier = self._earlier(draft)
        if earlier:
            return answer({**self.platform.message_json(earlier), "nonce": earlier.nonce})
        reply_to = self._reply_to(channel, body)
        message = post(self.platform, channel, self.platform.bot, draft, reply_to=reply_to)
        replied = channel.messages[reply_to].author.id if reply_to else None
        pings = pings_of(
            draft.content, draft.components, draft.allowed_mentions, replied_to=replied
        )
        record(self.platform, "create", channel, message, draft, pings)
        shape = self.platform.message_json(message)
        return answer({**shape, "nonce": draft.nonce} if draft.nonce is not None else shape)

    def _may_post(self, channel: Channel, body: Json) -> None:
        _refuse_in_forums(channel)
        if channel.closed:
            raise Refusal(50007)
        if channel.thread:
            refuse_when_locked(self.platform, channel)
            self.platform.require(channel, "SEND_MESSAGES_IN_THREADS")
        else:
            self.platform.require(channel, "SEND_MESSAGES")
        if body.get("embeds"):
            self.platform.require(channel, "EMBED_LINKS")

    def _earlier(self, draft: Draft) -> Message | None:
        """The message that already has this nonce; 10008 when it was deleted since."""
        if not draft.enforce_nonce or draft.nonce is None:
            return None
        known = self.platform.nonces.get((self.platform.bot.id, str(draft.nonce)))
        if known is None:
            return None
        channel_id, message_id, when = known
        if self.platform.now() - when > self.platform.settings.nonce_window:
            return None
        channel = self.platform.any_channel(channel_id)
        if channel is None or message_id not in channel.messages:
            raise Refusal(10008)
        return channel.messages[message_id]

    def _reply_to(self, channel: Channel, body: Json) -> str | None:
        reference = body.get("message_reference")
        if not isinstance(reference, dict) or not reference.get("message_id"):
            return None
        if not self.platform.allowed(channel, "READ_MESSAGE_HISTORY"):
            raise Refusal(160002)
        wanted = str(reference["message_id"])
        if wanted in channel.messages:
            return wanted
        if reference.get("fail_if_not_exists", True):
            form = Form()
            form.add(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.check()
        return None

    async def listing(self, request: web.Request) -> web.Response:
        channel = self.platform.channel(request.match_info["channel"])
        limit = limit_of(request)
        if not self.platform.allowed(channel, "READ_MESSAGE_HISTORY"):
            return answer([])
        found = _page(channel, request, limit)
        return answer([self.platform.fetched_json(message) for message in found])

    async def fetch(self, request: web.Request) -> web.Response:
        channel, message = self._found(request)
        self.platform.require(channel, "READ_MESSAGE_HISTORY")
        return answer(self.platform.fetched_json(message))

    def _found(self, request: web.Request) -> tuple[Channel, Message]:
        channel = self.platform.channel(request.match_info["channel"])
        _refuse_in_forums(channel)
        return channel, self.platform.message(channel, request.match_info["message"])

    async def edit(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel, message = self._found(request)
        if message.author.id != self.platform.bot.id:
            raise Refusal(50005)
        refuse_when_closed(self.platform, channel)
        draft = draft_of(body, files=files_of(request, self.platform.ids), before=message)
        apply(self.platform, channel, message, draft)
        pings = pings_of(draft.content, draft.components, draft.allowed_mentions)
        record(self.platform, "edit", channel, message, draft, pings)
        return answer(self.platform.message_json(message))

    async def delete(self, request: web.Request) -> web.Response:
        channel, message = self._found(request)
        if message.author.id != self.platform.bot.id:
            if channel.person:
                raise Refusal(50003)
            self.platform.require(channel, "MANAGE_MESSAGES")
        if not self.platform.settings.deletes_in_archived:
            refuse_when_closed(self.platform, channel)
        remove(self.platform, channel, message.id)
        self._deleted(channel, message.id)
        return answer(None)

    async def bulk_delete(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel = self.platform.channel(request.match_info["channel"])
        self.platform.require(channel, "MANAGE_MESSAGES")
        wanted = [str(identity) for identity in body.get("messages") or []]
        if not 2 <= len(wanted) <= 100:
            raise Refusal(50016)
        if any(self.platform.now() - moment(identity) > FORTNIGHT for identity in wanted):
            raise Refusal(50034)
        known = [identity for identity in wanted if identity in channel.messages]
        remove_many(self.platform, channel, known)
        for identity in known:
            self._deleted(channel, identity)
        return answer(None)

    def _deleted(self, channel: Channel, message_id: str) -> None:
        entry = Accepted("delete", channel.id, self.platform.now(), message_id)
        self.platform.ledger.append(entry)


def _refuse_in_forums(channel: Channel) -> None:
    """A forum has posts and no messages; only its list of them is empty instead of refused:
    https://github.com/discord/discord-api-docs/issues/2831."""
    if channel.kind in POSTS_ONLY:
        raise Refusal(50008)


def refuse_when_locked(platform: Platform, channel: Channel) -> None:
    """docs.discord.com/developers/topics/threads#locked-threads."""
    if channel.thread and channel.thread.locked and not platform.allowed(channel, "MANAGE_THREADS"):
        raise Refusal(160005)


def refuse_when_closed(platform: Platform, channel: Channel) -> None:
    """Only active threads can be changed: 50083 when archived, 160005 when locked."""
    if channel.thread and channel.thread.archived:
        raise Refusal(50083, platform.settings.archived_status)
    refuse_when_locked(platform, channel)


def _page(channel: Channel, request: web.Request, limit: int) -> list[Message]:
    """Newest first. Of `after`, those directly after the id, not the newest of the channel."""
    ordered = sorted(channel.messages.values(), key=lambda message: int(message.id))
    marks = [name for name in ("after", "before", "around") if name in request.query]
    if len(marks) > 1:
        _refuse_two_marks(marks)
    if not marks:
        return ordered[-limit:][::-1]
    form = Form()
    mark = request.query[marks[0]]
    if not mark.isdecimal():
        form.add((marks[0],), "NUMBER_TYPE_COERCE", f'Value "{mark}" is not snowflake.')
        form.check()
    older = [message for message in ordered if int(message.id) < int(mark)]
    newer = [message for message in ordered if int(message.id) > int(mark)]
    if marks[0] == "after":
        return newer[:limit][::-1]
    if marks[0] == "before":
        return older[-limit:][::-1]
    middle = [message for message in ordered if message.id == mark]
    half = limit // 2
    return [*older[-half:], *middle, *newer[:half]][::-1]


def _refuse_two_marks(marks: list[str]) -> NoReturn:
    form = Form()
    form.add((marks[1],), "MUTUALLY_EXCLUSIVE", f"Only one of {marks} may be passed")
    raise Refusal(50035, errors=form.errors)
