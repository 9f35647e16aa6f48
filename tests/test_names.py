"""Documents and code name the same things: what one of them calls by a name, the other has."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.discord.grammar import COMMANDS
from adapters.terminal.cli import app
from adapters.terminal.compose import PARTS
from adapters.terminal.settings import Settings
from bot import commands
from tests.named import FILES, MARKDOWN, PLAIN, ROOT, calls, links, scripts, slugs, spans, typed

SETTINGS = {name.upper() for name in Settings.model_fields}
SUBS = {one["name"]: one for one in COMMANDS}["botbeat-subs"]["options"]
SEARCHES = {"alibaba", "qwen"}
"""What documents search for by a bare word, which any other word after `/botbeat` would be, too."""
EXAMPLES = {file.split("/")[1] for file in FILES if fnmatch.fnmatch(file, "examples/*/__init__.py")}
"""Platforms that a reader is shown how to add."""
GUIDE = [ROOT / "README.md", ROOT / "docs/operations.md"]
documents = pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))


def _tree(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield f"{path} {name}".strip(), command
        if hasattr(command, "commands"):
            yield from _tree(command, f"{path} {name}".strip())


TERMINAL: dict[str, Any] = dict(_tree(typer.main.get_command(app)))
GROUPS = {name for name, command in TERMINAL.items() if hasattr(command, "commands")}


def _options(command: Any) -> set[str]:
    given = [opt for one in command.params for opt in (*one.opts, *one.secondary_opts)]
    return {"--help", *(opt for opt in given if opt.startswith("--"))}


def _unknown(given: list[str]) -> list[str]:
    """What of a command in a terminal does not exist."""
    path, rest = "", given
    while rest and (not path or path in GROUPS) and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        path, rest = f"{path} {rest[0]}".strip(), rest[1:]
        if path not in TERMINAL:
            return [path]
    known = _options(TERMINAL[path]) if path else {"--help"}
    named = [one.strip("[]").split("=")[0] for one in rest]
    wrong = [one for one in named if one.startswith("--") and one not in known]
    if path == "run":
        wrong += [
            one for one in named if re.fullmatch(r"[a-z]+", one) and one not in {*PARTS, *EXAMPLES}
        ]
    return [f"{path} {one}" for one in wrong]


def _in_terminal(path: Path) -> Iterator[list[str]]:
    """Each command named there, with `botbeat` before it or, where it is plain, without."""
    for line in typed(path):
        yield from (call for call in calls(line) if call[0] != "test")
        given = line.split()
        group = given[0] in GROUPS and len(given) > 1 if given else False
        if group or (len(given) > 1 and given[0] in TERMINAL and given[1].startswith("--")):
            yield given


@documents
def test_each_command_in_a_terminal_that_is_named_exists_with_its_options(path: Path) -> None:
    assert [wrong for call in _in_terminal(path) for wrong in _unknown(call)] == []


def test_each_option_that_is_named_alone_belongs_to_some_command() -> None:
    known = {option for command in TERMINAL.values() for option in _options(command)}
    for path in GUIDE:
        alone = [one.split("=")[0].split()[0] for one in spans(path) if one.startswith("--")]
        assert [one for one in alone if one not in known] == [], path.name


def test_each_command_in_a_terminal_is_named_where_one_looks_for_it() -> None:
    lines = [line for path in GUIDE for line in typed(path)]
    lines += [" ".join(call) for line in lines for call in calls(line)]
    named = {
        name for name in TERMINAL for line in lines if line == name or line.startswith(f"{name} ")
    }
    assert sorted(set(TERMINAL) - named - GROUPS) == []


@documents
def test_each_verb_in_a_channel_that_is_named_exists(path: Path) -> None:
    known = {*commands.VERBS, *commands.ALIASES, *SEARCHES}
    lines = typed(path)
    verbs = [
        found[1]
        for one in lines
        for found in re.finditer(r"(?<![\w/])/botbeat ([a-z][a-z-]*)(?![\w:-])", one)
    ]
    assert [verb for verb in verbs if verb not in known] == []
    there = {sub["name"] for sub in SUBS}
    subs = [found for one in lines for found in re.findall(r"/botbeat-subs ([a-z-]+)", one)]
    assert [sub for sub in subs if sub not in there] == []


def test_each_verb_in_a_channel_is_named_in_a_document() -> None:
    lines = {re.sub(r"^/botbeat(-subs)? ", "", line) for path in MARKDOWN for line in typed(path)}
    named = {line.split()[0] for line in lines if line}
    assert sorted(set(commands.VERBS) - named) == []


@pytest.mark.parametrize("path", [*MARKDOWN, *PLAIN], ids=lambda path: str(path.relative_to(ROOT)))
def test_each_setting_that_is_named_exists(path: Path) -> None:
    named = re.findall(r"\b(?:BOTBEAT|SLACK|DISCORD|OPENAI)_[A-Z_]+\b", path.read_text("utf-8"))
    beside = "\n".join((ROOT / file).read_text("utf-8") for file in FILES if _is_for_tests(file))
    assert [one for one in named if one not in SETTINGS and one not in beside] == []


def _is_for_tests(file: str) -> bool:
    return file == ".ci/run" or file in ("tests/conftest.py", "tests/browser.py")


def test_each_setting_is_told_of_where_one_looks_for_it() -> None:
    guide = {word for path in GUIDE for span in spans(path) for word in re.findall(r"\w+", span)}
    assert sorted(SETTINGS - guide) == []
    example = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    assert sorted(SETTINGS - example) == []


@documents
def test_each_link_leads_to_a_file_and_each_anchor_to_a_heading(path: Path) -> None:
    lost = []
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if name.startswith("/"):  # a page of ours, where a document is one, too
            target = ROOT / f"adapters/web/templates{name}.html"
        if not target.exists() or (anchor and anchor not in slugs(target)):
            lost.append(link)
    assert lost == []


_ENDS = (".py", ".md", ".toml", ".yaml", ".lock", ".service", ".example")
_TOPS = tuple(f"{file}/" for file in FILES if "/" not in file and (ROOT / file).is_dir())
_MADE = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]


def _is_a_file(name: str) -> bool:
    plain = re.fullmatch(r"[\w./*-]+", name) is not None and not name.startswith(("/", "-"))
    return plain and (name.endswith(_ENDS) or name.startswith((*_TOPS, "../")))


def _exists(name: str, beside: Path) -> bool:
    name = name.rstrip("/")
    if name.startswith("adapters/") and name.split("/")[1] in EXAMPLES:
        name = name.replace("adapters/", "examples/", 1)
    if (beside / name).exists() or any(fnmatch.fnmatch(name, made) for made in _MADE):
        return True
    return any(fnmatch.fnmatch(file, name) or fnmatch.fnmatch(file, f"*/{name}") for file in FILES)


@pytest.mark.parametrize("path", [*MARKDOWN, *PLAIN], ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_that_is_named_exists(path: Path) -> None:
    named = {re.sub(r":\d+(-\d+)?$", "", one) for one in spans(path)}
    found = sorted(one for one in named if _is_a_file(one))
    assert [one for one in found if not _exists(one, path.parent)] == []


@documents
def test_what_a_module_is_said_to_have_it_has(path: Path) -> None:
    wrong = []
    for name in set(spans(path)):
        if not re.fullmatch(r"(bot|storage|adapters|tests)(\.\w+)+(\(\))?", name) or _exists(
            name, ROOT
        ):
            continue
        *parents, last = name.removesuffix("()").split(".")
        module, whole = "/".join(parents), "/".join([*parents, last])
        # `bot` is also what adapters call the core's door.
        files = [f"{module}.py", f"{module}/__init__.py", *(["bot/bot.py"] * (module == "bot"))]
        texts = [(ROOT / file).read_text("utf-8") for file in files if file in FILES]
        is_module = whole in FILES or f"{whole}.py" in FILES
        if not is_module and not any(re.search(rf"\b{last}\b", text) for text in texts):
            wrong.append(name)
    assert wrong == []


@documents
def test_each_script_that_is_named_exists_with_its_options(path: Path) -> None:
    wrong = []
    for line in typed(path):
        for files, options in scripts(line):
            there = [file for file in files if file in FILES]
            if not there and not files[0].startswith(("-", "pytest", "pip", "venv")):
                wrong.append(files[0])
            if not there or there[0] in ("run.py", "adapters/terminal/__main__.py"):
                continue
            folder = Path(there[0]).parent if there[0].endswith("__main__.py") else None
            read = [ROOT / there[0], *((ROOT / folder).glob("*.py") if folder else ())]
            text = "\n".join(file.read_text("utf-8") for file in read)
            wrong += [f"{there[0]} {one}" for one in options if f'"{one}"' not in text]
    assert wrong == []


@documents
def test_each_test_that_is_named_exists(path: Path) -> None:
    if path.name == "contracts.md":
        return  # tests/test_architecture.py has them.
    named = set(re.findall(r"\btest_\w+(?![\w*…])", path.read_text("utf-8")))
    tests = "\n".join(
        (ROOT / file).read_text("utf-8") for file in FILES if file.startswith("tests/test_")
    )
    there = {Path(file).stem for file in FILES if file.startswith("tests/")}
    assert sorted(name for name in named - there if f"def {name}(" not in tests) == []
