"""The three floors, the sizes and the locked packages, held by tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("bot", "storage", "adapters")
FILES = sorted(path for part in OURS for path in (ROOT / part).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def _under(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


@pytest.mark.parametrize("path", _under("bot"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_imports_only_itself_and_the_standard_library(path: Path) -> None:
    outside = {name.split(".")[0] for name in _imports(path)} - {"bot"}
    assert outside <= sys.stdlib_module_names


def test_storage_knows_the_core_and_no_adapter() -> None:
    for path in _under("storage"):
        tops = {name.split(".")[0] for name in _imports(path)}
        assert tops & set(OURS) <= {"bot", "storage"}, path
        allowed = {"sqlalchemy", "alembic", "psycopg", "bot", "storage"} | sys.stdlib_module_names
        assert tops <= allowed, path


@pytest.mark.parametrize("name", ["slack", "discord", "web", "feeds", "writer"])
def test_an_adapter_knows_neither_storage_nor_another_adapter(name: str) -> None:
    for path in _under(f"adapters/{name}"):
        for imported in _imports(path):
            assert not imported.startswith("storage"), path
            if imported.startswith("adapters."):
                assert imported.split(".")[1] == name, (path, imported)


def test_nothing_in_the_core_names_a_platform() -> None:
    named = re.compile(r"\b(slack|discord|guild|embed|blocks?_kit)\b", re.IGNORECASE)
    for path in _under("bot"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                assert not named.search(name), (path, name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_keep_their_size_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    if "versions" not in path.parts:
        assert text.count("\n") <= 300
    assert ast.get_docstring(tree), "a module opens with what it is for"
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and "versions" not in path.parts
        ):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


def _locked(name: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return {
        package.lower().replace("_", "-").replace(".", "-"): version for package, version in found
    }


def test_the_lock_files_agree_with_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {"requirements.lock": project["dependencies"]}
    asked["requirements-test.lock"] = (
        asked["requirements.lock"] + project["optional-dependencies"]["test"]
    )
    for lock, wanted in asked.items():
        locked = _locked(lock)
        for line in wanted:
            name, least = re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", line).groups()  # type: ignore[union-attr]  # each line has a least version
            version = locked[name.lower().replace(".", "-")]
            assert [int(n) for n in re.findall(r"\d+", version)] >= [
                int(n) for n in re.findall(r"\d+", least)
            ], line
    assert _locked("requirements.lock").items() <= _locked("requirements-test.lock").items()


def test_the_weight_stays_what_was_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert 20 <= len(project["dependencies"]) <= 25
    assert len(_locked("requirements.lock")) <= 75


def test_the_core_starts_without_any_sdk() -> None:
    sdks = "('aiohttp', 'discord', 'slack_sdk', 'sqlalchemy')"
    script = f"import sys, bot.bot; print([name for name in {sdks} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_test_that_the_contracts_name_exists() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").glob("test_*.py"))
    named = re.findall(r"\btest_\w+", (ROOT / "docs/contracts.md").read_text())
    named = [name for name in named if name != "test_architecture"]
    assert len(named) > 50
    assert [name for name in named if f"def {name}(" not in tests] == []
