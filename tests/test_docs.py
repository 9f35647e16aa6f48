"""What the documents say of the code is so: quoted lines, states and named tests are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from bot import commands
from bot.model import State
from bot.query.language import KEYS

ROOT = Path(__file__).parent.parent
TWICE = (ROOT / "docs/how-nothing-is-said-twice.md").read_text(encoding="utf-8")


def test_the_lines_that_matter_are_the_codes_own() -> None:
    quoted = re.findall(r"```python (\S+)\n(.*?)```", TWICE, re.S)
    assert len(quoted) == 4
    for file, lines in quoted:
        assert lines in (ROOT / file).read_text(encoding="utf-8"), file
    assert sum(lines.count("\n") for _, lines in quoted) <= 40


def test_the_drawing_has_the_states_that_a_delivery_has() -> None:
    drawing = TWICE[TWICE.index("stateDiagram") : TWICE.index("## The lines")]
    arrows = re.findall(r"^\s+(\S.*?) --> (.*?)(?::.*)?$", drawing, re.M)
    drawn = {state.strip() for arrow in arrows for state in arrow} - {"[*]"}
    assert drawn == set(get_args(State))


def test_each_sentence_of_the_guarantee_has_a_test() -> None:
    rows = re.findall(r"^\| ([A-Z].*?) \| (test_.*?) \|$", TWICE, re.M)
    assert len(rows) > 10
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").glob("test_*.py"))
    named = [name for _, names in rows for name in names.split(", ")]
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_the_table_of_commands_has_the_verbs_that_there_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index("## Commands") : readme.index("In a terminal:")]
    rows = re.findall(r"^\| `(\S+)[^`]*` \| .+ \|$", section, re.M)
    assert set(rows) == set(commands.VERBS)
    # What each row shows can be typed: the parser takes it for that verb.
    typed = re.findall(r"^\| `([^`]+)`", section, re.M)
    assert all(commands.split(text)[0] == text.split()[0] for text in typed)
    keys = section[section.index("Keys:") :]
    assert set(re.findall(r"`([a-z]+):`", keys[: keys.index("\n\n")])) == set(KEYS)


def test_the_first_screen_is_read_in_a_minute() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count("\n") < 200
    order = ("# BotBeat", "docs/demo.gif", "python3 run.py", "/botbeat qwen", "## How it compares",
             "## What it does not do", "## What is claimed")  # fmt: skip
    places = [readme.index(part) for part in order]
    assert places == sorted(places)


def test_each_comparison_has_its_evidence() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    compared = (ROOT / "docs/compared.md").read_text(encoding="utf-8")
    table = readme[readme.index("## How it compares") : readme.index("## What it does not do")]
    head, _, *rows = [line.strip("| ").split(" | ") for line in table.splitlines() if "|" in line]
    assert len(rows) == 6
    sections = re.findall(r"^## (.*)\n\n\|.*\n\|.*\n((?:\|.*\n)+)", compared, re.M)
    assert [title for title, _ in sections] == [row[0] for row in rows]
    for (_, lines), (_, *cells) in zip(sections, rows, strict=True):
        told = [line.split(" | ") for line in lines.splitlines()]
        assert [one[0].strip("| ") for one in told] == head
        short = [one[1].strip("* ") for one in told]
        assert all(cell.strip("* ").startswith(one) for cell, one in zip(cells, short, strict=True))
