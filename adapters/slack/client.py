"""Slack as the core sees it: messages go out here, and `run` lets in what people do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from adapters.slack.answers import Answers
from adapters.slack.api import CUSTOMIZE, PAGE, Api
from adapters.slack.events import Events, moment
from adapters.slack.history import Past
from adapters.slack.listen import answer_http, app_for, kept
from adapters.slack.marks import client_msg_id, key_of, marked
from adapters.slack.payload import Json, part, word
from adapters.slack.people import People, Profiles
from adapters.slack.refusals import REPORT_GONE, UNUSABLE
from adapters.slack.render import BARE, PLAIN, named_after, rendered
from adapters.slack.sockets import Sockets, Times
from bot.message import Message
from bot.missed import Missed
from bot.model import Channel, MessageRef
from bot.ports import DeliveryError, Pace, Said, ThreadGone
from bot.tasks import Tasks

if TYPE_CHECKING:
    from bot.bot import Bot

Handler = Callable[[web.Request], Awaitable[web.Response]]
log = logging.getLogger(__name__)

PATH = "/slack/events"
_EARLIER = 60.0
"""So many seconds Slack's clock may differ from the database's."""
_LAST_WORDS = 5.0


class SlackChat:
    """The ChatPort and the History. Only one of Socket Mode and HTTP listens: the first, if it has
    a token."""

    platform = "slack"
    # Several hundred messages a minute in a workspace, bursts tolerated; one a second in a channel:
    # docs.slack.dev/apis/web-api/rate-limits. History is read 50 times a minute.
    pace = Pace(channel=1.0, install=0.2, burst=100, reading=1.2)
    times = Times()

    def __init__(self, bot_token: str, app_token: str, signing_secret: str, api_url: str) -> None:
        self._token, self._app_token = bot_token, app_token
        self._secrets = [secret.strip() for secret in signing_secret.split(",") if secret.strip()]
        self._api, self._app_api = Api(bot_token, api_url), Api(app_token, api_url)
        self._profiles = Profiles(self._api)
        self._past = Past(self._api, self._profiles)
        self._missed = Missed()
        self._app: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._asides = Tasks()

    async def run(self, bot: Bot) -> None:
        """Listen and tell `bot` what people do, until cancelled."""
        app = self.attach(bot)
        rest = self.times.rest
        try:
            async with self._missed.made_up(bot, self, rest=rest, again=rest):
                if self._app_token:
                    take = partial(kept, app)
                    self._sockets = Sockets(take, self._door, self._missed.note, self.times)
                    await self._sockets.run()
                self._missed.note()
                await asyncio.Event().wait()
        finally:
            self._sockets = None
            await self.close()

    def silent(self) -> float | None:
        """For how many seconds Slack has said nothing on our sockets; None where it calls us, or
        we do not listen."""
        return self._sockets.silent() if self._sockets else None

    def attach(self, bot: Bot) -> AsyncApp:
        """From now on requests by HTTP are taken; `run` does this too."""
        people = People(self._api, bot, self._profiles)
        answers = Answers(bot, people, self._api, self._past)
        events = Events(bot, people, answers, self._asides.start, self._missed.note)
        self._app = app_for(self._token, events, answers, self._asides.start, self._missed.note)
        return self._app

    async def _door(self) -> str:
        """The address of one more socket; each works once."""
        url = (await self._app_api.call("apps.connections.open")).get("url")
        if not url:
            raise DeliveryError("Slack gave no address for a socket")
        return str(url)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """What the web server must hand over to `http`: method, path and handler."""
        by_http = bool(self._secrets) and not self._app_token
        return [("POST", PATH, self.http)] if by_http else []

    async def http(self, request: web.Request) -> web.Response:
        return await answer_http(self._app, self._secrets, request)

    async def close(self) -> None:
        """Let answers and calls on their way finish, then close the connections."""
        for late in await self._asides.finish(_LAST_WORDS):
            late.cancel()
        await asyncio.gather(self._api.close(), self._app_api.close())

    async def post(
        self, channel: Channel, message: Message, thread: MessageRef | None, key: str
    ) -> MessageRef:
        """Post once; where it stands. Raises DeliveryError."""
        more: Json = {"thread_ts": thread.id} if thread else {}
        naming = await self._naming(message)
        said = await self._api.call(
            "chat.postMessage",
            channel=channel.id,
            **BARE,
            client_msg_id=client_msg_id(key),
            **PLAIN,
            **naming,
            **marked(key, rendered(message, named=bool(naming))),
            **more,
        )
        if not said.get("ts"):
            raise DeliveryError("Slack did not say where the message is", unsure=True)
        _heed(said, key)
        ref = MessageRef(channel, str(said["ts"]))
        if thread and not (said.get("message") or {"thread_ts": thread.id}).get("thread_ts"):
            await self._take_back(ref)
        log.info("posted %s in %s", ref.id, channel.id)
        return ref

    async def edit(self, ref: MessageRef, message: Message, key: str) -> None:
        said = await self._api.call(
            "chat.update",
            channel=ref.channel.id,
            ts=ref.id,
            **PLAIN,
            **marked(key, rendered(message)),
        )
        _heed(said, key)
        log.info("edited %s in %s", ref.id, ref.channel.id)

    async def _naming(self, message: Message) -> Json:
        """Under whose name and picture a message stands, if not our own."""
        author = message.author
        # A member of this workspace is quoted, not impersonated.
        if author is None or author.platform == self.platform:
            return {}
        if not self._api.scopes:
            await self._api.call("auth.test", reading=True)
        return named_after(author) if CUSTOMIZE in self._api.scopes else {}

    async def delete(self, ref: MessageRef) -> None:
        """Remove our message; already gone is success."""
        gone = {"message_not_found"}
        await self._api.call("chat.delete", fine=gone, channel=ref.channel.id, ts=ref.id)
        log.info("removed %s in %s", ref.id, ref.channel.id)

    async def find(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        """What was to go under a message that is gone is taken out of the channel, should Slack
        have put it there."""
        try:
            async for found in self._found(channel, thread, keys, since):
                yield found
        except ThreadGone:
            async for _, stray in self._found(channel, None, keys, since):
                await self.delete(stray)
            raise

    async def _found(
        self, channel: Channel, thread: MessageRef | None, keys: Collection[str], since: float
    ) -> AsyncIterator[tuple[str, MessageRef]]:
        """History shows channels, replies show threads; of a channel at least the newest messages
        are read, lest a clock that is wrong makes one look missing."""
        more: Json = {"ts": thread.id} if thread else {}
        pages = self._api.pages(
            "conversations.replies" if thread else "conversations.history",
            "messages",
            channel=channel.id,
            include_all_metadata="true",
            **more,
        )
        seen, wanted = 0, set(keys)
        async for page, _ in pages:
            for message in page:
                seen += 1
                if (key := key_of(message)) in wanted:
                    wanted.remove(key)
                    yield key, MessageRef(channel, str(message["ts"]))
                old = not thread and seen >= PAGE and moment(message.get("ts")) < since - _EARLIER
                if old or not wanted:
                    return
        if thread and not seen:
            raise DeliveryError(UNUSABLE)  # The message above is among its replies.

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        return await self._past.threads(channel, since)

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        return await self._past.replies(thread, since)

    async def stands(self, ref: MessageRef) -> bool:
        return await self._past.stands(ref)

    async def _take_back(self, ref: MessageRef) -> None:
        """Slack puts a reply into the channel when the message it belongs under is gone."""
        await self.delete(ref)
        raise ThreadGone(REPORT_GONE)


def _heed(answer: Json, key: str) -> None:
    """Without its metadata a message is harder to find again, which somebody should look into."""
    given = part(answer, "response_metadata").get("warnings") or []
    warnings = {*map(str, given), *word(answer, "warning").split(",")}
    if any("metadata" in warning for warning in warnings):
        log.warning("Slack dropped the metadata of delivery %s", key)
