"""Which channels get an article, and whether at once or together with others.

What a channel has in quiet hours, above its cap for a day, or in a burst is held for one message
that has it all; what only digests matched is held for the earliest of them. Nothing that matched
is ever dropped here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import tzinfo

from bot import schedule
from bot.model import Article
from bot.outbox import Wanted
from bot.query import QueryError, looked_at, parse
from bot.query.language import Looked, keys_of
from bot.store import Alike, Tx

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
    if article.withdrawn:
        return
    for matching, wanted in decided(tx, article):
        tx.subscriptions.matched_all(matching, article.id)
        tx.deliveries.want_all(article.id, article.revision, wanted)


def decided(tx: Tx, article: Article) -> Iterator[tuple[list[int], list[Wanted]]]:
    """The numbers of the subscriptions that match, and what their channels should have; some at a
    time, so that many need no more memory than few."""
    # What is held until a moment by a wrong clock would be held for hours when it is right again.
    looked, now = looked_at(article), tx.believed
    for some in tx.subscriptions.candidates(keys_of(looked)):
        matching = [one for one in some if _matches(tx, one, looked)]
        numbers = [number for one in matching for number in one.subscriptions]
        places = list({place for one in matching for place in one.places})
        loads = tx.deliveries.loads(places, now - DAY)
        wanted = dict[int, Wanted]()
        # What comes at once is wanted first: no digest changes that.
        for one in sorted(matching, key=lambda one: one.mode != "instant"):
            for better in _wanted(one, now, loads):
                before = wanted.get(better.place)
                if before is None or (before.subscription and better.due < before.due):
                    wanted[better.place] = better
        yield numbers, list(wanted.values())


def _matches(tx: Tx, one: Alike, looked: Looked) -> bool:
    try:
        return parse(one.query, tx.now).matches(looked)
    except QueryError as error:
        log.error("subscriptions %s cannot be read any more: %s", one.subscriptions[:9], error)
        return False


def _wanted(one: Alike, now: float, loads: Mapping[int, tuple[int, int]]) -> Iterator[Wanted]:
    """What each channel of these subscriptions should have because of them."""
    zone = schedule.zone_of(one.zone)
    if one.mode != "instant":
        due = schedule.next_digest(one.mode, one.quiet, now, zone)
        for number, place in zip(one.subscriptions, one.places, strict=True):
            yield Wanted(place, due, "a digest", number)
        return
    usual = held_until(one, zone, now, 0, 0)
    for place in one.places:
        load = loads.get(place)
        yield Wanted(place, *(held_until(one, zone, now, *load) if load else usual))


def held_until(
    chosen: Alike, zone: tzinfo, now: float, waiting: int, lately: int
) -> tuple[float, str]:
    """Until when one more report is held in a channel that has chosen this, and why; 0 if it may
    come at once. `waiting` are not sent yet, `lately` were wanted one by one in 24 hours."""
    hours = schedule.read_quiet(chosen.quiet) if chosen.quiet else None
    if hours and (ends := hours.until(now, zone)):
        return ends, "quiet hours"
    most = chosen.most or MOST
    if most < 0:
        return 0.0, ""
    if lately >= most:
        morning = schedule.Schedule().after(now, zone)
        ends = hours.until(morning, zone) if hours else 0.0
        return max(morning, ends), f"the cap of {most} a day"
    if waiting >= IN_LINE:
        gathered = now + GATHERING
        return (hours.until(gathered, zone) if hours else 0.0) or gathered, "a burst"
    return 0.0, ""
