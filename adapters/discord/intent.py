"""Comments where Discord does not let us read what people write: a button opens a form for them.

The rule: only where the Message Content intent is off, as it is one button more and a copy for
what could be an own message; and no report waits long, or is lost, for not knowing it.
https://docs.discord.com/developers/resources/application#application-object-application-flags
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from adapters.discord.kinds import Kinds
from adapters.discord.rest import Rest, delivering
from bot.freshness import steady
from bot.message import Button, Message
from bot.ports import DeliveryError

log = logging.getLogger(__name__)
GRANTED = 1 << 18 | 1 << 19
"""GATEWAY_MESSAGE_CONTENT, and _LIMITED, which a bot in few servers has."""
KEPT, PATIENCE = 600.0, 2.0  # Seconds.
UNSEEN = (
    "Comments written on Discord are not seen, as BotBeat lacks the Message Content intent: switch "
    "it on in Discord's developer portal, under Bot, and restart BotBeat. Meanwhile the button "
    "Comment under each report works."
)


class Intent:
    def __init__(self, rest: Rest, kinds: Kinds) -> None:
        self._rest = rest
        self._kinds = kinds
        self._lock = asyncio.Lock()
        self._asked = float("-inf")
        self._withheld = False

    async def invites(self, channel: str, message: Message) -> Message:
        """The message, with the button where it is a report on which people can comment so."""
        if not message.discussed or len(message.cards) != 1:
            return message
        try:
            async with asyncio.timeout(PATIENCE), delivering():
                # In direct messages we may read everything.
                if not await self._is_withheld() or await self._kinds.is_direct(channel):
                    return message
        except (DeliveryError, TimeoutError) as error:
            log.info("Whether comments on Discord can be read is unknown: %s", error)
            return message
        (card,) = message.cards
        button = Button("Comment", f"form:comment {card.article}")
        return replace(message, cards=(replace(card, buttons=(*card.buttons, button)),))

    async def _is_withheld(self) -> bool:
        async with self._lock:
            if steady() - self._asked > KEPT:
                self._asked = steady()
                flags = (await self._rest.ask("GET", "/applications/@me"))["flags"]
                self._withheld = not int(flags) & GRANTED
            return self._withheld
