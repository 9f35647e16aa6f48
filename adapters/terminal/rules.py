"""`subscriptions export|import`: what channels asked for, as a file of JSON lines.

An import is all or nothing: a line that cannot be meant is named, and nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.lines import BrokenLine, rows
from adapters.terminal.opening import configured, opened
from adapters.terminal.speaking import complain, say
from bot import schedule
from bot.commands.choosing import MENTION
from bot.commands.rehearsing import must_stand
from bot.commands.subscribing import must_have_room
from bot.model import Channel, Person, Subscription
from bot.query import Query, QueryError, parse
from bot.store import Tx
from bot.wording import plural

if TYPE_CHECKING:
    from storage.store import SqlStore

app = typer.Typer(no_args_is_help=True, help="What channels asked for, as a file out and in.")

_KEYS = ("platform", "channel", "query", "mode", "mention")
_LONGEST = 200


@app.command()
def export() -> None:
    """Write all subscriptions to standard output, one JSON line each."""
    with opened(configured(), make=False) as store, store.read() as tx:
        for line in exported(tx):
            say(line)


def exported(tx: Tx) -> Iterator[str]:
    for place in tx.channels.places():
        for one in tx.subscriptions.of(place.channel):
            row = {
                "platform": one.channel.platform,
                "channel": one.channel.id,
                "query": one.query,
                "mode": one.mode,
                "mention": one.mention,
            }
            yield json.dumps(row, ensure_ascii=False)


@app.command("import")
def bring_in(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", show_default=False, help="As `export` wrote it.")
    ],
) -> None:
    """Subscribe channels as the file says; what is there already is brought to its words."""
    settings = configured()
    with open(file, "rb") as stream, opened(settings, make=True) as store:
        try:
            new, changed, same = _stored(store, list(rows(stream)))
        except BrokenLine as error:
            complain(f"{error} Nothing was imported.")
            raise typer.Exit(1) from None
    say(f"{plural(new, 'subscription')} new, {changed:,} changed, {same:,} the same.")


def _stored(store: SqlStore, lines: list[tuple[int, Any]]) -> tuple[int, int, int]:
    counts = {"new": 0, "changed": 0, "same": 0}
    with store.write() as tx:
        for number, row in lines:
            try:
                if isinstance(row, BrokenLine):
                    raise row
                counts[_kept(tx, row)] += 1
            except (BrokenLine, QueryError, ValueError) as error:
                raise BrokenLine(f"line {number}: {error}") from None
    return counts["new"], counts["changed"], counts["same"]


def _kept(tx: Tx, row: dict[str, Any]) -> str:
    """Store one; what it was to what is there: `new`, `changed` or `same`."""
    told, query = _told(row), parse(str(row["query"]), tx.now)
    must_stand(query)
    channel = Channel(told["platform"], told["channel"])
    here = tx.subscriptions.of(channel)
    known = [one for one in here if one.query == str(query)]
    if known and (known[0].mode, known[0].mention) == (told["mode"], told["mention"]):
        return "same"
    if not known:
        must_have_room(here)
    one = _subscription(tx, channel, query, told)
    number = tx.subscriptions.add(one, query.anchors())
    if known:
        tx.subscriptions.change(replace(one, id=number))
    tx.desk.note(channel, one.made_by, f"import {number}")
    return "changed" if known else "new"


def _told(row: dict[str, Any]) -> dict[str, str]:
    """The values of a line, each a short text that means something here."""
    if missing := [key for key in ("platform", "channel", "query") if key not in row]:
        raise BrokenLine(f'it has no "{missing[0]}", as each subscription has.')
    if unknown := [key for key in row if key not in _KEYS]:
        raise BrokenLine(f'"{unknown[0][:40]}" is nothing that a subscription has.')
    told = {"mode": "instant", "mention": ""} | row
    for key in _KEYS:
        if not isinstance(told[key], str) or (key != "query" and len(told[key]) > _LONGEST):
            raise BrokenLine(f'"{key}" is a text of at most {_LONGEST} characters.')
    if not told["platform"] or not told["channel"]:
        raise BrokenLine("it names no channel.")
    if told["mode"] != "instant":
        told["mode"] = str(schedule.stored(told["mode"]))
    if told["mention"]:
        found = MENTION.fullmatch(told["mention"])
        if not found:
            raise BrokenLine('"mention" is as the platform writes a person, a role or a group.')
        told["mention"] = f"<{found[1]}>"
    return told


def _subscription(tx: Tx, channel: Channel, query: Query, told: dict[str, str]) -> Subscription:
    who = Person("terminal", "import", "an import")
    words = str(query)
    return Subscription(0, channel, words, who, tx.now, mode=told["mode"], mention=told["mention"])
