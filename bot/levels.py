"""What the core asks of the database to be measured, beside `bot.store`: levels as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from bot.model import State


class Waiting(NamedTuple):
    """A platform's open deliveries. `due`: for how many seconds the oldest one that may be sent has
    waited, 0 if there is none. `failing`: so many were tried again and again. `held`: nothing may
    be sent to a whole installation for now."""

    platform: str
    due: float
    failing: int
    held: bool


class Sizes(NamedTuple):
    """How many are kept: those that were removed, or are waiting to be, are not counted."""

    articles: int
    comments: int
    subscriptions: int


class Levels(Protocol):
    def misfit(self) -> str:
        """Why this program cannot work with the tables as they are; empty if it can."""

    def waiting(self) -> list[Waiting]:
        """Of each platform that has anything to do, or is held."""

    def deliveries(self) -> dict[tuple[str, State], int]:
        """How many there are of each platform and state."""

    def sizes(self) -> Sizes: ...

    def unrenewed(self, role: str) -> float | None:
        """For how many seconds a lease has been over, 0 while it holds; None if nobody has it."""
