"""What people see in Slack, screen by screen, as Block Kit in `tests/screens/slack`.

Whoever changes a word or a button sees in the difference what people will see; a file can be pasted
into Slack's Block Kit Builder. `HOW` writes them anew.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from tests.servers.slack.blocks import (
    MESSAGE_SIZE,
    size_of_blocks,
    wrongs_of_blocks,
    wrongs_of_view,
)
from tests.servers.slack.pings import pings
from tests.slack_screens import SCREENS
from tests.world import World

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "screens" / "slack"
HOW = "BOTBEAT_SCREENS=write python3 run.py test tests/test_slack_screens.py"


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[World]:
    """One database is enough: what is said is the same on both."""
    world = World(sqlite_url)
    yield world
    world.close()


def stored(name: str) -> Json:
    shown: Json = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return shown


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_is_what_people_saw_before(quick: World, name: str) -> None:
    shown = json.dumps(await SCREENS[name](quick), indent=2, ensure_ascii=False) + "\n"
    file = FOLDER / f"{name}.json"
    if os.environ.get("BOTBEAT_SCREENS") == "write":
        file.write_text(shown, "utf-8")
    before = file.read_text("utf-8") if file.exists() else ""
    lines = difflib.unified_diff(before.splitlines(), shown.splitlines(), "before", "now", n=2)
    changed = "\n".join(lines)
    assert not changed, f"{changed}\n\nIf that is meant: {HOW}"


def test_each_file_is_a_screen_that_somebody_sees() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == SCREENS.keys()


@pytest.mark.parametrize("name", SCREENS)
def test_slack_takes_the_screen(name: str) -> None:
    shown = stored(name)
    if "type" in shown:
        assert wrongs_of_view(shown) == []
    else:
        assert wrongs_of_blocks(shown["blocks"]) == []
        assert size_of_blocks(shown["blocks"]) <= MESSAGE_SIZE
        assert 0 < len(shown["text"].encode()) <= 3000


@pytest.mark.parametrize("name", SCREENS)
def test_nobody_is_pinged_by_the_screen(name: str) -> None:
    shown = stored(name)
    assert pings(shown.get("text", ""), shown["blocks"], {"parse": "none"}) == ()


@pytest.mark.parametrize("name", SCREENS)
def test_the_sdk_of_slack_reads_the_screen_without_loss(name: str) -> None:
    """It checks lengths, and leaves out each field that it does not know."""
    for block in stored(name)["blocks"]:
        read = Block.parse(block)
        assert read is not None
        assert read.to_dict() == block
