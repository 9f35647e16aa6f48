"""Feeds as they come: bytes that lie about their encoding, XML that is none, dates of its own.

What is repaired here is what the reader of feeds gets wrong or gives up on; nothing is repaired
that reads well as it is.
"""

from __future__ import annotations

import re
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from html.entities import html5
from time import gmtime, struct_time

from w3lib.encoding import read_bom, resolve_encoding

from adapters.feeds.bounds import Dangerous

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
# In these, text that is not ASCII is written in ASCII bytes, and so looks like good UTF-8.
_SEVEN_BIT = ("iso2022", "hz")
_NO_MARK = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(r"&#(?:(\d{1,9})|[xX]([0-9a-fA-F]{1,8}));")
_REFERENCE = re.compile(r"&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31});)?")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})

# Offsets in hours of names that RFC 822 does not have. BST is the British one: feeds are.
_ZONES = {
    "BST": 1, "IST": 5.5, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3,
}  # fmt: skip
_NAMED = re.compile(rf"^(.*\d)\s*\(?({'|'.join(_ZONES)})\)?$", re.IGNORECASE)


def decode(body: bytes, content_type: str) -> str:
    """The text of a document, by what its bytes are and then by what is said about them."""
    encoding, mark = read_bom(body[:4])
    if encoding and mark:
        return body[len(mark) :].decode(encoding, "replace")
    if body[:2] in _NO_MARK:
        return body.decode(_NO_MARK[body[:2]], "replace")
    declared = _DECLARED.match(body[:400])
    names = [declared[1].decode() if declared else "", _charset(content_type)]
    known = [found for name in names if name and (found := resolve_encoding(name))]
    if known and known[0].startswith(_SEVEN_BIT):
        return body.decode(known[0], "replace")
    return _by_trial(body, [name for name in known if not name.startswith("utf")])


def _by_trial(body: bytes, known: list[str]) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        forgiving = body.decode("utf-8", "replace")
    # One broken character in a text that is UTF-8 otherwise must not turn all others to rubbish.
    broken = forgiving.count("\ufffd")
    if broken * 4 < sum(character > "\x7f" for character in forgiving) - broken:
        return forgiving
    for name in known:
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode(known[0] if known else "cp1252", "replace")


def _charset(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset("")


def strip_prolog(text: str) -> str:
    """The text from its root element on; raises Dangerous for entity declarations.

    A DOCTYPE adds nothing to a feed, so no reader of XML ever sees one.
    """
    at = 0
    while (start := text.find("<", at)) >= 0:
        if text.startswith("<!--", start):
            at = _after(text, "-->", start)
        elif text.startswith("<?", start):
            at = _after(text, "?>", start)
        elif text[start : start + 9].upper() == "<!DOCTYPE":
            at = _after_doctype(text, start)
        elif text.startswith("<!", start):
            raise Dangerous("has declarations where a feed has none")
        else:
            return text[start:]
    return ""


def _after(text: str, end: str, start: int) -> int:
    found = text.find(end, start)
    return found + len(end) if found >= 0 else len(text)


def _after_doctype(text: str, start: int) -> int:
    end, subset = text.find(">", start), text.find("[", start)
    if end < 0:
        return len(text)
    if subset < 0 or subset > end:
        return end + 1
    close = text.find("]", subset)
    if close < 0 or "<!ENTITY" in text[subset:close].upper():
        raise Dangerous("declares entities of its own")
    return _after(text, ">", close)


def without_controls(text: str) -> str:
    """The text without characters that XML forbids, written out or by number: on the number of
    half a character feedparser itself breaks."""
    return _NUMBER.sub(_kept_number, _CONTROLS.sub("", text))


def _kept_number(found: re.Match[str]) -> str:
    code = int(found[1]) if found[1] else int(found[2], 16)
    return found[0] if _is_character(code) else ""


def mend(text: str) -> str:
    """XML that a strict reader may take: no bare `&`, no names that only HTML knows."""
    mended, at = [], 0
    while True:
        start = text.find("<![CDATA[", at)
        end = text.find("]]>", start) if start >= 0 else -1
        mended.append(_REFERENCE.sub(_mended, text[at:start] if end >= 0 else text[at:]))
        if end < 0:
            return "".join(mended)
        # Nothing is markup in there.
        mended.append(text[start:end])
        at = end


def _mended(found: re.Match[str]) -> str:
    name = found[1]
    if found[0].startswith("&#") or name in _XML_NAMES:
        return found[0]
    character = html5.get(name + ";") if name else None
    return "&amp;" + found[0][1:] if character is None else _escaped(character)


def _is_character(code: int) -> bool:
    return (
        code in (9, 10, 13)
        or 32 <= code < 0xD800
        or 0xE000 <= code < 0xFFFE
        or (0x10000 <= code < 0x110000)
    )


def _escaped(character: str) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(character, character)


def named_zone(text: str) -> struct_time | None:
    """A date whose time zone is a name that RFC 822 does not list, in UTC; else None."""
    found = _NAMED.match(text.strip()) if len(text) < 100 else None
    if not found:
        return None
    parts = parsedate_tz(found[1] + " +0000")
    if parts is None:
        return None
    return gmtime(mktime_tz(parts) - _ZONES[found[2].upper()] * 3600)
