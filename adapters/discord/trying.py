"""What Discord's pages leave open, tried out in a channel, for `botbeat doctor --live`.

The rule: a message is sent by one call that the library never repeats, as how long a nonce makes
repetitions harmless is just what is asked here.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from adapters.discord import create
from adapters.discord.history import MESSAGES, NEWEST
from adapters.discord.intent import GRANTED
from adapters.discord.kinds import FORUMS
from adapters.discord.needs import LOOKING
from adapters.discord.render import key_of, payload
from adapters.discord.rest import REPEATED, Rest, delivering
from bot.message import Button
from bot.model import Channel, MessageRef
from bot.ports import DeliveryError
from bot.trial import NOTE, Desk, Seen, Trial, sent_again

# The key stands in the button, which anybody may press: it shows the help.
SHOWN = replace(NOTE, buttons=(Button("Help", "help"),))
WRITING = ("View Channel", "Send Messages")
_TWICE = "Discord enforces the nonce when a message is sent again after {:g} s"


class Ground:
    messages = 1
    patient: Sequence[float] = (60.0, 180.0, 600.0)

    def __init__(self, token: str, url: str, channel: str) -> None:
        self._chat, self._rest = create(token, url), Rest(token)
        self._channel = Channel("discord", channel)
        self._server, self._began = "@me", 0.0

    async def open(self) -> None:
        self._began = time.time()
        async with delivering(WRITING):
            path = "/channels/{channel_id}"
            found = await self._rest.ask("GET", path, channel_id=self._channel.id)
            if found["type"] in FORUMS:
                reason = "This is a forum, where there is no nonce. Name a text channel."
                raise DeliveryError(reason, permanent=True, scope="channel")
            self._server = str(found.get("guild_id") or "@me")

    def trials(self, waits: Sequence[float]) -> list[Trial]:
        marked = "A message is read back with its button's custom_id right after it was posted"
        return [
            Trial("The Message Content intent is on", True, self._reads),
            Trial(marked, True, self._marked),
            # Not longer than a call is repeated blindly is anything assumed.
            *(
                Trial(_TWICE.format(wait), True if wait <= REPEATED else None, sent_again(wait))
                for wait in waits
            ),
        ]

    async def post(self, key: str, under: str) -> str:
        body = payload(SHOWN, key) | {"nonce": key, "enforce_nonce": True}
        where = {"channel_id": under or self._channel.id}
        async with delivering(WRITING):
            return str((await self._rest.ask("POST", MESSAGES, body, once=True, **where))["id"])

    async def find(self, keys: Collection[str]) -> Mapping[str, str]:
        looked = self._chat.find(self._channel, None, keys, self._began)
        return {key: ref.id async for key, ref in looked}

    async def delete(self, message: str) -> None:
        await self._chat.delete(MessageRef(self._channel, message))

    def link(self, message: str = "") -> str:
        place = f"https://discord.com/channels/{self._server}/{self._channel.id}"
        return f"{place}/{message}" if message else place

    async def close(self) -> None:
        await self._rest.close()
        await self._chat.close()

    async def _reads(self, desk: Desk) -> Seen:
        async with delivering():
            app = await self._rest.ask("GET", "/applications/@me")
            return Seen(bool(int(app["flags"]) & GRANTED))

    async def _marked(self, desk: Desk) -> Seen:
        sent = await desk.post()
        async with delivering(LOOKING, thread=True):
            page = await self._rest.ask("GET", NEWEST, channel_id=self._channel.id)
            found = [one for one in page if one["id"] == sent.id]
        if not page:  # What people may not read is shown to be empty.
            raise DeliveryError(f"Discord shows nothing there; it takes {' and '.join(LOOKING)}")
        return Seen(bool(found) and key_of(found[0]) == sent.key)
