"""What a platform tells us of channels: their names, that they are closed, and open again.

What refuses us is never deleted. It is tried again now and then, so that a channel heals even if
nobody tells us of it; an event only makes that happen at once. A removal is another thing: what
the channel had is forgotten after a time of grace (`bot.forgetting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.articles import clean
from bot.freshness import UNBELIEVABLE
from bot.model import Channel, Visibility
from bot.store import Tx

FIRST, LONGEST = 600.0, 6 * 3600.0
"""After so many seconds a closed channel is tried again, as nobody may tell us when it opens; and
so many pass at most between two tries."""
BACKLOG = 20
"""So many of the newest reports that waited for a closed channel are posted when it opens."""
FRESH = 3600.0
"""What has waited for less than so many seconds is posted in any case."""
_MANY = "More reports waited for this channel than people want to read at once."


def pause(tx: Tx, channel: Channel, reason: str, at: float) -> None:
    if tx.channels.knows(channel) and _is_news(tx, channel, at):
        tx.deliveries.hold(channel, "channel", tx.now + FIRST, reason)


def remove(tx: Tx, channel: Channel, reason: str) -> None:
    """Closed, and what it had is forgotten after a while, unless it is healed before."""
    if tx.channels.knows(channel):
        tx.deliveries.hold(channel, "channel", tx.now + FIRST, reason)
        tx.channels.removed(channel, tx.believed)


def seen(tx: Tx, channel: Channel, name: str, visibility: Visibility) -> None:
    settings = tx.channels.place(channel).settings
    noted = replace(settings, name=clean(name) or settings.name, visibility=visibility)
    if noted != settings:
        tx.channels.choose(channel, noted)


def stand(tx: Tx, here: Mapping[Channel, tuple[str, Visibility]]) -> None:
    """We are in these: those that were removed have come back while nobody told us, and others may
    have been renamed, or closed to most people."""
    known = tx.channels.known([*here])
    for channel in known:
        seen(tx, channel, *here[channel])
    for channel in tx.channels.gone(known):
        heal(tx, channel)


def standing(tx: Tx, platform: str) -> list[Channel]:
    """Those that we know there and were not removed from."""
    known = [place.channel for place in tx.channels.places(platform)]
    gone = {*tx.channels.gone(known)}
    return [channel for channel in known if channel not in gone]


def resume(tx: Tx, channel: Channel, at: float) -> None:
    if tx.channels.knows(channel) and _is_news(tx, channel, at):
        heal(tx, channel)


def heal(tx: Tx, channel: Channel) -> None:
    """It takes messages: send what waits, but not a flood, and look again for what was parked."""
    tx.deliveries.heal(channel)
    if tx.calm(FRESH):
        oldest, newest = tx.believed - UNBELIEVABLE, tx.believed - FRESH
        tx.deliveries.expire_backlog(channel, BACKLOG, oldest, newest, _MANY)


def _is_news(tx: Tx, channel: Channel, at: float) -> bool:
    """An event that comes late, or again, does not undo what happened since."""
    return not at or tx.channels.heard(channel, at)
