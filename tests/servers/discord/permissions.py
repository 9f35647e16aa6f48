"""Who may do what: role bits, then the channel's overwrites, as Discord computes them.

Source: docs.discord.com/developers/topics/permissions. Threads take those of their parent.
"""

from tests.servers.discord.state import Channel, Guild, Overwrite

BITS = {
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5,
    "ADD_REACTIONS": 1 << 6,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14,
    "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17,
    "MANAGE_ROLES": 1 << 28,
    "MANAGE_WEBHOOKS": 1 << 29,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "CREATE_PRIVATE_THREADS": 1 << 36,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
}
EVERYTHING = (1 << 53) - 1


def bits(*names: str) -> int:
    total = 0
    for name in names:
        total |= BITS[name]
    return total


ORDINARY = bits(
    "ADD_REACTIONS",
    "VIEW_CHANNEL",
    "SEND_MESSAGES",
    "EMBED_LINKS",
    "ATTACH_FILES",
    "READ_MESSAGE_HISTORY",
    "USE_APPLICATION_COMMANDS",
    "CREATE_PUBLIC_THREADS",
    "SEND_MESSAGES_IN_THREADS",
)


def in_guild(guild: Guild, user_id: str) -> int:
    if user_id == guild.owner:
        return EVERYTHING
    total = 0
    for role_id in (guild.id, *guild.members[user_id].roles):
        total |= guild.roles[role_id].permissions
    return EVERYTHING if total & BITS["ADMINISTRATOR"] else total


def effective(guild: Guild, user_id: str, channel: Channel) -> int:
    """The permission bits of a member in a channel; 0 when the channel cannot be seen."""
    base = in_guild(guild, user_id)
    if base == EVERYTHING:
        return base
    place = guild.channels[channel.parent] if channel.thread and channel.parent else channel
    base = _apply(base, place.overwrites.get(guild.id))
    allow = deny = 0
    for role_id in guild.members[user_id].roles:
        overwrite = place.overwrites.get(role_id, Overwrite())
        allow, deny = allow | overwrite.allow, deny | overwrite.deny
    base = (base & ~deny) | allow
    base = _apply(base, place.overwrites.get(user_id))
    return base if base & BITS["VIEW_CHANNEL"] else 0


def _apply(base: int, overwrite: Overwrite | None) -> int:
    return (base & ~overwrite.deny) | overwrite.allow if overwrite else base
