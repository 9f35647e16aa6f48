"""The socket on which Mattermost tells what happens, and another one whenever it breaks.

The rule: an event is acknowledged by asking, on the next socket, for what came after it. So it
counts as taken once the core has committed it, and not before. Where Mattermost cannot go on from
there (it keeps 128 events for some five minutes), the threads are read again. Sources: the
WebSocket section of https://docs.mattermost.com/api/reference/mattermost-api and Mattermost's own
client, https://github.com/mattermost/mattermost/blob/master/webapp/platform/client/src/websocket.ts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from bot.ports import DeliveryError
from bot.store import StoreAway

from .api import Api, Json
from .events import Events

log = logging.getLogger(__name__)


class Listener:
    """`missed` is called when events may have been lost. `rest`: seconds between two sockets."""

    def __init__(
        self, events: Events, api: Api, missed: Callable[[], None], rest: float = 3.0
    ) -> None:
        self._events, self._api, self._missed, self._rest = events, api, missed, rest
        self._connection, self._next = "", 0

    async def run(self) -> None:
        """Listen until cancelled, or until the token is refused for good."""
        while True:
            try:
                await self._api.call("GET", "users/me")  # Says more of a token than a socket does.
                await self._listen()
            except DeliveryError as error:
                if error.permanent and error.scope == "install":
                    log.error("Mattermost is not listened to any more: %s", error.reason)
                    return
                log.warning("Mattermost is listened to again soon: %s", error.reason)
            except (StoreAway, aiohttp.ClientError, OSError, ValueError, LookupError) as error:
                log.warning("Mattermost's socket is replaced: %s", type(error).__name__)
            await asyncio.sleep(self._rest)

    async def _listen(self) -> None:
        place = {"connection_id": self._connection, "sequence_number": str(self._next)}
        async with self._api.socket(**place) as socket:
            async for frame in socket:
                event: Json = frame.json()
                if event["event"] == "hello":
                    # A new connection: what was on the last one is told no more.
                    self._connection, self._next = event["data"]["connection_id"], 0
                    self._missed()
                if event["seq"] != self._next:
                    self._connection, self._next = "", 0
                    return
                await self._take(event)
                self._next += 1

    async def _take(self, event: Json) -> None:
        try:
            await self._events.take(event)
        except StoreAway:
            raise  # Not acknowledged: it comes again.
        except DeliveryError as error:
            if not error.permanent or error.scope == "install":
                raise
            log.warning("what happened in Mattermost is passed over: %s", error.reason)
        except Exception:
            # A bug of ours would come again with the event, for ever.
            log.exception("an event from Mattermost is passed over; its thread is read again")
            self._missed()
