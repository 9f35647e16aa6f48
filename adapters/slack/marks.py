"""How we know our own messages again: by the delivery's key, which each of them carries twice.

Slack may strip the metadata from an event, or drop it at posting with no more than a warning, so
the first block's id has the key as well. Source: https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

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
    metadata = message.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("event_type") == EVENT_TYPE:
        payload = metadata.get("event_payload")
        if isinstance(payload, Mapping) and payload.get("key"):
            return str(payload["key"])
    blocks = message.get("blocks")
    first = blocks[0] if isinstance(blocks, Sequence) and blocks else {}
    block_id = str(first.get("block_id") or "") if isinstance(first, Mapping) else ""
    return block_id.removeprefix(_BLOCK).partition(".")[0] if block_id.startswith(_BLOCK) else ""


def is_own(message: Mapping[str, Any], app_id: str, bot_user: str) -> bool:
    """Whether our app wrote it, also under a name of its own, when Slack leaves out the user."""
    profile = message.get("bot_profile")
    apps = {message.get("app_id"), profile.get("app_id") if isinstance(profile, Mapping) else None}
    return bool(app_id and app_id in apps) or bool(bot_user and message.get("user") == bot_user)
