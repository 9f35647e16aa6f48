"""The record of all calls to the platforms, with the moment each began: who was told to wait, or
that the token is withdrawn, and called all the same?

BotBeat is allowed a moment to write such an answer down; what other workers had begun by then
was begun in good faith.
"""

from __future__ import annotations

import re
import time
from contextvars import ContextVar
from dataclasses import dataclass

from tests.chaos.mix import CHANGES, CREATES, Mix
from tests.servers.discord import DiscordServer
from tests.servers.discord.ledger import Answer as DiscordAnswer
from tests.servers.faults import Fault
from tests.servers.slack import SlackServer
from tests.servers.slack.ledger import Answer as SlackAnswer

MOMENT, LONG = 1.0, 5.0
"""While the database is slow or away, it takes longer until all know of an answer."""
SEEN = 0.2
"""So long after the death of a worker it is noticed at the latest."""
PERIOD = 5.0
"""A token is withdrawn for a shorter time than this."""
Spans = list[tuple[float, float]]
_began: ContextVar[float] = ContextVar("_began")


@dataclass(frozen=True, slots=True)
class Call:
    """`wait` is what a 429 named, in seconds. Times are of the steady clock."""

    began: float
    ended: float
    place: str
    wait: float = 0
    revoked: bool = False


class Calls:
    """Notes each call of a platform that changes something."""

    def __init__(self, slack: SlackServer, discord: DiscordServer, mixes: tuple[Mix, Mix]) -> None:
        self.made: list[Call] = []
        slack.state.answers = slack.answers = SlackNotes(self.made)
        discord.platform.answers = discord.answers = DiscordNotes(self.made)
        slack.faults.decider = Timed(mixes[0])
        discord.faults.decider = Timed(mixes[1])

    def too_early(self, away: Spans, absences: Spans) -> list[str]:
        """Calls that began in a channel before the time that it had named.

        `away` are the times in which the database was in trouble, `absences` those in which a
        worker was stopped, or died: who was told may have been the one.
        """
        found, until = [], dict[str, tuple[float, float]]()
        told = [(call.ended, 0, call) for call in self.made if call.wait]
        for at, first, call in sorted(
            told + [(call.began, 1, call) for call in self.made], key=lambda one: one[:2]
        ):
            if not first:
                until[call.place] = max(
                    until.get(call.place, (0.0, 0.0)), (at + call.wait, at), key=lambda one: one[0]
                )
            elif call.place in until:
                ends, since = until[call.place]
                told_by = since + _moment(since, at, away)
                if not _lapsed(since, absences) and told_by < at < ends - 0.05:
                    found.append(f"{call.place} {at - since:.2f} s after it had asked for patience")
        return found

    def revoked(self, away: Spans, absences: Spans) -> list[str]:
        """Calls that began after another one had been told that the token is withdrawn."""
        found, since = [], 0.0
        for call in sorted((one for one in self.made if one.revoked), key=lambda one: one.began):
            later = call.began - since
            if later > PERIOD:
                since = call.ended
            elif later > _moment(since, call.began, away) and not _lapsed(since, absences):
                found.append(f"{call.place} {later:.2f} s after the token was refused")
        return found


def _moment(told: float, asked: float, away: Spans) -> float:
    """How long it may take until all know what one was told."""
    hidden = any(begun < asked and told - LONG < over for begun, over in away)
    return LONG if hidden else MOMENT


def _lapsed(told: float, absences: Spans) -> bool:
    """Whether who was told this may have died, or been stopped, before it could write it down."""
    return any(begun < told + MOMENT and told < over + SEEN for begun, over in absences)


class SlackNotes(list[SlackAnswer]):
    """In the place of the server's list; what nobody reads is not kept."""

    def __init__(self, made: list[Call]) -> None:
        self._made = made

    def append(self, answer: SlackAnswer) -> None:
        if answer.method.startswith("chat."):
            revoked = answer.error == "token_revoked"
            self._made.append(
                Call(
                    _began.get(answer.at),
                    time.monotonic(),
                    answer.channel,
                    float(answer.retry_after),
                    revoked,
                )
            )


class DiscordNotes(list[DiscordAnswer]):
    def __init__(self, made: list[Call]) -> None:
        self._made = made

    def append(self, answer: DiscordAnswer) -> None:
        changes = answer.call in CREATES or answer.call in CHANGES
        place = re.match(r"/channels/(\d+)", answer.path)
        if changes and place:
            now = time.monotonic()
            # Only that it had to wait is noted, not for how long: a second at least.
            wait = 1.0 if answer.status == 429 else 0.0
            self._made.append(Call(_began.get(now), now, place[1], wait))


class Timed:
    def __init__(self, mix: Mix) -> None:
        self._mix = mix

    def __call__(self, call: str) -> Fault:
        _began.set(time.monotonic())
        return self._mix(call)
