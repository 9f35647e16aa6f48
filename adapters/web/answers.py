"""What BotBeat told somebody in a local channel, for their eyes only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import web

from bot.message import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What BotBeat told one person: `asked` are that person's words."""

    id: str
    asked: str
    message: Message


class Answers:
    """The newest private answer of each visitor in each channel; forgotten at a restart."""

    def __init__(self, most: int = 500) -> None:
        self._kept: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._most = most

    def of(self, who: str, room: str) -> Answer | None:
        return self._kept.get((who, room))

    def show(self, who: str, room: str, answer: Answer) -> None:
        """Show an answer in the place of the one before."""
        self._kept[who, room] = answer
        self._kept.move_to_end((who, room))
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def clear(self, who: str, room: str) -> None:
        self._kept.pop((who, room), None)


ANSWERS = web.AppKey("answers", Answers)
