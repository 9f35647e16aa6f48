"""What stands in Discord's channels and threads, read again over REST: our own messages, to settle
what became of them, and those of people, to catch up.

The rule: newest first, and as far back as is asked for, but never less than one page, so that a
clock that is wrong makes nothing look missing. An empty list counts only for those who may read.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection
from typing import Any

import discord

from adapters.discord.events import neutral
from adapters.discord.kinds import Kinds
from adapters.discord.needs import LOOKING
from adapters.discord.render import Json, key_of, marks_of
from adapters.discord.rest import UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, Rest, delivering
from adapters.discord.rights import Rights
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, Said

log = logging.getLogger(__name__)

MESSAGES = "/channels/{channel_id}/messages"
ONE = MESSAGES + "/{message_id}"
NEWEST = MESSAGES + "?limit=100"
BEFORE = NEWEST + "&before={before}"
ACTIVE = "/guilds/{guild_id}/threads/active"
ARCHIVED = "/channels/{channel_id}/threads/archived/public?limit=100"
ARCHIVED_BEFORE = ARCHIVED + "&before={before}"
ORDINARY = (0, 19)  # The types of messages that somebody wrote; others are Discord's notices.
PAGE, PAGES, MOST_PAGES = 100, 10, 50
POSTS = 10  # of a forum are looked at in any case.
UNCLEAR = "A message of ours there has no key, so we cannot tell whether it is this one."
SLACK = 60.0
"""So many seconds Discord's clock may differ from the database's."""


class History:
    def __init__(self, rest: Rest, kinds: Kinds) -> None:
        self._rest = rest
        self._rights = Rights(rest)
        self._kinds = kinds

    async def find(
        self, channel: str, place: str, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, str]]:
        """Our messages with these keys in a channel, or in a thread of it: the keys and numbers."""
        async with delivering(LOOKING):
            posts = place == channel and await self._kinds.is_forum(channel)
        sent = self._posts(channel, since) if posts else self._sent(place, since)
        wanted, unclear = set(keys), False
        async for message in sent:
            marks, number = marks_of(message), str(message["id"])
            for key in [key for key in wanted if key in marks]:
                wanted.remove(key)
                yield key, number
            if not wanted:
                return
            unclear = unclear or (not marks and moment(int(number)) >= since - SLACK)
        if unclear:
            raise DeliveryError(UNCLEAR, permanent=True)
        await self._may_read(channel)

    async def _sent(self, place: str, since: float) -> AsyncIterator[Json]:
        """Our messages there, the newest first."""
        pages = 0
        async for page in self._pages(place, since - SLACK):
            for sent in page:
                if self._is_ours(sent):
                    yield sent
            if (pages := pages + 1) == PAGES:
                reason = "Too much was written since to find the message."
                raise DeliveryError(reason, retry_after=60)

    async def _posts(self, forum: str, since: float) -> AsyncIterator[Json]:
        """The first messages of our posts, which have the numbers of the threads."""
        listed = await self._listed(forum, since)
        ours = {int(thread["id"]) for thread in listed if int(thread["owner_id"]) == self._rest.me}
        for nth, post in enumerate(sorted(ours, reverse=True)):
            if nth >= POSTS and moment(post) < since - SLACK:
                break
            if first := await self._one(str(post), str(post)):
                yield first

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        """A thread has the number of the message that it is under."""
        if await self._is_direct(channel.id):
            written = [one async for page in self._pages(channel.id, since) for one in page]
            return [MessageRef(channel, number) for number in set(_answered(written).values())]
        here = await self._listed(channel.id, since)
        fresh = {str(thread["id"]) for thread in here if _newest(thread) >= since - SLACK}
        return [MessageRef(channel, number) for number in sorted(fresh, key=int)]

    async def _listed(self, channel: str, since: float) -> list[Any]:
        """The threads of a channel, but those that were put away before `since`."""
        async with delivering(LOOKING, thread=True):
            guild = (await self._rights.channel(channel))["guild_id"]
            active = (await self._rest.ask("GET", ACTIVE, guild_id=guild))["threads"]
        here = [thread for thread in active if thread["parent_id"] == channel]
        here += [thread async for thread in self._archived(channel, since)]
        await self._may_read(channel)
        return here

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        sent: list[Any] = []
        direct = await self._is_direct(thread.channel.id)
        async for page in self._pages(thread.channel.id if direct else thread.id, since):
            sent += page
            if len(sent) >= MOST_PAGES * PAGE:
                log.warning("Only the newest %s messages of Discord thread %s are read",
                            len(sent), thread.id)  # fmt: skip
                break
        await self._may_read(thread.channel.id)
        if direct:
            answered = _answered(sent)
            sent = [one for one in sent if answered.get(one["id"]) == thread.id]
        names = await self._names(thread.channel.id, sent)
        sent.sort(key=lambda message: int(message["id"]))
        said = [one for message in sent if (one := self._said(thread, message, names))]
        return [one for one in said if one.written >= since]

    async def _is_direct(self, channel: str) -> bool:
        async with delivering(LOOKING):
            return await self._kinds.is_direct(channel)

    async def stands(self, ref: MessageRef) -> bool:
        async with delivering(LOOKING, thread=True):
            ids = await self._kinds.where(ref)
        return await self._one(ids["channel_id"], ids["message_id"]) is not None

    async def _one(self, place: str, message: str) -> Any:
        """The message; None only if it surely is not there."""
        async with delivering(LOOKING, thread=True):
            try:
                found = await self._rest.ask("GET", ONE, channel_id=place, message_id=message)
            except discord.NotFound as error:
                # A deleted thread or channel took the message with it.
                if error.code in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
                    return None
                raise
            if not found["id"]:
                raise ValueError("no message in the answer")
        return found

    async def _may_read(self, channel: str) -> None:
        async with delivering():
            try:
                await self._rights.require(channel, LOOKING)
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL:  # Deleted: nothing is in it.
                    raise

    async def _pages(self, place: str, since: float) -> AsyncIterator[list[Any]]:
        """Pages of messages, newest first, until one reaches back to `since`."""
        before = 0
        while True:
            page = await self._page(place, before)
            if page:
                yield page
            if len(page) < PAGE:
                return
            before = min(int(message["id"]) for message in page)
            if moment(before) < since:
                return

    async def _page(self, place: str, before: int) -> list[Any]:
        path = BEFORE if before else NEWEST
        async with delivering(LOOKING, thread=True):
            try:
                page = await self._rest.ask("GET", path, channel_id=place, before=before)
            except discord.NotFound as error:
                if error.code == UNKNOWN_CHANNEL:
                    return []  # Never opened, or deleted: nothing is in it.
                raise
            if not isinstance(page, list):
                raise ValueError("no list of messages in the answer")
        return page

    async def _archived(self, channel: str, since: float) -> AsyncIterator[Any]:
        """Threads that were put away at `since` or later; those from before were silent since."""
        before = ""
        while True:
            path = ARCHIVED_BEFORE if before else ARCHIVED
            async with delivering(LOOKING, thread=True):
                page = await self._rest.ask("GET", path, channel_id=channel, before=before)
                threads, more = page["threads"], page["has_more"]
            for thread in threads:
                before = thread["thread_metadata"]["archive_timestamp"]
                yield thread
            if not (threads and more) or instant(before) < since - SLACK:
                return

    async def _names(self, channel: str, sent: list[Any]) -> dict[str, str]:
        """What the roles and channels are called that are mentioned."""
        text, names = "".join(message["content"] for message in sent), dict[str, str]()
        async with delivering():
            place = await self._rights.channel(channel) if sent else {}
            guild = place.get("guild_id", "@me")
            if "<@&" in text and "guild_id" in place:
                roles = (await self._rights.asked("/guilds/{guild_id}", guild_id=guild))["roles"]
                names |= {f"&{role['id']}": role["name"] for role in roles}
            if "<#" in text and "guild_id" in place:
                path = "/guilds/{guild_id}/channels"
                places = await self._rights.asked(path, guild_id=guild)
                names |= {f"#{place['id']}": place["name"] for place in places}
        return names | {"guild": guild}

    def _said(self, thread: MessageRef, sent: Any, names: dict[str, str]) -> Said | None:
        if sent["id"] == thread.id:  # The report itself, in a forum.
            return None
        place, number = sent["channel_id"], sent["id"]
        direct = place == thread.channel.id
        ref = MessageRef(thread.channel, number if direct else f"{thread.id}/{number}")
        written = moment(int(sent["id"]))
        edited = instant(sent["edited_timestamp"]) if sent.get("edited_timestamp") else 0.0
        if self._is_ours(sent):
            return Said(ref, written, edited=edited, key=key_of(sent))
        if sent["author"].get("bot") or sent.get("webhook_id") or sent["type"] not in ORDINARY:
            return None
        mentioned = {f"@{person['id']}": called(person) for person in sent["mentions"]}
        files = [file["filename"] for file in sent["attachments"]]
        files += [sticker["name"] for sticker in sent.get("sticker_items") or []]
        link = f"https://discord.com/channels/{names['guild']}/{place}/{number}"
        text = neutral(sent["content"], names | mentioned, files, link)
        author = Person("discord", str(sent["author"]["id"]), called(sent["author"]))
        # Without the Message Content intent Discord shows us empty messages.
        return Said(ref, written, author, text, edited) if text else None

    def _is_ours(self, sent: Any) -> bool:
        return int(sent["author"]["id"]) == self._rest.me and sent["type"] in ORDINARY


def _answered(written: Collection[Any]) -> dict[str, str]:
    """What each of these messages answers in the end: a reply to a reply answers what that one
    does."""
    above = {
        str(one["id"]): str(reference["message_id"])
        for one in written
        if (reference := one.get("message_reference")) and reference.get("message_id")
    }
    roots = dict[str, str]()
    for number in sorted(above, key=int):  # What is answered is older.
        roots[number] = roots.get(above[number], above[number])
    return roots


def called(person: Any) -> str:
    """A person's name where nobody says what the server calls them."""
    return str(person.get("global_name") or person["username"])


def moment(number: int) -> float:
    """When an id was made: docs.discord.com/developers/reference#snowflakes."""
    return discord.utils.snowflake_time(number).timestamp()


def instant(text: str) -> float:
    return discord.utils.parse_time(text).timestamp()


def _newest(thread: Any) -> float:
    """When something was last written; a thread of which that is unknown counts as new."""
    last = thread.get("last_message_id")
    return moment(int(last)) if last else float("inf")
