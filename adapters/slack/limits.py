"""Text made safe and short enough for Slack.

The rule: whatever comes from outside is cleaned, cut between characters as people see them, and
escaped last, in this order, so that no cut falls inside an entity.
Sources: https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/composition-objects/text-object.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

LABEL = 75
VALUE = 2000
URL = 2000
"""Slack takes 3,000 characters; longer addresses would leave no room for a title beside them."""
FALLBACK = 2900
"""Slack splits a text of more than 4,000, and takes 4,000 bytes in `chat.update`."""
BUTTONS = 25
BLOCKS = 50
WHOLE = 13_200
"""Text of one message in characters, a hundred being counted for each block. Slack publishes no
figure; this one was measured by others (slackapi/bolt-js, issue 2509)."""

# What no reader sees: controls except tab and newline, direction overrides, lone surrogates.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ZERO_WIDTH = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164]")
_JOINER = "\u200d"
_LONGEST_CLUSTER = 64


def clean(text: str) -> str:
    """The text without characters that hide, reorder or break it."""
    return _HIDDEN.sub("", text)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def clean_name(name: str) -> str:
    """A person's name; also without zero-width characters, which make two names look alike."""
    return one_line(_ZERO_WIDTH.sub("", name))


def clusters(text: str) -> Iterator[str]:
    """Characters as people see them, nearly: marks, joined emoji and flags stay together."""
    held = ""
    for char in text:
        if held and (len(held) >= _LONGEST_CLUSTER or not _belongs(held, char)):
            yield held
            held = ""
        held += char
    if held:
        yield held


def _belongs(held: str, char: str) -> bool:
    if held[-1] == _JOINER or char == _JOINER:
        return True
    if _is_flag_half(char):
        return len(held) == 1 and _is_flag_half(held)
    skin_or_tag = "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"
    return skin_or_tag or unicodedata.category(char) in ("Mn", "Me", "Mc")


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def units(text: str) -> int:
    """Its length as Slack's clients count it: an emoji is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def escape(text: str) -> str:
    """The three characters with which a text could mention somebody or pose as a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """At most `limit` units, with an ellipsis where something was cut."""
    return _cut(text, limit, units)


def safe(text: str, limit: int) -> str:
    """The text escaped, at most `limit` units long after escaping."""
    return escape(_cut(clean(text), limit, _escaped_units))


def safe_bytes(text: str, limit: int) -> str:
    """As `safe`, counted in bytes, which is how Slack counts the text of a change."""
    return escape(_cut(clean(text), limit, lambda part: len(escape(part).encode())))


def _escaped_units(text: str) -> int:
    return units(escape(text))


def _cut(text: str, limit: int, width: Callable[[str], int]) -> str:
    if width(text[: limit + 1]) <= limit:
        return text
    kept: list[str] = []
    room = limit - width("…")
    for cluster in clusters(text):
        room -= width(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + "…"


def web_address(url: str) -> str:
    """The address if it is a link we dare to show, else an empty text.

    Characters that would end Slack's `<address|text>` are written in percent form.
    """
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    address = quote(url, safe="!#$%&'()*+,/:;=?@[]~")
    return address if len(escape(address)) <= URL else ""


def link(url: str, text: str, limit: int) -> str:
    """Slack's link with that text, or the text alone where the address is none of the web."""
    shown = safe(one_line(text), limit) or "…"
    address = web_address(url)
    return f"<{escape(address)}|{shown}>" if address else shown
