"""Messages, people, channels and events in the JSON that Slack sends.

Sources: https://docs.slack.dev/reference/events/message,
https://docs.slack.dev/reference/objects/conversation-object and /user-object.
"""

import time
from typing import Literal

from tests.servers.slack.ledger import Json
from tests.servers.slack.state import APP_ID, CHANNEL_TYPES, Channel, Posted, State, User, View

Metadata = Literal["full", "event_type", "none"]
VERIFICATION = "legacy-verification-token"


def message_json(state: State, message: Posted, metadata: Metadata = "none") -> Json:
    """A message as history, answers and events carry it."""
    shown: Json = {"type": "message", "ts": message.ts, "text": message.text, "team": message.team}
    shown |= author_json(state, message)
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.subtype == "tombstone":
        shown["hidden"] = True
    for key in ("client_msg_id", "blocks", "files", "attachments", "edited"):
        if value := getattr(message, key):
            shown[key] = value
    shown |= thread_json(state, message)
    if message.metadata and metadata == "full":
        shown["metadata"] = message.metadata
    elif message.metadata and metadata == "event_type":
        shown["metadata"] = {"event_type": message.metadata["event_type"]}
    return shown


def author_json(state: State, message: Posted) -> Json:
    if not message.bot_id:
        return {"user": message.user}
    if message.username is not None:
        # A post under a name of its own has no user: it comes as a bot_message.
        icons = {"icons": {"image_48": message.icon_url}} if message.icon_url else {}
        return {
            "subtype": "bot_message",
            "username": message.username,
            "bot_id": message.bot_id,
            "app_id": APP_ID,
        } | icons
    bot = state.users[message.user]
    profile = {
        "id": message.bot_id,
        "app_id": APP_ID,
        "user_id": bot.id,
        "name": bot.name,
        "icons": {"image_48": bot.image},
        "deleted": False,
        "team_id": message.team,
    }
    return {
        "user": message.user,
        "bot_id": message.bot_id,
        "app_id": APP_ID,
        "bot_profile": profile,
    }


def thread_json(state: State, message: Posted) -> Json:
    place = state.channels.get(message.channel)
    if message.is_reply and message.thread_ts and place:
        parent = place.messages.get(message.thread_ts)
        known = {"parent_user_id": parent.user} if parent and parent.user else {}
        return {"thread_ts": message.thread_ts} | known
    replies = place.replies(message.ts) if place and not message.visible_to else []
    if not replies and message.subtype != "tombstone":
        return {}
    users = list(dict.fromkeys(reply.user or reply.bot_id for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": replies[-1].ts if replies else "0000000000.000000",
        "is_locked": False,
        "subscribed": False,
    }


def place_json(state: State, message: Posted) -> Json:
    kind = state.channels[message.channel].kind
    return {"channel": message.channel, "channel_type": CHANNEL_TYPES[kind]}


def posted_event(state: State, message: Posted) -> Json:
    shown = message_json(state, message, state.modes.echo_metadata)
    return shown | place_json(state, message) | {"event_ts": message.ts}


def changed_event(state: State, message: Posted, before: Json) -> Json:
    """`before` is the message's JSON before the change."""
    now = state.new_ts()
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "ts": now,
        "event_ts": now,
        "message": message_json(state, message, state.modes.echo_metadata),
        "previous_message": before,
    } | place_json(state, message)


def deleted_event(state: State, message: Posted, before: Json) -> Json:
    now = state.new_ts()
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "ts": now,
        "event_ts": now,
        "deleted_ts": message.ts,
        "previous_message": before,
    } | place_json(state, message)


def callback_json(state: State, team: str, event: Json, event_id: str, *, shared: bool) -> Json:
    """The wrapper around each event: https://docs.slack.dev/apis/events-api#callback-field."""
    installed = {
        "enterprise_id": None,
        "team_id": team,
        "user_id": state.teams[team].bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION,
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(state.now()),
        "authorizations": [installed],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{event_id}",
    }


def channel_json(channel: Channel, user: str) -> Json:
    """The conversation as `user` sees it."""
    shown: Json = {
        "id": channel.id,
        "created": 1_700_000_000,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_member": user in channel.members,
        "is_shared": bool(channel.shared_with),
        "is_ext_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "context_team_id": channel.team,
        "shared_team_ids": sorted({channel.team, *channel.shared_with}),
    }
    if channel.kind == "im":
        shown["user"] = next(iter(channel.members - {user}), user)
    else:
        shown |= {"name": channel.name, "name_normalized": channel.name}
    return shown


def user_json(user: User) -> Json:
    profile = {
        "real_name": user.real_name,
        "display_name": user.display_name,
        "image_48": user.image,
        "image_72": user.image,
        "image_192": user.image,
        "team": user.team,
    }
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "tz": "Europe/Amsterdam",
        "updated": int(time.time()),
        "profile": profile,
    }


def view_json(view: View, values: Json | None = None) -> Json:
    """A modal or home page with what was filled in: block_id to action_id to value."""
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": ""}
    return (
        defaults
        | view.view
        | {
            "id": view.id,
            "team_id": view.team,
            "app_id": APP_ID,
            "root_view_id": view.id,
            "previous_view_id": None,
            "hash": f"1.{view.id}",
            "state": {"values": values or {}},
        }
    )
