"""Puts messages into channels, changes and removes them, and tells the gateway.

Used alike by the bot's requests, interaction answers and the people of a test, so that all three
look the same on the gateway.
"""

from tests.servers.discord import shapes
from tests.servers.discord.components import TEXT, every
from tests.servers.discord.ledger import Accepted, Pings, Verb
from tests.servers.discord.pings import pings_of
from tests.servers.discord.platform import Event, Platform
from tests.servers.discord.state import (
    DEFAULT,
    REPLY,
    Channel,
    Json,
    Message,
    User,
)
from tests.servers.discord.validate import Draft


def post(
    platform: Platform,
    channel: Channel,
    author: User,
    draft: Draft,
    *,
    kind: int = DEFAULT,
    reply_to: str | None = None,
    interaction: str | None = None,
) -> Message:
    """Stores a message and dispatches it. An archived thread wakes up."""
    message = Message(
        id=platform.ids.next(),
        channel=channel.id,
        author=author,
        at=platform.now(),
        content=draft.content,
        embeds=draft.embeds,
        components=draft.components,
        attachments=draft.attachments,
        nonce=draft.nonce,
        flags=draft.flags,
        kind=REPLY if reply_to and kind == DEFAULT else kind,
        reply_to=reply_to,
        interaction=interaction,
    )
    if draft.nonce is not None:
        key = (author.id, str(draft.nonce))
        platform.nonces[key] = (channel.id, message.id, platform.now())
    return place(platform, channel, message)


def place(platform: Platform, channel: Channel, message: Message) -> Message:
    """Puts a finished message into its channel; ephemeral ones are only noted as mentioning."""
    mention(platform, channel, message)
    if message.ephemeral:
        return message
    if channel.thread:
        wake(platform, channel)
        channel.thread.message_count += 1
        channel.thread.total_sent += 1
        join(platform, channel, message.author.id)
    channel.messages[message.id] = message
    _dispatch(platform, "MESSAGE_CREATE", channel, message)
    return message


def apply(
    platform: Platform, channel: Channel, message: Message, draft: Draft, *, edited: bool = True
) -> Message:
    """Replaces what a message shows. `edited` False is an update without an edit."""
    message.content, message.embeds = draft.content, draft.embeds
    message.components, message.attachments = draft.components, draft.attachments
    message.flags = draft.flags
    if edited:
        message.edited = platform.now()
    mention(platform, channel, message)
    update(platform, channel, message)
    return message


def update(platform: Platform, channel: Channel, message: Message) -> None:
    if not message.ephemeral:
        _dispatch(platform, "MESSAGE_UPDATE", channel, message)


def remove(platform: Platform, channel: Channel, message_id: str) -> None:
    channel.messages.pop(message_id, None)
    if channel.thread:
        channel.thread.message_count -= 1
    data: Json = {"id": message_id, "channel_id": channel.id} | _guild(channel)
    platform.emit(Event("MESSAGE_DELETE", data, channel.guild, channel.id))


def remove_many(platform: Platform, channel: Channel, message_ids: list[str]) -> None:
    for message_id in message_ids:
        channel.messages.pop(message_id, None)
    data: Json = {"ids": message_ids, "channel_id": channel.id, "guild_id": channel.guild}
    platform.emit(Event("MESSAGE_DELETE_BULK", data, channel.guild, channel.id))


def wake(platform: Platform, channel: Channel) -> None:
    """Sending a message un-archives the thread, with an event of its own."""
    if channel.thread and channel.thread.archived:
        channel.thread.archived = False
        channel.thread.archive_changed = platform.now()
        announce(platform, "THREAD_UPDATE", channel)


def join(platform: Platform, channel: Channel, user_id: str) -> None:
    if not channel.thread or user_id in channel.thread.members:
        return
    channel.thread.members[user_id] = platform.now()
    if user_id == platform.bot.id:
        data: Json = {
            "id": channel.id,
            "guild_id": channel.guild,
            "member_count": len(channel.thread.members),
            "added_members": [shapes.thread_member_json(channel, user_id)],
            "removed_member_ids": [],
        }
        platform.emit(Event("THREAD_MEMBERS_UPDATE", data, channel.guild, channel.id))


def announce(platform: Platform, name: str, channel: Channel, **more: object) -> None:
    """Dispatches a channel or thread as it is now."""
    data = {**platform.channel_json(channel), **more}
    platform.emit(Event(name, data, channel.guild, channel.id))


def mention(platform: Platform, channel: Channel, message: Message) -> None:
    """Fills in the mention lists from the text; who is really notified is in the ledger."""
    texts = [part.get("content") for _, part in every(message.components)]
    shown = [part for part in texts if isinstance(part, str)]
    found = pings_of("\n".join([message.content, *shown]), [], None)
    message.mentions = [platform.users[who] for who in found.users if who in platform.users]
    roles = platform.home(channel).roles
    message.mention_roles = [role for role in found.roles if role in roles]
    by_right = platform.allowed(channel, "MENTION_EVERYONE", user=message.author)
    message.mention_everyone = bool(by_right and (found.everyone or found.here))


def record(
    platform: Platform,
    verb: Verb,
    channel: Channel,
    message: Message,
    draft: Draft,
    pings: Pings,
    **details: object,
) -> None:
    """Writes what the bot posted or edited into the ledger."""
    platform.ledger.append(
        Accepted(
            verb=verb,
            channel=channel.id,
            at=platform.now(),
            message=message.id,
            nonce=draft.nonce,
            content=draft.content,
            embeds=draft.embeds,
            components=draft.components,
            attachments=draft.attachments,
            allowed_mentions=draft.allowed_mentions,
            pings=pings,
            flags=draft.flags,
            details=dict(details),
        )
    )


def text_of(message: Message) -> str:
    """All that a person can read in it, for tests: content, embeds and text displays."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [str(embed.get(name) or "") for name in ("title", "description")]
        parts += [f"{entry['name']}: {entry['value']}" for entry in embed.get("fields") or []]
    for _, part in every(message.components):
        parts.append(str(part.get("content" if part.get("type") == TEXT else "label") or ""))
    return "\n".join(part for part in parts if part)


def _guild(channel: Channel) -> Json:
    """Direct messages name no guild."""
    return {"guild_id": channel.guild} if channel.guild else {}


def _dispatch(platform: Platform, name: str, channel: Channel, message: Message) -> None:
    data: Json = {**platform.message_json(message), **_guild(channel)}
    member = platform.home(channel).members.get(message.author.id)
    if member and channel.guild:
        data["member"] = shapes.member_json(member, with_user=False)
    if name == "MESSAGE_CREATE" and message.nonce is not None:
        data["nonce"] = message.nonce
    private = platform.private(message)
    platform.emit(Event(name, data, channel.guild, channel.id, private))
