"""The JSON of users, guilds, channels, threads and messages as Discord sends it.

Sources: the object tables under docs.discord.com/developers/resources/.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.servers.discord.state import (
    HAS_THREAD,
    PRIVATE_THREAD,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def user_json(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.name,
        "discriminator": "0",
        "global_name": None if user.bot else user.name,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def member_json(member: Member, *, with_user: bool = True) -> Json:
    shape: Json = {
        "nick": None,
        "avatar": None,
        "roles": list(member.roles),
        "joined_at": iso(member.joined),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return {**shape, "user": user_json(member.user)} if with_user else shape


def role_json(role: Role, position: int) -> Json:
    return {
        "id": role.id,
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(role.permissions),
        "managed": False,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def _overwrite_json(identity: str, overwrite: Overwrite) -> Json:
    return {
        "id": identity,
        "type": int(overwrite.member),
        "allow": str(overwrite.allow),
        "deny": str(overwrite.deny),
    }


def channel_json(channel: Channel, bot_id: str) -> Json:
    """A channel, or a thread when it is one; `bot_id` decides the thread's `member` field."""
    newest = max(channel.messages, key=int, default=None)
    if channel.person:
        both = {"type": channel.kind, "recipients": [user_json(channel.person)]}
        return {"id": channel.id, "last_message_id": newest, "flags": 0, **both}
    shape: Json = {
        "id": channel.id,
        "guild_id": channel.guild,
        "type": channel.kind,
        "name": channel.name,
        "parent_id": channel.parent,
        "last_message_id": newest,
        "last_pin_timestamp": None,
        "rate_limit_per_user": 0,
        "flags": 1 << 4 if channel.requires_tag else 0,
    }
    if channel.thread:
        return {**shape, **_thread_fields(channel, bot_id)}
    pairs = channel.overwrites.items()
    return {
        **shape,
        "position": 0,
        "topic": channel.topic,
        "nsfw": False,
        "permission_overwrites": [_overwrite_json(*pair) for pair in pairs],
        "available_tags": list(channel.tags),
        "default_auto_archive_duration": 1440,
        "default_forum_layout": 0,
    }


def hidden_json(channel: Channel) -> Json:
    """What the gateway tells of a channel that the bot may not view:
    docs.discord.com/developers/resources/channel#channel-object-obfuscated-channels."""
    shape: Json = {
        "id": channel.id,
        "guild_id": channel.guild,
        "type": channel.kind,
        "parent_id": channel.parent,
        "position": 0,
        "name": "___hidden___",
        "topic": None,
        "last_message_id": None,
        "flags": 1 << 17,
        "permission_overwrites": [
            {"id": channel.guild, "type": 0, "allow": "0", "deny": str(1 << 10)}
        ],
    }
    return {**shape, "available_tags": []} if channel.tags else shape


def _thread_fields(channel: Channel, bot_id: str) -> Json:
    thread = channel.thread
    if thread is None:
        return {}
    metadata: Json = {
        "archived": thread.archived,
        "archive_timestamp": iso(thread.archive_changed),
        "auto_archive_duration": thread.auto_archive,
        "locked": thread.locked,
        "create_timestamp": iso(thread.created),
    }
    if channel.kind == PRIVATE_THREAD:
        metadata["invitable"] = True
    shape: Json = {
        "owner_id": thread.owner,
        "message_count": thread.message_count,
        "total_message_sent": thread.total_sent,
        "member_count": min(50, len(thread.members)),
        "applied_tags": list(thread.applied_tags),
        "thread_metadata": metadata,
    }
    if bot_id in thread.members:
        shape["member"] = thread_member_json(channel, bot_id)
    return shape


def tag_json(identity: str, name: str) -> Json:
    return {"id": identity, "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}


def thread_member_json(channel: Channel, user_id: str) -> Json:
    joined = channel.thread.members.get(user_id, 0.0) if channel.thread else 0.0
    return {"id": channel.id, "user_id": user_id, "join_timestamp": iso(joined), "flags": 1}


def guild_json(guild: Guild) -> Json:
    """The guild as REST gives it; the gateway adds channels, members and threads."""
    roles = enumerate(guild.roles.values())
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": guild.owner,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role_json(role, place) for place, role in roles],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": guild.system,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def guild_create_json(guild: Guild, bot_id: str, shown: Callable[[Channel], Json]) -> Json:
    """GUILD_CREATE: docs.discord.com/developers/events/gateway-events#guild-create. `shown` is how
    the bot is told of a channel."""
    places = guild.channels.values()
    active = [place for place in places if place.thread and not place.thread.archived]
    members = [guild.members[bot_id]] if bot_id in guild.members else []
    return {
        **guild_json(guild),
        "joined_at": iso(members[0].joined) if members else None,
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(member) for member in members],
        "channels": [shown(place) for place in places if not place.thread],
        "threads": [channel_json(place, bot_id) for place in active],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def message_json(message: Message) -> Json:
    """The fields a message has everywhere; `nonce`, `member`, `thread` are added where due."""
    shape: Json = {
        "id": message.id,
        "channel_id": message.channel,
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": iso(message.at),
        "edited_timestamp": iso(message.edited) if message.edited else None,
        "tts": False,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": list(message.mention_roles),
        "attachments": list(message.attachments),
        "embeds": list(message.embeds),
        "components": list(message.components),
        "pinned": False,
        "type": message.kind,
        "flags": message.flags | (HAS_THREAD if message.thread else 0),
    }
    if message.reply_to:
        reference: Json = {"type": 0, "message_id": message.reply_to}
        shape["message_reference"] = {**reference, "channel_id": message.channel}
    return shape


def redacted(message: Json) -> Json:
    """What is left of a message without MESSAGE_CONTENT.

    Source: docs.discord.com/developers/events/gateway#message-content-intent.
    """
    return {**message, "content": "", "embeds": [], "attachments": [], "components": []}
