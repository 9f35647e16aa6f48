"""What a channel is told besides reports: that a source that it follows is visited no more, that
nothing has come in for long, and at first what BotBeat does there. A notice is a delivery like any
other; the first two go when they are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import holding, schedule, wording
from bot.message import Message
from bot.model import Channel, Delivery
from bot.ports import Source, Visit
from bot.query.language import slug
from bot.store import Tx

MOST_FAILURES = 20
"""After so many visits in a row that failed a source is given up. As the pauses between them double
up to a day, two weeks have passed by then."""
SILENCE = 86400.0
"""After so many seconds without an answer of any source, those who subscribed are told."""
AT_ONCE = 200
"""So many channels are told in one transaction, lest others wait for long."""
_ALL, _WELCOME = 0, -1
"""The subjects of that notice, and of the first one; that of any other one is its source's number.
"""


def visited(tx: Tx, source: Source, visit: Visit) -> bool:
    """Write down how a visit went, and tell those who follow the source if it was the last one;
    whether it was. While no other source answers either it is not, as then it may be our network.
    """
    hopeless = visit.reason and source.failures + 1 >= MOST_FAILURES
    if hopeless and tx.sources.answered() > tx.now - SILENCE:
        visit = replace(visit, disabled=True)
    if not tx.sources.visited(source, visit):
        return False
    if visit.disabled:
        for channel in tx.subscriptions.followers(slug(source.name)):
            _want(tx, channel, source.id)
    elif source.failures and not visit.reason:
        _withdraw(tx, source.id)
    return visit.disabled


def to_be_told(tx: Tx) -> list[Channel]:
    """The channels that wait for news while no source answers; none if one does, and what was
    said of that is taken back."""
    answered = tx.sources.answered()
    if not answered or not tx.calm(SILENCE):
        return []
    if answered > tx.now - SILENCE:
        _withdraw(tx, _ALL)
        return []
    return tx.subscriptions.channels()


def tell(tx: Tx, channels: Sequence[Channel]) -> None:
    """Tell them that nothing comes in; who was told already is not told again."""
    for channel in channels:
        _want(tx, channel, _ALL)


def joined(tx: Tx, channel: Channel, at: float) -> None:
    """We were added to a channel: it heals, and is told once what we do there, unless it knows."""
    holding.resume(tx, channel, at)
    if not tx.subscriptions.of(channel):
        tx.deliveries.want(channel, "notice", _WELCOME, 0, 1)


def compose(tx: Tx, delivery: Delivery, base_url: str) -> Message:
    """What a notice says."""
    if delivery.subject == _WELCOME:
        return wording.welcome(base_url)
    known = tx.sources.all()
    if delivery.subject == _ALL:
        return wording.quiet(tx.sources.answered(), sum(not one.disabled for one in known))
    source = next((one for one in known if one.id == delivery.subject), None)
    return wording.given_up(source)


def _want(tx: Tx, channel: Channel, subject: int) -> None:
    chosen = tx.channels.place(channel).settings
    hours = schedule.read_quiet(chosen.quiet) if chosen.quiet else None
    due = hours.until(tx.believed, schedule.zone_of(chosen.zone)) if hours else 0.0
    tx.deliveries.want(channel, "notice", subject, 0, 1, due=due, again=True)


def _withdraw(tx: Tx, subject: int) -> None:
    tx.deliveries.raise_wanted("notice", subject, 2, gone=True)
