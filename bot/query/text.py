"""Text as tokens: the only place where words are cut.

The full-text index of either database and `Query.matches` see these tokens and nothing else, so
that a search and a subscription mean the same. `Qwen3.6-27B` is `qwen 3.6 27 b`; `C++` stays
whole; Chinese, Japanese and Korean go by steps of two characters.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PIECE = re.compile(
    rf"[{_CJK}]+"  # a run without spaces between its words
    r"|\d+(?:[.,]\d+)*"  # 27, 3.6, 1,000
    rf"|[^\W\d_{_CJK}]+(?:['’][^\W\d_{_CJK}]+)*(?:\+\+|\#(?!\w))?"  # letters, C++, C#, don't
)
_WIDE = re.compile(rf"[{_CJK}]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "\u00ad": None, "\u200b": None, "\ufeff": None})


_LONGEST = 100
"""Where a token is cut: the databases' indexes refuse words of thousands of characters."""


def fold(text: str) -> str:
    """Text without differences of case, width or accent composition."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()


def tokens(text: str) -> list[str]:
    """All tokens of a stored text, in order."""
    found: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        if _WIDE.match(piece):
            found += [piece[i : i + 2] for i in range(len(piece) - 1)]
            # A search for one character is a prefix: this last one must be found as well.
            found.append(piece[-1])
        else:
            found.append(piece[:_LONGEST])
    return found


def phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """The tokens of a searched word or phrase, and whether the last is only a prefix.

    One Chinese character on its own stands at the start of some two-character step.
    """
    found: list[str] = []
    prefix = False
    for piece in _PIECE.findall(fold(text)):
        prefix = False
        if not _WIDE.match(piece):
            found.append(piece[:_LONGEST])
        elif len(piece) == 1:
            found.append(piece)
            prefix = True
        else:
            found += [piece[i : i + 2] for i in range(len(piece) - 1)]
    return tuple(found), prefix
