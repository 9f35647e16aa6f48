"""Names of people and of channels, asked of Slack only after an event has been acknowledged."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.slack.api import Api
from adapters.slack.payload import Json, part, word
from bot.model import Channel, Person, Visibility
from bot.ports import DeliveryError
from bot.text import clean_name

if TYPE_CHECKING:
    from bot.bot import Bot

log = logging.getLogger(__name__)

PROFILE_LASTS = 3600.0
CHANNEL_LASTS = 600.0
"""Seconds after which somebody's profile, or what a channel is, is asked for again."""
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody is in the workspace; `manages` means its admins and owners."""

    name: str = ""
    manages: bool = False
    learnt: float = 0


class Profiles:
    """Who people are, as far as Slack has told us lately."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._profiles: dict[str, Profile] = {}

    def known(self, user: str) -> str:
        """The name if we have it at hand, else an empty text; never asks."""
        return self._profiles.get(user, Profile()).name

    async def profile(self, user: str) -> Profile:
        """The person as Slack shows them; without a name where Slack does not tell."""
        known = self._profiles.get(user, Profile())
        if time.time() - known.learnt < PROFILE_LASTS:
            return known
        try:
            answer = await self._api.call("users.info", reading=True, user=user)
        except DeliveryError as error:
            log.warning("the name of %s is not known: %s", user, error.reason)
            return known
        _make_room(self._profiles)
        shown = part(answer, "user")
        manages = bool(shown.get("is_admin") or shown.get("is_owner"))
        self._profiles[user] = Profile(_name(shown), manages, time.time())
        return self._profiles[user]


class People:
    def __init__(self, api: Api, bot: Bot, profiles: Profiles) -> None:
        self._api, self._bot = api, bot
        self.known, self.profile = profiles.known, profiles.profile
        self._channels: dict[str, tuple[Visibility, float]] = {}
        self._absent: set[str] = set()

    async def introduce(self, user: str) -> None:
        """Tell the core the name of somebody whose name it does not know."""
        if not await self._bot.knows("slack", user) and (who := await self.profile(user)).name:
            await self._bot.person_named(Person("slack", user, who.name))

    async def visit(self, channel: str, guess: Visibility | None = None) -> None:
        """Tell the core what a channel is called and who reads it, if we have not lately.

        `guess` is what the event said of it, for channels that Slack does not let us look at.
        """
        if channel in self._channels and self._fresh(channel):
            return
        try:
            answer = await self._api.call("conversations.info", reading=True, channel=channel)
        except DeliveryError as error:
            log.warning("channel %s cannot be looked at: %s", channel, error.reason)
            if error.permanent:
                # A private one that we are not in does not exist for us.
                self._absent.add(channel)
            if guess:
                await self.seen(channel, "", guess)
            return
        info = part(answer, "channel")
        self._absent.discard(channel)
        if info.get("is_member") is False and visibility(info) != "direct":
            self._absent.add(channel)
        await self.seen(channel, word(info, "name"), visibility(info))

    def is_absent(self, channel: str) -> bool:
        """Whether Slack said lately that we are not in this channel."""
        return channel in self._absent

    async def seen(self, channel: str, name: str, kind: Visibility) -> None:
        _make_room(self._channels)
        await self._bot.channel_seen(Channel("slack", channel), name, kind)
        self._channels[channel] = (kind, time.time())

    async def warn(self, channel: str, kind: Visibility | None) -> None:
        """Before a comment is kept: the event itself says that not everybody reads this channel."""
        if kind and (channel not in self._channels or self._channels[channel][0] != kind):
            await self._bot.channel_seen(Channel("slack", channel), "", kind)

    def forget(self, channel: str) -> None:
        self._channels.pop(channel, None)

    def _fresh(self, channel: str) -> bool:
        return time.time() - self._channels[channel][1] < CHANNEL_LASTS


def visibility(info: Json) -> Visibility:
    """https://docs.slack.dev/reference/objects/conversation-object"""
    if info.get("is_im") or info.get("is_mpim"):
        return "direct"
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        return "shared"
    return "private" if info.get("is_private") or info.get("is_group") else "public"


def _name(user: Json) -> str:
    profile = part(user, "profile")
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return next((shown for n in (*names, user.get("name")) if (shown := clean_name(n or ""))), "")


def _make_room(kept: dict[str, Any]) -> None:
    if len(kept) >= _MOST:
        kept.clear()
