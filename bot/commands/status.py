"""status: whether news comes in, and what is on its way to this channel."""

from __future__ import annotations

from bot import wording
from bot.commands.ask import Ask
from bot.commands.explaining import paused
from bot.message import Button, Message
from bot.outbox import Wish
from bot.ports import Source

_NAMED = 5


def status(ask: Ask) -> Message:
    """How the sources are, and what waits for this channel and why."""
    return Message(
        text="\n".join([*_sources(ask), *_waiting(ask)]),
        buttons=(Button("Subscriptions here", "list"),),
    )


def _sources(ask: Ask) -> list[str]:
    # What another channel follows by itself is its own business.
    ours = [one for one in ask.tx.sources.all() if one.channel in (None, ask.channel)]
    known = [one for one in ours if not one.disabled]
    ended = [one for one in ours if one.disabled and one.channel]
    if not known:
        return ["There is no source yet.", *map(_ended, ended[:_NAMED])]
    failing = [one for one in known if one.failures]
    last = max(one.last_success for one in known)
    seen = f"; the last visit was {wording.hour(last)}" if last else "; none was visited yet"
    well = len(known) - len(failing)
    lines = [f"**{well:,} of {wording.plural(len(known), 'source')}** answer{seen}."]
    lines += [_failing(one) for one in failing[:_NAMED]]
    if len(failing) > _NAMED:
        lines.append(f"… and {len(failing) - _NAMED} more do not.")
    return lines + [_ended(one) for one in ended[:_NAMED]]


def _failing(one: Source) -> str:
    return f"• {_name(one)}: {_reason(one)}; next visit {wording.hour(one.next_visit)}"


def _ended(one: Source) -> str:
    return f"• {_name(one)} is not visited any more: {_reason(one)}"


def _name(one: Source) -> str:
    return wording.escape(wording.clip(one.name, 80))


def _reason(one: Source) -> str:
    """Why it does not answer, and when it last did."""
    reason = wording.escape(wording.clip(one.reason.rstrip("."), 200))
    return (
        f"{reason}; last answer {wording.hour(one.last_success) if one.last_success else 'never'}"
    )


def _waiting(ask: Ask) -> list[str]:
    states = ask.tx.deliveries.counted(Wish(channel=ask.channel))
    moving = sum(states.get(state, 0) for state in ("pending", "sending", "unsure"))
    held = ask.tx.deliveries.held(ask.channel)
    lines = [
        f"To this channel {wording.plural(moving, 'message')} "
        f"{'is' if moving == 1 else 'are'} on {'its' if moving == 1 else 'their'} way, and "
        f"{wording.plural(held, 'report')} {'is' if held == 1 else 'are'} held."
    ]
    holds = [one for one in ask.tx.deliveries.holds() if one.channel == ask.channel]
    return lines + [paused(one, ask.tx.now) for one in holds]
