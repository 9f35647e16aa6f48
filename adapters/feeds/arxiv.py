"""What is special in arXiv's feeds: versions in identities, replacements among the news, and errors
that come as an entry. Source: https://info.arxiv.org/help/rss_specifications.html and
https://info.arxiv.org/help/api/user-manual.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

ID = r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_GUID = re.compile(rf"(?:oai:arxiv\.org:|https?://arxiv\.org/abs/){ID}$", re.IGNORECASE | re.ASCII)


def number(guid: str) -> str:
    """The paper's number without its version, as each version is announced under a guid of its
    own; empty for other guids."""
    found = _GUID.match(guid)
    return found[1] if found else ""


def is_replaced(entry: Mapping[str, Any]) -> bool:
    """Whether an entry announces a new version of a paper that was news long ago."""
    return str(entry.get("arxiv_announce_type") or "").lower().startswith("replace")


def refusal(url: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """What arXiv says instead of an answer: one entry with the title Error."""
    host = urlsplit(url).hostname or ""
    if len(entries) != 1 or not (host == "arxiv.org" or host.endswith(".arxiv.org")):
        return ""
    only = entries[0]
    return str(only.get("summary") or "error")[:200] if only.get("title") == "Error" else ""
