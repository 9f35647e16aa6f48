"""REST: channels and threads: start, post in a forum, change, archive, join, list.

Sources: docs.discord.com/developers/resources/channel and /developers/topics/threads.
"""

from aiohttp import web

from tests.servers.discord.channels import add_thread, drop_channel, open_thread
from tests.servers.discord.ledger import Accepted
from tests.servers.discord.messages import refuse_when_closed
from tests.servers.discord.pings import pings_of
from tests.servers.discord.platform import Platform
from tests.servers.discord.posting import announce, join, place, record
from tests.servers.discord.refusals import Form, Refusal
from tests.servers.discord.requests import Route, answer, files_of, json_of, limit_of
from tests.servers.discord.shapes import channel_json, iso, thread_member_json
from tests.servers.discord.state import (
    ANNOUNCEMENT,
    POSTS_ONLY,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Json,
    Message,
    Thread,
)
from tests.servers.discord.validate import Draft, draft_of

AUTO_ARCHIVE = (60, 1440, 4320, 10080)
NAME = 100
APPLIED_TAGS = 5


class Threads:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def routes(self) -> list[Route]:
        channel = "/channels/{channel}"
        return [
            ("GET", channel, self.fetch),
            ("PATCH", channel, self.change),
            ("DELETE", channel, self.delete),
            ("POST", channel + "/messages/{message}/threads", self.start_from_message),
            ("POST", channel + "/threads", self.start),
            ("GET", channel + "/threads/archived/public", self.archived),
            ("PUT", channel + "/thread-members/{user}", self.add_member),
            ("DELETE", channel + "/thread-members/{user}", self.drop_member),
            ("GET", channel + "/thread-members", self.members),
        ]

    def _json(self, channel: Channel) -> Json:
        return channel_json(channel, self.platform.bot.id)

    async def fetch(self, request: web.Request) -> web.Response:
        return answer(self._json(self.platform.channel(request.match_info["channel"])))

    async def start_from_message(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel = self.platform.channel(request.match_info["channel"])
        if channel.kind not in (TEXT, ANNOUNCEMENT):
            raise Refusal(50024)
        message = self.platform.message(channel, request.match_info["message"])
        self.platform.require(channel, "CREATE_PUBLIC_THREADS")
        _check_thread(body)
        if message.thread:
            raise Refusal(160004)
        self._refuse_too_many(channel)
        minutes = body.get("auto_archive_duration") or 1440
        thread = open_thread(
            self.platform, channel, message, self.platform.bot, body["name"], minutes
        )
        self._record(channel, thread, message.id)
        return answer(self._json(thread), 201)

    async def start(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel = self.platform.channel(request.match_info["channel"])
        if channel.kind not in (TEXT, ANNOUNCEMENT, *POSTS_ONLY):
            raise Refusal(50024)
        _check_thread(body)
        self._refuse_too_many(channel)
        if channel.kind in POSTS_ONLY:
            return self._post_in_forum(request, channel, body)
        private = body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
        wanted = "CREATE_PRIVATE_THREADS" if private else "CREATE_PUBLIC_THREADS"
        self.platform.require(channel, wanted)
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = self._new(channel, self.platform.ids.next(), body, kind)
        announce(self.platform, "THREAD_CREATE", thread, newly_created=True)
        self._record(channel, thread)
        return answer(self._json(thread), 201)

    def _post_in_forum(self, request: web.Request, channel: Channel, body: Json) -> web.Response:
        self.platform.require(channel, "SEND_MESSAGES")
        tags = self._tags(channel, body)
        starter = body.get("message")
        if not isinstance(starter, dict):
            form = Form()
            form.required(("message",))
            raise Refusal(50035, errors=form.errors)
        files = files_of(request, self.platform.ids)
        draft = draft_of(starter, files=files, at=("message",))
        thread = self._new(channel, self.platform.ids.next(), body, PUBLIC_THREAD, tags)
        announce(self.platform, "THREAD_CREATE", thread, newly_created=True)
        message = self._starter(thread, draft)
        pings = pings_of(draft.content, draft.components, draft.allowed_mentions)
        record(self.platform, "thread", thread, message, draft, pings, name=thread.name, post=True)
        shape = {**self._json(thread), "message": self.platform.message_json(message)}
        return answer(shape, 201)

    def _tags(self, forum: Channel, body: Json) -> list[str]:
        """The forum's own, at most five, and at least one where it wants that. The moderated ones
        are for who may manage threads."""
        tags = [str(tag) for tag in body.get("applied_tags") or []]
        form = Form()
        form.length(("applied_tags",), tags, APPLIED_TAGS)
        form.check()
        offered = {tag["id"]: tag for tag in forum.tags}
        if not set(tags) <= set(offered):
            raise Refusal(10087)
        if any(offered[tag]["moderated"] for tag in tags):
            self.platform.require(forum, "MANAGE_THREADS")
        if forum.requires_tag and not tags:
            raise Refusal(40067)
        return tags

    def _starter(self, thread: Channel, draft: Draft) -> Message:
        """The first message of a forum post shares the id of its thread."""
        bot, now = self.platform.bot, self.platform.now()
        message = Message(thread.id, thread.id, bot, now, draft.content, draft.embeds)
        message.components, message.attachments = draft.components, draft.attachments
        message.flags = draft.flags
        return place(self.platform, thread, message)

    def _new(
        self, channel: Channel, identity: str, body: Json, kind: int, tags: list[str] | None = None
    ) -> Channel:
        bot, minutes = self.platform.bot, body.get("auto_archive_duration") or 1440
        thread = add_thread(self.platform, channel, identity, bot, body["name"], kind, minutes)
        if thread.thread:
            thread.thread.applied_tags = tags or []
        return thread

    def _refuse_too_many(self, channel: Channel) -> None:
        places = self.platform.guilds[channel.guild].channels.values()
        active = [place for place in places if place.thread and not place.thread.archived]
        if len(active) >= self.platform.settings.max_active_threads:
            raise Refusal(160006)

    def _record(self, channel: Channel, thread: Channel, message: str | None = None) -> None:
        details: Json = {"name": thread.name, "parent": channel.id}
        now = self.platform.now()
        self.platform.ledger.append(Accepted("thread", thread.id, now, message, details=details))

    async def change(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        channel = self.platform.channel(request.match_info["channel"])
        if channel.thread:
            self._change_thread(channel, channel.thread, body)
        else:
            self.platform.require(channel, "MANAGE_CHANNELS")
            form = Form()
            if "name" in body:
                channel.name = form.text(("name",), body["name"], NAME, 1)
            form.check()
            channel.topic = body.get("topic", channel.topic)
        announce(self.platform, "THREAD_UPDATE" if channel.thread else "CHANNEL_UPDATE", channel)
        now = self.platform.now()
        self.platform.ledger.append(Accepted("channel", channel.id, now, details=body))
        return answer(self._json(channel))

    def _change_thread(self, channel: Channel, thread: Thread, body: Json) -> None:
        self._may_change(channel, thread, body)
        _check_thread({"name": channel.name, **body})
        if thread.archived and body.get("archived") is not False:
            raise Refusal(50083, self.platform.settings.archived_status)
        if "archived" in body and thread.archived != bool(body["archived"]):
            thread.archived = bool(body["archived"])
            thread.archive_changed = self.platform.now()
        channel.name = body.get("name") or channel.name
        thread.locked = bool(body.get("locked", thread.locked))
        thread.auto_archive = body.get("auto_archive_duration") or thread.auto_archive
        if "applied_tags" in body:
            forum = self.platform.any_channel(channel.parent or "")
            thread.applied_tags = self._tags(forum, body) if forum else []

    def _may_change(self, channel: Channel, thread: Thread, body: Json) -> None:
        """Waking an unlocked thread needs only the right to write in it."""
        if self.platform.allowed(channel, "MANAGE_THREADS"):
            return
        if body.get("archived") is False and thread.locked:
            raise Refusal(50013)
        if set(body) == {"archived"} and body["archived"] is False:
            self.platform.require(channel, "SEND_MESSAGES_IN_THREADS")
        elif "locked" in body or thread.owner != self.platform.bot.id:
            raise Refusal(50013)

    async def delete(self, request: web.Request) -> web.Response:
        channel = self.platform.channel(request.match_info["channel"])
        self.platform.require(channel, "MANAGE_THREADS" if channel.thread else "MANAGE_CHANNELS")
        shape = self._json(channel)
        drop_channel(self.platform, channel)
        self.platform.ledger.append(Accepted("delete", channel.id, self.platform.now()))
        return answer(shape)

    async def archived(self, request: web.Request) -> web.Response:
        """Newest archived first. Needs READ_MESSAGE_HISTORY."""
        channel = self.platform.channel(request.match_info["channel"])
        self.platform.require(channel, "READ_MESSAGE_HISTORY")
        places = self.platform.guilds[channel.guild].channels.values()
        children = [one for one in places if one.parent == channel.id]
        found = [(one.thread, one) for one in children if one.thread and one.thread.archived]
        found.sort(key=lambda pair: pair[0].archive_changed, reverse=True)
        before = request.query.get("before")
        if before:
            found = [pair for pair in found if iso(pair[0].archive_changed) < before]
        bot = self.platform.bot.id
        joined = [thread_member_json(one, bot) for thread, one in found if bot in thread.members]
        limit = limit_of(request, usual=50)
        threads = [self._json(one) for _, one in found[:limit]]
        return answer({"threads": threads, "members": joined, "has_more": len(found) > limit})

    async def add_member(self, request: web.Request) -> web.Response:
        channel = self._thread(request)
        refuse_when_closed(self.platform, channel)
        join(self.platform, channel, self._member_id(request))
        return answer(None)

    async def drop_member(self, request: web.Request) -> web.Response:
        channel = self._thread(request)
        refuse_when_closed(self.platform, channel)
        if channel.thread:
            channel.thread.members.pop(self._member_id(request), None)
        return answer(None)

    async def members(self, request: web.Request) -> web.Response:
        channel = self._thread(request)
        joined = channel.thread.members if channel.thread else {}
        return answer([thread_member_json(channel, user) for user in joined])

    def _thread(self, request: web.Request) -> Channel:
        channel = self.platform.channel(request.match_info["channel"])
        if channel.thread is None:
            raise Refusal(50024)
        return channel

    def _member_id(self, request: web.Request) -> str:
        given = request.match_info["user"]
        return self.platform.bot.id if given == "@me" else given


def _check_thread(body: Json) -> None:
    form = Form()
    form.text(("name",), body.get("name"), NAME, 1)
    minutes = body.get("auto_archive_duration")
    if minutes is not None and minutes not in AUTO_ARCHIVE:
        form.choice(("auto_archive_duration",), AUTO_ARCHIVE)
    form.check()
