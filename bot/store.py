"""What the core asks of the database: every call on one page.

All of it is plain and synchronous. A transaction is one `with` block, and nothing inside it can
wait for a network; `storage` implements it on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from bot.classify import Headline
from bot.levels import Levels
from bot.model import Article, Channel, ChannelSettings, Person, Subscription
from bot.outbox import Deliveries
from bot.sources import Sources
from bot.threads import CommentRows, Cursors

if TYPE_CHECKING:
    from bot.query import Query

_T = TypeVar("_T")
_CLASHES = 3


class StoreAway(Exception):
    """The database did not answer, or refused for now (no room, locked, read only), or this
    process is ending and asks it no more.

    Whether the transaction was committed is unknown; what it would have changed may be tried
    again, as every change here may be made twice.
    """


class StoreClash(StoreAway):
    """Two transactions waited for each other, and this one was undone: made again at once it has
    the way to itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """One channel as stored: what it chose, which team it belongs to."""

    channel: Channel
    team: int
    settings: ChannelSettings


class Alike(NamedTuple):
    """Subscriptions that ask for the same, in channels that have chosen the same: of very many
    there are few kinds. `places` are the store's own numbers of the channels, as many as there are
    `subscriptions`."""

    query: str
    mode: str
    zone: str
    quiet: str
    most: int
    subscriptions: list[int]
    places: list[int]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of a search: `total` counts all matches, up to a stated cap."""

    articles: tuple[Article, ...]
    total: int


class Articles(Protocol):
    def lock_publishing(self) -> None:
        """Let one publication at a time into the database, until the transaction ends."""

    def keyed(self, keys: Iterable[str]) -> int | None:
        """The article known under any of these identities."""

    def near(self, published: float, days: float) -> list[tuple[int, Headline]]:
        """The headlines within so many days of a time, each under the source that came first."""

    def add(self, article: Article, keys: Iterable[str]) -> int | None:
        """Store it; its id (moved on if taken), or None when one of the keys was there."""

    def add_all(self, articles: Iterable[tuple[Article, Iterable[str]]]) -> int:
        """Store many at once, as `add` does one; how many were new. Publishing must be locked."""

    def revise(self, article: Article, keys: Iterable[str]) -> None: ...

    def one(self, article: int) -> Article | None: ...

    def many(self, articles: Sequence[int]) -> list[Article]: ...

    def search(self, query: Query, limit: int, offset: int) -> Results: ...

    def count(self, query: Query) -> int: ...

    def busiest(self, query: Query, shift: float) -> tuple[int, float]:
        """How many match on the busiest day, and when it began; days begin `shift` seconds before
        those of UTC."""

    def names(self) -> dict[str, int]:
        """All company slugs in use, with their number of articles."""


class Channels(Protocol):
    def place(self, channel: Channel) -> Place:
        """The channel as stored; it is stored now if it was not."""

    def several(self, channels: Collection[Channel]) -> dict[Channel, Place]:
        """Those of them that are stored."""

    def knows(self, channel: Channel) -> bool:
        """Whether the channel is stored, without storing it."""

    def heard(self, channel: Channel, at: float) -> bool:
        """Note that the platform spoke of this channel, at a time of its own clock; False if it
        was heard of then or later already, so that this is old."""

    def choose(self, channel: Channel, settings: ChannelSettings) -> None: ...

    def removed(self, channel: Channel, at: float) -> None:
        """Note since when we are in it no more; until `Deliveries.heal`."""

    def known(self, channels: Sequence[Channel]) -> list[Channel]:
        """Those of them that are stored."""

    def gone(self, channels: Sequence[Channel]) -> list[Channel]:
        """Those of them that were removed."""

    def places(self, platform: str = "") -> list[Place]: ...

    def showing(self, article: int) -> list[Place]:
        """The channels where the report is there, or on its way."""

    def person(self, platform: str, person: str) -> tuple[str, float]:
        """A person's name and when we learnt it; an empty name and 0 if we do not know."""

    def meet(self, person: Person) -> bool:
        """Keep a person, with the newest name that we were told; whether we knew them, and now
        know a name for the first time."""


