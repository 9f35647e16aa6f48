"""`classify` and `same-event`: filters of JSON lines that lose none and name what is broken."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from adapters.terminal.judging import company_name
from adapters.terminal.lines import LONGEST, BrokenLine
from adapters.terminal.moments import day, iso, seconds
from bot import catalogue
from bot.model import TYPES
from tests.terminal import Terminal


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_headline_comes_back_with_its_judgement(terminal: Terminal) -> None:
    row = {"title": "Gemini 3.1 Pro is out", "url": "https://blog.google/gemini", "mine": [1]}
    (judged,) = terminal.types("classify", stdin=lines(row)).rows
    assert row.items() <= judged.items()
    assert judged["is_ai"] is True
    assert judged["company"] == "Google"
    assert judged["companies"] == ["Google"]
    assert judged["type"] in TYPES
    assert set(judged) == {*row, "is_ai", "company", "companies", "type", "tags"}
    assert set(judged["tags"]) <= {tag.name for tag in catalogue.TAGS}


def test_what_is_no_ai_news_has_no_company_of_its_own(terminal: Terminal) -> None:
    (judged,) = terminal.types("classify", stdin=lines({"title": "A storm is coming"})).rows
    assert (judged["is_ai"], judged["company"], judged["companies"]) == (False, None, [])


def test_the_reasons_come_when_they_are_asked_for(terminal: Terminal) -> None:
    (judged,) = terminal.types("classify", "--explain", stdin=lines({"title": "Qwen 4"})).rows
    assert all(isinstance(reason, str) for reason in judged["reasons"])
    assert judged["reasons"]


def test_the_text_and_the_source_take_part(terminal: Terminal) -> None:
    title = "Our next step"
    text = "A large language model. An LLM. A chatbot, made by machine learning."
    bare, told, sourced = terminal.types(
        "classify",
        stdin=lines({"title": title}, {"title": title, "text": text},
                    {"title": title, "source": "Anthropic News"}),
    ).rows  # fmt: skip
    assert [bare["is_ai"], told["is_ai"]] == [False, True]
    assert sourced["company"] == "Anthropic"


def test_every_name_that_comes_out_leads_back_to_its_company() -> None:
    for known in catalogue.companies():
        assert catalogue.resolve(company_name(known.slug)) == known.slug
    assert company_name("nobody-knows-it") == "Nobody Knows It"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"url": "https://a.example/"}', "it has no “title”"),
        ('{"title": "  "}', "it has no “title”"),
        ('{"title": 5}', "“title” must be a text"),
        ('{"title": "Qwen", "text": ["a"]}', "“text” must be a text"),
        ('["Qwen"]', "it is JSON, but not an object"),
        ('{"title": "Qwen"', "it is not JSON"),
        ('{"title": "Qwen", "points": NaN}', "it is not JSON"),
        ('{"title": "Qwen", "points": 1e400}', "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"title": ' + "1" * 5000 + "}", "it is not JSON"),
        (b'{"title": "caf\xe9"}', "it is not UTF-8"),
        ('{"title": "' + "a" * LONGEST + '"}', "it is longer than 4 MiB"),
    ],
)
def test_a_broken_line_is_named_and_the_others_go_on(
    terminal: Terminal, line: str | bytes, reason: str
) -> None:
    good = b'{"title": "Qwen 4 released"}'
    broken = line.encode() if isinstance(line, str) else line
    said = terminal.types("classify", stdin=b"\n".join([good, broken, b"", good]))
    assert said.code == 1
    assert said.complaints == [f"line 2: {reason}"]
    assert [row["company"] for row in said.rows] == ["Alibaba", "Alibaba"]


def test_what_a_line_says_oddly_comes_out_as_it_went_in(terminal: Terminal) -> None:
    odd = r'{"title": "Qwen \ud800 \u0000 \u2028 🦄", "n": 12345678901234567890, "x": 1.5e3}'
    said = terminal.types("classify", stdin=b"\xef\xbb\xbf" + odd.encode())
    assert said.code == 0
    (row,) = said.rows
    assert row["title"] == json.loads(odd)["title"]
    assert (row["n"], row["x"]) == (12345678901234567890, 1500)


def test_nothing_in_is_nothing_out(terminal: Terminal) -> None:
    assert terminal.types("classify", stdin="\n\n") == terminal.types("same-event")
    assert terminal.types("classify").code == 0


def test_thousands_of_lines_a_second(terminal: Terminal) -> None:
    stdin = lines(*({"title": f"Qwen {n} released", "url": f"https://a.example/{n}"}
                    for n in range(2000)))  # fmt: skip
    began = time.perf_counter()
    assert len(terminal.types("classify", stdin=stdin).rows) == 2000
    # Ten times what it takes on a slow machine that has nothing else to do.
    assert time.perf_counter() - began < 8


QWEN = {"title": "Qwen 4 released", "url": "https://qwen.example/4", "date": "2026-09-01"}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({**QWEN, "source": "Hacker News"}, True),
        ({"title": "Anthropic raises $30 billion", "url": "https://b.example/1"}, False),
        ({**QWEN, "url": "https://b.example/2", "date": "2026-09-01T12:00:00Z"}, True),
        ({**QWEN, "url": "https://b.example/2", "date": "2026-10-01"}, False),
        ({**QWEN, "url": "https://b.example/2", "date": None}, True),
    ],
)
def test_two_headlines_are_one_event_or_two(
    terminal: Terminal, other: dict[str, Any], same: bool
) -> None:
    pair = {"id": "p1", "a": {**QWEN, "source": "Qwen"}, "b": {"source": "Other", **other}}
    (row,) = terminal.types("same-event", stdin=lines(pair)).rows
    assert row == {**pair, "same": same}


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ({"a": QWEN}, "it has no “b” with a title, url, date and source"),
        ({"a": "Qwen", "b": QWEN}, "it has no “a” with a title, url, date and source"),
        ({"a": QWEN, "b": {"url": "https://b.example/"}}, "in “b”: it has no “title”"),
        (
            {"a": QWEN, "b": {**QWEN, "date": "yesterday"}},
            "in “b”: “date” is no date: write 2026-04-28 or 2026-04-28T14:05:00Z",
        ),
    ],
)
def test_a_pair_that_cannot_be_compared_is_named(
    terminal: Terminal, pair: dict[str, Any], reason: str
) -> None:
    good = {"a": QWEN, "b": QWEN}
    said = terminal.types("same-event", stdin=lines(pair, good))
    assert said.code == 1
    assert said.complaints == [f"line 1: {reason}"]
    assert [row["same"] for row in said.rows] == [True]


NOON = 1_777_377_600.0  # 28 April 2026, 12:00 UTC


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-04-28T12:00:00Z", NOON),
        ("2026-04-28T14:00:00+02:00", NOON),
        ("2026-04-28 12:00", NOON),
        ("2026-04-28", NOON - 12 * 3600),
        ("2026-04", NOON - 12 * 3600 - 27 * 86400),
        ("Tue, 28 Apr 2026 14:00:00 +0200", NOON),
        (NOON, NOON),
        (int(NOON), NOON),
        (NOON * 1000, NOON),
        ("1066-10-14", 0.0),
        (None, 0.0),
        ("", 0.0),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(written: Any, moment: float) -> None:
    assert seconds(written) == moment


@pytest.mark.parametrize(
    "written", ["soon", "2026-13-01", "28/04/2026", True, [2026], {}, -5, 1e300, "9" * 400, "\x00"]
)
def test_what_is_no_date_is_refused(written: Any) -> None:
    with pytest.raises(BrokenLine, match="“published” is no date"):
        seconds(written, "published")


def test_times_are_written_in_utc_and_unknown_ones_are_null() -> None:
    assert (iso(NOON), day(NOON)) == ("2026-04-28T12:00:00Z", "2026-04-28")
    assert (iso(0), day(0)) == (None, None)
