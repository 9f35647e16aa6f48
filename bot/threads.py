"""What the core asks about comments and the threads they stand in; the rest is in `bot.store`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.model import Channel, Comment, MessageRef

if TYPE_CHECKING:
    from bot.store import Place


@dataclass(frozen=True, slots=True)
class Thread:
    """A report as it stands in a channel, and when all under it was last read, or 0."""

    report: MessageRef
    article: int
    read: float


class CommentRows(Protocol):
    def add(self, comment: Comment) -> Comment | None:
        """Store it with its key; None when its origin was there: see `by_origin`."""

    def by_origin(self, origin: MessageRef) -> Comment | None: ...

    def one(self, comment: int) -> Comment | None: ...

    def waiting(self, root: MessageRef) -> list[Comment]:
        """The comments that came under this message before we knew whose it is."""

    def change(self, comment: Comment) -> None: ...

    def written(self, channel: Channel, article: int) -> list[Comment]:
        """All that we know of this channel's comments on an article, deleted and hidden too."""

    def under(self, article: int) -> list[Comment]:
        """All comments that are not deleted, in the order written."""

    def by(self, platform: str, person: str) -> list[Comment]: ...


class Cursors(Protocol):
    """Which threads are to be read again, and which were."""

    def places(self, platform: str, since: float) -> list[Place]:
        """The channels where a report was posted or commented since then."""

    def threads(self, channel: Channel, active: Sequence[MessageRef], since: float) -> list[Thread]:
        """The reports that stand there and are `active`, or were commented since then."""

    def undecided(self, platform: str) -> bool:
        """Whether a report may stand there of which we do not know the message yet."""

    def owe(self, report: MessageRef) -> None:
        """Somebody may have written under this report what nobody heard: it is to be read."""

    def owed(self, platform: str) -> list[MessageRef]:
        """The reports that are still to be read for that reason."""

    def pay(self, reports: Collection[MessageRef]) -> None:
        """They need no reading any more: nobody wrote there, or we may not read."""

    def read(self, report: MessageRef) -> float:
        """When all under this report was last read; 0 if never."""

    def move(self, report: MessageRef, at: float) -> None:
        """All under this report was read at this time, or later."""

    def count(self, channel: Channel, comment: Comment) -> None:
        """Do not copy this comment there: a note under the report counts it, once."""
