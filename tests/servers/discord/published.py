"""Discord's published limits, in one place: what a text or a list may hold at most.

The checks stand beside what they check; `tests/test_server_discord_published.py` asks the server
for each row of this table, and compares it with Discord's own description where that is at hand.
"""

from dataclasses import dataclass

_MESSAGE = "https://docs.discord.com/developers/resources/message"
_EMBED = f"{_MESSAGE}#embed-object-embed-limits"
_COMPONENT = "https://docs.discord.com/developers/components/reference"
_COMMAND = "https://docs.discord.com/developers/interactions/application-commands"
_CHANNEL = "https://docs.discord.com/developers/resources/channel"


@dataclass(frozen=True, slots=True)
class Limit:
    """`path` is where it stands in the body of a `kind` of request; `most` is taken, one more is
    refused."""

    kind: str
    path: str
    most: int
    page: str


LIMITS = (
    Limit("message", "content", 2000, f"{_MESSAGE}#create-message"),
    Limit("message", "nonce", 25, f"{_MESSAGE}#create-message"),
    Limit("message", "embeds", 10, f"{_MESSAGE}#create-message"),
    Limit("message", "components", 5, _COMPONENT),
    Limit("message", "components.0.components", 5, _COMPONENT),
    Limit("message", "components.0.components.0.custom_id", 100, _COMPONENT),
    Limit("message", "components.0.components.0.label", 80, _COMPONENT),
    Limit("message", "embeds.0.title", 256, _EMBED),
    Limit("message", "embeds.0.description", 4096, _EMBED),
    Limit("message", "embeds.0.footer.text", 2048, _EMBED),
    Limit("message", "embeds.0.author.name", 256, _EMBED),
    Limit("message", "embeds.0.fields", 25, _EMBED),
    Limit("message", "embeds.0.fields.0.name", 256, _EMBED),
    Limit("message", "embeds.0.fields.0.value", 1024, _EMBED),
    Limit("command", "name", 32, _COMMAND),
    Limit("command", "description", 100, _COMMAND),
    Limit("command", "options", 25, _COMMAND),
    Limit("command", "options.0.choices", 25, _COMMAND),
    Limit("thread", "name", 100, f"{_CHANNEL}#start-thread-from-message"),
    Limit("post", "name", 100, f"{_CHANNEL}#start-thread-in-forum-or-media-channel"),
    Limit("post", "applied_tags", 5, f"{_CHANNEL}#start-thread-in-forum-or-media-channel"),
)
EMBEDS_TOGETHER = 6000
"""All texts of all embeds of one message: the page of the limits of embeds."""
