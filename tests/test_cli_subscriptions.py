"""What channels asked for, as a file out and in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.bot import Bot
from bot.model import Channel, Person
from storage.store import open_store
from tests.terminal import Said, Terminal

LAB = Channel("slack", "C1")
ADA = Person("slack", "U1", "Ada")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> Terminal:
    made = Terminal(tmp_path, monkeypatch)
    made.sets(DATABASE_URL=database)
    return made


async def typed(database: str, *commands: str) -> None:
    store = open_store(database)
    bot = Bot(store)
    for text in commands:
        await bot.command(LAB, ADA, text)
    bot.close()
    store.close()


def imports(terminal: Terminal, *rows: Any) -> Said:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    return terminal.types("subscriptions", "import", str(terminal.has("rules.jsonl", text)))


async def test_what_is_exported_can_be_imported_elsewhere(
    terminal: Terminal, database: str
) -> None:
    await typed(
        database,
        "subscribe company:alibaba -tag:robotics mention:<@U7|ada>",
        "subscribe type:research mode:digest at:08:30 days:mon-fri",
    )
    out = terminal.types("subscriptions", "export").out
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows == [
        {
            "platform": "slack",
            "channel": "C1",
            "query": "company:alibaba -tag:robotics",
            "mode": "instant",
            "mention": "<@U7>",
        },
        {
            "platform": "slack",
            "channel": "C1",
            "query": "type:research",
            "mode": "mon,tue,wed,thu,fri 08:30",
            "mention": "",
        },
    ]
    assert imports(terminal, *rows).out == "0 subscriptions new, 0 changed, 2 the same.\n"
    elsewhere = [row | {"channel": "C2"} for row in rows]
    assert imports(terminal, *elsewhere).out == "2 subscriptions new, 0 changed, 0 the same.\n"
    named = rows[0] | {"mention": "<@U7|ada>"}
    assert imports(terminal, named).out == "0 subscriptions new, 0 changed, 1 the same.\n"
    later = rows[1] | {"mode": "hourly"}
    assert imports(terminal, later).out == "0 subscriptions new, 1 changed, 0 the same.\n"
    assert len(terminal.types("subscriptions", "export").out.splitlines()) == 4


GOOD = {"platform": "slack", "channel": "C1", "query": "company:alibaba"}


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("not json\n", "line 2:"),
        ({"xmlUrl": "https://x.example/feed"}, 'it has no "platform"'),
        (GOOD | {"query": "kompany:alibaba"}, 'Unknown key "kompany:"'),
        (GOOD | {"query": "qwen since:7d"}, "cannot be part of it"),
        (GOOD | {"query": 7}, '"query" is a text'),
        (GOOD | {"mode": "sometimes"}, "is no day"),
        (GOOD | {"mention": "@everyone"}, '"mention" is as the platform writes'),
        (GOOD | {"channel": ""}, "names no channel"),
        (GOOD | {"filters": []}, '"filters" is nothing that a subscription has'),
        (GOOD | {"query": "x" * 10_000}, "10,000 characters long"),
    ],
)
def test_a_file_from_somewhere_else_changes_nothing(
    terminal: Terminal, broken: Any, told: str
) -> None:
    said = imports(terminal, GOOD, broken)
    assert said.code == 1
    assert told in said.err
    assert said.err.count("\n") == 1
    assert "Nothing was imported" in said.err
    assert terminal.types("subscriptions", "export").out == ""
