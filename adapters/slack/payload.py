"""What Slack sends, read without trust in its shape: what is missing or no text is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def part(of: object, *path: str) -> Json:
    """The object that stands there."""
    for key in path:
        of = of.get(key) if isinstance(of, dict) else None
    return of if isinstance(of, dict) else {}


def parts(of: Mapping[str, Any], key: str) -> list[Json]:
    """The objects of the list that stands there."""
    listed = of.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def word(of: object, *path: str) -> str:
    """The text that stands there; a number is one, too."""
    *above, last = path
    found = part(of, *above).get(last)
    return str(found) if found and isinstance(found, str | int | float) else ""
