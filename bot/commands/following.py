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
from bot.query import Query, parse
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
    """The address that has to be looked up before this command is carried out; or nothing."""
    address = address_in(ask.text) if verb == "subscribe" else ""
    if not address or _known(ask, address):
        return ""
    try:
        ask.must_manage()
        _may_follow_more(ask)
    except Refusal:
        return ""  # It is said when the command is carried out.
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


def as_query(ask: Ask, text: str) -> str:
    """The query of who follows the address with which these words begin; they themselves where
    they name none that is known."""
    address = address_in(text)
    source = _known(ask, address) if address else None
    return str(following(source)) if source else text


def must_follow(ask: Ask, query: Query) -> None:
    """Refuse a look at what other channels follow: that is their own business."""
    if not query.takes_any:
        return
    here = ask.tx.subscriptions.of(ask.channel)
    # Of each only the first, which came from an address; what was typed beside it gives no right.
    own = {name for one in here for name in _sources(parse(one.query, ask.tx.now))[:1]}
    asked = _sources(query)
    if not asked or not own.issuperset(asked):
        raise Refusal(
            f"is:{ANY} is for a source that this channel follows, as in source:name is:{ANY}. "
            "To follow one: `/botbeat subscribe <its address>`. Nothing was changed."
        )


def _sources(query: Query) -> list[str]:
    """The sources whose news, of any kind, this query takes."""
    clauses = [clause for clause in query.clauses if not clause.negated and query.takes_any]
    return [term.value for clause in clauses for term in clause.terms if term.key == "source"]


def retyped(ask: Ask, text: str) -> str:
    """A query as one would type it: of who follows a source, by its address."""
    query = parse(text, ask.tx.now)
    names = _sources(query)[:1]
    named = [one for one in ask.tx.sources.all() if slug(one.name) in names]
    if not named:
        return text
    known = following(named[0]).clauses
    rest = replace(query, clauses=tuple(one for one in query.clauses if one not in known))
    return f"{named[0].url} {rest}".strip()


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


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:  # Brackets that are no address of the sixth version.
        return address


def _may_follow_more(ask: Ask) -> None:
    followed = [one for one in ask.tx.subscriptions.of(ask.channel) if f"is:{ANY}" in one.query]
    if len(followed) >= MOST:
        raise Refusal(f"This channel follows {MOST} pages, which is the most. Nothing was changed.")


def _added(ask: Ask, address: str) -> Source:
    _may_follow_more(ask)
    host = _host(address)
    if ask.looked.source is None:
        reason = ask.looked.reason or "it was not looked up"
        raise Refusal(f"{host} cannot be followed: {reason}. Nothing was changed.")
    found = replace(ask.looked.source, channel=ask.channel)
    others = {slug(one.name) for one in ask.tx.sources.all() if one.url != found.url}
    names = [found.name, f"{found.name} ({host})", f"{found.name} ({found.url})"]
    name = next((one for one in names if slug(one) and slug(one) not in others), names[-1])
    found = replace(found, name=name)
    number = ask.tx.sources.add(found, listed=True)
    stored = [one for one in ask.tx.sources.all() if one.id == number]
    if not stored:
        raise Refusal(
            f"Whoever runs BotBeat has switched {host} off; ask them. Nothing was changed."
        )
    if stored[0].disabled:
        ask.tx.sources.add(found)  # It failed for long, and was seen to answer just now.
    return stored[0]
