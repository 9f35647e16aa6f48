"""What people type after `/botbeat`, on every platform and on every button.

A command is text in and one `Message` out. It never raises for what somebody typed: what is not
understood is answered in one line, and changes nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace

from bot.commands.ask import Ask, Refusal
from bot.commands.changing import change
from bot.commands.choosing import choose, link
from bot.commands.explaining import explain, greet
from bot.commands.forms import PREFIX, fill, settings_form
from bot.commands.managing import list_here, pause, resume, unsubscribe
from bot.commands.noting import announced
from bot.commands.rehearsing import preview
from bot.commands.searching import latest, related, search, share, show
from bot.commands.status import status
from bot.commands.subscribing import subscribe
from bot.message import Button, Message
from bot.query import QueryError
from bot.query.parse import tidy
from bot.store import Tx

READERS: dict[str, Callable[[Ask], Message]] = {
    "search": search,
    "latest": latest,
    "show": show,
    "related": related,
    "preview": preview,
    "list": list_here,
    "why": explain,
    "link": link,
    "status": status,
    "help": greet,
}
WRITERS: dict[str, Callable[[Ask], Message]] = {
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "pause": pause,
    "resume": resume,
    "set": change,
    "settings": choose,
    "share": share,
}
VERBS = {**READERS, **WRITERS}
_UNTYPED: dict[str, Callable[[Ask], Message]] = {"form": fill}
ALIASES = {
    "sub": "subscribe",
    "follow": "subscribe",
    "unsub": "unsubscribe",
    "remove": "unsubscribe",
    "unfollow": "unsubscribe",
    "find": "search",
    "news": "latest",
}
LONGEST_BUTTON = 90
"""The most bytes of a button's command: Discord carries 100 characters in all."""


def split(text: str) -> tuple[str, str]:
    """The verb of a command and the rest. Without a verb it is a search."""
    text = tidy(text)
    if text.startswith(PREFIX):
        return "form", text.removeprefix(PREFIX)
    first, _, rest = text.partition(" ")
    verb = ALIASES.get(first.lower(), first.lower())
    if verb == "subscribe" and rest.strip().lower().split(" ")[0:1] == ["list"]:
        return "list", rest.strip()[4:].strip()
    if verb in VERBS:
        return verb, rest.strip()
    return ("search", text) if text else ("help", "")


def changes(verb: str) -> bool:
    """Whether a command may write to the database."""
    return verb in WRITERS


def answer(ask: Ask, verb: str) -> Message:
    """Carry out one command."""
    try:
        message = {**VERBS, **_UNTYPED}[verb](ask)
        if verb == "settings" and not ask.text:
            message = replace(message, form=settings_form(ask))
        if told := announced(ask):
            message = replace(message, announced=told)
    except (QueryError, Refusal) as error:
        message = Message(text=str(error), refused=True)
    if verb == "search" and not message.cards:
        message = replace(message, text=message.text + _perhaps_verb(ask.text))
    return message


def _perhaps_verb(text: str) -> str:
    """A hint when the first word looks like a misspelt verb."""
    near = difflib.get_close_matches(text.split(" ")[0].lower(), VERBS, 1, cutoff=0.8)
    return f" Or did you mean: `/botbeat {near[0]}`?" if near else ""


def shorten(tx: Tx, message: Message) -> Message:
    """The same message with every button's command short enough for every platform."""

    def short(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
        return tuple(
            replace(button, command="go " + tx.desk.button(button.command))
            if len(button.command.encode()) > LONGEST_BUTTON
            else button
            for button in buttons
        )

    return replace(
        message,
        buttons=short(message.buttons),
        cards=tuple(replace(card, buttons=short(card.buttons)) for card in message.cards),
    )


def too_long(message: Message) -> bool:
    buttons = [*message.buttons, *(button for card in message.cards for button in card.buttons)]
    return any(len(button.command.encode()) > LONGEST_BUTTON for button in buttons)
