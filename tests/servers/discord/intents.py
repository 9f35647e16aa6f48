"""Which events a gateway session asked for.

Source: docs.discord.com/developers/events/gateway#list-of-intents. Interactions and the like need
no intent.
"""

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
GUILD_MEMBERS = 1 << 1
# Bits that name an intent today; anything else is an invalid intent (4013).
KNOWN = (1 << 17) - 1 | 0b11 << 20 | 0b11 << 24

_NEEDED = {
    **dict.fromkeys(
        (
            "GUILD_CREATE",
            "GUILD_UPDATE",
            "GUILD_DELETE",
            "GUILD_ROLE_CREATE",
            "GUILD_ROLE_UPDATE",
            "GUILD_ROLE_DELETE",
            "CHANNEL_CREATE",
            "CHANNEL_UPDATE",
            "CHANNEL_DELETE",
            "THREAD_CREATE",
            "THREAD_UPDATE",
            "THREAD_DELETE",
            "THREAD_LIST_SYNC",
            "THREAD_MEMBERS_UPDATE",
        ),
        GUILDS,
    ),
    **dict.fromkeys(
        ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
        GUILD_MESSAGES,
    ),
    **dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE"), GUILD_MEMBERS),
}

# Only sent to those who can see the channel; the rest of a guild's events go to all its members.
ONLY_IN_VIEW = (
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_MEMBERS_UPDATE",
)


def wanted(event: str, intents: int, *, direct: bool = False) -> bool:
    needed = DIRECT_MESSAGES if direct else _NEEDED.get(event, 0)
    return intents & needed == needed
