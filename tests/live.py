"""The words of the tests of `doctor --live`: somebody tries a platform out, and what came of it."""

from __future__ import annotations

from typing import Any

from tests.servers.slack import SlackServer
from tests.terminal import Said, Terminal


async def tries(terminal: Terminal, where: str, *words: str, stdin: str = "") -> Said:
    """Nothing is sent again later than at once, unless `words` say so; no secret is told."""
    words = words if "--after" in words else ("--after", "0", *words)
    words = words if stdin else ("--yes", *words)
    said = await terminal.types_beside("doctor", "--live", where, *words, stdin=stdin)
    for secret in ("xoxb-", "of-the-tests", "Traceback"):
        assert secret not in said.out + said.err
    return said


async def facts(terminal: Terminal, where: str, *words: str) -> dict[str, dict[str, Any]]:
    said = await tries(terminal, where, "--json", *words)
    (told,) = said.rows
    assert told["left"] == []
    assert said.code == (1 if "untried" in {row["verdict"] for row in told["facts"]} else 0)
    return {row["fact"]: row for row in told["facts"]}


def stands(slack: SlackServer, channel: str) -> list[str]:
    return [message.text for message in slack.state.channels[channel].living()]


def verdicts(rows: dict[str, dict[str, Any]], words: str) -> list[tuple[bool | None, str]]:
    return [(row["seen"], row["verdict"]) for fact, row in rows.items() if words in fact]


async def refusal(terminal: Terminal, where: str, code: int = 1) -> str:
    said = await tries(terminal, where)
    assert said.code == code
    (line,) = said.complaints
    return line
