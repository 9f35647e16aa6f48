"""What happens to messages: they are posted, changed and removed, and the app hears of it.

Each function changes the state and answers with the events that follow, in Slack's order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.servers.slack import shapes
from tests.servers.slack.ledger import Json
from tests.servers.slack.state import Posted, State


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, and who hears of it: the members of a channel, or one workspace."""

    event: Json
    channel: str = ""
    team: str = ""


def add(state: State, message: Posted) -> list[Happening]:
    """Put the message in its channel; a mention of the bot is a second event of its own."""
    place = state.channels[message.channel]
    place.keep(message)
    event = shapes.posted_event(state, message)
    happenings = [Happening(event, place.id)]
    for team in state.teams_in(place):
        token = state.bot_token(team.id)
        listens = token is not None and "app_mentions:read" in token.scopes
        said = message.subtype in ("", "file_share", "thread_broadcast") and not message.bot_id
        if listens and said and f"<@{team.bot_user}>" in message.text:
            mention = event | {"type": "app_mention"}
            mention.pop("channel_type")
            happenings.append(Happening(mention, place.id))
    return happenings


def change(state: State, message: Posted, **fields: object) -> list[Happening]:
    """Set these fields of the message."""
    before = shapes.message_json(state, message, state.modes.echo_metadata)
    for name, value in fields.items():
        setattr(message, name, value)
    return [Happening(shapes.changed_event(state, message, before), message.channel)]


def remove(state: State, message: Posted) -> list[Happening]:
    """Take the message away; one with replies leaves a tombstone in its place."""
    place = state.channels[message.channel]
    before = shapes.message_json(state, message, state.modes.echo_metadata)
    replies = place.replies(message.ts)
    if replies:
        return bury(state, message, before, replies)
    message.alive = False
    gone = [Happening(shapes.deleted_event(state, message, before), message.channel)]
    parent = place.messages.get(message.thread_ts or "")
    orphaned = parent is not None and parent.subtype == "tombstone" and parent.alive
    if message.is_reply and parent and orphaned and not place.replies(parent.ts):
        gone += remove(state, parent)
    return gone


def bury(state: State, message: Posted, before: Json, replies: list[Posted]) -> list[Happening]:
    message.alive = False
    tombstone = Posted(
        channel=message.channel,
        ts=message.ts,
        team=message.team,
        text="This message was deleted.",
        user="USLACKBOT",
        thread_ts=message.ts,
        subtype="tombstone",
    )
    state.channels[message.channel].messages[message.ts] = tombstone
    happenings = [Happening(shapes.changed_event(state, tombstone, before), message.channel)]
    if state.modes.replays_replies:
        happenings += replay(state, replies)
    return happenings


def replay(state: State, replies: Iterable[Posted]) -> list[Happening]:
    """Changes in which nothing changed, https://github.com/42wim/matterbridge/issues/1959."""
    events = []
    for reply in replies:
        before = shapes.message_json(state, reply, state.modes.echo_metadata)
        events.append(Happening(shapes.changed_event(state, reply, before), reply.channel))
    return events


def with_block_ids(state: State, blocks: Iterable[Json]) -> list[Json]:
    """Blocks as Slack keeps them, each with an id, and each button too."""
    kept = []
    for block in blocks:
        copy: Json = {"block_id": state.new_id("b")} | block
        if isinstance(copy.get("elements"), list) and copy["type"] == "actions":
            copy["elements"] = [{"action_id": state.new_id("a")} | e for e in copy["elements"]]
        kept.append(copy)
    return kept
