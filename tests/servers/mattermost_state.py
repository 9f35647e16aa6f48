"""What a Mattermost on this machine has: people, channels, posts, and a ledger of what it accepted.

It refuses under Mattermost's own error ids. Sources: the server's own app/post.go and
app/mention_parser_standard.go, https://github.com/mattermost/mattermost.
"""

from __future__ import annotations

import html
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
LONGEST, MOST = 16383, 1000
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BETWEEN = re.compile(r"[^\w:.@-]+")


class Refused(Exception):
    """The error that a call is answered with."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(name)
        self.status, self.name = status, name


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing that was done for the bot. `pings` are those whom it called."""

    verb: str
    post: str
    message: str
    pings: tuple[str, ...]


def new_id() -> str:
    return "".join(secrets.choice("abcdefghijkmnopqrstuwxyz13456789") for _ in range(26))


class State:
    """`most` is how many posts a list has."""

    def __init__(self) -> None:
        self.most = MOST
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.members: dict[tuple[str, str], str] = {}
        self.posts: dict[str, Json] = {}
        self.ledger: list[Accepted] = []
        self._clock = 0
        self.bot = self.adds_person("botbeat")

    def adds_person(self, name: str) -> str:
        person = new_id()
        self.users[person] = {"id": person, "username": name.lower(), "nickname": name}
        return person

    def adds_channel(self, kind: str = "O", *people: str, shared: bool = False) -> str:
        """With the bot in it; the first of the people manages it."""
        number = new_id()
        about = {"id": number, "type": kind, "display_name": "Lab"}
        self.channels[number] = {**about, "shared": shared, "delete_at": 0}
        for nth, person in enumerate((*people, self.bot)):
            self.members[number, person] = "channel_user" + ("" if nth else " channel_admin")
        return number

    def under(self, channel: str, root: str = "") -> list[str]:
        """The bot's messages that one sees in a channel, or under one of them."""
        ours = [one for one in self.standing(channel) if one["user_id"] == self.bot]
        return [one["message"] for one in ours if one["root_id"] == root]

    def standing(self, channel: str) -> list[Json]:
        here = [one for one in self.posts.values() if one["channel_id"] == channel]
        return [one for one in here if not one["delete_at"]]

    def channel(self, number: str) -> Json:
        if number not in self.channels:
            raise Refused(404, "app.channel.get.existing.app_error")
        if (number, self.bot) not in self.members:
            raise Refused(403, "api.context.permissions.app_error")
        return self.channels[number]

    def post(self, number: str, *, missing: int = 404, own: bool = False) -> Json:
        """One that stands; a call to change a post that is gone is answered with 403."""
        post = self.posts.get(number)
        if post is None or post["delete_at"]:
            raise Refused(missing, "app.post.get.app_error")
        self.channel(post["channel_id"])
        if own and post["user_id"] != self.bot:
            raise Refused(403, "api.context.permissions.app_error")
        return post

    def root(self, number: str, channel: Json) -> str:
        """The root that was asked for, if one may answer to it there."""
        above = self.posts.get(number)
        if number and (above is None or above["delete_at"] or above["root_id"]):
            raise Refused(400, "api.post.create_post.root_id.app_error")
        if above and above["channel_id"] != channel["id"]:
            raise Refused(400, "api.post.create_post.channel_root_id.app_error")
        return number

    def short(self, text: str) -> str:
        if len(text) > LONGEST:
            raise Refused(400, "model.post.is_valid.message_length.app_error")
        return text

    def adds(self, channel: str, person: str, text: str, root: str, more: Json) -> Json:
        now, number = self.now(), new_id()
        post: Json = {"id": number, "channel_id": channel, "user_id": person, "root_id": root}
        post |= {"message": text, "type": "", "props": {}}
        times = {"create_at": now, "update_at": now, "edit_at": 0, "delete_at": 0}
        self.posts[number] = {**post, **times, **more}
        return self.posts[number]

    def now(self) -> int:
        self._clock = max(self._clock + 1, int(time.time() * 1000))
        return self._clock

    def listed(self, posts: list[Json]) -> Json:
        """A list also holds the roots of what it lists, beside the order."""
        roots = [self.posts[one["root_id"]] for one in posts if one["root_id"] in self.posts]
        every = {one["id"]: one for one in (*posts, *roots)}
        return {"order": [one["id"] for one in posts], "posts": every}

    def note(self, verb: str, post: Json) -> None:
        called = tuple(self.pings(post["message"]))
        self.ledger.append(Accepted(verb, post["id"], post["message"], called))

    def pings(self, text: str) -> list[str]:
        """Whom these words call: as they are read, and also where a dot stands before."""
        read = html.unescape(_ESCAPED.sub(r"\1", text)).lower()
        words = {part for word in _BETWEEN.split(read) for part in (word, *re.split("[.:-]", word))}
        names = {"all", "channel", "here", *(one["username"] for one in self.users.values())}
        plain = {word.strip(".:-_") for word in words}
        return sorted(word for word in plain if word.startswith("@") and word[1:] in names)
