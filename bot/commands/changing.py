"""set: one subscription brings its reports otherwise than before."""

from __future__ import annotations

from bot import wording
from bot.commands.ask import Ask, Refusal
from bot.commands.choosing import OWN, changed, choose, how_said
from bot.commands.managing import pick
from bot.message import Button, Message
from bot.model import Subscription
from bot.query import parse
from bot.query.meaning import meaning
from bot.query.parse import read


def change(ask: Ask) -> Message:
    """`set 12 mode:digest at:08:30`, or `set 12 like:7`, which copies what 7 has; without a number
    it is about the channel: see `settings`."""
    number, _, rest = ask.text.partition(" ")
    if not number.lstrip("#").isdecimal():
        return choose(ask)
    ask.must_manage()
    before = pick(ask, number)
    if not rest.strip():
        return Message(text=_said(ask, before))
    query, chosen = read(rest, ask.tx.now, (*OWN, "like"))
    if [*chosen] == ["like"]:
        _, chosen = read(typed(pick(ask, chosen["like"])), ask.tx.now, OWN)
    if query.clauses or not chosen or "like" in chosen:
        raise Refusal(
            "Of a subscription one can set mode:instant|digest|hourly|daily|weekly, at:09:00, "
            "days:mon-fri and mention:, or all of them like:7 has them. Nothing was changed."
        )
    now = changed(ask, before, chosen)
    return Message(
        text=_said(ask, now),
        buttons=(Button("Undo", f"set {now.id} {typed(before)}"),),
    )


def _said(ask: Ask, one: Subscription) -> str:
    said = wording.escape(meaning(parse(one.query, ask.tx.now)))
    return f"Subscription {one.id}: {said}. Reports are posted {how_said(ask, one)}."


def typed(one: Subscription) -> str:
    """How a subscription brings its reports, as one types it."""
    mention = f"mention:{one.mention or 'off'}"
    if one.mode in ("instant", "hourly"):
        return f"mode:{one.mode} {mention}"
    days, _, times = one.mode.partition(" ")
    return f"mode:digest at:{times} days:{days} {mention}"
