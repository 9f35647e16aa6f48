"""Following a feed or a page by its address: what is new there comes to those who follow it, AI
news or not, and to nobody else.

Looking an address up takes its time, so it is done before the command's transaction.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from bot.commands.ask import Ask, Looked, Refusal
from bot.ports import Finder, Source, Unreadable
from bot.query import Query
from bot.query.language import ANY, Clause, Term, slug

_PATIENCE = 30.0
MOST = 100
"""So many pages one channel may follow."""


def address_in(text: str) -> str:
    """The address with which a command's words begin, as chat programs write it; or nothing."""
    first = text.partition(" ")[0].strip("<>").partition("|")[0]
    scheme, found, _ = first.partition("://")
    return first if found and scheme.lower() in ("http", "https") else ""


def unknown_address(ask: Ask, verb: str) -> str:
    """The address that has to be looked up before this command is carried out; or nothing. Raises
    Refusal where it would not be carried out."""
    address = address_in(ask.text) if verb == "subscribe" else ""
    if not address:
        return ""
    ask.must_manage()
    if _known(ask, address):
        return ""
    _may_follow_more(ask)
    return address


def followed(ask: Ask, text: str) -> str:
    """The query that stands for the address at the beginning of these words, and the rest."""
    rest = text.partition(" ")[2]
    address = address_in(text)
    source = _known(ask, address)
    if source is None:
        source = _added(ask, address)
    return f"{following(source)} {rest}".strip()


def following(source: Source) -> Query:
    """What one subscribes to who follows this source."""
    clauses = Clause((Term("source", slug(source.name)),)), Clause((Term("is", ANY),))
    return Query(clauses)


def is_followed(ask: Ask, text: str) -> str:
    """The query of who follows the address with which these words begin; they themselves where
    they name none that is known."""
    address = address_in(text)
    source = _known(ask, address) if address else None
    return str(following(source)) if source else text


async def look_up(finder: Finder | None, address: str) -> Looked:
    """What is at an address; never raises for what a page does."""
    if finder is None:
        return Looked(reason="this BotBeat reads no feeds")
    try:
        async with asyncio.timeout(_PATIENCE):
            return Looked(await finder(address))
    except Unreadable as error:
        return Looked(reason=str(error))
    except TimeoutError:
        return Looked(reason="it took too long to answer")


def _known(ask: Ask, address: str) -> Source | None:
    """The source that is visited at this address already."""
    same = [one for one in ask.tx.sources.all() if one.url == address and not one.disabled]
    return same[0] if same else None


def _may_follow_more(ask: Ask) -> None:
    followed = [one for one in ask.tx.subscriptions.of(ask.channel) if f"is:{ANY}" in one.query]
    if len(followed) >= MOST:
        raise Refusal(f"This channel follows {MOST} pages, which is the most. Nothing was changed.")


def _added(ask: Ask, address: str) -> Source:
    _may_follow_more(ask)
    host = urlsplit(address).hostname or address
    if ask.looked.source is None:
        reason = ask.looked.reason or "it was not looked up"
        raise Refusal(f"{host} cannot be followed: {reason}. Nothing was changed.")
    found = replace(ask.looked.source, channel=ask.channel)
    others = [one for one in ask.tx.sources.all() if one.url != found.url]
    if not slug(found.name) or slug(found.name) in {slug(one.name) for one in others}:
        found = replace(found, name=f"{found.name} ({host})".strip())
    number = ask.tx.sources.add(found, listed=True)
    stored = [one for one in ask.tx.sources.all() if one.id == number]
    if not stored:
        raise Refusal(
            f"Whoever runs BotBeat has switched {host} off; ask them. Nothing was changed."
        )
    if stored[0].disabled:
        ask.tx.sources.add(found)  # It failed for long, and was seen to answer just now.
    return stored[0]
