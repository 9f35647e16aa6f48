"""Mattermost as the core sees it: messages go out here, and `run` lets in what people do.

The posts: https://github.com/mattermost/mattermost/blob/master/api/v4/source/posts.yaml.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection
from typing import TYPE_CHECKING, Any

from bot.message import Message
from bot.missed import Missed
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, Pace, Said
from bot.tasks import Tasks

from .api import Api, Json
from .events import KEY, Events, is_comment, key_of, ref_of, root_of
from .listen import Listener
from .render import rendered

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

MOST = 1000
"""So many posts Mattermost lists at most of those that changed since some time."""
_EARLIER = 60.0
"""So many seconds Mattermost's clock may differ from the database's."""
_LAST_WORDS = 5.0
NOT_CHANGED = "Somebody deleted this message in Mattermost, or it may not be changed any more"


class MattermostChat:
    """The ChatPort and the History. `rest` are the seconds between two sockets."""

    platform = "mattermost"
    # Where an admin limits calls it is to ten a second, and bursts of a hundred:
    # docs.mattermost.com/administration-guide/configure/rate-limiting-configuration-settings.html.
    pace = Pace(channel=1.0, install=0.2, burst=50, reading=0.5)
    rest = 3.0

    def __init__(self, url: str, token: str) -> None:
        self._api = Api(url, token)
        self._missed = Missed()
        self._asides = Tasks()
        self._events: Events | None = None

    async def run(self, bot: Bot) -> None:
        """Listen and tell `bot` what people do, until cancelled."""
        self._events = Events(bot, self._api, self._asides.start)
        listener = Listener(self._events, self._api, self._missed.note, self.rest)
        try:
            async with self._missed.made_up(bot, self, rest=self.rest, again=self.rest):
                await listener.run()
        finally:
            await self.close()

    async def close(self) -> None:
        """Let answers on their way finish; a later call opens the session again."""
        for late in await self._asides.finish(_LAST_WORDS):
            late.cancel()
        await self._api.close()

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        body = {
            "channel_id": channel.id,
            "root_id": thread.id if thread else "",
            "message": rendered(message),
            "props": {KEY: key},
            "pending_post_id": key,
        }
        sent = await self._api.call("POST", "posts", body)
        try:
            ref = ref_of(sent)
        except (LookupError, TypeError):
            raise DeliveryError("Mattermost did not say where it is", unsure=True) from None
        log.info("posted %s in %s", ref.id, channel.id)
        return ref

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        """What is not named, such as the props, stays."""
        body = {"message": rendered(message)}
        if not await self._api.call("PUT", f"posts/{ref.id}/patch", body, fine=(403, 404)):
            raise DeliveryError(NOT_CHANGED, permanent=True)

    async def delete(self, ref: MessageRef) -> None:
        done = await self._api.call("DELETE", f"posts/{ref.id}", fine=(403, 404))
        if not done and await self.stands(ref):
            raise DeliveryError("Mattermost does not let BotBeat remove this", permanent=True)

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        posts, whole = await self._changed(channel, since)
        me, wanted = await self._api.me(), set(keys)
        for post in posts:
            if (key := key_of(post, me)) in wanted:
                wanted.remove(key)
                yield key, ref_of(post)
        if wanted and not whole:
            raise DeliveryError("Too much changed there for Mattermost to list", permanent=True)

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        if self._events:
            await self._events.look_at(channel)
        posts, whole = await self._changed(channel, since)
        if not whole:
            raise DeliveryError("Too much changed there for Mattermost to list", permanent=True)
        return list({root: None for post in posts if (root := root_of(post))})

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        """Nothing where the report itself is gone: what stood under it is asked one by one."""
        answer = await self._api.call("GET", f"posts/{thread.id}/thread", fine=(404,))
        under = [post for post in _listed(answer) if root_of(post) == thread] if answer else []
        me = await self._api.me()
        people = {post["user_id"] for post in under if is_comment(post, me)}
        names = await self._api.names(people)
        said = (_said(post, me, names) for post in under if post["create_at"] / 1000 >= since)
        return sorted(filter(None, said), key=lambda one: one.written)

    async def stands(self, ref: MessageRef) -> bool:
        return await self._api.call("GET", f"posts/{ref.id}", fine=(404,)) is not None

    async def _changed(self, channel: Channel, since: float) -> tuple[list[Json], bool]:
        """What stands of the posts that changed since then, and whether these are all."""
        start = str(max(1, int((since - _EARLIER) * 1000)))
        answer = await self._api.call("GET", f"channels/{channel.id}/posts", since=start)
        return _listed(answer), len(answer["order"]) < MOST


def _listed(answer: Any) -> list[Json]:
    """The posts of a list. An answer that is none never means that there are none."""
    try:
        posts = [answer["posts"][number] for number in answer["order"]]
    except (LookupError, TypeError):
        raise DeliveryError("Mattermost gave no list of posts; BotBeat asks again") from None
    return [post for post in posts if not post["delete_at"]]


def _said(post: Json, me: Json, names: dict[str, str]) -> Said | None:
    """One message of a thread, by the same rules as its event."""
    ref, written = ref_of(post), post["create_at"] / 1000
    if key := key_of(post, me):
        return Said(ref, written, key=key)
    if not is_comment(post, me):
        return None
    author = Person("mattermost", post["user_id"], names.get(post["user_id"], ""))
    return Said(ref, written, author, post["message"], post["edit_at"] / 1000)
