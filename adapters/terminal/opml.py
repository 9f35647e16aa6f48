"""Lists of feeds as other readers write them and take them: OPML 2.0, http://opml.org/spec2.opml."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from adapters.terminal.speaking import plain
from bot.ports import LONGEST_NAME, Source

LONGEST = 8 << 20
"""The most bytes that a list may have."""
_LONGEST_ADDRESS = 2000


class BrokenList(ValueError):
    """A file that is no list of feeds; says why, in words for a person."""


def read(data: bytes) -> tuple[list[Source], int]:
    """The feeds that a list names, each once, and the number of those without a usable address.

    Nothing outside the file is read: a list that declares entities is refused. Raises BrokenList.
    """
    if len(data) > LONGEST:
        raise BrokenList(f"it is longer than {LONGEST >> 20} MiB")
    found, unusable, names = dict[str, Source](), 0, set[str]()

    def began(name: str, written: dict[str, str]) -> None:
        nonlocal unusable
        names.add(name.casefold())
        values = {key.casefold(): value.strip() for key, value in written.items()}
        if name.casefold() != "outline" or "xmlurl" not in values:
            return
        url = values["xmlurl"]
        if not _is_usable(url):
            unusable += 1
            return
        called = plain(values.get("title") or values.get("text") or "")[:LONGEST_NAME].strip()
        found.setdefault(url, Source(0, url, called or urlsplit(url).hostname or url))

    def declared(*_: object) -> None:
        raise BrokenList("it declares a document type, which a list of feeds does not need")

    parser = expat.ParserCreate()
    parser.StartElementHandler = began
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BrokenList(f"it is not XML (line {error.lineno})") from None
    if "opml" not in names:
        raise BrokenList("it is not OPML")
    return list(found.values()), unusable


def written(sources: Iterable[Source]) -> str:
    """A list that other readers take."""
    outlines = [
        f"    <outline type={quoteattr('rss')} text={quoteattr(plain(one.name))} "
        f"xmlUrl={quoteattr(one.url)}/>"
        for one in sources
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>'
    title = "    <title>Sources of BotBeat</title>\n  </head>\n  <body>"
    return "\n".join([head, title, *outlines, "  </body>\n</opml>"])


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not parts.username
            and len(url) <= _LONGEST_ADDRESS
            and plain(url) == url
        )
    except ValueError:
        return False
