"""When a digest comes and when quiet hours end, by the clocks on people's walls."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot import schedule
from bot.schedule import Quiet, Schedule, ScheduleError, read_quiet, read_schedule

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def shown(at: float, zone: ZoneInfo = BERLIN) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%a %d %b %H:%M")


@pytest.mark.parametrize(
    ("mode", "at", "days", "now", "comes"),
    [
        ("digest", "", "", "2026-04-24 08:59", "Fri 24 Apr 09:00"),
        ("digest", "", "", "2026-04-24 09:00", "Sat 25 Apr 09:00"),
        ("digest", "9am,17:30", "", "2026-04-24 10:00", "Fri 24 Apr 17:30"),
        ("digest", "", "mon-fri", "2026-04-24 12:00", "Mon 27 Apr 09:00"),
        ("digest", "", "sat,sun", "2026-04-24 12:00", "Sat 25 Apr 09:00"),
        ("digest", "", "fri-mon", "2026-04-27 12:00", "Fri 01 May 09:00"),
        ("weekly", "", "", "2026-04-27 09:30", "Mon 04 May 09:00"),
        ("weekly", "", "friday", "2026-04-24 12:00", "Fri 01 May 09:00"),
        ("hourly", "", "", "2026-04-24 12:59", "Fri 24 Apr 13:00"),
        ("hourly", "", "", "2026-04-24 13:00", "Fri 24 Apr 14:00"),
    ],
)
def test_a_digest_comes_at_its_next_time(
    mode: str, at: str, days: str, now: str, comes: str
) -> None:
    assert shown(read_schedule(mode, at, days).after(moment(now), BERLIN)) == comes


def test_a_time_that_a_night_does_not_have_is_as_long_after_midnight_as_ever() -> None:
    nightly = read_schedule("digest", "02:30", "")
    at, times = moment("2026-03-28 12:00"), []
    for _ in range(3):
        at = nightly.after(at, BERLIN)
        times.append(shown(at))
    assert times == ["Sun 29 Mar 03:30", "Mon 30 Mar 02:30", "Tue 31 Mar 02:30"]


def test_a_time_that_a_night_has_twice_is_meant_once() -> None:
    nightly = read_schedule("digest", "02:30", "")
    first = nightly.after(moment("2026-10-24 12:00"), BERLIN)
    assert datetime.fromtimestamp(first, UTC).strftime("%d %H:%M") == "25 00:30"
    assert shown(nightly.after(first, BERLIN)) == "Mon 26 Oct 02:30"


def test_a_day_that_a_place_left_out_hides_no_other() -> None:
    """Samoa had no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    daily, at = read_schedule("digest", "", ""), moment("2011-12-28 12:00", apia)
    days = []
    for _ in range(3):
        at = daily.after(at, apia)
        days.append(shown(at, apia))
    assert days == ["Thu 29 Dec 09:00", "Sat 31 Dec 09:00", "Sun 01 Jan 09:00"]


def test_wherever_and_whenever_one_asks_the_next_time_is_ahead_and_asked_again_the_same() -> None:
    chance, zones = random.Random(5), sorted(available_timezones())
    for _ in range(2000):
        zone = ZoneInfo(chance.choice(zones))
        times = tuple(sorted({time(chance.randrange(24), chance.choice([0, 30])) for _ in "ab"}))
        days = tuple(sorted(chance.sample(range(7), chance.randint(1, 7))))
        one = Schedule(days, times, hourly=chance.random() < 0.1)
        now = 1_760_000_000 + chance.random() * 2 * 365 * 86400
        comes = one.after(now, zone)
        assert now < comes <= now + 9 * 86400
        # Whoever asks at any time before it gets the same answer.
        assert one.after(now + chance.random() * (comes - now) * 0.999, zone) == comes


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        ("20:00-08:00", "2026-04-24 19:59", ""),
        ("20:00-08:00", "2026-04-24 20:00", "Sat 25 Apr 08:00"),
        ("20:00-08:00", "2026-04-25 07:59", "Sat 25 Apr 08:00"),
        ("20:00-08:00", "2026-04-25 08:00", ""),
        ("12:00-13:30", "2026-04-24 12:10", "Fri 24 Apr 13:30"),
        ("12:00-13:30", "2026-04-24 13:30", ""),
        ("23:00-02:30", "2026-03-29 01:00", "Sun 29 Mar 03:30"),
        ("23:00-02:30", "2026-10-25 01:00", "Sun 25 Oct 02:30"),
    ],
)
def test_quiet_hours_end_when_they_say(hours: str, now: str, ends: str) -> None:
    quiet = read_quiet(hours)
    assert isinstance(quiet, Quiet)
    until = quiet.until(moment(now), BERLIN)
    assert (shown(until) if until else "") == ends


def test_an_hour_that_is_there_twice_is_quiet_twice_and_not_for_a_day() -> None:
    again = moment("2026-10-25 02:10") + 3600
    until = Quiet(time(23), time(2, 30)).until(again, BERLIN)
    assert until == again + 20 * 60


def test_what_is_stored_is_read_back() -> None:
    for one in (read_schedule("digest", "17:30,9", "mon-fri"), Schedule(hourly=True)):
        assert schedule.stored(str(one)) == one
    assert read_quiet("off") is None
    assert str(read_quiet("9pm-7")) == "21:00-07:00"


@pytest.mark.parametrize(
    ("typed", "name"),
    [("berlin", "Europe/Berlin"), ("New York", "America/New_York"), ("utc", "UTC")],
)
def test_a_zone_is_known_by_its_city(typed: str, name: str) -> None:
    assert schedule.zone_named(typed) == name


@pytest.mark.parametrize("typed", ["Berln", "+02:00", "../../etc/passwd", "", "x" * 5000])
def test_a_zone_that_there_is_not_is_refused_with_three_others(typed: str) -> None:
    with pytest.raises(ScheduleError, match=r"Did you mean: (\S+, ){2}\S+\? Nothing was changed"):
        schedule.zone_named(typed)


def test_a_zone_that_is_no_more_counts_as_utc() -> None:
    assert schedule.zone_of("Mars/Olympus") == UTC
