"""What the platforms accepted: each create with what it is about, and whether it still stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.people import REMARK, REPORT
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

NOTICE = re.compile(r"is not visited any more|was given up and is tried again now")
WELCOME = re.compile(r"BotBeat is in this channel")
Thing = tuple[str, int, str]
"""What is to stand somewhere once: `report`, `remark`, `notice` or `welcome`, its number, the
channel."""


@dataclass(frozen=True, slots=True)
class Post:
    """One create that a platform accepted. `at` is seconds since 1970, `report` the number of the
    report under which it stands, or -1."""

    thing: Thing | None
    channel: str
    message: str
    at: float
    alive: bool
    text: str
    pings: bool
    report: int = -1


def things_of(channel: str, text: str) -> list[Thing]:
    """What a message is about: a comment, the end of a source, what BotBeat does there, a report,
    or the many reports of a digest."""
    if mark := REMARK.search(text):
        return [("remark", int(mark[1]), channel)]
    if NOTICE.search(text):
        return [("notice", 0, channel)]
    if WELCOME.search(text):
        return [("welcome", 0, channel)]
    return [("report", number, channel) for number in sorted({*map(int, REPORT.findall(text))})]


def posts(slack: SlackServer, discord: DiscordServer, since: float) -> Iterator[Post]:
    """All creates, as they were accepted; `since` turns Slack's ledger times into our clock's."""
    for one in slack.ledger:
        if one.method == "chat.postMessage":
            said = slack.state.find(one.channel, one.ts)
            # A report with comments leaves a tombstone in its place.
            alive = said is not None and said.subtype != "tombstone"
            text = said.text + str(said.blocks) if said else one.text
            things: list[Thing | None] = [*things_of(one.channel, one.text + str(one.blocks))]
            root = slack.state.find(one.channel, one.thread_ts) if one.thread_ts else None
            at, pings = one.at + since, bool(one.pings)
            for thing in things or [None]:
                yield Post(thing, one.channel, one.ts, at, alive, text, pings, report_in(root))
    for entry in discord.ledger.of("create"):
        place = discord.platform.any_channel(entry.channel)
        message = place.messages.get(entry.message or "") if place else None
        parent = (place.parent if place else None) or entry.channel
        shown = message or entry
        above = discord.platform.any_channel(parent)
        things = [*things_of(parent, entry.content + str(entry.embeds))]
        for thing in things or [None]:
            yield Post(
                thing,
                parent,
                entry.message or "",
                entry.at,
                message is not None,
                shown.content + str(shown.embeds),
                bool(entry.pings),
                # A thread has the number of the message under which it stands.
                report_in(above.messages.get(entry.channel) if above else None),
            )


def report_in(root: object) -> int:
    """The number of the report that a message is, if it stands."""
    mark = REPORT.search(getattr(root, "text", "") or getattr(root, "content", ""))
    return int(mark[1]) if mark else -1
