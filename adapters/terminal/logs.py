"""Logs: readable in a terminal, one JSON object a line elsewhere, and never a secret in either.

The last step before a line is written replaces everything that looks like a token. A database
that is away is no bug of ours: whoever misses it says so in one line, and not over and over.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable

import structlog

from bot.store import StoreAway

_SECRETS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+"  # Slack
    r"|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord
    r"|\bsk-[\w-]{8,}"  # language models
)
# What stands behind one of these is a secret, to the end of the word, the value or the line; in
# JSON and in Python there are quotes in between, which may be escaped themselves.
_IS = r"[\"'\\]*\s*[:=]\s*(?:b?\\*[\"'])?"
_WORD = r"[^\s\"'\\<>,;&}]+"
_BEHIND = re.compile(
    r"(?P<before>(?i:"
    rf"\b(?:proxy-)?authorization{_IS}(?:(?:bearer|bot|basic|token)\s+)?|\bbearer\s+"
    r"|\bbot\s+(?=[\w-]{20,}\.)"
    r"|(?<![\w-])(?:code|token|ticket|secret|signature)="
    # A number there is no secret, but what a platform calls an error.
    r"|[\"'](?:code|token|ticket|secret|signature)\\*[\"']\s*:\s*b?\\*[\"']"
    rf"|\b(?:\w+_)?(?:password|client_secret|signing_secret|api_?key|x-slack-signature){_IS}"
    r"|hooks\.slack\.com/|/webhooks/\d+/|/interactions/\d+/"
    r"))" + _WORD + rf"|(?P<line>\b(?i:(?:set-)?cookie|response_url){_IS})[^\"'\\\r\n]+"
    # The name and password in an address, in which an @ or a slash may stand.
    r"|(?P<start>://)[^\s/:@\"']*:[^\s\"'<>]*(?=@)"
)


# Where it happened, without the values of variables: they may be somebody's words.
_PLACES = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def redact(text: str) -> str:
    """The same text without anything that looks like a secret."""
    return _BEHIND.sub(_hidden, _SECRETS.sub("[secret]", text))


def _hidden(found: re.Match[str]) -> str:
    return (found["before"] or found["line"] or found["start"]) + "[secret]"


# Below this level they log requests with their headers, and what people wrote.
_CHATTY = ("slack_sdk", "slack_bolt", "aiohttp", "apscheduler", "alembic")


class Patience:
    """A filter: of lines that say the same of a database that is away, the first one, and one
    each hour while it lasts. `clock` is in seconds."""

    # Nothing was heard of it for so long: it was back meanwhile. Parts start again each minute.
    _OVER = 90.0
    _AGAIN = 3600.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[tuple[str, str], tuple[float, float]] = {}

    def __call__(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, StoreAway):
            # Where in our code it was missed says nothing about where the database is.
            record.msg, record.args = f"{record.getMessage()}: {error}", ()
            record.exc_info = None
        elif not any(isinstance(value, StoreAway) for value in record.args or ()):
            return True
        return self._is_new((record.name, record.funcName))

    def _is_new(self, place: tuple[str, str]) -> bool:
        now = self._clock()
        said, heard = self._told.get(place, (-self._AGAIN, -self._OVER))
        new = now - heard >= self._OVER or now - said >= self._AGAIN
        self._told[place] = (now if new else said, now)
        return new


class _Redacted(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def set_up(level: int = logging.INFO) -> None:
    """Send all logs of this process to stderr."""
    readable = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [_PLACES, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Redacted(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(Patience())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # It warns at each start that it cannot do voice, which nobody asks for.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
