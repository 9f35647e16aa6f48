"""One message for many reports: a digest that was asked for, or what a channel was spared.

What is in it is told by the outbox. The message counts what matched and what it shows, so that
whoever reads it sees that nothing is missing.
"""

from __future__ import annotations

from dataclasses import replace

from bot import wording
from bot.message import Message
from bot.model import Delivery
from bot.query import parse
from bot.query.meaning import meaning
from bot.store import Tx

TOGETHER = 15
"""So many reports fit into one message on every platform."""


def release(tx: Tx) -> None:
    """Make the digests that are due."""
    for channel, subscription in tx.deliveries.due_digests():
        tx.deliveries.gather(channel, subscription, TOGETHER)


def compose(tx: Tx, delivery: Delivery, base_url: str) -> Message:
    """What a digest shows now."""
    members = tx.deliveries.together(delivery.id)
    articles = tx.articles.many([one.subject for one in members])
    subscription = tx.subscriptions.one(delivery.subscription) if delivery.subscription else None
    if subscription:
        asked = subscription.query
        about = f"where {meaning(parse(asked, tx.now))}" if asked else ""
    else:
        about = f"held for {members[0].reason}" if members and members[0].reason else ""
    message = wording.digest(articles, len(members), wording.escape(about), base_url)
    told = subscription.mention if subscription else ""
    return replace(message, mentions=(told,) if told else ())
