"""No secret reaches a log, however it got into a message."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from adapters.terminal.logs import redact, set_up

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


def test_a_traceback_in_a_log_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up()
        comment = "words of a CANARY"
        try:
            raise ValueError(f"refused {CANARIES[0]} in {len(comment)} letters")
        except ValueError:
            logging.getLogger("botbeat.test").exception("that failed")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    line = json.loads(written.getvalue())
    assert line["event"] == "that failed"
    assert "CANARY" not in written.getvalue()
    assert "ValueError" in written.getvalue()
