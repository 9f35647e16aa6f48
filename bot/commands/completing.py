"""What somebody may mean who has typed only a part: companies, types, tags and verbs."""

from __future__ import annotations

from collections.abc import Iterable

from bot import catalogue, wording
from bot.model import TYPES, Channel
from bot.query.language import slug
from bot.query.text import fold
from bot.store import Tx

MOST = 25
LONGEST = 100


def completions(tx: Tx, channel: Channel, text: str) -> list[tuple[str, str]]:
    """(label, whole text): the text itself first, then what its last word may become."""
    head, _, last = text.rpartition(" ")
    head = f"{head} " if head else ""
    key, colon, start = last.partition(":")
    if colon:
        offers = _values(key.lower(), start)
    elif last:
        offers = [*_values("company", last), *_values("type", last), *_values("tag", last)]
    else:
        # Nothing typed yet; after a verb or a filter there is nothing to guess from.
        offers = [] if head else [("Latest reports", "latest"), ("Subscriptions here", "list")]
    made = [(label, (head + value)[:LONGEST]) for label, value in offers]
    typed = [(text[:LONGEST], text[:LONGEST])] if text.strip() else []
    return list(dict.fromkeys([*typed, *made]))[:MOST]


def _values(key: str, start: str) -> list[tuple[str, str]]:
    start = fold(start)
    if key == "company":
        named: Iterable[tuple[str, str]] = (
            (one.slug, one.name)
            for one in catalogue.companies()
            if any(fold(name).startswith(start) for name in (one.slug, one.name, *one.aliases))
        )
    elif key == "type":
        named = ((slug(name), name.capitalize()) for name in TYPES if slug(name).startswith(start))
    elif key == "tag":
        named = (
            (slug(tag.name), tag.name) for tag in catalogue.TAGS if slug(tag.name).startswith(start)
        )
    else:
        return []
    return [(wording.clip(f"{name} ({key})", LONGEST), f"{key}:{value}") for value, name in named]
