"""All guards, by subject."""

from __future__ import annotations

from tests.guards import deliveries, discord, events, harm, processes, slack
from tests.guards.guard import Guard

GUARDS: tuple[Guard, ...] = (
    *deliveries.GUARDS,
    *slack.GUARDS,
    *discord.GUARDS,
    *events.GUARDS,
    *processes.GUARDS,
    *harm.GUARDS,
)
