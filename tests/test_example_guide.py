"""The guide to a new platform is true: its quotes are the example's, and its steps work."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.mattermost_place import YOU, opened
from tests.processes import program
from tests.waiting import until

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs/adapters.md").read_text(encoding="utf-8")
EXAMPLE = sorted((ROOT / "examples").rglob("*.py"))
TITLE = "Alibaba releases the Qwen 4 AI model"


def test_the_quoted_lines_are_the_examples_own() -> None:
    quoted = re.findall(r"```python (\S+)\n(.*?)```", GUIDE, re.S)
    assert len(quoted) == 7
    for file, lines in quoted:
        assert (ROOT / file).read_text(encoding="utf-8").count(lines) == 1, file
    assert GUIDE.count("\n") <= 160


@pytest.mark.parametrize("path", EXAMPLE, ids=lambda path: path.name)
def test_the_example_imports_the_core_and_one_library(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names]  # fmt: skip
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [node.module or "" for node in froms if not node.level]
    assert {name.split(".")[0] for name in names} <= {"bot", "aiohttp"} | sys.stdlib_module_names
    # What stands beside it is named by one dot, or the folder could not be moved.
    assert {node.level for node in froms} <= {0, 1}


@pytest.mark.parametrize("path", EXAMPLE, ids=lambda path: path.name)
def test_the_example_keeps_the_size_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= 160
    assert ast.get_docstring(tree)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    sizes = [(node.end_lineno or 0) - node.lineno for node in ast.walk(tree)
             if isinstance(node, functions)]  # fmt: skip
    assert max(sizes, default=0) < 40


def changed_as_told(project: Path) -> None:
    """Applies each change that the guide shows, exactly once."""
    for file, lines in re.findall(r"```diff (\S+)\n(.*?)```", GUIDE, re.S):
        rows = lines.splitlines()
        old = "\n".join(row[1:] for row in rows if not row.startswith("+"))
        new = "\n".join(row[1:] for row in rows if not row.startswith("-"))
        text = (project / file).read_text(encoding="utf-8")
        assert text.count(f"\n{old}\n") == 1, f"{file} has no such lines once:\n{old}"
        (project / file).write_text(text.replace(f"\n{old}\n", f"\n{new}\n"), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in which somebody has done what the guide says."""
    made, unwanted = tmp_path / "project", shutil.ignore_patterns("__pycache__")
    for part in ("bot", "storage", "adapters"):
        shutil.copytree(ROOT / part, made / part, ignore=unwanted)
    shutil.copytree(ROOT / "examples/mattermost", made / "adapters/mattermost", ignore=unwanted)
    changed_as_told(made)
    return made


async def test_who_follows_the_guide_sees_a_report_in_mattermost(
    project: Path, tmp_path: Path, sqlite_url: str
) -> None:
    async with opened(sqlite_url) as place:
        await place.bot.command(place.channel, YOU, "subscribe")
        variables = {
            "DATABASE_URL": sqlite_url,
            "MATTERMOST_URL": place.server.url,
            "MATTERMOST_TOKEN": place.server.token,
            "PYTHONPATH": str(project),
        }
        async with program(tmp_path, "run", "mattermost", **variables) as running:
            await until(place.server.is_listened_to)
            await place.publishes(TITLE)
            await until(lambda: place.reports(TITLE))
            running.end()
            assert await running.ended() == 0
        assert place.server.token not in "".join(running.logged + running.said)
        assert "Traceback" not in "".join(running.logged)


async def test_a_part_without_its_settings_names_them(project: Path, tmp_path: Path) -> None:
    async with program(tmp_path, "run", "mattermost", PYTHONPATH=str(project)) as running:
        assert await running.ended() == 2
    assert "mattermost needs MATTERMOST_URL and MATTERMOST_TOKEN." in running.logged[0]
