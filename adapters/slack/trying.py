"""What Slack's pages leave open, tried out in a channel, for `botbeat doctor --live`.

The rule: posted, found and removed as reports are, by the same client; only what history shows
is read here, since the client takes either mark of a message for its own.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from adapters.slack.api import PAGE, Api
from adapters.slack.client import SlackChat
from adapters.slack.marks import EVENT_TYPE
from adapters.slack.payload import Json, part, parts, word
from bot.freshness import steady
from bot.model import Channel, MessageRef
from bot.ports import DeliveryError
from bot.trial import NOTE, Desk, Posted, Seen, Trial, sent_again

HISTORY, REPLIES = "conversations.history", "conversations.replies"
LATEST = 60.0
"""After so many seconds an attempt of unknown outcome is looked for."""
_TWICE = "chat.postMessage heeds client_msg_id when a message is sent again after {:g} s"


class Ground:
    """`latest`: so many seconds a message is waited for."""

    messages = 2
    patient: Sequence[float] = (60.0, 600.0)

    def __init__(self, token: str, url: str, channel: str, latest: float = LATEST) -> None:
        self._api, self._chat = Api(token, url), SlackChat(token, "", "", url)
        self._channel, self._latest = Channel("slack", channel), latest
        self._home, self._began = "", 0.0
        self._report: Posted | None = None
        self._reply: Posted | None = None

    async def open(self) -> None:
        self._home = word(await self._api.call("auth.test", reading=True), "url")
        self._began = time.time()

    def trials(self, waits: Sequence[float]) -> list[Trial]:
        shown = "{} shows a bot the metadata of its messages"
        return [
            Trial(f"{HISTORY} shows a message within {self._latest:g} s", True, self._late),
            Trial(shown.format(HISTORY), True, self._in_history),
            Trial(f"{REPLIES} shows a bot the replies in this channel", True, self._answered),
            Trial(shown.format(REPLIES), True, self._in_replies),
            *(Trial(_TWICE.format(wait), None, sent_again(wait)) for wait in waits),
        ]

    async def post(self, key: str, under: str) -> str:
        thread = MessageRef(self._channel, under) if under else None
        return (await self._chat.post(self._channel, NOTE, thread, key)).id

    async def find(self, keys: Collection[str]) -> Mapping[str, str]:
        found = dict[str, str]()
        report = MessageRef(self._channel, self._report.id) if self._report else None
        for thread in {None, report}:
            looked = self._chat.find(self._channel, thread, keys, self._began)
            found |= {key: ref.id async for key, ref in looked}
        return found

    async def delete(self, message: str) -> None:
        await self._chat.delete(MessageRef(self._channel, message))

    def link(self, message: str = "") -> str:
        place = f"{self._home}archives/{self._channel.id}"
        return f"{place}/p{message.replace('.', '')}" if message else place

    async def close(self) -> None:
        await self._api.close()
        await self._chat.close()

    async def _late(self, desk: Desk) -> Seen:
        self._report = await desk.post()
        answered = steady()
        if not await self._shown(desk, HISTORY, self._report):
            return Seen(False)
        return Seen(True, f"{steady() - answered:.1f} s after the answer")

    async def _in_history(self, desk: Desk) -> Seen:
        self._report = self._report or await desk.post()
        return _marked(await self._shown(desk, HISTORY, self._report), self._report)

    async def _answered(self, desk: Desk) -> Seen:
        self._report = self._report or await desk.post()
        self._reply = await desk.post(under=self._report.id)
        try:
            return Seen(bool(await self._shown(desk, REPLIES, self._reply, ts=self._report.id)))
        except DeliveryError as error:
            if not error.permanent or error.scope != "message":
                raise
            return Seen(False, error.reason)

    async def _in_replies(self, desk: Desk) -> Seen:
        if not (self._report and self._reply):
            raise DeliveryError("no reply could be posted")
        shown = await self._shown(desk, REPLIES, self._reply, ts=self._report.id)
        return _marked(shown, self._reply)

    async def _shown(self, desk: Desk, method: str, sent: Posted, **more: Any) -> Json:
        """The message as Slack shows it, as soon as it does; empty if it does not in time."""
        ends, wait = steady() + self._latest, 0.25
        more |= {"channel": self._channel.id, "include_all_metadata": "true", "limit": PAGE}
        while True:
            listed = parts(await self._api.call(method, reading=True, **more), "messages")
            if found := [one for one in listed if one.get("ts") == sent.id]:
                return found[0]
            if steady() > ends:
                return {}
            await desk.rest(wait)
            wait *= 1.5


def _marked(shown: Json, sent: Posted) -> Seen:
    if not shown:
        raise DeliveryError("the message itself is not shown")
    read = part(shown, "metadata")
    same = word(read, "event_type") == EVENT_TYPE
    return Seen(same and word(read, "event_payload", "key") == sent.key)
