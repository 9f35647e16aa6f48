"""BotBeat in Mattermost: a whole adapter, small enough to be read in one go. See docs/adapters.md.

`client` is the port. Out: `render` draws a message, `api` calls and tells what a refusal means. In:
`listen` holds the socket, `events` tells the core what happened. What stands beside is imported
by a dot, so that the folder works wherever it is copied to.

It leaves out: answers that only the asker sees (bots may not send them), buttons to press (they
need an address that Mattermost can call; commands stand as text to be typed), forms, files, custom
emoji, other names and pictures for copied comments, `mention:` and links to messages in commands
(the core reads those of Slack and Discord), and what `botbeat doctor` and `connect` say. A place
in which more than 1,000 posts changed is not read again. Run one process that listens: several
would carry out each command several times.
"""

from __future__ import annotations

from .client import MattermostChat

__all__ = ["MattermostChat", "create"]


def create(url: str, token: str) -> MattermostChat:
    """`url` is the server's own address, `token` that of a bot account:
    https://developers.mattermost.com/integrate/reference/bot-accounts."""
    return MattermostChat(url, token)
