"""Discord Markdown to our neutral Markdown (CommonMark) and back.

The rule: what other people wrote shows as they wrote it and does nothing. It pings nobody, makes
no heading, and a link never hides where it leads. Source of the dialect:
https://docs.discord.com/developers/reference#message-formatting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.text import replaced, units

_NOTHING = "\u200b"  # A space of no width: it parts what Discord would read as one word.

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n]*(?:\n(.*?))?(?:^ {0,3}\1[`~]* *$|\Z)", re.M | re.S)
_QUOTE = re.compile(r"(?:>[ ]?)+(.*)")
_URL = re.compile(r"https?://[^\s<>/?#][^\s<>]*", re.I)
_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|!?\[(?P<label>(?:[^\[\]\\]|\\.)*)\]\(\s*<?(?P<target>[^\s<>()]*(?:\([^\s<>()]*\)"
    r"[^\s<>()]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|(?P<url>https?://[^\s<>]+)"
    r"|(?P<mark>\*\*|\*|~~)(?=[^\s*~])(?P<marked>.+?)(?<=\S)(?P=mark)"
    r"|(?<!\w)(?P<low>__?)(?=[^\s_])(?P<lowered>.+?)(?<=[^\s_])(?P=low)(?!\w)",
    re.I,
)
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)", re.I)


def to_discord(text: str, *, own: bool = False) -> str:
    """Neutral Markdown as Discord shows it. Only `own` words may hide an address behind a text."""
    shown = replaced(_FENCE, text, _fenced, lambda words: _lines(words, own))
    return _MENTION.sub(f"@{_NOTHING}", shown)


def escape(text: str) -> str:
    """Plain text as one line that Discord shows exactly so; addresses become bare links."""
    words = replaced(_URL, " ".join(text.split()), lambda found: _address(found[0]), _inert)
    return _MENTION.sub(f"@{_NOTHING}", _start(words))


def masked(text: str, url: str) -> str:
    """Bold plain text that leads to `url`, without a preview of the page."""
    words = escape(text)
    if not web(url):
        return f"**{words}**"
    if _URL.search(text):  # Discord refuses a link whose text looks like another address.
        return f"**{words}** {_address(url)}"
    return f"**[{words}]({_address(url)})**"


size = units
"""The length as the strictest of Discord's counters has it."""


def web(url: str) -> bool:
    return bool(_URL.fullmatch(url))


def _fenced(found: re.Match[str]) -> str:
    # Three ticks inside the block would end it early and set free what follows.
    body = (found[2] or "").rstrip("\n").replace("```", f"``{_NOTHING}`")
    return f"```\n{body}\n```"


def _lines(text: str, own: bool) -> str:
    return "\n".join(_line(line, own) for line in text.split("\n"))


def _line(line: str, own: bool) -> str:
    if quote := _QUOTE.match(line):
        return "> " + _start(_inline(quote[1], own))
    return _start(_inline(line, own))


def _start(line: str) -> str:
    """A line that begins no quote and no small print by accident."""
    return re.sub(r"^(\s*)([->])", r"\1\\\2", line)


def _inline(text: str, own: bool) -> str:
    """What stands between two marks has not that mark in it, so this ends after a few steps."""
    return replaced(_INLINE, text, lambda found: _piece(found, own), _inert)


def _piece(found: re.Match[str], own: bool) -> str:
    parts = found.groupdict()
    if parts["escaped"]:
        return _inert(parts["escaped"])
    if parts["code"] and "`" not in parts["code"]:
        return f"`{parts['code']}`"
    if (label := parts["label"]) is not None:
        return _link(label, parts["target"], own)
    if address := parts["auto"] or parts["url"]:
        return _address(address)
    if words := parts["marked"] or parts["lowered"]:
        # Two underscores are bold here, but would underline on Discord.
        mark = parts["mark"] or "*" * len(parts["low"])
        return f"{mark}{_inline(words, own)}{mark}"
    return _inert(found[0])