class Subscriptions(Protocol):
    def add(self, subscription: Subscription, terms: Iterable[tuple[str, str]]) -> int:
        """Store it, found again by its terms; the id of the same query's if it was there."""

    def of(self, channel: Channel) -> list[Subscription]: ...

    def one(self, number: int) -> Subscription | None: ...

    def candidates(self, keys: Iterable[tuple[str, str]]) -> Iterator[list[Alike]]:
        """The subscriptions that have one of these terms and are not paused: all that could
        match, and more. They come some at a time, those of one channel at the same time."""

    def remove(self, number: int) -> None: ...

    def pause(self, number: int, until: float) -> None: ...

    def change(self, subscription: Subscription) -> None:
        """Store its mode and whom it mentions."""

    def mentions(self, article: int, channels: Collection[Channel]) -> dict[Channel, list[str]]:
        """Whom the subscriptions mention that brought this article to each of these channels."""

    def everywhere(self, team: int, limit: int) -> list[Subscription]:
        """Those of all channels of a team, channel by channel."""

    def followers(self, source: str) -> list[Channel]:
        """The channels that follow the source with this slug: take any news of it, AI or not."""

    def channels(self) -> list[Channel]:
        """Those that have a subscription which is not paused."""

    def matched_all(self, numbers: Sequence[int], article: int) -> None: ...

    def reasons(self, channel: Channel, article: int) -> list[str]:
        """The queries that brought this article to this channel, gone ones included."""


class Note(NamedTuple):
    """`who` is a name, or empty where nobody typed it."""

    at: float
    who: str
    what: str


class Spent(NamedTuple):
    """What a language model has written and read."""

    reports: int
    tokens: int


class Desk(Protocol):
    """Small things that belong to nobody else: buttons, the audit trail, leases."""

    def button(self, text: str) -> str:
        """A short key under which a button's long command is kept."""

    def pressed(self, key: str) -> str | None: ...

    def note(self, channel: Channel | None, person: Person | None, what: str) -> None: ...

    def notes(self, channel: Channel, limit: int) -> list[Note]:
        """What was changed there, the newest first."""

    def forget(self, waiting: float, deleted: float, old: float, removed: float) -> int:
        """Remove comments that never found their report since `waiting`, comments deleted
        before `deleted`, comments and deliveries untouched since `old`, and all that channels had
        which were removed before `removed`; how many rows went. With them go the turns of hosts
        that nobody asks any more."""

    def lease(self, role: str, owner: str, seconds: float) -> bool:
        """Take or keep a role for so long; False while somebody else has it."""

    def release(self, role: str, owner: str) -> None:
        """Give a role back at once, if it is still ours."""

    def spend(self, tokens: int, per_hour: int, per_day: int) -> int:
        """Set so many tokens aside for one report that a language model writes; the number of the
        hour. 0, and nothing is, if more than the budget were spent in it, or in the last 24."""

    def correct(self, hour: int, tokens: int) -> None:
        """So many more were spent than were set aside in that hour, or fewer if below 0."""

    def spent(self, hours: int) -> Spent:
        """In so many hours, the one that runs included."""

    def ration(self, name: str, every: float, burst: int) -> float:
        """Take a turn of what all processes share: one each `every` seconds on average, of which
        `burst` may be taken at once. 0 if it was taken, else for how many seconds to wait."""


class Tx(Protocol):
    """One transaction. `now` is the database's clock, read once: all processes wait and lease by
    it. `believed`, `undisturbed` and `calm` are for when it jumps: see `bot.freshness`."""

    @property
    def now(self) -> float: ...
    @property
    def believed(self) -> float: ...
    @property
    def undisturbed(self) -> float: ...

    def calm(self, seconds: float) -> bool: ...

    @property
    def articles(self) -> Articles: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def comments(self) -> CommentRows: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def cursors(self) -> Cursors: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def levels(self) -> Levels: ...


class Store(Protocol):
    """The database. A change commits at the end of `write`, or not at all."""

    def read(self) -> AbstractContextManager[Tx]: ...

    def write(self) -> AbstractContextManager[Tx]: ...

    def version(self) -> int:
        """A number that moves whenever any process has committed something."""


def carried_out(store: Store, effect: Callable[[Tx], _T]) -> _T:
    """What it gives, in one transaction, which is made again at once where it clashed."""
    for _ in range(_CLASHES):
        try:
            with store.write() as tx:
                return effect(tx)
        except StoreClash:
            continue
    with store.write() as tx:
        return effect(tx)
