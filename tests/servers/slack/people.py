"""What people do in Slack: they write, edit, delete, unfurl, archive, invite and uninstall.

Each verb changes the state at once and lets the app hear of it, if a bot of it may.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.servers.slack import conversations, messages
from tests.servers.slack.ledger import Json
from tests.servers.slack.messages import Happening
from tests.servers.slack.state import Channel, Posted, State

Tell = Callable[[Happening], object]


@dataclass(slots=True)
class People:
    state: State
    tell: Tell

    def says(
        self,
        channel: str,
        user: str,
        text: str,
        thread_ts: str | None = None,
        files: list[Json] | None = None,
        subtype: str = "",
        client_msg_id: str = "",
    ) -> str:
        """Write a message, or a reply in a thread; `thread_broadcast` is a subtype too."""
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        block = {"type": "rich_text", "elements": [section]}
        message = Posted(
            channel=channel,
            ts=self.state.new_ts(),
            team=self.state.users[user].team,
            text=text,
            user=user,
            blocks=messages.with_block_ids(self.state, [block] if text else []),
            thread_ts=thread_ts,
            subtype=subtype or ("file_share" if files else ""),
            broadcast=subtype == "thread_broadcast",
            files=files or [],
            client_msg_id=client_msg_id or str(uuid.uuid4()),
        )
        self._tell(messages.add(self.state, message))
        return message.ts

    def edits(self, channel: str, ts: str, text: str) -> None:
        message = self.message(channel, ts)
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        blocks = messages.with_block_ids(self.state, [{"type": "rich_text", "elements": [section]}])
        edited = {"user": message.user, "ts": self.state.new_ts()}
        self._tell(messages.change(self.state, message, text=text, blocks=blocks, edited=edited))

    def deletes(self, channel: str, ts: str) -> None:
        """Delete a message: its author does, or a moderator, also the bot's own."""
        self._tell(messages.remove(self.state, self.message(channel, ts)))

    def unfurls(self, channel: str, ts: str) -> None:
        """Slack adds a preview of a link: a change without `edited`."""
        preview = [{"id": 1, "title": "A page", "from_url": "https://page.example/"}]
        message = self.message(channel, ts)
        self._tell(messages.change(self.state, message, attachments=preview))

    def message(self, channel: str, ts: str) -> Posted:
        found = self.state.find(channel, ts)
        if found is None:
            raise LookupError(f"no message {ts} in {channel}")
        return found

    def archives(self, channel: str) -> None:
        self.state.channels[channel].archived = True
        self._tell_about(channel, "archive", {"channel": channel})

    def unarchives(self, channel: str) -> None:
        self.state.channels[channel].archived = False
        self._tell_about(channel, "unarchive", {"channel": channel})

    def renames(self, channel: str, name: str) -> None:
        self.state.channels[channel].name = name
        renamed = {"id": channel, "name": name, "created": 1_700_000_000}
        self._tell_about(channel, "rename", {"channel": renamed})

    def removes_bot(self, channel: str) -> None:
        """The bot is thrown out, and hears of it though it is no member any more."""
        place = self.state.channels[channel]
        for team in self.state.teams_in(place):
            place.members.discard(team.bot_user)
            left = conversations.joined_event(self._ts(), place, team.bot_user, "")
            left |= {"type": "member_left_channel"}
            left.pop("inviter")
            self.tell(Happening(left, channel, team.id))
            gone = {"type": word(place, "left"), "channel": channel, "event_ts": self._ts()}
            self.tell(Happening(gone, channel, team.id))

    def invites_bot(self, channel: str, by: str = "", team: str = "") -> None:
        place = self.state.channels[channel]
        bot = self.state.bot_of(team or place.team)
        place.members.add(bot.id)
        self.tell(Happening(conversations.joined_event(self._ts(), place, bot.id, by), channel))
        self.says(channel, bot.id, f"<@{bot.id}> has joined the channel", subtype="channel_join")

    def deletes_channel(self, channel: str) -> None:
        place = self.state.channels.pop(channel)
        event = {"type": word(place, "deleted"), "channel": channel, "event_ts": self._ts()}
        self.tell(Happening(event, team=place.team))

    def shares(self, channel: str, team: str) -> str:
        """Share a channel with another organisation; a private one gets a new id."""
        place = self.state.channels[channel]
        place.shared_with.add(team)
        if place.kind == "public":
            event = {"type": "channel_shared", "connected_team_id": team, "channel": channel}
            self.tell(Happening(event | {"event_ts": self._ts()}, channel))
            return channel
        del self.state.channels[channel]
        place.id = self.state.new_id("C")
        self.state.channels[place.id] = place
        for message in place.messages.values():
            message.channel = place.id
        event = {"type": "channel_id_changed", "old_channel_id": channel}
        event |= {"new_channel_id": place.id, "event_ts": self._ts()}
        self.tell(Happening(event, place.id))
        return place.id

    def revokes(self, token: str) -> None:
        """Someone takes the app's token back."""
        revoked = self.state.tokens[token]
        revoked.state = "revoked"
        bots = [revoked.user] if revoked.kind == "bot" else []
        users = [revoked.user] if revoked.kind == "user" else []
        event = {"type": "tokens_revoked", "tokens": {"oauth": users, "bot": bots}}
        self.tell(Happening(event | {"event_ts": self._ts()}, team=revoked.team))

    def uninstalls(self, team: str) -> None:
        """Someone removes the app from a workspace: two events, in no promised order."""
        for token in self.state.tokens.values():
            if token.team == team and token.kind != "app":
                token.state = "inactive"
        for place in self.state.channels.values():
            place.members.discard(self.state.teams[team].bot_user)
        self.tell(Happening({"type": "app_uninstalled", "event_ts": self._ts()}, team=team))
        tokens = {"oauth": [], "bot": [self.state.teams[team].bot_user]}
        event = {"type": "tokens_revoked", "tokens": tokens, "event_ts": self._ts()}
        self.tell(Happening(event, team=team))

    def opens_home(self, user: str) -> None:
        """A person looks at the app's home page, or its messages."""
        team = self.state.users[user].team
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D0HOME"}
        self.tell(Happening(event | {"event_ts": self._ts()}, team=team))

    def _tell(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            self.tell(happening)

    def _tell_about(self, channel: str, what: str, fields: Json) -> None:
        place = self.state.channels[channel]
        event = {"type": word(place, what), "event_ts": self._ts()} | fields
        self.tell(Happening(event, channel))

    def _ts(self) -> str:
        return self.state.new_ts()


def word(place: Channel, what: str) -> str:
    """The name of an event about a channel; private ones have names of their own."""
    return f"{'channel' if place.kind == 'public' else 'group'}_{what}"
