"""Whom a message would notify, from its text and its allowed_mentions.

The strictest reading: permissions, code blocks and unknown ids are ignored, so that "no pings"
in a test holds whatever a server's settings are. Source:
docs.discord.com/developers/resources/message#allowed-mentions-object.
"""

import re

from tests.servers.discord.components import TEXT, every
from tests.servers.discord.ledger import Pings
from tests.servers.discord.state import Json

EVERYTHING_PARSED: Json = {"parse": ["users", "roles", "everyone"]}
ONLY_USERS: Json = {"parse": ["users"]}  # The default for interactions and webhooks.

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")


def pings_of(
    content: str,
    components: list[Json],
    allowed: Json | None,
    *,
    default: Json = EVERYTHING_PARSED,
    replied_to: str | None = None,
) -> Pings:
    """`replied_to` is the author of the message this one replies to.

    Absent allowed_mentions mean `default`, and that the person replied to is notified.
    """
    rules = default if allowed is None else allowed
    text = "\n".join([content, *(_texts(components))])
    users = _permitted(_USER.findall(text), rules, "users")
    if replied_to and (allowed is None or rules.get("replied_user")):
        users = (*users, replied_to)
    parsed = rules.get("parse") or []
    return Pings(
        everyone="everyone" in parsed and "@everyone" in text,
        here="everyone" in parsed and "@here" in text,
        users=tuple(dict.fromkeys(users)),
        roles=tuple(dict.fromkeys(_permitted(_ROLE.findall(text), rules, "roles"))),
    )


def _texts(components: list[Json]) -> list[str]:
    return [str(part.get("content")) for _, part in every(components) if part.get("type") == TEXT]


def _permitted(ids: list[str], rules: Json, kind: str) -> tuple[str, ...]:
    if kind in (rules.get("parse") or []):
        return tuple(ids)
    named = {str(identity) for identity in rules.get(kind) or []}
    return tuple(identity for identity in ids if identity in named)
