"""No secret reaches a log, however it got into a message."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.terminal.logs import Patience, redact, set_up
from bot.store import StoreAway

# Put together at run time, so that no scanner takes them for real ones.
CANARIES = (
    "xoxb-" + "1234-5678-abcdefCANARY",
    "xapp-" + "1-A1-2-CANARY",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4" + ".GCANAR." + "CANARYabcdefghijklmnopqrstuvwxy",
    "sk-" + "CANARY12345678",
)


@pytest.mark.parametrize("secret", CANARIES)
def test_a_token_is_replaced_wherever_it_stands(secret: str) -> None:
    assert "CANAR" not in redact(f"calling with {secret}, which failed")


@pytest.mark.parametrize(
    "line",
    [
        "postgresql://botbeat:CANARY@db.example/botbeat",
        "Authorization: Bearer CANARYtoken",
        "https://hooks.slack.com/services/T0/B0/CANARY",
        "https://discord.com/api/webhooks/123/CANARY-x",
        "GET /oauth?code=CANARY&state=1",
    ],
)
def test_what_stands_where_secrets_stand_is_replaced(line: str) -> None:
    assert "CANARY" not in redact(line)


def test_ordinary_words_stay() -> None:
    line = "report in slack: BotBeat is not in this channel; article 1882702853701637"
    assert redact(line) == line


def test_a_database_that_is_away_is_one_line_a_place_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _written(monkeypatch) as written:
        for _ in range(3):
            try:
                raise StoreAway("The database does not answer")
            except StoreAway as error:
                logging.getLogger("botbeat.worker").warning("no look at the outbox: %s", error)
                logging.getLogger("botbeat.feeds").exception("100% of it failed")
        logging.getLogger("botbeat.feeds").error("that is another thing")
    assert [(line["logger"], line["event"]) for line in _lines(written)] == [
        ("botbeat.worker", "no look at the outbox: The database does not answer"),
        ("botbeat.feeds", "100% of it failed: The database does not answer"),
        ("botbeat.feeds", "that is another thing"),
    ]
    assert "exception" not in written.getvalue()


def test_a_database_that_is_away_again_or_for_hours_is_said_again() -> None:
    now = 0.0
    patience = Patience(lambda: now)

    def said() -> bool:
        away = (StoreAway("gone"),)
        return patience(logging.LogRecord("a", 30, "f.py", 1, "%s", away, None, "look"))

    assert (said(), said()) == (True, False)
    now = 200.0
    assert (said(), said()) == (True, False)
    told = 0
    while now < 200.0 + 7200:
        now += 60
        told += said()
    assert told == 2


def test_a_traceback_in_a_log_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with _written(monkeypatch) as written:
        comment = "words of a CANARY"
        try:
            raise ValueError(f"refused {CANARIES[0]} in {len(comment)} letters")
        except ValueError:
            logging.getLogger("botbeat.test").exception("that failed")
    (line,) = _lines(written)
    assert line["event"] == "that failed"
    assert "CANARY" not in written.getvalue()
    assert "ValueError" in written.getvalue()


@contextmanager
def _written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged meanwhile, as a process that nobody watches writes it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up()
        yield written
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def _lines(written: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]
