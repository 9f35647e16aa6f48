"""What BotBeat itself says of its deliveries: which it parked, and, for people, what is stuck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.model import Channel, Delivery, MessageRef, State
from bot.outbox import Wish
from bot.store import Tx
from storage.store import SqlStore
from tests.chaos.ledgers import Thing
from tests.chaos.people import REMARK, Remark

OPEN: tuple[State, ...] = ("pending", "sending", "unsure")
_ALL = 100_000


def parked(store: SqlStore, articles: dict[int, int]) -> set[Thing]:
    """The deliveries that it calls parked, by what they are about."""
    with store.read() as tx:
        return {
            thing(tx, one, number)
            for number, one in deliveries(tx, articles)
            if one.state == "parked" and not one.part
        }


def left(store: SqlStore) -> int:
    """How much is still to be done. What waits under a parked report waits for a word of the
    platform, and not for us."""
    with store.read() as tx:
        parked = tx.deliveries.listed(Wish(kind="report", state="parked"), _ALL)
        nowhere = {(one.article, one.channel) for one in parked}
        open_ones = [one for s in OPEN for one in tx.deliveries.listed(Wish(state=s), _ALL)]
    return sum((one.article, one.channel) not in nowhere for one in open_ones)


def known(store: SqlStore, lost: Iterable[Remark]) -> list[str]:
    """What it knows of comments that were lost, and of the message under which they stand."""
    lines = dict[int, str]()
    for remark in lost:
        place = Channel(remark.spot.platform, remark.spot.id)
        thread = f"{remark.under}/" if place.platform == "discord" else ""
        with store.write() as tx:
            above = tx.deliveries.at(MessageRef(place, remark.under))
            said = tx.comments.by_origin(MessageRef(place, f"{thread}{remark.id}"))
        where = above and f"{above.kind} {above.article}, {above.state}, gone {above.gone}"
        words = said and f"under {said.article}, hidden {said.hidden}, deleted {said.deleted}"
        lines[remark.number] = (
            f"known: remark {remark.number} of {remark.written:.1f}, {remark.id} in {place.id}"
            f" under {remark.under} ({where}): {words}"
        )
    return [*lines.values()]


def stuck(store: SqlStore, articles: dict[int, int]) -> list[str]:
    """One line for each delivery that is not shown, for whoever looks for the reason."""
    with store.read() as tx:
        lines = [
            f"outbox: {thing(tx, one, number)} part {one.part} {one.message} is {one.state},"
            f" sent {one.sent_at:.1f}, tried {one.attempts}, claimed {one.claims}: {one.reason}"
            for number, one in deliveries(tx, articles)
            if one.state != "shown" and (one.part or not one.gone)
        ]
        lines.append(f"outbox: {tx.sources.open_entries()} entries are not published yet")
        paused = [place for place in tx.channels.places() if place.settings.paused]
        return lines + [f"outbox: {one.channel} is paused: {one.settings.paused}" for one in paused]


def deliveries(tx: Tx, articles: dict[int, int]) -> Iterator[tuple[int, Delivery]]:
    for number, article in articles.items():
        for one in tx.deliveries.listed(Wish(article=article), _ALL):
            yield number, one


def thing(tx: Tx, delivery: Delivery, number: int) -> Thing:
    if delivery.kind != "comment":
        return (delivery.kind, number, delivery.channel.id)
    comment = tx.comments.one(delivery.subject)
    mark = REMARK.search(comment.text) if comment else None
    return ("remark", int(mark[1]) if mark else -1, delivery.channel.id)
