"""Discord on localhost: REST v10 and the gateway, for tests that use the real client library.

It shares nothing with the project and nothing with the library, so that it can judge both: what it
accepted is in `ledger`, what it answered in `answers`. It refuses what Discord refuses.
"""

from tests.servers.discord.filling import NotOfferedError
from tests.servers.discord.interactions import Interaction, NoAnswerError
from tests.servers.discord.ledger import Accepted, Answer, Pings
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.settings import Settings
from tests.servers.discord.state import Channel, Guild, Message, User

__all__ = [
    "Accepted",
    "Answer",
    "Channel",
    "DiscordServer",
    "Guild",
    "Interaction",
    "Message",
    "NoAnswerError",
    "NotOfferedError",
    "Pings",
    "Settings",
    "User",
]
