"""What the end of an attempt means: wait, look later, hold the channel, set aside, or end.

Each call is one transaction's worth of decisions about one delivery; what is written is written
only under the claim it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot import holding
from bot.freshness import STALE, UNBELIEVABLE
from bot.model import Delivery, State
from bot.ports import DeliveryError
from bot.store import Tx

OURS = "BotBeat could not write this message; the log says why."
NO_ANSWER = "The platform did not answer in time"
SILENT = "Whoever sent it ended without a word, more than once; it is tried again later."
_HARMFUL = "Each time that it was tried, whoever sent it ended without a word."
_LONGEST_RETRY = 86400.0

MOST_SILENT = 2
"""After so many attempts in a row of which nobody heard, a delivery is set aside. After seven, and
a day, it is not tried any more: workers die for other reasons, too."""
_LAST_SILENT = 12
_MOST_SETTLES = 10
"""A look without an answer comes again after one settle time, then two, at last after ten."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds.

    `lease` is longer than any attempt may last (`attempt`). `settle` is the time after which a
    request that we gave up on has either arrived or never will; the lease is no shorter, so that
    a killed worker's request has settled too when another worker takes over. `stale`: news that
    waited longer is not sent any more. `probe`: a channel that refuses us is tried again after
    so long, then ever later. `aside`: so long waits what may kill whoever tries it. `together`:
    so many attempts are under way at once on each platform.
    """

    lease: float = 90
    attempt: float = 40
    settle: float = 60
    stale: float = 86400
    slowest: float = 3600
    probe: float = 600
    aside: float = 3600
    tries: int = 12
    together: int = 50

    def __post_init__(self) -> None:
        if self.lease <= self.attempt or self.lease < self.settle:
            raise ValueError("the lease must outlast an attempt and the settle time")


def failed(
    tx: Tx, delivery: Delivery, error: DeliveryError, timing: Timing, *, looked: bool = False
) -> None:
    """Write down what a refusal means; `looked` says that it was a look that was refused."""
    posting = not delivery.message
    unsure = error.unsure and posting
    named = min(error.retry_after, _LONGEST_RETRY)
    held = error.scope != "message" and (error.permanent or named > 0)
    if held:
        _hold(tx, delivery, error, timing)
    elif delivery.probing and error.permanent and not unsure:
        # It is this message that is refused; the channel answers as it should.
        holding.heal(tx, delivery.channel)
    if unsure:
        # However often it was sent: how the last time ended is known after one settle time.
        times = delivery.attempts if looked else 1
        unfound(tx, replace(delivery, silent=0), error, timing, times=times, held=held)
    elif held and error.permanent:
        tx.deliveries.postpone(delivery, "pending", tx.now, error.reason, settled=posting)
    elif error.permanent or _is_hopeless(tx, delivery, timing):
        refuse(tx, delivery, error.reason)
    else:
        due = tx.now + max(named, _back_off(delivery, timing))
        tx.deliveries.postpone(delivery, "pending", due, error.reason, settled=posting)


def unfound(
    tx: Tx, delivery: Delivery, error: DeliveryError, timing: Timing, *, times: int, held: bool
) -> None:
    """It may be there or not; one looks after so many `times` the settle time. Where nobody will
    ever be let look, it is parked; not where all is closed for now. Of what was tried without a
    word before, that is kept in mind."""
    if error.permanent and not held:
        tx.deliveries.postpone(delivery, "parked", tx.now, error.reason)
        return
    named = min(error.retry_after, _LONGEST_RETRY)
    due = tx.now + max(timing.settle * min(times, _MOST_SETTLES), named)
    tx.deliveries.postpone(delivery, "unsure", due, error.reason, silent=delivery.silent)


def absent(tx: Tx, delivery: Delivery, timing: Timing) -> None:
    """A look showed that it is not there: it may be sent."""
    if is_old(tx, delivery, timing):
        end(tx, delivery, "expired", STALE)
    else:
        tx.deliveries.postpone(
            delivery, "pending", tx.now, delivery.reason, settled=True, silent=delivery.silent
        )


def refuse(tx: Tx, delivery: Delivery, reason: str) -> None:
    """The platform will not have it, or we cannot write it: nothing of it is there."""
    posting = not delivery.message
    tx.deliveries.postpone(delivery, "refused", tx.now, reason, settled=posting)
    if delivery.kind == "report" and posting:
        tx.deliveries.give_up_thread(delivery.channel, delivery.article)


def end(
    tx: Tx, delivery: Delivery, state: Literal["given up", "expired", "parked"], reason: str
) -> None:
    """Nothing more is sent. Parked: what is there nobody knows, and a receipt may still come."""
    tx.deliveries.postpone(delivery, state, tx.now, reason, settled=state != "parked")
    if delivery.kind == "report" and state != "parked":
        tx.deliveries.give_up_thread(delivery.channel, delivery.article)


def broken(tx: Tx, delivery: Delivery, timing: Timing) -> None:
    """A bug of ours, before anything was sent: once more, then never."""
    if delivery.reason == OURS:
        refuse(tx, delivery, OURS)
    else:
        due = tx.now + _back_off(delivery, timing)
        tx.deliveries.postpone(delivery, delivery.state, due, OURS)


def set_aside(tx: Tx, delivery: Delivery, timing: Timing) -> None:
    """It may be what kills whoever tries it: the others go on, and it waits ever longer."""
    if delivery.silent >= _LAST_SILENT and _waited_long(tx, delivery, timing):
        if delivery.state == "pending":
            refuse(tx, delivery, _HARMFUL)
        else:
            end(tx, delivery, "parked", _HARMFUL)
        return
    state: State = "unsure" if delivery.state == "sending" else delivery.state
    due = tx.now + timing.aside * delivery.silent / MOST_SILENT
    # Counted as well, so that the next one is an attempt, and the one after that is none.
    tx.deliveries.postpone(delivery, state, due, SILENT, silent=delivery.silent + 1)


def is_suspect(delivery: Delivery) -> bool:
    """Whether it is set aside now; every other time it is tried."""
    return delivery.silent >= MOST_SILENT and delivery.silent % 2 == 0


def is_old(tx: Tx, delivery: Delivery, timing: Timing) -> bool:
    """Whether this report is no news any more."""
    return delivery.kind == "report" and _waited_long(tx, delivery, timing)


def _is_hopeless(tx: Tx, delivery: Delivery, timing: Timing) -> bool:
    """Tried often, and for a day: a platform that is down for an hour is no reason to end."""
    return delivery.attempts >= timing.tries and _waited_long(tx, delivery, timing)


def _waited_long(tx: Tx, delivery: Delivery, timing: Timing) -> bool:
    """As far as the clock can be believed."""
    long = timing.stale < tx.believed - delivery.created < UNBELIEVABLE
    return long and tx.calm(timing.stale)


def _back_off(delivery: Delivery, timing: Timing) -> float:
    return float(min(timing.slowest, 2.0 ** min(delivery.attempts, 12)))


def _hold(tx: Tx, delivery: Delivery, error: DeliveryError, timing: Timing) -> None:
    """A place that refuses us is left alone, and for longer each time that it refuses a probe."""
    wait = min(error.retry_after, _LONGEST_RETRY)
    if error.permanent:
        times = tx.deliveries.refused(delivery.channel, error.scope, again=delivery.probing)
        if not times:
            return  # It was on its way while another one was refused.
        wait = min(holding.LONGEST, timing.probe * 2.0 ** min(times - 1, 12))
    tx.deliveries.hold(delivery.channel, error.scope, tx.now + wait, error.reason)
