"""No secret reaches a log, however it got into a message."""

from __future__ import annotations

import logging

import pytest

from adapters.terminal.logs import Patience, redact
from bot.store import StoreAway
from tests.logged import lines, written_meanwhile

# Put together at run time, so that no scanner takes them for real ones.
CANARIES = (
    "xoxb-" + "1234-5678-abcdefCANARY",
    "xapp-" + "1-A1-2-CANARY",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4" + ".GCANAR." + "CANARYabcdefghijklmnopqrstuvwxy",
    "sk-" + "CANARY12345678",
    "xoxe." + "xoxp-1-CANARY",
)


@pytest.mark.parametrize("secret", CANARIES)
def test_a_token_is_replaced_wherever_it_stands(secret: str) -> None:
    assert "CANAR" not in redact(f"calling with {secret}, which failed")


IN_PLACES = (
    "postgresql://botbeat:CANARY@db.example/botbeat",
    "postgresql://botbeat:C@N/CANARY@db.example/botbeat",
    "redis://:CANARY@cache.example",
    "host=db.example password=CANARY user=botbeat",
    "Authorization: Bearer CANARYtoken",
    "Authorization: Bot CANARY",
    "Authorization: Basic CANARY==",
    "authorization=CANARY",
    "headers {'Authorization': 'Bot CANARY', 'Host': 'discord.com'}",
    'headers {"Authorization": "Basic CANARY"}',
    "headers [(b'Authorization', b'Bearer CANARY')]".replace("', b'", "': b'"),
    "https://hooks.slack.com/services/T0/B0/CANARY",
    "https://discord.com/api/webhooks/123/CANARY-x",
    "https://discord.com/api/v10/interactions/123/CANARY/callback",
    "wss://wss-primary.slack.com/link/?ticket=CANARY&app_id=1",
    "GET /oauth?code=CANARY&state=1",
    "code=CANARY&redirect_uri=x",
    '{"code": "CANARY", "grant_type": "authorization_code"}',
    '{"token":"CANARY"}',
    "Cookie: visitor=1; session=CANARY",
    "Set-Cookie: session=CANARY; Path=/; HttpOnly",
    "<CIMultiDict('Cookie': 'visitor=CANARY; b=2', 'Host': 'x')>",
    '{"response_url": "http://127.0.0.1:1/response/CANARY"}',
    "SLACK_SIGNING_SECRET=CANARY",
    "OPENAI_API_KEY: CANARY",
)


@pytest.mark.parametrize("line", IN_PLACES)
def test_what_stands_where_secrets_stand_is_replaced(line: str) -> None:
    hidden = redact(line)
    assert "CANARY" not in hidden
    assert "[secret]" in hidden


@pytest.mark.parametrize("line", [*CANARIES, *IN_PLACES])
def test_a_line_without_its_secrets_is_still_one_of_json(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with written_meanwhile(monkeypatch) as written:
        logging.getLogger("botbeat.test").warning("%s\n%s", line, {"told": line})
    (told,) = lines(written)
    assert "CANAR" not in written.getvalue()
    assert "[secret]" in told["event"]


@pytest.mark.parametrize(
    "line",
    [
        "report in slack: BotBeat is not in this channel; article 1882702853701637",
        "Discord's gateway closed with code 4004; see https://a.example:443/x?page=1",
        '{"code": 50013, "message": "Missing Permissions"}',
        "the bot said: hello; authorized by nobody, and the token was refused",
    ],
)
def test_ordinary_words_stay(line: str) -> None:
    assert redact(line) == line


def test_a_database_that_is_away_is_one_line_a_place_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with written_meanwhile(monkeypatch) as written:
        for _ in range(3):
            try:
                raise StoreAway("The database does not answer")
            except StoreAway as error:
                logging.getLogger("botbeat.worker").warning("no look at the outbox: %s", error)
                logging.getLogger("botbeat.feeds").exception("100% of it failed")
        logging.getLogger("botbeat.feeds").error("that is another thing")
    assert [(line["logger"], line["event"]) for line in lines(written)] == [
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
    with written_meanwhile(monkeypatch) as written:
        comment = "words of a CANARY"
        try:
            raise ValueError(f"refused {CANARIES[0]} in {len(comment)} letters")
        except ValueError:
            logging.getLogger("botbeat.test").exception("that failed")
    (line,) = lines(written)
    assert line["event"] == "that failed"
    assert "CANARY" not in written.getvalue()
    assert "ValueError" in written.getvalue()
