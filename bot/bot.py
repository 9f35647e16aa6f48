"""All that an adapter may ask of the core.

Each call is one transaction in a thread, and returns after it has committed: only then may an
adapter acknowledge an event to its platform. Events and commands have executors of their own, so
that a slow command never delays an acknowledgement; so have turns, which are lost if they are
renewed late, and so wait behind no flood of events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

from bot import articles, commands, comments, forgetting, holding, notices
from bot.catchup import CatchUp
from bot.changes import Changes
from bot.commands import following
from bot.commands.ask import Ask, Looked
from bot.commands.completing import completions
from bot.message import Message
from bot.model import (
    Channel,
    Comment,
    Comments,
    Found,
    Judgement,
    MessageRef,
    Page,
    Person,
    Visibility,
    Written,
)
from bot.ports import Adviser, Entry, Finder, History, Source, Visit
from bot.store import Store, StoreAway, Tx, carried_out

_T = TypeVar("_T")
_NAME_KEPT = 86400.0
_TRIES = 12
"""An entry is given up after half a day, as the lease doubles: it may not be the entry's fault."""
_READING = 120.0  # seconds for reading and writing one entry, or for visiting one source


class Bot:
    """The core in use. `base_url` is the pages' public address, or empty; `default` says what
    becomes of comments in channels that have not chosen; `finder` looks up what people want to
    follow.
    """

    def __init__(
        self,
        store: Store,
        *,
        base_url: str = "",
        default: Comments = "read",
        finder: Finder | None = None,
    ) -> None:
        self.store = store
        self.base_url = base_url.rstrip("/")
        self.default: Comments = default
        self.changed = Changes(store)
        self._finder = finder
        self._events = ThreadPoolExecutor(4, "events")
        self._commands = ThreadPoolExecutor(4, "commands")
        self._turns = ThreadPoolExecutor(1, "turns")
        self._closed = False

    def close(self) -> None:
        self._closed = True
        for executor in (self._events, self._commands, self._turns):
            executor.shutdown()

    # What people do.

    async def command(
        self, channel: Channel, person: Person, text: str, *, manages: bool = True
    ) -> Message:
        """Carry out what stands after `/botbeat`. Bad input is answered, never raised."""

        def asked(tx: Tx, text: str) -> Ask:
            return Ask(tx, channel, person, text, manages, self.base_url, self.default)

        def understood() -> tuple[str, str, str]:
            """The verb, the rest, and the address that has to be looked up first."""
            with self.store.read() as tx:
                typed = articles.clean(text)
                if typed.startswith("go "):
                    typed = tx.desk.pressed(typed[3:].strip()) or "help"
                verb, rest = commands.split(typed)
                return verb, rest, following.unknown_address(asked(tx, rest), verb)

        def run(verb: str, rest: str, looked: Looked) -> Message:
            with self.store.write() if commands.changes(verb) else self.store.read() as tx:
                message = commands.answer(replace(asked(tx, rest), looked=looked), verb)
            if commands.too_long(message):
                with self.store.write() as tx:
                    message = commands.shorten(tx, message)
            return message

        verb, rest, address = await self._in(self._commands, understood)
        looked = await following.look_up(self._finder, address) if address else Looked()
        return await self._in(self._commands, lambda: run(verb, rest, looked))

    async def completions(self, channel: Channel, text: str) -> list[tuple[str, str]]:
        """What a person may mean who has typed so far: (label, whole text), at most 25."""
        return await self._in(
            self._commands, lambda: self._read(lambda tx: completions(tx, channel, text))
        )

    async def comment_posted(
        self,
        ref: MessageRef,
        reply_to: MessageRef,
        author: Person,
        text: str,
        written: float,
        gesture: str = "",
    ) -> None:
        said = Comment(0, 0, ref, author, articles.clean(text), written)
        await self._event(
            lambda tx: comments.posted(tx, said, reply_to, self.default, gesture=gesture)
        )

    async def comment_edited(
        self, ref: MessageRef, text: str, edited: float, reply_to: MessageRef | None = None
    ) -> None:
        await self._event(
            lambda tx: comments.edited(
                tx, ref, articles.clean(text), edited, reply_to, self.default
            )
        )

    async def comment_deleted(self, ref: MessageRef, reply_to: MessageRef | None = None) -> None:
        """A person's message is gone, or somebody removed one of ours."""
        await self._event(lambda tx: comments.deleted(tx, ref, reply_to))

    # What a platform tells us besides.

    async def delivered(self, key: str, ref: MessageRef) -> None:
        """The platform showed us our own message with this key: a receipt."""
        await self._event(lambda tx: comments.received(tx, key, ref, self.default))

    async def is_ours(self, ref: MessageRef) -> bool:
        return await self._look(lambda tx: tx.deliveries.at(ref) is not None)

    async def is_comment(self, ref: MessageRef) -> bool:
        return await self._look(lambda tx: tx.comments.by_origin(ref) is not None)

    async def catch_up(self, history: History, *, late: bool = False) -> None:
        """Make up for what people did on a platform while nobody listened, or, with `late`, under
        reports that were found late. What was read stays read if it is cancelled."""
        await CatchUp(self.store, history, self.default, late=late).run()

    async def knows(self, platform: str, person: str) -> bool:
        """Whether we know a person's name, and learnt it within a day."""

        def look(tx: Tx) -> bool:
            name, fetched = tx.channels.person(platform, person)
            return bool(name) and tx.now - fetched < _NAME_KEPT

        return await self._look(look)

    async def person_named(self, person: Person) -> None:
        await self._event(lambda tx: comments.named(tx, person, self.default))

    async def channel_seen(self, channel: Channel, name: str, visibility: Visibility) -> None:
        """What a channel is called, or an empty name where that is not told, and who reads it."""
        await self._event(lambda tx: holding.seen(tx, channel, name, visibility))

    async def channel_paused(self, channel: Channel, reason: str, at: float = 0) -> None:
        """Nothing can be posted there; what is subscribed stays. `at` is the platform's time of
        this, or 0 where events surely come in their order."""
        await self._event(lambda tx: holding.pause(tx, channel, reason, at))

    async def channel_removed(self, channel: Channel, reason: str) -> None:
        """We are in it no more, or there is none: a pause after which its data is forgotten."""
        await self._event(lambda tx: holding.remove(tx, channel, reason))

    async def channels_stand(self, seen: Mapping[Channel, tuple[str, Visibility]]) -> None:
        """We are in all of these, whatever we were told, or missed, before; what each is called and
        who reads it is noted of those that we know."""
        await self._event(lambda tx: holding.stand(tx, seen))

    async def channels_standing(self, platform: str) -> list[Channel]:
        """The channels that we know there, without those that we are in no more."""
        return await self._look(lambda tx: holding.standing(tx, platform))

    async def channel_joined(self, channel: Channel, at: float = 0) -> None:
        """We were added to it: messages can be posted there again, and it is told what we do."""
        await self._event(lambda tx: notices.joined(tx, channel, at))

    async def channel_resumed(self, channel: Channel, at: float = 0) -> None:
        """Messages can be posted there again."""
        await self._event(lambda tx: holding.resume(tx, channel, at))

    # What processes share.

    async def lease(self, role: str, owner: str, seconds: float) -> bool:
        """Take or keep a role that one process has at a time; False while another has it."""
        return await self._turn(lambda tx: tx.desk.lease(role, owner, seconds))

    async def release(self, role: str, owner: str) -> None:
        await self._turn(lambda tx: tx.desk.release(role, owner))

    async def ration(self, name: str, every: float, burst: int) -> float:
        """Take a turn that all processes share; 0, or for how many seconds to wait first."""
        return await self._turn(lambda tx: tx.desk.ration(name, every, burst))

    # The newsroom.

    async def add_source(self, source: Source, *, listed: bool = False) -> int:
        return await self._event(lambda tx: tx.sources.add(source, listed=listed))

    async def due_sources(self, limit: int) -> list[Source]:
        """Take sources to visit; nobody else visits them meanwhile. Those that channels have added
        are visited as long as some channel follows them."""

        def claim(tx: Tx) -> list[Source]:
            claimed = tx.sources.claim(_READING, limit)
            return [one for one in claimed if not one.channel or articles.is_followed(tx, one)]

        return await self._event(claim)

    async def visited(self, source: Source, visit: Visit) -> bool:
        """Note how a visit went; whether it was the last one."""
        return await self._event(lambda tx: notices.visited(tx, source, visit))

    async def look_whether_quiet(self) -> None:
        """Tell those who subscribed if no source has answered for long, or that it is over."""
        channels = await self._event(notices.to_be_told)
        for start in range(0, len(channels), notices.AT_ONCE):
            some = channels[start : start + notices.AT_ONCE]
            await self._event(partial(notices.tell, channels=some))

    async def offered(self, source: Source, found: Sequence[Found]) -> int:
        """Keep what is new of what a source offers; a first visit is a baseline, no news."""
        return await self._event(lambda tx: articles.offer(tx, source, found))

    async def open_entries(self, limit: int) -> list[Entry]:
        """Take entries to read and write; nobody else has them meanwhile."""

        def claim(tx: Tx) -> list[Entry]:
            claimed = tx.sources.claim_entries(_READING, limit)
            for entry in claimed:
                if entry.tries > _TRIES:
                    reason = f"reading or writing it failed {_TRIES} times"
                    tx.sources.close_entry(entry, "failed", reason)
            return [entry for entry in claimed if entry.tries <= _TRIES]

        return await self._event(claim)

    async def judged(self, entry: Entry, page: Page, by: Adviser | None = None) -> Judgement | None:
        """What the news is about; None when it is no AI news and was put aside."""
        judgement = await self._in(self._commands, lambda: articles.judge(entry, page))
        if judgement.doubtful and by:
            judgement = await by.advise(entry.found, page, judgement)
        if judgement.is_ai:
            return judgement
        kept_out = await self._event(lambda tx: articles.keep_out(tx, entry, judgement))
        return None if kept_out else judgement

    async def published(
        self, entry: Entry, judgement: Judgement, written: Written, keys: Sequence[str]
    ) -> int | None:
        """Store a report and want it wherever it was subscribed; the article's number, or None if
        the entry was rewritten meanwhile."""
        return await self._event(lambda tx: articles.publish(tx, entry, judgement, written, keys))

    async def forget(self) -> int:
        """Remove what is kept no longer; how many rows went."""
        return await self._event(forgetting.forget)

    async def waiting(self) -> int:
        """How many deliveries are still to be done."""
        return await self._look(lambda tx: tx.deliveries.pending())

    def changes(self) -> AsyncIterator[None]:
        """Yields whenever anybody, in any process, has committed something."""
        return self.changed.watch()

    async def _look(self, look: Callable[[Tx], _T]) -> _T:
        return await self._in(self._events, lambda: self._read(look))

    async def _event(self, effect: Callable[[Tx], _T]) -> _T:
        return await self._in(self._events, lambda: carried_out(self.store, effect))

    async def _turn(self, effect: Callable[[Tx], _T]) -> _T:
        return await self._in(self._turns, lambda: carried_out(self.store, effect))

    def _read(self, question: Callable[[Tx], _T]) -> _T:
        with self.store.read() as tx:
            return question(tx)

    async def _in(self, executor: Executor, work: Callable[[], _T]) -> _T:
        if self._closed:
            raise StoreAway("This process is ending.")
        return await asyncio.get_running_loop().run_in_executor(executor, work)
