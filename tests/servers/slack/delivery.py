"""How events, commands and interactions reach the app, again and again until it says yes.

The rule is Slack's: an event is tried up to four times with one event_id, a command or an
interaction once. https://docs.slack.dev/apis/events-api
"""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.servers.slack import shapes
from tests.servers.slack.ledger import Attempt, Json
from tests.servers.slack.messages import Happening
from tests.servers.slack.refusals import KIND_WORDS
from tests.servers.slack.state import APP_ID, State


@dataclass(slots=True, eq=False)
class Parcel:
    """One thing for the app. `acked` holds the body of the first acknowledgement.

    `failure` says why there was none, once the last try is over. `delay` is in seconds.
    """

    kind: str  # events_api, slash_commands or interactive
    id: str
    event: str
    payload: Json
    acked: asyncio.Future[Json]
    tried: list[str] = field(default_factory=list)
    delay: float = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    ok: bool
    via: str
    failure: str = ""
    again: bool = True


class Door(Protocol):
    """A way into the app: its HTTP address or its sockets."""

    async def hand_over(self, parcel: Parcel, number: int, reason: str) -> Outcome: ...


@dataclass(slots=True)
class Deliveries:
    """Everything on its way to the app. `held` keeps events back while `holding`."""

    state: State
    door: Door
    holding: bool = False
    held: list[Parcel] = field(default_factory=list)
    sent: dict[str, Parcel] = field(default_factory=dict)
    down: bool = True
    _waiting: list[Parcel] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def tell(self, happening: Happening, delay: float = 0) -> Parcel | None:
        """Send the event to the app, in `delay` seconds, if a bot of it may hear it."""
        team = happening.team or self.hearer(happening)
        if not team:
            return None
        place = self.state.channels.get(happening.channel)
        event_id = self.state.new_id("Ev")
        shared = bool(place and place.shared_with)
        body = shapes.callback_json(self.state, team, happening.event, event_id, shared=shared)
        name = "/".join(filter(None, [happening.event["type"], happening.event.get("subtype")]))
        parcel = self.parcel("events_api", event_id, name, body)
        parcel.delay = delay
        self.send(parcel)
        return parcel

    def limit(self, team: str) -> None:
        """Slack gives up on a flood: https://docs.slack.dev/reference/events/app_rate_limited."""
        body = {
            "token": shapes.VERIFICATION,
            "type": "app_rate_limited",
            "team_id": team,
            "minute_rate_limited": int(self.state.now()) // 60 * 60,
            "api_app_id": APP_ID,
        }
        self.send(self.parcel("events_api", self.state.new_id("L"), "app_rate_limited", body))

    def hearer(self, happening: Happening) -> str:
        """The first workspace whose bot is a member and has the scope for this event."""
        place = self.state.channels[happening.channel]
        for team in self.state.teams_in(place):
            token = self.state.bot_token(team.id)
            scope = f"{KIND_WORDS[place.kind]}:history"
            if happening.event["type"] != "message" or (token and scope in token.scopes):
                return team.id
        return ""

    def parcel(self, kind: str, id: str, event: str, payload: Json) -> Parcel:
        return Parcel(kind, id, event, payload, asyncio.get_running_loop().create_future())

    def send(self, parcel: Parcel) -> None:
        self.sent[parcel.id] = parcel
        if self.holding and parcel.kind == "events_api":
            self.held.append(parcel)
        elif self.down:
            self._waiting.append(parcel)
        else:
            self.spawn(self._deliver(parcel))

    def again(self, event_id: str, times: int = 1) -> None:
        """Deliver an event once more, as Slack sometimes does though it was acknowledged."""
        old = self.sent[event_id]
        for _ in range(times):
            copy = self.parcel(old.kind, old.id, old.event, old.payload)
            self.spawn(self._deliver(copy))

    def hold(self) -> None:
        self.holding = True

    async def release(self, *order: int) -> None:
        """Deliver held events one after the other, in this order of their places, or all.

        What is not named stays held back.
        """
        chosen = [self.held[place] for place in order] if order else list(self.held)
        self.held = [parcel for parcel in self.held if parcel not in chosen]
        self.holding = bool(self.held)
        for parcel in chosen:
            self.spawn(self._deliver(parcel))
            await asyncio.wait({parcel.acked})

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def up(self) -> None:
        self.down = False
        waiting, self._waiting = self._waiting, []
        for parcel in waiting:
            self.spawn(self._deliver(parcel))

    async def pause(self) -> None:
        """The platform goes down; what was on its way is sent again when it is up."""
        self.down = True
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            await self._try_each(parcel)
        except asyncio.CancelledError:
            self._waiting.append(parcel)
            raise

    async def _try_each(self, parcel: Parcel) -> None:
        later = self.state.modes.retry_delays if parcel.kind == "events_api" else ()
        reason = ""
        for number, delay in enumerate((parcel.delay, *later)):
            await asyncio.wait({parcel.acked}, timeout=delay)
            if parcel.acked.done():
                return
            began = time.monotonic()
            outcome = await self.door.hand_over(parcel, number, reason)
            self._note(parcel, number, reason, outcome, time.monotonic() - began)
            if outcome.ok or not outcome.again:
                break
            reason = outcome.failure
        if not parcel.acked.done():
            parcel.failure = outcome.failure
            parcel.acked.set_result({})

    def _note(
        self, parcel: Parcel, number: int, reason: str, outcome: Outcome, took: float
    ) -> None:
        attempt = Attempt(
            kind=parcel.kind,
            id=parcel.id,
            event=parcel.event,
            number=number,
            reason=reason,
            via=outcome.via,
            ok=outcome.ok,
            failure=outcome.failure,
            at=time.monotonic(),
            took=took,
        )
        self.state.attempts.append(attempt)
