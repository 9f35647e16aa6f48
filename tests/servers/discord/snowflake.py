"""Snowflakes: ids that carry the time at which they were made, as strings of digits.

Source of the format: docs.discord.com/developers/reference#snowflakes.
"""

import time

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Makes ids from the real time, each greater than the one before."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        fresh = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return str(self._last)


def moment(snowflake: str) -> float:
    """Unix seconds at which the id was made."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def first_at(seconds: float) -> str:
    """The smallest id that could be made at this Unix time."""
    return str(max(0, int(seconds * 1000) - EPOCH_MS) << 22)
