"""REST: the first answer to an interaction.

One answer, within 3 seconds: later it is unknown (10062), a second one comes too often (40060).
Source: docs.discord.com/developers/interactions/receiving-and-responding.
"""

from aiohttp import web

from tests.servers.discord.components import validate_modal
from tests.servers.discord.definitions import validate_choices
from tests.servers.discord.interactions import (
    ANSWER,
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    MODAL_SUBMIT,
    UPDATE,
    Interaction,
    Interactions,
)
from tests.servers.discord.ledger import Accepted, Verb
from tests.servers.discord.pings import ONLY_USERS, pings_of
from tests.servers.discord.platform import Platform
from tests.servers.discord.posting import apply, post, record
from tests.servers.discord.refusals import Form, Refusal
from tests.servers.discord.requests import Route, answer, files_of, json_of
from tests.servers.discord.state import (
    COMMAND_ANSWER,
    CONTEXT_ANSWER,
    DEFAULT,
    EPHEMERAL,
    LOADING,
    Json,
    Message,
)
from tests.servers.discord.validate import Draft, draft_of


class Callbacks:
    def __init__(self, interactions: Interactions) -> None:
        self.interactions, self.platform = interactions, interactions.platform

    def routes(self) -> list[Route]:
        return [("POST", "/interactions/{interaction}/{token}/callback", self.respond)]

    async def respond(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        interaction = self._open(request)
        kind, data = body.get("type"), body.get("data") or {}
        allowed = _allowed(interaction)
        if kind not in allowed:
            form = Form()
            form.choice(("type",), allowed)
            raise Refusal(50035, errors=form.errors)
        answers = {
            ANSWER: self._answer,
            DEFER: self._defer,
            DEFER_UPDATE: self._defer_update,
            UPDATE: self._update,
            CHOICES: self._choices,
            MODAL: self._modal,
        }
        message = answers[kind](interaction, data, request)
        interaction.callback = kind
        interaction.acknowledged_after = self.platform.now() - interaction.began
        interaction.changed()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return answer(None)
        return answer(self._outcome(interaction, kind, message))

    def _open(self, request: web.Request) -> Interaction:
        found = self.interactions.by_token.get(request.match_info["token"])
        if found is None or found.id != request.match_info["interaction"]:
            raise Refusal(10062)
        if found.callback is not None:
            raise Refusal(40060)
        if self.platform.now() - found.began > self.platform.settings.interaction_seconds:
            raise Refusal(10062)
        return found

    def _answer(self, interaction: Interaction, data: Json, request: web.Request) -> Message:
        files = files_of(request, self.platform.ids)
        draft = draft_of(data, files=files, at=("data",))
        interaction.answer_message = self._posted(interaction, draft)
        note(self.platform, "respond", interaction, interaction.answer_message, draft)
        return interaction.answer_message

    def _defer(self, interaction: Interaction, data: Json, request: web.Request) -> Message:
        """A placeholder stands there, "thinking …"; of the flags only EPHEMERAL may be set."""
        flags = data.get("flags") or 0
        if flags & ~EPHEMERAL:
            form = Form()
            form.choice(("data", "flags"), (EPHEMERAL,))
            raise Refusal(50035, errors=form.errors)
        draft = Draft("", [], [], [], flags | LOADING, None)
        interaction.answer_message = self._posted(interaction, draft)
        note(self.platform, "respond", interaction, interaction.answer_message, draft)
        return interaction.answer_message

    def _posted(self, interaction: Interaction, draft: Draft) -> Message:
        kind = DEFAULT
        if interaction.kind == COMMAND:
            kind = CONTEXT_ANSWER if interaction.data.get("target_id") else COMMAND_ANSWER
        return post(
            self.platform,
            interaction.channel,
            self.platform.bot,
            draft,
            kind=kind,
            interaction=interaction.id,
        )

    def _defer_update(
        self, interaction: Interaction, data: Json, request: web.Request
    ) -> Message | None:
        interaction.answer_message = interaction.message
        entry = Accepted("respond", interaction.channel.id, self.platform.now())
        self.platform.ledger.append(entry)
        return None

    def _update(self, interaction: Interaction, data: Json, request: web.Request) -> Message | None:
        message = interaction.message
        if message is None:
            raise Refusal(10008)
        files = files_of(request, self.platform.ids)
        draft = draft_of(data, files=files, before=message, at=("data",))
        apply(self.platform, interaction.channel, message, draft)
        interaction.answer_message = message
        note(self.platform, "respond", interaction, message, draft)
        return message

    def _choices(self, interaction: Interaction, data: Json, request: web.Request) -> None:
        form = Form()
        path = ("data", "choices")
        choices = validate_choices(form, path, data.get("choices"))
        form.check()
        interaction.choices = choices

    def _modal(self, interaction: Interaction, data: Json, request: web.Request) -> None:
        form = Form()
        validate_modal(form, ("data",), data)
        form.check()
        interaction.modal = data

    def _outcome(self, interaction: Interaction, kind: int, message: Message | None) -> Json:
        about: Json = {"id": interaction.id, "type": interaction.kind}
        resource: Json = {"type": kind}
        if message:
            about["response_message_id"] = message.id
            about["response_message_loading"] = kind == DEFER
            about["response_message_ephemeral"] = message.ephemeral
        if message and kind in (ANSWER, UPDATE):
            resource["message"] = self.platform.message_json(message)
        return {"interaction": about, "resource": resource}


def note(
    platform: Platform, verb: Verb, interaction: Interaction, message: Message, draft: Draft
) -> None:
    """Writes an answer to an interaction into the ledger; only users are notified by default."""
    pings = pings_of(draft.content, draft.components, draft.allowed_mentions, default=ONLY_USERS)
    channel = interaction.channel
    record(platform, verb, channel, message, draft, pings, interaction=interaction.id)


def _allowed(interaction: Interaction) -> tuple[int, ...]:
    """The callback types each kind of interaction may be answered with."""
    if interaction.kind == AUTOCOMPLETE:
        return (CHOICES,)
    updates = (DEFER_UPDATE, UPDATE) if interaction.message else ()
    if interaction.kind == MODAL_SUBMIT:
        return (ANSWER, DEFER, *updates)
    return (ANSWER, DEFER, *updates, MODAL)
