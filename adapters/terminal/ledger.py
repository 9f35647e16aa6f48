"""`deliveries`: for each report and channel what happened, when and why, in plain words.

The sentences are those of `/botbeat why`. What people wrote is not shown, only that it was copied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, get_args

import typer

from adapters.terminal.lines import emit
from adapters.terminal.moments import iso
from adapters.terminal.opening import configured, opened
from adapters.terminal.outside import Json
from adapters.terminal.speaking import complain, plain, say
from bot.commands.explaining import paused, sentence
from bot.model import Article, Channel, Delivery, State
from bot.outbox import Hold, Wish
from bot.query import QueryError
from bot.query.parse import moment, nearest
from bot.store import Place, Tx

_STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was asked for, as it stood at `now`."""

    deliveries: list[Delivery]
    counted: dict[State, int]
    articles: dict[int, Article]
    places: dict[Channel, Place]
    holds: list[Hold]
    now: float


def deliveries(
    report: Annotated[
        str, typer.Argument(metavar="[REPORT]", show_default=False, help="Its number or its link.")
    ] = "",
    channel: Annotated[str, typer.Option(help="A channel's name or id.")] = "",
    state: Annotated[str, typer.Option(help=f"One of: {', '.join(_STATES)}.")] = "",
    since: Annotated[str, typer.Option(help="Such as 7d, 24h, monday, 2026-09-01.")] = "",
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most deliveries.")] = 20,
) -> None:
    """What became of reports in their channels; first what is not as it should be."""
    chosen = _state(state)
    with opened(configured(), make=False) as store, store.read() as tx:
        wish = Wish(
            article=_report(tx, report),
            channel=_channel(tx, channel),
            state=chosen,
            since=_since(since, tx.now),
            wrong_first=not (report or channel or state or since),
        )
        ledger = _read(tx, wish, limit)
    if as_json:
        for one in ledger.deliveries:
            emit(_row(ledger, one))
    else:
        _tell(ledger)


def _read(tx: Tx, wish: Wish, limit: int) -> Ledger:
    found = tx.deliveries.listed(wish, limit)
    articles = tx.articles.many(list({one.article for one in found}))
    holds = [
        hold
        for hold in tx.deliveries.holds()
        if wish.channel in (None, hold.channel)
        and (not wish.article or hold.channel in {one.channel for one in found})
    ]
    return Ledger(
        found,
        tx.deliveries.counted(wish),
        {article.id: article for article in articles},
        {place.channel: place for place in tx.channels.places()},
        holds,
        tx.now,
    )


def _tell(ledger: Ledger) -> None:
    say(_summary(ledger))
    for hold in ledger.holds:
        say(f"{_name(ledger, hold.channel)}: {paused(hold, ledger.now, plain)}")
    for one in ledger.deliveries:
        say("")
        title = _title(ledger, one)
        say(f"{_what(one)} in {_name(ledger, one.channel)}" + (f": {title}" if title else ""))
        say(f"  {sentence(one, plain)}")


def _summary(ledger: Ledger) -> str:
    total = sum(ledger.counted.values())
    if not total:
        return "Nothing was to be delivered so."
    states = [f"{ledger.counted[s]:,} {s}" for s in _STATES if s in ledger.counted]
    shown = len(ledger.deliveries)
    more = "" if shown == total else f" Here are {shown:,} of them; --limit shows more."
    return f"{', '.join(states)}.{more}"


def _row(ledger: Ledger, one: Delivery) -> dict[str, Any]:
    holds = [paused(hold, ledger.now, plain) for hold in ledger.holds
             if hold.channel == one.channel]  # fmt: skip
    return {
        "report": one.article or None,
        "title": _title(ledger, one) or None,
        "platform": one.channel.platform,
        "channel": one.channel.id,
        "name": _name(ledger, one.channel),
        "kind": one.kind,
        "part": one.part,
        "state": one.state,
        "said": sentence(one, plain),
        "reason": one.reason or None,
        "attempts": one.attempts,
        "wanted": iso(one.created),
        "posted": iso(one.posted),
        "changed": iso(one.changed),
        "next": iso(one.due) if one.state in ("pending", "sending", "unsure") else None,
        "paused": " ".join(holds) or None,
    }


def _what(one: Delivery) -> str:
    if one.kind == "report":
        return f"Report {one.article}"
    return f"A {one.kind} under report {one.article}" if one.article else f"A {one.kind}"


def _title(ledger: Ledger, one: Delivery) -> str:
    """That of the report; a digest and a notice have none."""
    if not one.article:
        return ""
    article = ledger.articles.get(one.article)
    return plain(article.title) if article else "(no longer kept)"


def _name(ledger: Ledger, channel: Channel) -> str:
    place = ledger.places.get(channel)
    return f"{plain((place.settings.name if place else '') or channel.id)} ({channel.platform})"


def _state(text: str) -> State | None:
    typed = text.strip().casefold()
    if not typed:
        return None
    for state in _STATES:
        if typed == state:
            return state
    complain(f"Unknown state “{plain(text)[:40]}”. Did you mean: "
             f"{', '.join(nearest(typed, _STATES))}?")  # fmt: skip
    raise typer.Exit(2)


def _since(text: str, now: float) -> float:
    try:
        return float(moment(text.strip(), now)) if text.strip() else 0.0
    except QueryError as error:
        complain(str(error))
        raise typer.Exit(2) from None


def _report(tx: Tx, text: str) -> int:
    if not text.strip():
        return 0
    found = re.search(r"(?:^#?|/reports/)(\d{1,19})(?:\D|$)", text.strip().strip("<>"))
    article = tx.articles.one(min(int(found[1]), 2**63 - 1)) if found else None
    if article:
        return article.id
    complain(f"There is no report “{plain(text)[:80]}”. Its number stands in its page's address; "
             "`botbeat search … --json` gives it too.")  # fmt: skip
    raise typer.Exit(1)


def _channel(tx: Tx, text: str) -> Channel | None:
    """The channel with this id, or the only one with this name."""
    typed = text.strip().removeprefix("#").casefold()
    if not typed:
        return None
    places = tx.channels.places()
    fits = [p.channel for p in places if typed == p.channel.id.casefold()] or [
        p.channel for p in places if typed == p.settings.name.removeprefix("#").casefold()
    ]
    if len(fits) == 1:
        return fits[0]
    if fits:
        several = ", ".join(f"{one.id} ({one.platform})" for one in fits)
        complain(f"Several channels are called “{plain(text)[:40]}”. Give an id: {plain(several)}.")
    else:
        names = {plain(p.settings.name or p.channel.id) for p in places}
        near = ", ".join(nearest(typed, sorted(names)))
        hint = f"Did you mean: {near}?" if near else "No channel has asked for anything yet."
        complain(f"There is no channel “{plain(text)[:40]}”. {hint}")
    raise typer.Exit(1)
