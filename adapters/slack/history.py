"""What already stands in Slack, read again to catch up on what was said while nobody listened.

Slack may let us read a page a minute, so what was read before it asked for patience is kept, and
the next try goes on there. Sources: https://docs.slack.dev/reference/methods/conversations.history
and https://docs.slack.dev/reference/methods/conversations.replies.
"""

from __future__ import annotations

from adapters.slack.api import Api
from adapters.slack.events import is_by_person, moment
from adapters.slack.marks import key_of
from adapters.slack.mrkdwn import Names, markdown_of
from adapters.slack.payload import Json, parts, word
from adapters.slack.people import Profiles
from adapters.slack.refusals import THREAD_GONE
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, Said, ThreadGone

REACH = 30 * 86400.0
"""So many seconds before the time in question a message may have been written whose thread still
counts: Slack lists a channel by when its messages were written, not by their newest reply."""
_MOST_BEGUN = 50


class Past:
    """`begun` holds the listings that wait for Slack: what was read, and where to go on."""

    def __init__(self, api: Api, profiles: Profiles) -> None:
        self._api, self._profiles = api, profiles
        self._begun: dict[tuple[str, ...], tuple[list[Json], str]] = {}

    async def threads(self, channel: Channel, since: float) -> list[MessageRef]:
        oldest = f"{max(0.0, since - REACH):.6f}"
        messages = await self._listed("conversations.history", channel=channel.id, oldest=oldest)
        return [
            MessageRef(channel, str(message.get("ts")))
            for message in messages
            if moment(message.get("latest_reply")) >= since
        ]

    async def replies(self, thread: MessageRef, since: float) -> list[Said]:
        """Nothing where the message itself is gone: what stood under it is asked for one by one."""
        messages = await self._listed(
            "conversations.replies",
            channel=thread.channel.id,
            ts=thread.id,
            oldest=f"{max(0.0, since):.6f}",
            inclusive="true",
        )
        under = [message for message in messages if message.get("ts") not in (None, thread.id)]
        for user in {str(message["user"]) for message in under if is_by_person(message)}:
            if not self._profiles.known(user):
                await self._profiles.profile(user)
        said = (_said(message, thread.channel, self._profiles.known) for message in under)
        return sorted(filter(None, said), key=lambda one: one.written)

    async def one(self, ref: MessageRef) -> Said | None:
        """What somebody wrote there."""
        found, _ = await self._at(ref)
        if found is None:
            return None
        if is_by_person(found):
            await self._profiles.profile(str(found["user"]))
        return _said(found, ref.channel, self._profiles.known)

    async def stands(self, ref: MessageRef) -> bool:
        found, answered = await self._at(ref)
        # An answer without it is no word that it is gone; to be told so is.
        return found.get("subtype") != "tombstone" if found else answered

    async def _at(self, ref: MessageRef) -> tuple[Json | None, bool]:
        """The message, and whether Slack answered otherwise than that there is none.

        Asked with the id of a reply, Slack answers with that reply alone, though its page
        speaks of the thread (https://github.com/slackapi/bolt-python/issues/783). The bounds make
        the answer the same either way."""
        answer = await self._api.call(
            "conversations.replies",
            reading=True,
            fine={THREAD_GONE},
            channel=ref.channel.id,
            ts=ref.id,
            oldest=ref.id,
            latest=ref.id,
            inclusive="true",
            limit=10,
        )
        listed = parts(answer, "messages")
        return next((one for one in listed if one.get("ts") == ref.id), None), bool(answer)

    async def _listed(self, method: str, **arguments: str) -> list[Json]:
        which = (method, *arguments.values())
        got, cursor = self._begun.pop(which, ([], ""))
        more: Json = {**arguments, "include_all_metadata": "true"}
        pages = self._api.pages(method, "messages", cursor, final=True, **more)
        try:
            async for page, following in pages:
                got, cursor = [*got, *page], following
        except ThreadGone:
            return []
        except DeliveryError as error:
            if not error.permanent:
                self._keep(which, got, cursor)
            raise
        return got

    def _keep(self, which: tuple[str, ...], got: list[Json], cursor: str) -> None:
        if len(self._begun) >= _MOST_BEGUN:
            self._begun.clear()
        self._begun[which] = (got, cursor)


def _said(message: Json, channel: Channel, names: Names) -> Said | None:
    """One message of a thread, by the same rules as its event."""
    ref = MessageRef(channel, str(message["ts"]))
    written = moment(message["ts"])
    if message.get("bot_id"):
        key = key_of(message)
        return Said(ref, written, key=key) if key else None
    if not is_by_person(message):
        return None
    user = str(message["user"])
    edited = message.get("edited")
    return Said(
        ref,
        written,
        Person("slack", user, names(user)),
        markdown_of(message, names),
        moment(edited.get("ts")) if isinstance(edited, dict) else 0,
        gesture=word(message, "client_msg_id"),
    )
