"""Opens threads and removes channels, with the events that go with it.

Source: docs.discord.com/developers/topics/threads#gateway-events.
"""

from tests.servers.discord.platform import Event, Platform
from tests.servers.discord.posting import announce, place, update
from tests.servers.discord.state import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    PUBLIC_THREAD,
    THREAD_STARTER,
    Channel,
    Json,
    Message,
    Thread,
    User,
)


def open_thread(
    platform: Platform, channel: Channel, message: Message, user: User, name: str, minutes: int
) -> Channel:
    """Starts a thread from a message: both share one id, and the message is updated to say so."""
    kind = ANNOUNCEMENT_THREAD if channel.kind == ANNOUNCEMENT else PUBLIC_THREAD
    thread = add_thread(platform, channel, message.id, user, name, kind, minutes)
    message.thread = thread.id
    announce(platform, "THREAD_CREATE", thread, newly_created=True)
    update(platform, channel, message)
    if platform.settings.starter_message:
        first = Message(platform.ids.next(), thread.id, user, platform.now(), kind=THREAD_STARTER)
        first.reply_to = message.id
        place(platform, thread, first)
    return thread


def add_thread(
    platform: Platform,
    channel: Channel,
    identity: str,
    owner: User,
    name: str,
    kind: int,
    minutes: int,
) -> Channel:
    now = platform.now()
    thread = Thread(owner.id, now, now, auto_archive=minutes, members={owner.id: now})
    made = Channel(identity, channel.guild, name, kind, parent=channel.id, thread=thread)
    platform.guilds[channel.guild].channels[made.id] = made
    return made


def drop_channel(platform: Platform, channel: Channel) -> None:
    """Removes a channel or thread; with a channel go its threads."""
    channels = platform.guilds[channel.guild].channels
    for child in [one for one in channels.values() if one.parent == channel.id]:
        del channels[child.id]
    if channel.thread:
        data: Json = {
            "id": channel.id,
            "guild_id": channel.guild,
            "parent_id": channel.parent,
            "type": channel.kind,
        }
        platform.emit(Event("THREAD_DELETE", data, channel.guild, channel.id))
        parent = channels.get(channel.parent or "")
        if parent and channel.id in parent.messages:
            parent.messages[channel.id].thread = None
    else:
        announce(platform, "CHANNEL_DELETE", channel)
    del channels[channel.id]
