"""The methods that read channels, threads and people: https://docs.slack.dev/reference/methods."""

import base64
import binascii
from typing import TypeVar

from tests.servers.slack import messages, shapes
from tests.servers.slack.calls import Call
from tests.servers.slack.chat import direct
from tests.servers.slack.ledger import Json
from tests.servers.slack.refusals import (
    KIND_WORDS,
    Refusal,
    need,
    readable_channel,
    visible_channel,
)
from tests.servers.slack.state import APP_ID, Channel, Posted, ts_key

T = TypeVar("T")
TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def page(call: Call, items: list[T], default: int, most: int) -> tuple[list[T], str]:
    """One page and the cursor of the next, empty at the end."""
    start, limit = 0, call.number("limit", default, most)
    if cursor := call.text_of("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except (ValueError, binascii.Error):
            raise Refusal("invalid_cursor") from None
    more = start + limit < len(items)
    following = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return items[start : start + limit], following


def paged(call: Call, name: str, items: list[Json]) -> Json:
    found, cursor = page(call, items, 100, 1000)
    return {name: found, "response_metadata": {"next_cursor": cursor}}


def within(call: Call, found: list[Posted]) -> list[Posted]:
    """Those between `oldest` and `latest`, both left out unless `inclusive`."""
    for name, side in (("oldest", 1), ("latest", -1)):
        value = call.text_of(name)
        if value in ("", "0", "now"):
            continue
        try:
            bound = ts_key(value)
        except ValueError:
            raise Refusal(f"invalid_ts_{name}") from None
        inclusive = call.flag("inclusive")
        found = [
            m
            for m in found
            if (ts_key(m.ts) > bound if side > 0 else ts_key(m.ts) < bound)
            or (inclusive and ts_key(m.ts) == bound)
        ]
    return found


def listing(call: Call, found: list[Posted], cursor: str, *, metadata: bool) -> Json:
    asked = metadata and call.flag("include_all_metadata")
    depth: shapes.Metadata = "full" if asked else "none"
    shown = [shapes.message_json(call.state, message, depth) for message in found]
    return {
        "messages": shown,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def history(call: Call) -> Json:
    """conversations.history: newest first, replies left out unless sent to the channel too."""
    channel = readable_channel(call.state, call.token, call.args)
    modes = call.state.modes
    old = [m for m in channel.living() if call.state.now() - float(m.ts) >= modes.read_delay]
    shown = [m for m in old if not m.is_reply or m.broadcast]
    most = modes.history_page
    found, cursor = page(call, within(call, shown)[::-1], min(100, most), most)
    return listing(call, found, cursor, metadata=modes.history_metadata) | {"pin_count": 0}


def replies(call: Call) -> Json:
    """conversations.replies: the parent on every page, then the replies, oldest first."""
    channel = readable_channel(call.state, call.token, call.args)
    refusal = call.state.modes.refuse_replies
    if refusal and call.token.kind == "bot":
        raise Refusal(refusal)
    parent = call.state.find(channel.id, call.text_of("ts"))
    if parent is None:
        raise Refusal("thread_not_found")
    most = call.state.modes.history_page
    answers = within(call, channel.replies(parent.ts))
    found, cursor = page(call, answers, most, most)
    return listing(call, [parent, *found], cursor, metadata=call.state.modes.replies_metadata)


def info(call: Call) -> Json:
    """conversations.info"""
    channel = visible_channel(call.state, call.token, call.args.get("channel"))
    need(call.token, f"{KIND_WORDS[channel.kind]}:read")
    shown = shapes.channel_json(channel, call.token.user)
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def wanted_channels(call: Call) -> list[Channel]:
    """The channels of the asked `types`, each of which needs its own scope."""
    kinds = set()
    for name in (call.text_of("types") or "public_channel").split(","):
        kind = TYPES.get(name.strip())
        if kind is None:
            raise Refusal("invalid_types")
        need(call.token, f"{KIND_WORDS.get(kind, 'mpim')}:read")
        kinds.add(kind)
    archived_too = not call.flag("exclude_archived")
    return [
        channel
        for channel in call.state.channels.values()
        if channel.kind in kinds
        and call.token.team in {channel.team, *channel.shared_with}
        and (archived_too or not channel.archived)
        and (channel.kind == "public" or call.token.user in channel.members)
    ]


def list_channels(call: Call) -> Json:
    """conversations.list"""
    found = [shapes.channel_json(c, call.token.user) for c in wanted_channels(call)]
    return paged(call, "channels", found)


def users_channels(call: Call) -> Json:
    """users.conversations: the channels that a user, or the caller, is in."""
    user = call.text_of("user") or call.token.user
    found = [shapes.channel_json(c, user) for c in wanted_channels(call) if user in c.members]
    return paged(call, "channels", found)


def members(call: Call) -> Json:
    """conversations.members"""
    channel = visible_channel(call.state, call.token, call.args.get("channel"))
    need(call.token, f"{KIND_WORDS[channel.kind]}:read")
    found, cursor = page(call, sorted(channel.members), 100, 1000)
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> Json:
    """conversations.join: a public channel that lives."""
    channel = visible_channel(call.state, call.token, call.args.get("channel"))
    if channel.kind != "public":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refusal("is_archived")
    answer: Json = {}
    if call.token.user in channel.members:
        call.warnings.append("already_in_channel")
    else:
        channel.members.add(call.token.user)
        event = joined_event(call.state.new_ts(), channel, call.token.user, call.token.user)
        call.happenings.append(messages.Happening(event, channel.id))
    return answer | {"channel": shapes.channel_json(channel, call.token.user)}


def joined_event(ts: str, channel: Channel, user: str, inviter: str) -> Json:
    return {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": {"public": "C", "private": "G"}[channel.kind],
        "team": channel.team,
        "inviter": inviter,
        "event_ts": ts,
    }


def open_direct(call: Call) -> Json:
    """conversations.open, for direct messages with one person."""
    users = [name for name in call.text_of("users").split(",") if name]
    if len(users) != 1:
        raise Refusal("users_list_not_supplied" if not users else "not_enough_users")
    if users[0] not in call.state.users:
        raise Refusal("user_not_found")
    channel = direct(call.state, call.team.bot_user, users[0], call.team.id)
    return {"no_op": False, "already_open": False, "channel": {"id": channel.id}}


def user_info(call: Call) -> Json:
    """users.info"""
    user = call.state.users.get(call.text_of("user"))
    if user is None:
        raise Refusal("user_not_found")
    if user.hidden:
        raise Refusal("user_not_visible")
    return {"user": shapes.user_json(user)}


def bot_info(call: Call) -> Json:
    """bots.info"""
    bot_id = call.text_of("bot") or call.team.bot_id
    team = next((t for t in call.state.teams.values() if t.bot_id == bot_id), None)
    if team is None:
        raise Refusal("bot_not_found")
    user = call.state.users[team.bot_user]
    icons = {"image_48": user.image}
    shown = {"id": bot_id, "deleted": False, "name": user.name, "user_id": user.id}
    return {"bot": shown | {"app_id": APP_ID, "icons": icons}}


METHODS = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.list": list_channels,
    "conversations.join": join,
    "conversations.members": members,
    "conversations.open": open_direct,
    "users.info": user_info,
    "users.conversations": users_channels,
    "bots.info": bot_info,
}
