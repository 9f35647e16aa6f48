"""Which channels get an article, and whether at once or together with others.

What a channel has in quiet hours, above its cap for a day, or in a burst is held for one message
that has it all; what only digests matched is held for the earliest of them. Nothing that matched
is ever dropped here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from bot import schedule
from bot.model import Article, Channel
from bot.outbox import Wanted
from bot.query import QueryError, looked_at, parse
from bot.query.language import Looked, keys_of
from bot.store import Candidate, Tx

log = logging.getLogger(__name__)

DAY = 86400.0
MOST = 20
"""So many reports in 24 hours come one by one, unless a channel wants another number."""
IN_LINE = 10
"""When so many wait to be sent to a channel, the next ones come together."""
GATHERING = 120.0
"""For so many seconds a burst is gathered."""


def share(tx: Tx, article: Article) -> None:
    """Want an article in every channel with a subscription that matches."""
    for matching, wanted in decided(tx, article):
        tx.subscriptions.matched_all(matching, article.id)
        tx.deliveries.want_all(wanted)


def decided(tx: Tx, article: Article) -> Iterator[tuple[list[int], list[Wanted]]]:
    """The numbers of the subscriptions that match, and what their channels should have; some at a
    time, so that many need no more memory than few."""
    looked, now = looked_at(article), tx.now
    known = dict[str, bool]()  # Many subscriptions have the same words.
    for some in tx.subscriptions.candidates(keys_of(looked)):
        by_channel = dict[Channel, list[Candidate]]()
        for one in some:
            if (matches := known.get(one.query)) is None:
                matches = known[one.query] = _matches(tx, one, looked)
            if matches:
                by_channel.setdefault(one.channel, []).append(one)
        loads = tx.deliveries.loads(list(by_channel), now - DAY)
        wanted = [
            _wanted(now, article, ones, *loads.get(channel, (0, 0)))
            for channel, ones in by_channel.items()
        ]
        yield [one.id for ones in by_channel.values() for one in ones], wanted


def _matches(tx: Tx, one: Candidate, looked: Looked) -> bool:
    try:
        return parse(one.query, tx.now).matches(looked)
    except QueryError as error:
        log.error("subscription %s cannot be read any more: %s", one.id, error)
        return False


def _wanted(
    now: float, article: Article, matching: Sequence[Candidate], waiting: int, lately: int
) -> Wanted:
    first = matching[0]
    channel = first.channel
    if any(one.mode == "instant" for one in matching):
        due, why = held_until(first.zone, first.quiet, first.most, now, waiting, lately)
        return Wanted(channel, article.id, article.revision, due, held=why)
    zone = schedule.zone_of(first.zone)
    times = [(schedule.stored(one.mode).after(now, zone), one.id) for one in matching]
    due, subscription = min(times)
    return Wanted(channel, article.id, article.revision, due, subscription, held="a digest")


def held_until(
    zone: str, quiet: str, most: int, now: float, waiting: int, lately: int
) -> tuple[float, str]:
    """Until when one more report is held in a channel that has chosen this, and why; 0 if it may
    come at once. `waiting` are not sent yet, `lately` were wanted one by one in 24 hours."""
    hours = schedule.read_quiet(quiet) if quiet else None
    if hours and (ends := hours.until(now, schedule.zone_of(zone))):
        return ends, "quiet hours"
    most = most or MOST
    if most < 0:
        return 0.0, ""
    if lately >= most:
        here = schedule.zone_of(zone)
        morning = schedule.Schedule().after(now, here)
        ends = hours.until(morning, here) if hours else 0.0
        return max(morning, ends), f"the cap of {most} a day"
    if waiting >= IN_LINE:
        return now + GATHERING, "a burst"
    return 0.0, ""
