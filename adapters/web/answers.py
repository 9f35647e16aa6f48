"""What BotBeat told somebody in a local channel, for their eyes only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

from bot.model import Message

_MOST_ANSWERS = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What BotBeat told one person: `asked` are that person's words."""

    id: str
    asked: str
    message: Message


class Answers:
    """The last private answers of each visitor in each channel; forgotten at a restart."""

    def __init__(self, most: int = 500) -> None:
        self._kept: OrderedDict[tuple[str, str], list[Answer]] = OrderedDict()
        self._most = most

    def of(self, who: str, room: str) -> list[Answer]:
        return list(self._kept.get((who, room), ()))

    def add(self, who: str, room: str, answer: Answer, instead_of: str = "") -> None:
        """Show an answer below the others, or in the place of the one it replaces."""
        shown = self._kept.pop((who, room), [])
        if instead_of in [one.id for one in shown]:
            shown = [answer if one.id == instead_of else one for one in shown]
        else:
            shown = [*shown, answer][-_MOST_ANSWERS:]
        self._kept[who, room] = shown
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def clear(self, who: str, room: str) -> None:
        self._kept.pop((who, room), None)


ANSWERS = web.AppKey("answers", Answers)
