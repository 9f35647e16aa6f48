"""The removals of `python -m tests.guards` are still possible: each takes away lines that stand
there once, and names a test that the contracts name for the same promise."""

from __future__ import annotations

import re

import pytest

from tests.guards.__main__ import ROOT, place_of
from tests.guards.guard import Guard
from tests.guards.table import GUARDS

TABLE = re.findall(
    r"^\| ([\d, ]+) \|[^|]*\|([^|]*)\|$", (ROOT / "docs/contracts.md").read_text(), re.M
)
ROWS = {number: tests for numbers, tests in TABLE for number in numbers.split(", ")}
OF_SLACK_AND_THE_OUTBOX = (
    *(1, 2, *range(4, 38), *range(39, 47), 49, 50, 51),
    *(*range(54, 80), *range(81, 84), 85, *range(86, 91), *range(118, 133), 140, 141),
)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.number} {guard.test}")
def test_what_a_guard_takes_away_stands_there_once(guard: Guard) -> None:
    text = (ROOT / guard.file).read_text(encoding="utf-8")
    assert text.count(guard.old) == 1
    assert guard.new != guard.old
    assert guard.test in ROWS[str(guard.number)]
    assert place_of(guard.test)


def test_each_promise_of_slack_and_the_outbox_has_a_row_and_a_guard() -> None:
    guarded = {guard.number for guard in GUARDS}
    assert [number for number in OF_SLACK_AND_THE_OUTBOX if str(number) not in ROWS] == []
    assert [number for number in OF_SLACK_AND_THE_OUTBOX if number not in guarded] == []
