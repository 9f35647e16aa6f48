"""Events in any order, any number of times, some never told: in the end all sides show the same.

A model says what people did; each step is one thing that people, platforms or processes do.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.model import PAGE, MessageRef, Person
from bot.ports import DeliveryError
from storage.columns import metadata
from tests.chats import Words
from tests.conversation import Conversation, Said

NTH = st.integers(0, 30)
LETTER = st.sampled_from("ab")
ADA = Person("slack", "ada", "Ada")
_titles = (f"Google releases the Gemini {n} AI model" for n in itertools.count(10))


class Events(Conversation):
    """What people, platforms and processes do."""

    @initialize()
    def channels_with_a_report(self) -> None:
        self.title = next(_titles)
        for side, chosen in zip(self.sides.values(), ("share", "read", "share"), strict=True):
            page = " page:on" if chosen == "share" else ""
            self.do(side.types(f"subscribe comments:{chosen}{page}"))
        self.do(self.world.news(self.title))

    # What people do.

    @precondition(lambda self: len(self.said) < 9)
    @rule(side=st.sampled_from(["share", "read", "other", "page"]), letter=LETTER)
    def write(self, side: str, letter: str) -> None:
        now = self._later()
        text = f"{len(self.said)}{letter}"
        if side == "page":
            ref, root = MessageRef(PAGE, f"form {text}"), str(self.world.number(self.title))
            self.do(self.world.bot.comment_posted(ref, MessageRef(PAGE, root), ADA, text, now))
        else:
            there = self.sides[side]
            ref, report = MessageRef(there.channel, f"h{len(self.said)}"), self._report(side)
            there.chat.said[ref.id] = Words(there.channel, report.id, ADA, text, now)
            self._happened(
                side,
                lambda: self.world.bot.comment_posted(ref, report, ADA, text, now),
            )
        self.said.append(Said(side, ref, text))

    @precondition(lambda self: self._live())
    @rule(nth=NTH, letter=LETTER)
    def edit(self, nth: int, letter: str) -> None:
        said, now = self._one(self._live(), nth), self._later()
        said.text = text = said.text[:-1] + letter
        if said.side != "page":
            words = self.sides[said.side].chat.said[said.ref.id]
            words.text, words.edited = text, now
        report = self._report(said.side)
        self._happened(
            said.side, lambda: self.world.bot.comment_edited(said.ref, text, now, report)
        )

    @precondition(lambda self: self._live())
    @rule(nth=NTH)
    def delete(self, nth: int) -> None:
        said = self._one(self._live(), nth)
        self._later()
        said.deleted = True
        if said.side != "page":
            self.sides[said.side].chat.said[said.ref.id].deleted = True
        report = self._report(said.side)
        self._happened(said.side, lambda: self.world.bot.comment_deleted(said.ref, report))

    @rule(nth=NTH, side=st.sampled_from(["share", "read", "other"]))
    def moderate_a_copy(self, nth: int, side: str) -> None:
        copies = [number for number in self._copies(side) if self._is_known(side, number)]
        if not copies:
            return
        self._later()
        number, there = copies[nth % len(copies)], self.sides[side]
        post = there.chat.posts[number]
        post.deleted = True
        at = int(post.message.text[:-1])
        self.said[at].removed.add(side)
        ref, report = MessageRef(there.channel, number), self._report(side)
        self._happened(side, lambda: self.world.bot.comment_deleted(ref, report))

    # What platforms do.

    @precondition(lambda self: self.untold)
    @rule(nth=NTH)
    def tell(self, nth: int) -> None:
        event = self.untold.pop(nth % len(self.untold))
        self.told.append(event)
        self.do(event())

    @precondition(lambda self: self.told)
    @rule(nth=NTH)
    def repeat(self, nth: int) -> None:
        self.do(self._one(self.told, nth)())

    @precondition(lambda self: len(self.untold) > 1)
    @rule()
    def tell_all_at_once(self) -> None:
        self.told += self.untold
        events, self.untold = [event() for event in self.untold], []
        self.do(_together(events))

    @rule(side=st.sampled_from(["share", "read", "other"]))
    def echo(self, side: str) -> None:
        """The platform shows us our own messages, as receipts and as if people wrote them."""
        there, bot = self.sides[side], Person("slack", "bot", "BotBeat")
        for number in self._copies(side):
            post, ref = there.chat.posts[number], MessageRef(there.channel, number)
            self.do(self.world.bot.delivered(post.key, ref))
            words, now = post.message.text, self.world.clock()
            self.do(self.world.bot.comment_posted(ref, self._report(side), bot, words, now))
            self.do(self.world.bot.comment_edited(ref, words + "!", now, self._report(side)))

    @rule(side=st.sampled_from(["share", "other"]), accepted=st.booleans())
    def lose_an_answer(self, side: str, accepted: bool) -> None:
        self.sides[side].chat.fails_next(
            DeliveryError("the answer was lost", unsure=True), accepted=accepted
        )

    @precondition(lambda self: len(self.said) > 4)
    @rule(side=st.sampled_from(["share", "read", "other"]))
    def go_away(self, side: str) -> None:
        self.sides[side].listens = False

    # What processes do.

    @rule(platform=st.sampled_from(["share", "other"]))
    def catch_up(self, platform: str) -> None:
        self._later()
        for side in self.sides.values():
            if side.chat is self.sides[platform].chat:
                side.listens = True
        self.do(self.world.bot.catch_up(self.sides[platform].chat))

    @rule()
    def deliver(self) -> None:
        self._later()
        self.do(self.world.worker.deliver_due())

    @rule()
    def restart(self) -> None:
        """What was not told yet is never told."""
        self.missed = self.missed or bool(self.untold)
        self.untold.clear()
        self.told.clear()
        self.world.restarts()

    # What must hold in the end.

    def teardown(self) -> None:
        try:
            if hasattr(self, "title"):
                self._all_sides_agree()
        finally:
            with self.world.store._writer.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    if table.name != "team":
                        connection.execute(table.delete())
            self.world.close()
            self.loop.close()

    def _all_sides_agree(self) -> None:
        self.do(_together([event() for event in self.untold]))
        self.do(self._quiet())
        if not self.missed:
            # What was told needs no catch-up, in whatever order it came.
            self._is_as_people_said()
        for _ in range(2):
            self.catch_up("share")
            self.catch_up("other")
            self.do(self._quiet())
            self._is_as_people_said()

    def _is_as_people_said(self) -> None:
        live, shared = self._live(), ("share", "other", "page")
        assert sorted(self.world.web.comments(self.title)) == sorted(
            f"Ada: {said.text}" for said in live if said.side in shared
        )
        for side in self.sides:
            seen = [said for said in live if said.side in shared and said.side != side]
            wanted = [said.text for said in seen if side not in said.removed]
            posts = self.sides[side].chat.posts
            assert sorted(posts[n].message.text for n in self._copies(side)) == sorted(wanted)
        assert not any(words.text.endswith("!") for words in self._stored())


async def _together(events: list[Awaitable[None]]) -> None:
    await asyncio.gather(*events)


def test_whatever_happens_all_sides_agree_in_the_end(database: str) -> None:
    machine = type("EventsHere", (Events,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            # To shrink what was found would take minutes.
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
