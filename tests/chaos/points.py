"""Every place where a worker can be struck, read from the code itself, so that no list can rot.

The calls of the store are those that the protocols of `bot.store` have and that the worker, or
the effect of an event, makes in its source; the calls of a chat are those of `ChatPort`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_type_hints

from bot import store
from bot.ports import ChatPort

ROOT = Path(__file__).parent.parent.parent
WORKING = ("delivery", "comments", "holding", "catchup", "articles")
"""The modules of the core that run in a worker; with them count those that they import."""
ADAPTERS = ("slack", "discord", "feeds")
ASKED = {"command", "completions", "changes", "waiting", "add_source"}
"""What adapters ask of the core besides telling it events."""
NOT_HERE = {"articles.add_all"}
"""Made by a command in the terminal alone, which imports old articles."""


def _methods(protocol: type) -> list[str]:
    return [name for name, what in vars(protocol).items() if inspect.isfunction(what)]


def parts() -> dict[str, list[str]]:
    """The parts of a transaction with their calls."""
    found = {}
    for name, what in vars(store.Tx).items():
        if not isinstance(what, property) or not what.fget:
            continue
        part = get_type_hints(what.fget, vars(store))["return"]
        if part is not float:
            found[name] = [call for call in _methods(part) if not call.startswith("_")]
    return found


def _calls(tree: ast.AST, known: dict[str, list[str]]) -> Iterator[str]:
    """`tx.deliveries.claim` as `deliveries.claim`, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            part = node.value.attr
            if node.attr in known.get(part, ()):
                yield f"{part}.{node.attr}"


def _told() -> set[str]:
    """The methods of `Bot` by which chats and feeds tell what happened."""
    sources = [
        file.read_text()
        for adapter in ADAPTERS
        for file in (ROOT / "adapters" / adapter).glob("*.py")
    ]
    return set(re.findall(r"bot\.(\w+)\(", "\n".join(sources))) - ASKED


def _modules() -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    left = list(WORKING)
    while left:
        name = left.pop()
        file = ROOT / "bot" / f"{name}.py"
        if name not in found and file.exists():
            found[name] = tree = ast.parse(file.read_text())
            for node in tree.body:  # What is imported for types alone stands deeper.
                if isinstance(node, ast.ImportFrom) and node.module == "bot":
                    left += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot."):
                    left.append(str(node.module).removeprefix("bot."))
    return found


def store_calls() -> list[str]:
    known = parts()
    trees = list(_modules().values())
    told = _told()
    trees += [
        node
        for node in ast.walk(ast.parse((ROOT / "bot" / "bot.py").read_text()))
        if isinstance(node, ast.AsyncFunctionDef) and node.name in told
    ]
    return sorted({call for tree in trees for call in _calls(tree, known)} - NOT_HERE)


def chat_calls() -> list[str]:
    """All but `run`, which is no call that ends."""
    return [name for name in _methods(ChatPort) if not name.startswith("_") and name != "run"]


def places(calls: Iterable[str]) -> list[str]:
    """All of them: around each call of a chat, before each call of the store, and before and
    after the end of the transaction that it was made in."""
    around = [f"{call}.{when}" for call in chat_calls() for when in ("before", "after")]
    whens = ("before", "before_commit", "after_commit")
    return around + [f"{call}.{when}" for call in sorted(calls) for when in whens]
