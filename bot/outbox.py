"""What the core asks of the outbox: every call on one page, as the rest is in `bot.store`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.model import Channel, Delivery, Kind, MessageRef, State, Subscription
from bot.ports import Pace, Scope


@dataclass(frozen=True, slots=True)
class Wish:
    """Which deliveries to read of; what is empty leaves all in. `since` is of their last change.
    `wrong_first`: those that ended badly or wait for long come before the newest ones."""

    article: int = 0
    kind: Kind | None = None
    channel: Channel | None = None
    state: State | None = None
    since: float = 0
    wrong_first: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A channel to which nothing is sent before `until`, by itself or with its whole install."""

    channel: Channel
    scope: Scope
    reason: str
    until: float


class Wanted(NamedTuple):
    """A channel, by the store's own number, that should have a report: at once, or, with the reason
    why it is `held`, when it is `due`, in the digest of a subscription or, if that is 0, of the
    channel."""

    place: int
    due: float = 0
    held: str = ""
    subscription: int = 0


class Deliveries(Protocol):
    def want(
        self,
        channel: Channel,
        kind: Kind,
        subject: int,
        article: int,
        revision: int,
        *,
        due: float = 0,
        rank: float = 0,
        again: bool = False,
    ) -> bool:
        """Want this revision there; `rank` orders a thread. True if it was not wanted before.

        With `again`, what has ended there or was removed is wanted anew.
        """

    def want_all(self, article: int, revision: int, wanted: Sequence[Wanted]) -> None:
        """Want a report in many channels at once."""

    def loads(self, places: Sequence[int], since: float) -> dict[int, tuple[int, int]]:
        """Of the reports that were wanted one by one in each since then: how many are not sent
        yet, and how many there are; a channel that has none is left out."""

    def due_digests(self) -> list[tuple[Channel, int]]:
        """Where something held is due: the channel, and the subscription or 0. Some at a time."""

    def reschedule(self, channel: Channel, subscription: int, due: float) -> None:
        """What is held there for it comes then."""

    def gather(self, channel: Channel, subscription: int, most: int) -> int:
        """Want all that is held there for it, in digests of at most so many; how many reports.
        A single one that no digest was asked for is wanted by itself."""

    def held(self, channel: Channel) -> int:
        """How many reports wait there for a digest that is not made yet."""

    def together(self, digest: int) -> list[Delivery]:
        """The reports that go with this digest, the oldest first."""

    def raise_wanted(self, kind: Kind, subject: int, revision: int, *, gone: bool = False) -> int:
        """Want a newer revision wherever it is wanted already, in digests, too; the number of
        channels."""

    def claim(self, platforms: Mapping[str, Pace], lease: float, limit: int) -> list[Delivery]:
        """Take what is due, one for each channel, as the paces allow.

        What is to be posted for the first time is committed as `sending`. Of a channel or an
        install that is held, one is taken when the hold is over, to see whether it has healed.
        """

    def unsure_beside(self, delivery: Delivery, suspect: int) -> list[Delivery]:
        """What else is unsure now in the same channel or thread and was sent no earlier, some at a
        time; without those of which nobody heard `suspect` times, as they may kill whoever tries
        them."""

    def resend(self, delivery: Delivery, lease: float) -> bool:
        """Commit `sending` once more, before the first byte of another attempt."""

    def receipt(self, key: str, ref: MessageRef) -> bool:
        """A platform has the message: recorded however late. False: another one was known."""

    def settle(self, delivery: Delivery, shown: int) -> None:
        """This revision is there (or is gone); only if nobody claimed it meanwhile."""

    def postpone(
        self,
        delivery: Delivery,
        state: State,
        due: float,
        reason: str,
        *,
        settled: bool = False,
        silent: int = 0,
    ) -> None:
        """Not now; `settled` says that no attempt is open: nothing of ours can be there.
        `silent`: so many attempts before still count as such of which nobody heard."""

    def hold(self, channel: Channel, scope: Scope, until: float, reason: str) -> None:
        """Send nothing there before `until`: to this channel, or to its whole install."""

    def refused(self, channel: Channel, scope: Scope, *, again: bool) -> int:
        """Count that this channel, or its install, refuses us: how often, since it healed. 0 if it
        is held already, and nobody asked `again`."""

    def on_hold(self, channels: Collection[Channel]) -> set[Channel]:
        """Those to which nothing may be sent now, as the channel or its install is held."""

    def heal(self, channel: Channel) -> None:
        """The channel takes messages (again), and so does its install. What was parked there in
        the last day is unsure again."""

    def second(self, key: str, ref: MessageRef, *, keep: bool = False) -> bool:
        """The message with this key stands at `ref` too: want that one gone, or, to `keep` it,
        the one that was known. False if it is not a second one, or was known as one."""

    def expire(self, since: float, before: float, reason: str) -> int:
        """End the reports that were wanted between these times and never tried; how many."""

    def expire_backlog(
        self, channel: Channel, keep: int, since: float, before: float, reason: str
    ) -> int:
        """End a channel's unsent reports from between these times, but the newest of all that
        wait; how many."""

    def is_set_back(self) -> bool:
        """Whether the clock tells less than it has told before, to whomever; what waits may have
        been written while it was ahead."""

    def hasten(self, longest: float) -> None:
        """Nothing waits for longer than so many seconds from now: how long it should have waited
        was written by a clock that has jumped."""

    def several(self, keys: Collection[str]) -> dict[str, Delivery]: ...

    def numbered(self, number: int) -> Delivery | None: ...

    def posting(self, channel: Channel) -> bool:
        """Whether a report may stand there of which we do not know the message yet."""

    def at(self, ref: MessageRef) -> Delivery | None:
        """Whose message this is, if it is ours."""

    def of_article(self, article: int, channel: Channel | None = None) -> list[Delivery]: ...

    def latest(self, channel: Channel, limit: int) -> list[Delivery]:
        """The newest of what stands in a channel by itself, oldest first."""

    def remove(self, delivery: Delivery, reason: str) -> None:
        """Wanted there no more, for good."""

    def give_up_thread(self, channel: Channel, article: int) -> None:
        """The report is not there and will not be: what waits to stand under it has no place."""

    def look_again(self, after: float) -> None:
        """What has been parked for so many seconds, and was sent within a day, is unsure again."""

    def give_up_orphans(self) -> None:
        """The same for all that came to wait under such a report while it ended."""

    def give_up_unsent(self, subscription: Subscription, reason: str) -> int:
        """Give up the unsent reports that this subscription brought and no other one wants."""

    def give_up_report(self, article: int, reason: str) -> None:
        """Send it nowhere where it was not sent yet."""

    def give_up_copies(self, origin: Channel) -> None:
        """What is written in this channel is shared no more: unsent copies and edits of its
        comments stay undone; deletions do not."""

    def pending(self, platform: str = "") -> int: ...

    def listed(self, wish: Wish, limit: int) -> list[Delivery]:
        """What was and is to be done, second copies included; the newest change first."""

    def counted(self, wish: Wish) -> dict[State, int]:
        """How many there are in each state."""

    def holds(self) -> list[Hold]:
        """The channels that are held, each once for itself and once for its install."""
