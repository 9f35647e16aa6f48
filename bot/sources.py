"""What the core asks of the database about sources and what they offered: every call on one page,
as the rest is in `bot.store`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.model import Found
from bot.ports import Entry, KeptOut, Source, Visit


class Sources(Protocol):
    def add(self, source: Source, *, listed: bool = False) -> int:
        """Store it, or visit it again if it was switched off; its number. A `listed` one comes
        from the built-in list, and stays off if somebody switched it off."""

    def all(self) -> list[Source]: ...

    def remove(self, number: int) -> bool:
        """Switch it off for good; False if there is none."""

    def claim(self, lease: float, limit: int) -> list[Source]:
        """Take sources whose next visit is due."""

    def visited(self, source: Source, visit: Visit) -> bool:
        """Note how a visit went; False if another one has begun since."""

    def answered(self) -> float:
        """When any source last answered; 0 if none ever did."""

    def offer(
        self, source: Source, found: Sequence[Found], *, fresh: Callable[[Found], bool]
    ) -> int:
        """Store what is new or rewritten of what a source offered; the number of new entries."""

    def risen(self, source: Source, found: Sequence[Found]) -> list[tuple[int, Found, bool]]:
        """What of it is published and has more votes now, which are noted: the article's number,
        what was found, and whether that was news when it was found."""

    def claim_entries(self, lease: float, limit: int) -> list[Entry]: ...

    def close_entry(self, entry: Entry, state: str, reason: str = "", article: int = 0) -> bool:
        """What became of it. False, and nothing is written, if it was rewritten or claimed again
        since."""

    def open_entries(self) -> int: ...

    def kept_out(self, limit: int) -> list[KeptOut]:
        """What was taken for no AI news, the newest first."""
