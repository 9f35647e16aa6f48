"""`search`: for programs in lines of JSON, for people in aligned ones, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Said, Terminal
from tests.test_cli_import import QWEN, brings_in


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> Terminal:
    made = Terminal(tmp_path, monkeypatch)
    made.sets(DATABASE_URL=database)
    return made


def test_a_search_answers_in_lines_of_json(terminal: Terminal) -> None:
    claude = {"title": "Claude 5 is out", "url": "https://a.example/2", "date": "2026-05-02"}
    nobody = {"title": "A model is out", "url": "https://a.example/3", "date": "2026-05-01"}
    brings_in(terminal, QWEN, claude, nobody)
    (found,) = terminal.types("search", "company:alibaba", "--json").rows
    assert list(found) == ["id", "title", "url", "published", "company", "type"]
    assert found["company"] == "Alibaba"
    assert (found["published"], found["type"]) == ("2026-04-28T00:00:00Z", "OPEN SOURCE")
    both = terminal.types("search", "is", "out", "--json", "--limit", "5").rows
    assert [row["title"] for row in both] == [claude["title"], nobody["title"]]
    assert both[1]["company"] is None
    assert len(terminal.types("search", "", "--json", "--limit", "2").rows) == 2
    assert len(terminal.types("search", "limit:1", "--json").rows) == 1
    assert terminal.types("search", "mistral", "--json") == Said(0, "", "")


def test_a_search_answers_people_in_aligned_lines(terminal: Terminal) -> None:
    brings_in(terminal, QWEN, {**QWEN, "title": "Qwen \x9b31m4.1", "url": "https://q.example/41"})
    lines = terminal.types("search", "qwen", "sort:new").out.splitlines()
    assert {line.partition("Qwen")[0] for line in lines} == {"2026-04-28  Alibaba  OPEN SOURCE  "}
    assert "\x9b" not in "".join(lines)
    nothing = terminal.types("search", "mistral")
    assert (nothing.code, nothing.out) == (0, "No report matches: it says “mistral”.\n")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("type:open-sauce", "Did you mean: open-source"),
        ("compny:alibaba", "Did you mean: company:"),
        ('""', "There is nothing to search for."),
        ("qwen " * 2000, "a search has at most 1,000"),
        ("since:someday", "is no time I know"),
    ],
)
def test_a_query_that_is_not_understood_is_wrong_usage(
    terminal: Terminal, query: str, reason: str
) -> None:
    brings_in(terminal, QWEN)
    said = terminal.types("search", query, "--json")
    assert (said.code, said.out) == (2, "")
    (line,) = said.complaints
    assert reason in line
    assert not line.endswith("Nothing was changed.")
