"""REST: what may follow the first answer to an interaction, for 15 minutes.

Source: docs.discord.com/developers/interactions/receiving-and-responding#followup-messages.
"""

from dataclasses import replace

from aiohttp import web

from tests.servers.discord.callbacks import note
from tests.servers.discord.interactions import DEFER, Interaction, Interactions
from tests.servers.discord.ledger import Accepted
from tests.servers.discord.posting import apply, post, remove
from tests.servers.discord.refusals import Refusal
from tests.servers.discord.requests import Route, answer, files_of, json_of
from tests.servers.discord.state import EPHEMERAL, LOADING, Json, Message
from tests.servers.discord.validate import draft_of


class Followups:
    def __init__(self, interactions: Interactions) -> None:
        self.interactions, self.platform = interactions, interactions.platform

    def routes(self) -> list[Route]:
        base = "/webhooks/{application}/{token}"
        one = base + "/messages/{message}"
        return [
            ("POST", base, self.create),
            ("GET", one, self.fetch),
            ("PATCH", one, self.edit),
            ("DELETE", one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Straight after a deferral this edits the placeholder, as it always did."""
        body = await json_of(request)
        interaction = self._open(request)
        if interaction.callback == DEFER and interaction.thinking and interaction.answer_message:
            body = {**body, "flags": (body.get("flags") or 0) & ~EPHEMERAL}
            return answer(self._edited(request, interaction, interaction.answer_message, body))
        draft = draft_of(body, files=files_of(request, self.platform.ids))
        message = post(
            self.platform,
            interaction.channel,
            self.platform.bot,
            draft,
            reply_to=_public_id(interaction),
            interaction=interaction.id,
        )
        interaction.followups.append(message)
        note(self.platform, "followup", interaction, message, draft)
        interaction.changed()
        return answer(self.platform.message_json(message))

    async def fetch(self, request: web.Request) -> web.Response:
        return answer(self.platform.message_json(self._message(request, self._open(request))))

    async def edit(self, request: web.Request) -> web.Response:
        body = await json_of(request)
        interaction = self._open(request)
        message = self._message(request, interaction)
        return answer(self._edited(request, interaction, message, body))

    def _edited(
        self, request: web.Request, interaction: Interaction, message: Message, body: Json
    ) -> Json:
        files = files_of(request, self.platform.ids)
        was_thinking = bool(message.flags & LOADING)
        draft = draft_of(body, files=files, before=message)
        draft = replace(draft, flags=draft.flags & ~LOADING)
        apply(self.platform, interaction.channel, message, draft, edited=not was_thinking)
        interaction.edits += 1
        note(self.platform, "followup" if was_thinking else "edit", interaction, message, draft)
        interaction.changed()
        return self.platform.message_json(message)

    async def delete(self, request: web.Request) -> web.Response:
        interaction = self._open(request)
        message = self._message(request, interaction)
        if message is interaction.answer_message:
            interaction.answer_message = None
        else:
            interaction.followups.remove(message)
        if not message.ephemeral:
            remove(self.platform, interaction.channel, message.id)
        entry = Accepted("delete", interaction.channel.id, self.platform.now(), message.id)
        self.platform.ledger.append(entry)
        interaction.changed()
        return answer(None)

    def _open(self, request: web.Request) -> Interaction:
        """10015 before the first answer, 50027 (401) once the token has expired."""
        found = self.interactions.by_token.get(request.match_info["token"])
        if found is None or request.match_info["application"] != self.platform.bot.id:
            raise Refusal(10015)
        if self.platform.now() - found.began > self.platform.settings.token_seconds:
            raise Refusal(50027)
        if found.callback is None:
            raise Refusal(10015)
        return found

    def _message(self, request: web.Request, interaction: Interaction) -> Message:
        wanted = request.match_info["message"]
        original = interaction.answer_message
        known = [*interaction.followups, *([original] if original else [])]
        if wanted == "@original" and original:
            wanted = original.id
        for message in known:
            still_there = message.ephemeral or message.id in interaction.channel.messages
            if message.id == wanted and still_there:
                return message
        raise Refusal(10008)


def _public_id(interaction: Interaction) -> str | None:
    """Follow-ups reply to the original, where everybody can see it."""
    original = interaction.answer_message
    return original.id if original and not original.ephemeral else None
