"""A report that turned out to be wrong: its cards say so, a quiet note stands in each thread, and
it is sent nowhere any more. What was posted stays, struck through: people have read it."""

from __future__ import annotations

from dataclasses import replace

from bot.articles import clean
from bot.store import Tx

_LONGEST = 500


def withdraw(tx: Tx, number: int, reason: str) -> bool:
    """Withdraw a report; False if there is none, or if it was withdrawn for this reason already."""
    article, reason = tx.articles.one(number), " ".join(clean(reason).split())[:_LONGEST]
    if article is None or article.withdrawn == reason:
        return False
    wrong = replace(article, withdrawn=reason, revision=article.revision + 1)
    tx.articles.revise(wrong, ())
    tx.deliveries.give_up_report(number, f"It was withdrawn: {reason}")
    tx.deliveries.raise_wanted("report", number, wrong.revision)
    tx.deliveries.raise_wanted("writeup", number, wrong.revision)
    for place in tx.channels.showing(number):
        tx.deliveries.want(place.channel, "note", -number, number, wrong.revision, rank=tx.now)
    tx.deliveries.raise_wanted("note", -number, wrong.revision)
    tx.desk.note(None, None, f"withdraw {number}")
    return True


def reinstate(tx: Tx, number: int) -> bool:
    """It was right after all; False if it was not withdrawn."""
    article = tx.articles.one(number)
    if article is None or not article.withdrawn:
        return False
    right = replace(article, withdrawn="", revision=article.revision + 1)
    tx.articles.revise(right, ())
    tx.deliveries.raise_wanted("report", number, right.revision)
    tx.deliveries.raise_wanted("writeup", number, right.revision)
    # The note is about a correction again, if there was one.
    tx.deliveries.raise_wanted("note", -number, right.revision, gone=not right.corrected)
    tx.desk.note(None, None, f"reinstate {number}")
    return True
