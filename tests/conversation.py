"""What people said under a report, and what of it each side should show in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from bot.model import PAGE, MessageRef
from tests.chats import Words
from tests.world import ChatSide, World

_T = TypeVar("_T")
Event = Callable[[], Awaitable[None]]


@dataclass
class Said:
    """A comment as the people who see its origin know it."""

    side: str
    ref: MessageRef
    text: str
    deleted: bool = False
    removed: set[str] = field(default_factory=set)


class Conversation(RuleBasedStateMachine):
    """A report in three channels and on its page: `share` and `other` share their comments on two
    platforms, `read` only shows what the others share. `untold` are the events that happened and
    were not told yet; `missed` says that some never will be.
    """

    database: str
    title: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = World(self.database)
        self.said: list[Said] = []
        self.untold: list[Event] = []
        self.told: list[Event] = []
        self.missed = False

    def do(self, what: Awaitable[object]) -> None:
        async def run() -> None:
            await what

        self.loop.run_until_complete(run())

    @property
    def sides(self) -> dict[str, ChatSide]:
        return {"share": self.world.slack, "read": self.world.lounge, "other": self.world.discord}

    async def _quiet(self) -> None:
        # Each answer that is still to be lost may take one settle time more, one after another.
        for _ in range(240):
            while await self.world.worker.deliver_due():
                pass
            if not await self.world.bot.waiting():
                return
            self.world.clock.now += 10
        raise AssertionError("it never comes to rest")

    def _stored(self) -> Iterator[Words]:
        with self.world.store.read() as tx:
            for comment in tx.comments.under(self.world.number(self.title)):
                yield Words(comment.origin.channel, "", comment.author, comment.text, 0)

    def _happened(self, side: str, event: Event) -> None:
        if side == "page":
            self.do(event())
        elif self.sides[side].listens:
            self.untold.append(event)
        else:
            self.missed = True

    def _later(self) -> float:
        self.world.clock.now += 1
        return self.world.clock.now

    def _live(self) -> list[Said]:
        return [said for said in self.said if not said.deleted]

    def _one(self, some: list[_T], nth: int) -> _T:
        return some[nth % len(some)]

    def _report(self, side: str) -> MessageRef:
        if side == "page":
            return MessageRef(PAGE, str(self.world.number(self.title)))
        return self.sides[side].card_of(self.title)

    def _copies(self, side: str) -> list[str]:
        there = self.sides[side]
        report = self._report(side).id
        return [number for number, _ in there.chat.standing(there.channel.id, report)]

    def _is_known(self, side: str, number: str) -> bool:
        with self.world.store.read() as tx:
            return tx.deliveries.at(MessageRef(self.sides[side].channel, number)) is not None
