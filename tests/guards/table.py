"""All guards, by subject."""

from __future__ import annotations

from tests.guards import (
    deliveries,
    discord,
    discord_more,
    events,
    harm,
    processes,
    slack,
    slack_more,
)
from tests.guards.guard import Guard

GUARDS: tuple[Guard, ...] = (
    *deliveries.GUARDS,
    *slack.GUARDS,
    *slack_more.GUARDS,
    *discord.GUARDS,
    *discord_more.GUARDS,
    *events.GUARDS,
    *processes.GUARDS,
    *harm.GUARDS,
)
