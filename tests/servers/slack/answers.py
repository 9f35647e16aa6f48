"""What a person sees after a command or a press: acknowledgements, response_url, modals.

A response_url lasts 30 minutes and takes five posts (contracts, section D, row 7):
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.slack import messages
from tests.servers.slack.blocks import wrongs_of_blocks, wrongs_of_view
from tests.servers.slack.ledger import Accepted, Json
from tests.servers.slack.pings import is_true, pings
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.state import Posted, State, View

LASTS = 30 * 60
USES = 5
TRIGGER_LASTS = 3


@dataclass(slots=True, eq=False)
class Gesture:
    """What a person did and what came of it, in the order in which they saw it."""

    team: str
    channel: str
    user: str
    trigger_id: str
    began: float  # Monotonic seconds.
    original: Posted | None = None
    answers: list[Posted] = field(default_factory=list)
    modal: View | None = None
    submitted: View | None = None
    errors: Json = field(default_factory=dict)
    ack: Json | None = None
    ack_after: float | None = None
    error: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def acknowledged(self, timeout: float = 20) -> Json:
        """The body of the acknowledgement; `error` says why there was none."""
        await self._until(lambda: self.ack is not None, timeout)
        return self.ack or {}

    async def first(self, timeout: float = 20) -> Posted:
        return (await self.answered(1, timeout))[0]

    async def answered(self, count: int, timeout: float = 20) -> list[Posted]:
        await self._until(lambda: len(self.answers) >= count, timeout)
        return self.answers

    async def opened(self, timeout: float = 20) -> View:
        """The modal that the app opened."""
        await self._until(lambda: self.modal is not None, timeout)
        assert self.modal is not None
        return self.modal

    async def _until(self, reached: Callable[[], bool], timeout: float) -> None:
        async with asyncio.timeout(timeout):
            while not reached():
                self.changed.clear()
                await self.changed.wait()


@dataclass(slots=True)
class ResponseUrl:
    gesture: Gesture
    created: float
    uses: int = 0


@dataclass(slots=True)
class Answers:
    """All response_urls and triggers. `tell` sends an event to the app."""

    state: State
    tell: Callable[[messages.Happening], object]
    urls: dict[str, ResponseUrl] = field(default_factory=dict)
    triggers: dict[str, tuple[float, Gesture]] = field(default_factory=dict)

    def begin(self, team: str, channel: str, user: str, original: Posted | None = None) -> Gesture:
        gesture = Gesture(team, channel, user, uuid.uuid4().hex, time.monotonic(), original)
        self.triggers[gesture.trigger_id] = (self.state.now(), gesture)
        return gesture

    def url_for(self, gesture: Gesture) -> str:
        key = uuid.uuid4().hex
        self.urls[key] = ResponseUrl(gesture, self.state.now())
        return f"http://{self.state.address}/response/{key}"

    def use(self, key: str, body: Json) -> None:
        """One post to a response_url."""
        url = self.urls.get(key)
        if url is None or self.state.now() - url.created > LASTS:
            raise Refusal("expired_url")
        if url.uses >= USES:
            raise Refusal("used_url")
        self.show(url.gesture, body, "response_url")
        url.uses += 1

    def acknowledge(self, gesture: Gesture, body: Json) -> None:
        """The app acknowledged; a body with words in it is an answer."""
        gesture.ack = body
        gesture.ack_after = time.monotonic() - gesture.began
        if body.get("text") or body.get("blocks"):
            try:
                self.show(gesture, body, "ack")
            except Refusal as refusal:
                gesture.error = refusal.error
        if gesture.submitted is not None:
            self._submitted(gesture, gesture.submitted, body)
        gesture.changed.set()

    def _submitted(self, gesture: Gesture, view: View, body: Json) -> None:
        """What the acknowledgement of a modal does with it, by its response_action:
        https://docs.slack.dev/surfaces/modals#updating_response."""
        action = body.get("response_action")
        ids = {block.get("block_id") for block in view.view["blocks"]}
        if action == "errors":
            gesture.errors = body.get("errors") or {}
            if not gesture.errors or not set(gesture.errors) <= ids:
                gesture.error = "invalid_errors"
        elif action == "update":
            shown = body.get("view") or {}
            if wrongs := wrongs_of_view(shown):
                gesture.error = "; ".join(wrongs)
                return
            blocks = messages.with_block_ids(self.state, shown["blocks"])
            view.view = shown | {"blocks": blocks}
        else:
            self.state.views.pop(view.id, None)

    def trigger(self, trigger_id: object) -> Gesture:
        """The gesture of a trigger, which opens one modal within three seconds."""
        created, gesture = self.triggers.get(str(trigger_id), (0.0, None))
        if gesture is None:
            raise Refusal("invalid_trigger_id")
        if self.state.now() - created > TRIGGER_LASTS:
            raise Refusal("expired_trigger_id")
        if gesture.modal is not None:
            raise Refusal("exchanged_trigger_id")
        return gesture

    def show(self, gesture: Gesture, body: Json, method: str) -> None:
        blocks = body.get("blocks") or []
        original = gesture.original
        deletes = is_true(body.get("delete_original"))
        if original is None and gesture.answers and is_true(body.get("replace_original")):
            original = gesture.answers[-1]
        if deletes and original is not None:
            self._delete(original)
        elif wrongs := wrongs_of_blocks(blocks):
            raise Refusal("invalid_blocks", response_metadata={"messages": wrongs})
        elif not body.get("text") and not blocks:
            raise Refusal("no_text")
        elif is_true(body.get("replace_original")) and original is not None:
            self._replace(original, body)
            gesture.answers.append(original)
        else:
            gesture.answers.append(self._post(gesture, body))
        self._record(gesture, body, method)
        gesture.changed.set()

    def _delete(self, original: Posted) -> None:
        if original.visible_to:
            original.alive = False
            return
        for happening in messages.remove(self.state, original):
            self.tell(happening)

    def _replace(self, original: Posted, body: Json) -> None:
        blocks = messages.with_block_ids(self.state, body.get("blocks") or [])
        text = str(body.get("text") or "")
        happenings = messages.change(self.state, original, text=text, blocks=blocks)
        if not original.visible_to:
            self.tell(happenings[0])

    def _post(self, gesture: Gesture, body: Json) -> Posted:
        public = body.get("response_type") == "in_channel"
        team = self.state.teams[gesture.team]
        message = Posted(
            channel=gesture.channel,
            ts=self.state.new_ts(),
            team=team.id,
            text=str(body.get("text") or ""),
            user=team.bot_user,
            bot_id=team.bot_id,
            blocks=messages.with_block_ids(self.state, body.get("blocks") or []),
            thread_ts=body.get("thread_ts"),
            visible_to="" if public else gesture.user,
        )
        if not public:
            self.state.ephemerals.append(message)
            return message
        for happening in messages.add(self.state, message):
            self.tell(happening)
        return message

    def _record(self, gesture: Gesture, body: Json, method: str) -> None:
        text, blocks = str(body.get("text") or ""), body.get("blocks") or []
        accepted = Accepted(
            method=method,
            channel=gesture.channel,
            ts=gesture.answers[-1].ts if gesture.answers else "",
            thread_ts=body.get("thread_ts"),
            text=text,
            blocks=tuple(blocks),
            metadata=None,
            username=None,
            icon_url=None,
            pings=pings(text, blocks, body),
            at=time.monotonic(),
            args=body,
        )
        self.state.write(accepted)
