"""Titles and texts of strangers as plain text: no markup, no entities, nothing unprintable.

What is left may still look like markup (`Vec<T>`); it is text, and every platform's renderer
escapes it as such.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import nh3

TITLE = 400
TEXT = 20_000
# A text is cut before its markup is read, so that a page inside a feed costs what a text costs.
_MARKUP = 5 * TEXT

# Controls but tab and newline, lone surrogates (no database takes them), what is no character at
# all, and the marks that turn the direction of the text around them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069"
    "\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_STRAY = re.compile(r"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_INLINE = (
    "a|abbr|b|br|cite|code|del|em|font|i|img|ins|mark|p|q|s|small|span|strike|strong|sub|sup|u"
)
_TAGS = (
    f"{_INLINE}|address|article|aside|audio|base|blockquote|body|button|center|dd|details|div|dl|dt"
    "|embed|figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|input|kbd|li|link"
    "|main|math|meta|nav|object|ol|picture|pre|script|section|select|source|style|svg|table|tbody"
    "|td|template|textarea|tfoot|th|thead|time|tr|tt|ul|video|wbr"
)
_ANY_TAG = re.compile(rf"</?(?:{_TAGS})\b[^<>]*>", re.IGNORECASE)
# In a title, `a < b`, `Vec<T>` and `the <button> element` are text, which an HTML reader would
# drop. A tag is what formats words, has attributes, or ends another.
_NO_TAG = re.compile(
    rf"<(?!(?:{_INLINE}|script|style)\b|(?:{_TAGS})\b[^<>]*[=/]|/(?:{_TAGS})\b|!--)", re.IGNORECASE
)
_OPEN_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>(?!.*</\1)", re.IGNORECASE | re.DOTALL)
_BLOCKS = frozenset(
    ("article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure",
     "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
     "section", "table", "tr", "ul")
)  # fmt: skip
_SCRIPTS = frozenset({"script", "style"})
_DROPPED = _SCRIPTS | frozenset(
    ("svg", "math", "iframe", "object", "noscript", "template", "textarea",
     "title", "head", "button")
)  # fmt: skip
_BLOCK = re.compile(r"<[^>]*>")
# An ampersand that was escaped once too often.
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x26);", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")


def clean(text: str) -> str:
    """The same text without what must not be stored or shown."""
    return _UNSEEN.sub("", text)


def plain_title(markup: str) -> str:
    """One line; `A &amp;amp; B` is `A & B`, `Vec<T>` stays, `<b>x</b>` is `x`."""
    text = _OPEN_SCRIPT.sub("", _NO_TAG.sub("&lt;", clean(markup[: 10 * TITLE])))
    return shorten(" ".join(_without_markup(text, frozenset(), _SCRIPTS).split()), TITLE)


def plain_text(markup: str, limit: int = TEXT) -> str:
    """Lines of text, one for each paragraph; `limit` is in characters."""
    text = clean(markup[:_MARKUP])
    for _ in range(2):  # some feeds escape their markup twice
        if _ANY_TAG.search(text):
            text = text.replace("\n", " ")  # a line break in HTML is a space
        text = _without_markup(text, _BLOCKS, _DROPPED)
        if not _ANY_TAG.search(text):
            break
    return shorten(_LINES.sub("\n", _SPACES.sub(" ", text)).strip(), limit)


def web_link(link: object, base: str = "") -> str:
    """An absolute http or https address, or an empty text."""
    if not isinstance(link, str):
        return ""
    tidy = re.sub(r"[\r\n\t]", "", clean(link)).strip().replace(" ", "%20")
    tidy = _AMPERSAND.sub("&", tidy)
    try:
        url = urljoin(base, tidy) if tidy else ""
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return ""
    return url if good and len(url) <= 2000 else ""


def language(value: object) -> str:
    """The language of a tag such as `en-US`, as `en`; an empty text for what is no tag."""
    name = value.replace("_", "-").partition("-")[0].strip() if isinstance(value, str) else ""
    return name.lower() if name.isascii() and name.isalpha() and len(name) <= 3 else ""


def shorten(text: str, limit: int) -> str:
    """At most so many characters, cut between two words where there are any."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rfind(" ", limit // 2)
    return (head[:cut] if cut > 0 else head).rstrip() + "…"


def _without_markup(text: str, blocks: frozenset[str], dropped: frozenset[str]) -> str:
    # The sanitiser escapes every `<` that it leaves in the text, so that what still looks like
    # a tag afterwards is one.
    safe = nh3.clean(
        _STRAY.sub("&amp;", text),
        tags=set(blocks),
        clean_content_tags=set(dropped),
        attributes={},
        link_rel=None,
    )
    return clean(unescape(_BLOCK.sub("\n", safe)))
