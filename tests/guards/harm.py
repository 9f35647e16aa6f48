"""What keeps others from harm: nobody is pinged, and nothing inside a network is dialled."""

from __future__ import annotations

from tests.guards.guard import Guard

GUARDS: tuple[Guard, ...] = (
    Guard(
        41,
        "adapters/slack/limits.py",
        'return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")',
        "return text",
        "test_hostile_words_mention_nobody_wherever_they_stand",
    ),
    Guard(
        78,
        "adapters/discord/render.py",
        '"components": [], "allowed_mentions": MENTION_NOBODY}',
        '"components": []}',
        "test_hostile_text_pings_nobody_when_posted_and_when_edited",
    ),
    Guard(
        99,
        "adapters/feeds/addresses.py",
        "if (host, port) not in self._allow and not is_public(host):",
        "if False:",
        "test_a_redirect_into_the_network_is_never_dialled",
    ),
)
