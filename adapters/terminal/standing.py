"""`status`: whether news comes in, what waits, and what the language model has cost."""

from __future__ import annotations

from adapters.terminal.moments import iso
from adapters.terminal.opening import configured, opened
from adapters.terminal.settings import Settings
from adapters.terminal.speaking import say
from bot.ports import Source
from bot.store import Spent, Tx
from bot.wording import plural


def status() -> None:
    """How the sources, the deliveries and the language model stand, in a few lines."""
    settings = configured()
    with opened(settings, make=False) as store, store.read() as tx:
        lines = [_sources(tx.sources.all()), _deliveries(tx)]
        lines += _model(settings, tx.desk.spent(1), tx.desk.spent(24))
    for line in lines:
        say(line)


def _sources(known: list[Source]) -> str:
    visited = [one for one in known if not one.disabled]
    failing = sum(1 for one in visited if one.failures)
    ended = len(known) - len(visited)
    last = max((one.last_success for one in visited), default=0.0)
    seen = f"the last answer was at {iso(last)}" if last else "none was visited yet"
    told = f"Sources: {len(visited) - failing} of {len(visited)} answer; {seen}."
    if ended:
        told += f" {ended} {'is' if ended == 1 else 'are'} not visited any more."
    return told + (" `sources list` has the reasons." if failing or ended else "")


def _deliveries(tx: Tx) -> str:
    waiting = plural(tx.deliveries.pending(), "message")
    held = len(tx.deliveries.holds())
    return f"Deliveries: {waiting} on the way; {plural(held, 'channel')} held."


def _model(settings: Settings, hour: Spent, day: Spent) -> list[str]:
    if not settings.model_address:
        return ["Language model: none; reports are extracted from their articles."]
    told = (
        f"Language model {settings.model}: {plural(day.reports, 'report')} and {day.tokens:,} of "
        f"{settings.botbeat_model_day:,} tokens in 24 hours, {hour.tokens:,} of "
        f"{settings.botbeat_model_hour:,} in this one"
    )
    if settings.botbeat_model_price:
        told += f"; about {day.tokens * settings.botbeat_model_price / 1e6:.2f} in 24 hours"
    return [told + "."]
