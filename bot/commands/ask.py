"""One command as it is carried out: who asks, where, and inside which transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.model import Article, Channel, Comments, MessageRef, Person
from bot.ports import Source
from bot.store import Tx


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at an address: a source, or why there is none."""

    source: Source | None = None
    reason: str = ""


_MESSAGE = re.compile(
    r"archives/(?P<slack>[A-Z0-9]{1,30})/p(?P<ts>\d{1,12})(?P<micro>\d{6})\b"
    r"|channels/\d{1,20}/(?P<discord>\d{1,20})/(?P<message>\d{1,20}(?:/\d{1,20})?)\b"
)
"""A link to a message, as Slack and Discord copy it; in a Discord thread its channel stands before
it, when our adapter writes one."""


class Refusal(Exception):
    """A command that is not carried out, in words for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`text` is what stands after the verb. `manages`: the platform says that this person
    manages the channel; `admins_only` channels ask for it. `default` is the deployment's own
    choice for comments. `looked` is what was found at the address that the command names,
    `noted` what was changed so far.
    """

    tx: Tx
    channel: Channel
    person: Person
    text: str
    manages: bool
    base_url: str
    default: Comments
    looked: Looked = Looked()
    noted: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Keep who changed what here, and when."""
        self.noted.append(what)
        self.tx.desk.note(self.channel, self.person, what)

    def must_manage(self) -> None:
        """Refuse people who may not change what this channel gets."""
        place = self.tx.channels.place(self.channel)
        if not self.manages and place.settings.managers == "admins":
            raise Refusal(
                "Only those who manage this channel can change what it gets. "
                "Nothing was changed; ask one of them to type the same."
            )

    def article(self) -> Article:
        """The report that a command names: by number, by its page's address, or by a link to its
        message, or to one under it."""
        text = self.text.strip().strip("<>")
        if not text:
            raise Refusal("Which report? Give its number or its link, as in `/botbeat why 1842`.")
        if found := _MESSAGE.search(text):
            standing = self.tx.deliveries.at(_ref(found))
            article = self.tx.articles.one(standing.article) if standing else None
            if article:
                return article
            raise Refusal("That message is no report, and nothing under one.")
        if found := re.search(r"(?:^#?|/reports/)(\d{1,19})(?:\D|$)", text):
            article = self.tx.articles.one(min(int(found[1]), 2**63 - 1))
            if article:
                return article
        raise Refusal(f"There is no report “{text[:80]}”. Its number stands in its page's address.")


def _ref(link: re.Match[str]) -> MessageRef:
    if link["slack"]:
        return MessageRef(Channel("slack", link["slack"]), f"{link['ts']}.{link['micro']}")
    return MessageRef(Channel("discord", link["discord"]), link["message"])
