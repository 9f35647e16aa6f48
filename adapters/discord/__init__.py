"""Discord: reports in channels, comments in threads, `/botbeat`; the real discord.py underneath.

`client` posts, and `kinds` knows forums and direct messages; `gateway` stays connected, `events`
tells the core what people wrote, `servers` what became of channels, `commands` what people asked,
by `modals` where it is a form;
`render` and `markdown` are pure; `trying` tries what the pages leave open. A message's id is
Discord's, and inside a thread `thread/message`; its channel is always the parent channel.
"""

from __future__ import annotations

import logging

from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.client import DiscordChat

__all__ = ["DiscordChat", "create"]


def create(token: str, api_url: str = "", gateway_url: str = "") -> DiscordChat:
    """The chat of one bot. The addresses are for tests and proxies; they hold for the process."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    if gateway_url:
        # The library's own class for addresses, which it does not export.
        DiscordWebSocket.DEFAULT_GATEWAY = type(DiscordWebSocket.DEFAULT_GATEWAY)(gateway_url)
    # Below these levels the library logs what people wrote, and the tokens of interactions.
    logging.getLogger("discord").setLevel(logging.INFO)
    logging.getLogger("discord.http").setLevel(logging.ERROR)
    return DiscordChat(token)
