"""When something is to be delivered that is not delivered at once, by the clock on people's walls.

All is asked of a moment and a zone, and answered as a moment: who asks again after a restart, or a
day late, gets the same answer. Zones are those of https://www.iana.org/time-zones.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNING = time(9)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_AHEAD = 9
"""A week and two days: a day that a zone leaves out must not hide the next one."""


class ScheduleError(ValueError):
    """A time, a day or a zone that was not understood, in words for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Each full hour, or these times of these days; days are counted from Monday, 0."""

    days: tuple[int, ...] = tuple(range(7))
    times: tuple[time, ...] = (MORNING,)
    hourly: bool = False

    def __str__(self) -> str:
        if self.hourly:
            return "hourly"
        times = ",".join(f"{at:%H:%M}" for at in self.times)
        return f"{','.join(DAYS[day] for day in self.days)} {times}"

    def after(self, moment: float, zone: tzinfo) -> float:
        """The first time after a moment. A time that a day does not have, as clocks are set
        ahead, is as long after midnight as ever; one that it has twice is meant once."""
        here = datetime.fromtimestamp(moment, zone)
        if self.hourly:
            return moment - (here.minute * 60 + here.second) - moment % 1 + 3600
        for ahead in range(_AHEAD):
            day = here.date() + timedelta(days=ahead)
            if day.weekday() in self.days:
                coming = [at for at in (on(day, one, zone) for one in self.times) if at > moment]
                if coming:
                    return min(coming)
        raise AssertionError(f"{self} never comes")

    def said(self) -> str:
        """`each hour`, `Monday to Friday at 09:00`."""
        if self.hourly:
            return "each hour"
        return f"{_days_said(self.days)} at {' and '.join(f'{at:%H:%M}' for at in self.times)}"


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of each day in which nothing is posted. They may go over midnight."""

    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def until(self, moment: float, zone: tzinfo) -> float:
        """When they end, if it is quiet at this moment; else 0."""
        here = datetime.fromtimestamp(moment, zone)
        now = here.time()
        if self.begins < self.ends:
            is_quiet = self.begins <= now < self.ends
        else:
            is_quiet = now >= self.begins or now < self.ends
        if not is_quiet:
            return 0.0
        # In the hour that is there twice, the second one ends as well.
        again = datetime.combine(here.date(), self.ends, zone).replace(fold=here.fold).timestamp()
        return again if again > moment else Schedule(times=(self.ends,)).after(moment, zone)


def next_digest(mode: str, quiet: str, moment: float, zone: tzinfo) -> float:
    """When what is held for a digest at this moment comes: at its time, or, where that is in the
    quiet hours, when these end."""
    due = stored(mode).after(moment, zone)
    hours = read_quiet(quiet) if quiet else None
    return (hours.until(due, zone) if hours else 0.0) or due


def on(day: date, at: time, zone: tzinfo) -> float:
    """The moment of a time of day."""
    return datetime.combine(day, at, zone).timestamp()


def day_begins(moment: float, zone: tzinfo) -> float:
    """When the day of a moment began there."""
    return on(datetime.fromtimestamp(moment, zone).date(), time(), zone)


def zone_of(name: str) -> tzinfo:
    """A zone by the name that is stored; UTC for none, and for one that is no more."""
    return ZoneInfo(name) if name in _zones() else UTC


def zone_named(text: str) -> str:
    """What people call a zone, as its name: `berlin` is Europe/Berlin. Raises ScheduleError."""
    wanted = text.strip().replace(" ", "_").casefold()
    if wanted in ("utc", "gmt", "z"):
        return "UTC"
    known = _zones()
    exact = [name for name in known if name.casefold() == wanted]
    cities = [name for name in known if name.rpartition("/")[2].casefold() == wanted]
    found = exact or [name for name in cities if name.count("/") == 1] or cities
    if len(found) == 1:
        return found[0]
    near = found[:3] or _nearest(wanted)
    raise ScheduleError(
        f'There is no time zone "{text[:40]}". Did you mean: {", ".join(near)}? '
        "Nothing was changed."
    )


def read_schedule(mode: str, at: str, days: str) -> Schedule:
    """`digest`, `hourly`, `daily` or `weekly`, with `at` as `09:00,17:00` and `days` as `mon-fri`
    where they were said. Raises ScheduleError."""
    if mode == "hourly":
        if at or days:
            raise ScheduleError("Each hour means all hours of all days. Nothing was changed.")
        return Schedule(hourly=True)
    chosen = read_days(days) if days else ((0,) if mode == "weekly" else tuple(range(7)))
    times = [read_time(one) for one in at.split(",") if one] or [MORNING]
    return Schedule(chosen, tuple(sorted(set(times))))


def stored(text: str) -> Schedule:
    """A schedule as `str` has written it."""
    if text == "hourly":
        return Schedule(hourly=True)
    days, _, times = text.partition(" ")
    return read_schedule("digest", times, days)


def read_quiet(text: str) -> Quiet | None:
    """`20:00-08:00`, or `off` for none. Raises ScheduleError."""
    if text.casefold() in ("off", "none", "no"):
        return None
    begins, dash, ends = text.partition("-")
    if not dash:
        raise ScheduleError(f'"quiet:" is like 20:00-08:00, or off, not "{text[:40]}".')
    quiet = Quiet(read_time(begins), read_time(ends))
    if quiet.begins == quiet.ends:
        raise ScheduleError("Quiet hours that never end would let nothing through.")
    return quiet


def read_time(text: str) -> time:
    """`9`, `9:30`, `09:30`, `9am`, `12:15pm`. Raises ScheduleError."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", text.strip().casefold())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if found and found[3]:
        hour = hour % 12 + 12 * (found[3] == "pm") if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise ScheduleError(f'"{text[:40]}" is no time of day. Write 09:00. Nothing was changed.')
    return time(hour, minute)


def read_days(text: str) -> tuple[int, ...]:
    """`mon-fri`, `mon,thu`, `weekdays`, `friday`. Raises ScheduleError."""
    found: set[int] = set()
    for part in text.casefold().split(","):
        if part in _GROUPS:
            found |= set(_GROUPS[part])
            continue
        first, dash, last = part.partition("-")
        begins, ends = _day(first), _day(last if dash else first)
        found |= {day % 7 for day in range(begins, ends + 1 + 7 * (ends < begins))}
    return tuple(sorted(found))


def _day(text: str) -> int:
    for number, name in enumerate(_NAMES):
        if len(text) >= 2 and name.startswith(text):
            return number
    raise ScheduleError(
        f'"{text[:40]}" is no day. Write mon-fri, or mon,thu, or weekdays. Nothing was changed.'
    )


def _days_said(days: tuple[int, ...]) -> str:
    names = [_NAMES[day].capitalize() for day in days]
    if len(days) == 7:
        return "each day"
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return f"{names[0]} to {names[-1]}"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _nearest(wanted: str) -> list[str]:
    by_city = {name.rpartition("/")[2].casefold(): name for name in sorted(_zones())}
    near = difflib.get_close_matches(wanted.rpartition("/")[2], by_city, 3, cutoff=0.5)
    return _three([by_city[city] for city in near])


def _three(names: Iterable[str]) -> list[str]:
    return [*dict.fromkeys([*names, "Europe/Berlin", "America/New_York", "UTC"])][:3]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
