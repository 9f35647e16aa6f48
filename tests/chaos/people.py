"""The people of a run: they comment under reports on both platforms, edit and delete.

What they did is written down as the truth that the judge compares with.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos.places import Spot
from tests.servers.discord import DiscordServer
from tests.servers.discord.sessions import Session
from tests.servers.discord.state import User
from tests.servers.slack import SlackServer

REPORT = re.compile(r"zr(\d{5,})z")
REMARK = re.compile(r"Remark zc(\d{4,})z")
VERSION = re.compile(r"version (\d+)")
NEWCOMERS = 0.2
HEARD_AFTER, FORGOTTEN_AFTER = 6.0, 30.0
"""Discord's events have no acknowledgement: a session that still lives so long after has heard, as
for so many seconds BotBeat tries to store an event before it leaves it to a catch-up."""


@dataclass(slots=True, eq=False)
class Word:
    """One thing that BotBeat was told: when, to whom, and when it heard (0 while it has not)."""

    said: float
    sessions: list[Session] = field(default_factory=list)
    heard: float = 0


@dataclass(slots=True)
class Remark:
    """One comment, with what BotBeat was told of it: that it was written, edited, deleted. `under`
    is the message under which it was written, `report` the number in that."""

    number: int
    spot: Spot
    under: str
    report: int
    id: str
    written: float
    version: int = 0
    deleted: bool = False
    words: list[Word] = field(default_factory=list)

    @property
    def heard(self) -> float:
        """When BotBeat knew of it, 0 if never."""
        return self.words[0].heard

    @property
    def unheard(self) -> bool:
        """Something of it was said while nobody listened, and not said again."""
        return any(not word.heard for word in self.words)

    @property
    def text(self) -> str:
        return f"Remark zc{self.number:04d}z, version {self.version} <!channel> @everyone"


class Crowd:
    def __init__(
        self,
        slack: SlackServer,
        discord: DiscordServer,
        spots: list[Spot],
        user: str,
        chance: random.Random,
    ) -> None:
        self._slack, self._discord, self._chance = slack, discord, chance
        self._spots = [spot for spot in spots if spot.comments != "off"]
        self._users, self._persons = [user], [discord.adds_person("Grace")]
        self.remarks: list[Remark] = []
        self.away: set[str] = set()  # The channels in which nobody can write at the moment.
        self.moderated: set[tuple[str, int, str]] = set()  # What moderators removed, by channel.
        self._open: list[Word] = []
        self.deaf: Callable[[], bool] = lambda: False
        self._deaf_at = 0.0

    def comment(self) -> bool:
        """Somebody writes under a report that stands somewhere; False if none does."""
        spot = self._chance.choice([s for s in self._spots if s.id not in self.away])
        standing = self.reports_in(spot)
        if not standing:
            return False
        # Mostly under few reports, so that threads grow and their order can be judged.
        message, report = self._chance.choice(
            standing[:4] if self._chance.random() < 0.7 else standing
        )
        self._write(spot, message, report)
        return True

    def burst(self, count: int) -> None:
        """So many comments in one thread on Discord at once."""
        spots = [s for s in self._spots if s.platform == "discord" and s.id not in self.away]
        spot = self._chance.choice(spots)
        for message, report in self.reports_in(spot)[:1]:
            for _ in range(count):
                self._write(spot, message, report)

    def _write(self, spot: Spot, message: str, report: int) -> None:
        remark = Remark(len(self.remarks), spot, message, report, "", time.time())
        self.remarks.append(remark)
        if spot.platform == "slack":
            remark.id = self._slack.person_says(spot.id, self._slack_user(), remark.text, message)
        else:
            thread = self._thread(message)
            remark.id = self._discord.person_says(thread, self._discord_user(), remark.text)
        self._told(remark)

    def edit(self) -> None:
        remark = self._living()
        if remark:
            remark.version += 1
            if remark.spot.platform == "slack":
                self._slack.person_edits(remark.spot.id, remark.id, remark.text)
            else:
                self._discord.person_edits(remark.id, remark.text)
            self._told(remark)

    def delete(self) -> None:
        remark = self._living()
        if remark:
            remark.deleted = True
            if remark.spot.platform == "slack":
                self._slack.person_deletes(remark.spot.id, remark.id)
            else:
                self._discord.person_deletes(remark.id)
            self._told(remark)

    def moderate(self) -> None:
        """A moderator removes BotBeat's copy of somebody's comment, which stays removed."""
        for spot, copies in self._copied():
            message, number = self._chance.choice(copies)
            self.moderated.add(("remark", number, spot.id))
            self._remove(spot, message)
            return

    def close(self) -> None:
        """A moderator removes a report that BotBeat knows to stand there: it copied something."""
        for spot, copies in self._copied():
            known = {self.remarks[number].report for _, number in copies}
            standing = [one for one in self.reports_in(spot) if one[1] in known]
            if standing:
                message, report = self._chance.choice(standing)
                self.moderated.add(("report", report, spot.id))
                self._remove(spot, message)
                return

    def _copied(self) -> Iterator[tuple[Spot, list[tuple[str, int]]]]:
        """The channels with copies that moderators reach, one by one: to look through all of them
        would keep the servers from answering for as long."""
        reached = [spot for spot in self._spots if spot.id not in self.away]
        self._chance.shuffle(reached)
        for spot in reached:
            if copies := list(self._copies(spot)):
                yield spot, copies

    def _remove(self, spot: Spot, message: str) -> None:
        if spot.platform == "slack":
            self._slack.moderator_deletes(spot.id, message)
        else:
            self._discord.moderator_deletes(message)

    def _copies(self, spot: Spot) -> Iterator[tuple[str, int]]:
        if spot.platform == "slack":
            living = self._slack.state.channels[spot.id].living()
            said = [(m.ts, m.text + str(m.blocks)) for m in living if m.bot_id and m.is_reply]
        else:
            places = self._discord.guild.channels.values()
            threads = [place for place in places if place.parent == spot.id]
            ours = [
                m for t in threads for m in t.messages.values() if m.author is self._discord.bot
            ]
            said = [(m.id, m.content) for m in ours]
        for message, text in said:
            if mark := REMARK.search(text):
                yield message, int(mark[1])

    def _slack_user(self) -> str:
        if self._chance.random() < NEWCOMERS:
            self._users.append(self._slack.adds_user(f"Ada {len(self._users)}"))
        return self._chance.choice(self._users)

    def _discord_user(self) -> User:
        if self._chance.random() < NEWCOMERS:
            self._persons.append(self._discord.adds_person(f"Grace {len(self._persons)}"))
        return self._chance.choice(self._persons)

    def reports_in(self, spot: Spot) -> list[tuple[str, int]]:
        """The reports that stand in a channel: message and number, the newest first."""
        if spot.platform == "slack":
            living = self._slack.state.channels[spot.id].living()
            said = [(m.ts, m.text) for m in living if m.bot_id and not m.is_reply]
        else:
            bot = self._discord.bot
            said = [(m.id, m.content) for m in self._discord.messages(spot.id) if m.author is bot]
        marked = [(number, REPORT.search(text)) for number, text in said]
        return [(number, int(mark[1])) for number, mark in marked if mark][::-1]

    def _living(self) -> Remark | None:
        living = [r for r in self.remarks if not r.deleted and r.spot.id not in self.away]
        return self._chance.choice(living) if living else None

    def _thread(self, report: str) -> str:
        try:
            return self._discord.thread_of(report).id
        except LookupError:
            return self._discord.starts_thread(report, self._persons[0]).id

    def _told(self, remark: Remark) -> None:
        word = Word(time.time())
        remark.words.append(word)
        if remark.spot.platform == "discord":
            word.sessions = list(self._discord.gateway.sessions.values())
            self._open.append(word)
            return
        sent = self._slack.deliveries.sent
        parcel = sent[next(reversed(sent))]

        def acknowledged(_: object) -> None:
            if not parcel.failure:
                word.heard = time.time()

        parcel.acked.add_done_callback(acknowledged)

    async def listen(self) -> None:
        """See which sessions live on after something was said in Discord, until cancelled. While
        the database is away, or the process is stopped, nobody can say what was heard when."""
        while True:
            now = time.time()
            if self.deaf():
                self._deaf_at = now
            for word in [word for word in self._open if now - word.said > HEARD_AFTER]:
                if self._deaf_at + HEARD_AFTER > word.said:
                    self._open.remove(word)
                    continue
                if any(session.wire for session in word.sessions):
                    word.heard = now
                if word.heard or now - word.said > FORGOTTEN_AFTER:
                    self._open.remove(word)
            await asyncio.sleep(0.2)
