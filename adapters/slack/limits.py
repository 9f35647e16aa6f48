"""Text made safe and short enough for Slack.

The rule: whatever comes from outside is cleaned and cut (`bot.text`), and escaped last, in this
order, so that no cut falls inside an entity.
Sources: https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/composition-objects/text-object.
"""

from __future__ import annotations

from bot.text import clip, one_line, units, visible, web_address

LABEL = 75
VALUE = 2000
URL = 2000
"""Slack takes 3,000 characters; longer addresses would leave no room for a title beside them."""
FALLBACK = 2900
"""Slack splits a text of more than 4,000, and takes 4,000 bytes in `chat.update`."""
BUTTONS = 25
BLOCKS = 50
WHOLE = 13_200
"""Text of one message in characters, a hundred being counted for each block. Slack publishes no
figure; this one was measured by others (slackapi/bolt-js, issue 2509)."""


def escape(text: str) -> str:
    """The three characters with which a text could mention somebody or pose as a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe(text: str, limit: int) -> str:
    """The text escaped, at most `limit` units long after escaping."""
    return escape(clip(visible(text), limit, _escaped_units))


def safe_bytes(text: str, limit: int) -> str:
    """As `safe`, counted in bytes, which is how Slack counts the text of a change."""
    return escape(clip(visible(text), limit, lambda part: len(escape(part).encode())))


def _escaped_units(text: str) -> int:
    return units(escape(text))


def linkable(url: str) -> str:
    """The address if Slack takes it and it is one we dare to show, else an empty text."""
    address = web_address(url)
    return address if len(escape(address)) <= URL else ""


def link(url: str, text: str, limit: int) -> str:
    """Slack's link with that text, or the text alone where the address is none of the web."""
    shown = safe(one_line(text), limit) or "…"
    address = linkable(url)
    return f"<{escape(address)}|{shown}>" if address else shown
