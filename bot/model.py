"""The things BotBeat is about, as plain frozen values. Times are seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TYPES = (
    "PRODUCT LAUNCH",
    "OPEN SOURCE",
    "RESEARCH",
    "INDUSTRY REPORT",
    "FUNDING & BUSINESS",
    "POLICY & REGULATION",
    "PARTNERSHIP",
    "UPDATE",
    "OPINION",
)
"""The kinds of news, as shown; in a query they are written as slugs (`open-source`)."""
Comments = Literal["off", "read", "share"]
Visibility = Literal["public", "private", "shared", "direct"]


@dataclass(frozen=True, slots=True)
class Channel:
    """Where reports go. `id` is opaque: only the platform's adapter may look inside."""

    platform: str
    id: str


PAGE = Channel("web", "page")
"""The report pages, as a channel. What one comments on there is named by the article's number."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message on a platform. `id` is opaque, like the channel's."""

    channel: Channel
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comments or commands. `name` is empty until the platform has told it; `picture`
    is the address of one that everybody may load, and says nothing of who it is."""

    platform: str
    id: str
    name: str = ""
    picture: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where an article was found: one source's page for it.
    `discussion` is that source's own page about it (the Hacker News thread), with its points.
    """

    source: str
    url: str
    discussion: str = ""
    points: int = 0
    published: float = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a source offers, before anybody read the page.
    `key` is the source's own identity for it (a guid); `text` is the description as plain text.
    """

    key: str
    url: str
    title: str
    published: float
    text: str = ""
    author: str = ""
    lang: str = ""
    discussion: str = ""
    points: int = 0
    updated: float = 0


@dataclass(frozen=True, slots=True)
class Page:
    """The article's page as plain text; an empty `text` means that the page gave nothing."""

    url: str
    title: str = ""
    text: str = ""
    author: str = ""
    published: float = 0


@dataclass(frozen=True, slots=True)
class Takeaway:
    """One point worth keeping, with the sentence of the source that supports it."""

    text: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A report's words. `writer` is `extract`, or the name of the model that wrote them."""

    title: str
    takeaways: tuple[Takeaway, ...]
    summary: str
    opinion: str = ""
    writer: str = "extract"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `bot.classify` says of a headline: company slugs (the first acts), type, tags."""

    is_ai: bool
    companies: tuple[str, ...]
    type: str
    tags: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    doubtful: bool = False
    """Nothing in it says clearly whether it is about AI."""


@dataclass(frozen=True, slots=True)
class Article:
    """A stored news report. `companies` are slugs, the first one acts; it may be empty.
    `id` holds the time of publication in its high bits, so that ids are in order of time.
    `followed`: it is for those who follow its source, and for nobody else. `corrected` is what its
    headline said before its source changed its mind, empty if it never did.
    """

    id: int
    title: str
    url: str
    published: float
    companies: tuple[str, ...] = ()
    type: str = "UPDATE"
    source_title: str = ""
    takeaways: tuple[Takeaway, ...] = ()
    summary: str = ""
    opinion: str = ""
    tags: tuple[str, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    lang: str = ""
    score: float = 0
    writer: str = "extract"
    revision: int = 1
    withdrawn: str = ""
    followed: bool = False
    corrected: str = ""

    @property
    def company(self) -> str:
        """The slug of the company that acts, or an empty text."""
        return self.companies[0] if self.companies else ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's standing search. `query` is its text, as `bot.query` writes it. `mode` is
    `instant`, or a schedule as `bot.schedule` writes it. `mention` is who is told of each match,
    as the platform writes it.
    """

    id: int
    channel: Channel
    query: str
    made_by: Person
    made: float
    paused_until: float = 0
    mode: str = "instant"
    last_delivery: float = 0
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person wrote under a report, as Markdown. Deleted means that `text` is gone.
    `hidden`: shown nowhere yet. An edit came before the comment itself; or the comment came
    before we knew whether its thread's `root` is a report of ours: `article` is 0 till then.
    `page`: its channel let comments stand on the report's page when this one was written.
    """

    id: int
    article: int
    origin: MessageRef
    author: Person
    text: str
    written: float
    edited: float = 0
    deleted: bool = False
    hidden: bool = False
    root: str = ""
    page: bool = False
    key: str = ""
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What a channel has chosen. `comments` is empty until somebody chose: see `bot.comments`.
    `zone` is where its clocks are, empty for UTC; `quiet` its quiet hours as `20:00-08:00`; `most`
    how many reports it wants one by one in a day: 0 for the usual number, below for all.
    `writeup`: all that was written of a report stands first in its thread.
    """

    name: str = ""
    visibility: Visibility = "public"
    comments: Comments | Literal[""] = ""
    page: bool = False
    managers: Literal["everyone", "admins"] = "everyone"
    paused: str = ""
    zone: str = ""
    quiet: str = ""
    most: int = 0
    writeup: bool = False


State = Literal[
    "pending", "sending", "unsure", "shown", "held", "parked", "refused", "given up", "expired"
]
Kind = Literal["report", "comment", "note", "digest", "notice", "writeup"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article or one comment in one channel: what we want there, and what is there. `wanted`
    and `shown` are revisions; work is left while `shown < wanted`. `message` is empty until a
    platform named it. `key` is the same at every attempt. `sent_at` is the time of the first
    attempt that posted it, or of which nobody knows yet, else 0; `sent` the revision of one that is
    unknown. `attempts` counts since something last succeeded, `silent` those just before of which
    nothing was heard, and the times it was set aside. `gone`: not wanted there any more. `part` is
    above 0 for a second copy, to be removed. `probing`: its channel or install is held. `changed`:
    when `state` was written. A report that is held waits till `due` for the digest of its
    `subscription`, or, if that is 0, for its channel's; `digest` is the delivery with which it
    goes, once there is one.
    """

    id: int
    channel: Channel
    kind: Kind
    subject: int
    article: int
    key: str
    state: State
    wanted: int
    shown: int = 0
    sent: int = 0
    sent_at: float = 0
    message: str = ""
    thread: str = ""
    gone: bool = False
    due: float = 0
    claims: int = 0
    attempts: int = 0
    reason: str = ""
    created: float = 0
    posted: float = 0
    part: int = 0
    silent: int = 0
    probing: bool = False
    changed: float = 0
    digest: int = 0
    subscription: int = 0

    @property
    def ref(self) -> MessageRef:
        return MessageRef(self.channel, self.message)

    @property
    def above(self) -> MessageRef | None:
        """The report under which it stands."""
        return MessageRef(self.channel, self.thread) if self.thread else None
