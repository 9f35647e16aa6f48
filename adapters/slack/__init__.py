"""BotBeat in Slack: `create` gives the port that the core posts through and listens by.

`client` is that port. Out: `render` and `richtext` draw a message within `limits`, `marks` puts
the delivery's key in it, `api` calls and `refusals` tells what an error means. In: `listen` takes
sockets and requests, `events` tells the core what happened, `asks` and `answers` what somebody
wants, `mrkdwn` reads what people wrote, and `people` asks for names. `views` are forms and the
app's home. `manifest` describes the app to Slack, and `trying` tries what its pages leave open.
"""

from __future__ import annotations

from adapters.slack.client import SlackChat
from adapters.slack.manifest import manifest

__all__ = ["SlackChat", "create", "manifest"]


def create(
    bot_token: str,
    app_token: str = "",
    signing_secret: str = "",
    api_url: str = "https://slack.com/api/",
) -> SlackChat:
    """With an `app_token` it listens by Socket Mode, else through `routes` at `signing_secret`.

    Several signing secrets may be given, parted by commas, while one replaces the other.
    """
    return SlackChat(bot_token, app_token, signing_secret, api_url)
