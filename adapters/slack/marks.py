"""How we know our own messages again: by the delivery's key, which each of them carries twice.

Slack may strip the metadata from an event, or drop it at posting with no more than a warning, so
the first block's id has the key as well. Source: https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Mapping
from typing import Any

from adapters.slack.payload import Json, parts, word

EVENT_TYPE = "botbeat_delivery"
_BLOCK = "botbeat-delivery."
_NAMESPACE = uuid.UUID("5f0bb1c1-4b6c-4a1f-9d0a-6a7f1d1f7d53")


def marked(key: str, shown: Json) -> Json:
    """A rendered message with its key in it. Only the key: other apps can read metadata."""
    first, *rest = shown["blocks"]
    # Slack wants another id when a message changes, hence the checksum of what it says.
    block_id = f"{_BLOCK}{key}.{zlib.crc32(repr(shown).encode()):08x}"
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
    return {**shown, "blocks": [{**first, "block_id": block_id}, *rest], "metadata": metadata}


def client_msg_id(key: str) -> str:
    """The same at every attempt, in case Slack does tell repetitions by it."""
    return str(uuid.uuid5(_NAMESPACE, key))


def key_of(message: Mapping[str, Any]) -> str:
    """The delivery's key in a message as Slack returns it, or an empty text."""
    key = word(message, "metadata", "event_payload", "key")
    if key and word(message, "metadata", "event_type") == EVENT_TYPE:
        return key
    first = next(iter(parts(message, "blocks")), None)
    block_id = word(first, "block_id")
    return block_id.removeprefix(_BLOCK).partition(".")[0] if block_id.startswith(_BLOCK) else ""


def is_own(message: Mapping[str, Any], app_id: str, bot_user: str) -> bool:
    """Whether our app wrote it, also under a name of its own, when Slack leaves out the user."""
    apps = {message.get("app_id"), word(message, "bot_profile", "app_id")}
    return bool(app_id and app_id in apps) or bool(bot_user and message.get("user") == bot_user)
