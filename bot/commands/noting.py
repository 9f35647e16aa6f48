"""Who changed what a channel gets: said to the channel at once, and kept to be read later."""

from __future__ import annotations

from bot import wording
from bot.commands.ask import Ask
from bot.message import Message

_SHOWN = 20
_TOLD = 3
"""So many changes of one command are said one by one, as `unsubscribe all` makes many."""


def announced(ask: Ask) -> str:
    """What all in the channel hear of a command that changed something; empty if it did not.
    Who talks to BotBeat alone need not be told."""
    alone = ask.tx.channels.place(ask.channel).settings.visibility == "direct"
    if alone or not ask.noted:
        return ""
    told = [wording.clip(what, 200) for what in ask.noted[:_TOLD]]
    if len(ask.noted) > _TOLD:
        told.append(f"and {len(ask.noted) - _TOLD:,} more")
    said = wording.escape("; ".join(told))
    return f"**{wording.escape(ask.person.name)}** changed what BotBeat does here: {said}"


def changes(ask: Ask) -> Message:
    """The newest changes in this channel, the newest first."""
    found = ask.tx.desk.notes(ask.channel, _SHOWN + 1)
    if not found:
        return Message("Nothing was changed in this channel yet.")
    lines = [
        wording.escape(f"• {wording.hour(note.at)} · {note.who or 'somebody'} · {note.what}")
        for note in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        lines.append(f"These are the newest {_SHOWN}.")
    return Message("\n".join(lines))
