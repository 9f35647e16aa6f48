"""What documents name, read from their code spans and blocks: commands, verbs, files, tests.

Prose is free; only what stands in backticks or in a block is taken at its word.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PLAIN = [
    *sorted(path for path in (ROOT / "deploy").iterdir() if path.is_file()),
    ROOT / ".env.example",
    ROOT / "Procfile",
]
_IGNORED = (".git", "__pycache__", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for top in ROOT.iterdir()
    if top.name not in (*_IGNORED, ".ruff_cache", ".import_linter_cache")
    for path in (top, *top.rglob("*"))
    if "__pycache__" not in path.parts
)
"""All files and folders of the checkout."""

_BLOCK = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.M | re.S)
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_WORD = re.compile(r"-{0,2}[a-z][a-z-]*")


def spans(path: Path) -> Iterator[str]:
    """What stands in backticks within a paragraph; a span may go on in the next line."""
    text = _BLOCK.sub("\n\n", path.read_text(encoding="utf-8"))
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (" ".join(found.split()) for found in _SPAN.findall(paragraph))


def typed(path: Path) -> list[str]:
    """All lines that somebody might type: spans, and the lines of blocks for a shell."""
    found = list(spans(path))
    for language, block in _BLOCK.findall(path.read_text(encoding="utf-8")):
        if language in ("", "sh", "chat", "text", "console"):
            found += [line.strip() for line in block.replace("\\\n", " ").splitlines()]
    return found


def words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def calls(line: str) -> Iterator[list[str]]:
    """The words after each `botbeat`, or what stands for it, up to the end of that command."""
    given = words(line)
    for place, word in enumerate(given[:-1]):
        before = given[place - 1] if place else ""
        program = word.split("/")[-1] in ("botbeat", "run.py") and word != "/botbeat"
        program = program or word == "adapters.terminal"
        # The name of a user, an image or a unit stands behind an option.
        if program and (before == "-m" or not before.startswith("-")):
            rest = given[place + 1 :]
            ends = [at for at, one in enumerate(rest) if one in ("|", ">", "<", "&&", ";", "||")]
            rest = rest[: ends[0]] if ends else rest
            if rest and _WORD.fullmatch(rest[0]):
                yield rest


def scripts(line: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each `python …` with the files that it may mean, and the options that follow."""
    given = words(line)
    for place, word in enumerate(given[:-1]):
        if not re.fullmatch(r"(.*/)?python3?", word):
            continue
        rest = given[place + 1 :]
        if rest[0] == "-m" and len(rest) > 1:
            name = rest[1].replace(".", "/")
            files = [f"{name}.py", f"{name}/__main__.py"]
        else:
            files = [rest[0]]
        options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(rest))
        yield files, options


def slugs(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = _BLOCK.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def links(path: Path) -> list[str]:
    """Where a document's links lead, but those to the outside."""
    text = _SPAN.sub("", _BLOCK.sub("", path.read_text(encoding="utf-8")))
    found = re.findall(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)", text)
    return [one for one in found if not re.match(r"[a-z]+:", one)]
