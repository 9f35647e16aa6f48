"""Times between files and the core: ISO 8601 in UTC outside, seconds since 1970 inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters.terminal.lines import BrokenLine

_MONTH = re.compile(r"\d{4}-\d{2}")
_LATEST = 253_402_300_799  # the last second of the year 9999


def seconds(value: object, name: str = "date") -> float:
    """A date or time as it stands in a file: ISO 8601, as in e-mails, or seconds since 1970.

    0 for null and empty; BrokenLine for what is no time. Without a zone it is UTC; a month is
    its first day.
    """
    if value is None or value == "":
        return 0.0
    moment = _number(value) if isinstance(value, int | float) else None
    if isinstance(value, str):
        moment = _written(value.strip())
    if moment is None:
        raise BrokenLine(f"“{name}” is no date: write 2026-04-28 or 2026-04-28T14:05:00Z")
    return max(0.0, moment)


def iso(moment: float) -> str | None:
    """`2026-04-28T14:05:00Z`, or None for 0."""
    if not moment:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(moment: float) -> str | None:
    """`2026-04-28`, or None for 0."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d") if moment else None


def _number(value: float) -> float | None:
    # A bool is a number to Python and no time to anybody; above this, it is milliseconds.
    if isinstance(value, bool):
        return None
    moment = value / 1000 if value > 1e11 else float(value)
    return moment if 0 <= moment <= _LATEST else None


def _written(text: str) -> float | None:
    text = f"{text}-01" if _MONTH.fullmatch(text) else text
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None
