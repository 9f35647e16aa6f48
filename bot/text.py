"""Words from outside made safe to show: cleaned, on one line, cut between characters as people see
them. What is special to a platform, it escapes after that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

# What no reader sees: controls except tab and newline, direction overrides, lone surrogates.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ZERO_WIDTH = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164]")
_JOINER = "\u200d"
_LONGEST_CLUSTER = 64
_LONGEST_ADDRESS = 2000


def visible(text: str) -> str:
    """The text without characters that hide, reorder or break it."""
    return _HIDDEN.sub("", text)


def one_line(text: str) -> str:
    return " ".join(visible(text).split())


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
    """Its length as chat programs count it, in units of UTF-16: an emoji is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def clip(text: str, limit: int, width: Callable[[str], int] = units) -> str:
    """The text at most `limit` wide, with an ellipsis where something was cut."""
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
    """The address if it is one of the web and not endless, else an empty text. Characters that no
    address has, and which could end the link it stands in, are written in percent form."""
    url = visible(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    address = quote(url, safe="!#$%&'()*+,/:;=?@[]~")
    return address if len(address) <= _LONGEST_ADDRESS else ""


def replaced(
    pattern: re.Pattern[str],
    text: str,
    piece: Callable[[re.Match[str]], str],
    rest: Callable[[str], str],
) -> str:
    """The text with `piece` made of each match, and `rest` of what is between them."""
    parts: list[str] = []
    end = 0
    for found in pattern.finditer(text):
        parts += [rest(text[end : found.start()]), piece(found)]
        end = found.end()
    return "".join([*parts, rest(text[end:])])