def _link(label: str, target: str, own: bool) -> str:
    words = _inline(label, own)
    if not web(target):
        return words
    if own and words and not _URL.search(label):
        return f"[{words}]({_address(target)})"
    return f"{words} {_address(target)}".strip()


_FORBIDDEN = {ord(sign): f"%{ord(sign):02X}" for sign in "@*|`\\~[]"}


def _address(url: str) -> str:
    """The address in angle brackets: clickable, without a preview; stray punctuation follows it."""
    kept = url.rstrip(".,;:!?'\"*_~|`")
    if kept.endswith(")") and kept.count("(") < kept.count(")"):
        kept = kept[:-1]
    return f"<{kept.translate(_FORBIDDEN)}>{_inert(url[len(kept) :])}"


def _inert(text: str) -> str:
    """Text in which no character has a meaning for Discord."""
    return re.sub(r"([\\*_~|`<\[\]#])", r"\\\1", text)


_FOREIGN_CODE = re.compile(r"```(?:([\w+#-]+)\n)?(.*?)```|``.+?``|`[^`\n]+`", re.S)
_FOREIGN = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|<(?P<kind>@[!&]?|\#)(?P<id>\d{1,20})>"
    r"|<a?:(?P<emoji>\w{1,64}):\d{1,20}>"
    r"|<t:(?P<time>\d{1,10})(?::[tTdDfFsSR])?>"
    r"|</(?P<command>[^:<>\n]{1,100}):\d{1,20}>"
    r"|(?<!_)__(?=[^\s_])(?P<under>[^\n]+?)(?<=[^\s_])__(?!_)"
    r"|\\(?P<escaped><)"
    r"|(?P<less><)"
)


def from_discord(text: str, names: Mapping[str, str]) -> str:
    """Discord Markdown as neutral Markdown. `names` are those of what is mentioned, by `@id` for
    people, `&id` for roles, `#id` for channels."""
    text = replaced(_FOREIGN_CODE, text, _block, lambda words: _words(words, names))
    # `>>>` quotes all that follows, which CommonMark writes line by line; `-#` is small print.
    text = re.sub(r"(?ms)^>>> (.*)", lambda rest: "> " + rest[1].replace("\n", "\n> "), text)
    return re.sub(r"(?m)^-# ", "", text).strip()


def quiet(text: str) -> str:
    """Plain text without a meaning in neutral Markdown, such as a name or a file's name."""
    return re.sub(r"([\\*_~`<>\[\]#|])", r"\\\1", " ".join(text.split()))


def _block(found: re.Match[str]) -> str:
    if not found[0].startswith("```"):
        return found[0]
    body = (found[2] or "").strip("\n")
    return f"\n```{found[1] or ''}\n{body}\n```\n"


def _words(text: str, names: Mapping[str, str]) -> str:
    return _FOREIGN.sub(lambda found: _meaning(found, names), text)


def _meaning(found: re.Match[str], names: Mapping[str, str]) -> str:
    parts = found.groupdict()
    if parts["kind"]:
        return _mentioned(parts["kind"], parts["id"], names)
    if parts["emoji"]:
        return f":{quiet(parts['emoji'])}:"
    if parts["time"]:
        return f"{datetime.fromtimestamp(int(parts['time']), UTC):%d %b %Y %H:%M} UTC"
    if parts["command"]:
        return "/" + quiet(parts["command"])
    if parts["under"]:
        # Two underscores underline here, but would be bold in CommonMark.
        return f"*{_words(parts['under'], names)}*"
    return "\\<" if parts["less"] or parts["escaped"] else found[0]


def _mentioned(kind: str, number: str, names: Mapping[str, str]) -> str:
    sign = "#" if kind == "#" else "@"
    name = names.get(f"&{number}" if kind == "@&" else f"{sign}{number}", "")
    return sign + quiet(name or {"#": "channel", "@&": "role"}.get(kind, "someone"))
