"""The app's manifest, made from what the code uses, so that the two cannot disagree.

Source: https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

from adapters.slack.api import CUSTOMIZE, SCOPES
from adapters.slack.client import PATH
from adapters.slack.events import NAMES
from adapters.slack.marks import EVENT_TYPE
from adapters.slack.payload import Json

COMMAND = "/botbeat"
ATTACH = {
    "name": "Attach to report",
    "type": "message",
    "callback_id": "attach",
    "description": "Make your message a comment on a report",
}


def bot_scopes() -> list[str]:
    """What the bot's token must be allowed: our calls, the command, and metadata in events."""
    called = {scope for scopes in SCOPES.values() for scope in scopes}
    return sorted(called | {"commands", "metadata.message:read"})


def manifest(base_url: str = "") -> Json:
    """For Socket Mode, or for requests by HTTP to the public address `base_url`."""
    url = {"request_url": base_url.rstrip("/") + PATH} if base_url else {}
    return {
        "display_information": {
            "name": "BotBeat",
            "description": "AI news in team chat, with one conversation under each report",
            "background_color": "#111827",
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "BotBeat", "always_online": True},
            "shortcuts": [ATTACH],
            "slash_commands": [_command(url.get("request_url", ""))],
        },
        "oauth_config": {
            "scopes": {"bot": sorted([*bot_scopes(), CUSTOMIZE]), "bot_optional": [CUSTOMIZE]}
        },
        "settings": {
            "event_subscriptions": {
                **url,
                "bot_events": list(NAMES),
                "metadata_subscriptions": [{"app_id": "*", "event_type": EVENT_TYPE}],
            },
            "interactivity": {"is_enabled": True, **url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base_url,
            "token_rotation_enabled": False,
        },
    }


def _command(url: str) -> Json:
    command = {
        "command": COMMAND,
        "description": "Search AI news, or subscribe this channel",
        "usage_hint": "qwen · subscribe company:alibaba · help",
        "should_escape": True,
    }
    return {**command, "url": url} if url else command
