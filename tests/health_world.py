"""The words of the tests of health: what goes wrong, and a process that knows of it."""

from __future__ import annotations

from time import monotonic

from bot.health import SILENT, Process
from bot.ports import DeliveryError
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
UNREACHED = DeliveryError("Slack cannot be reached; BotBeat tries again")
WITHDRAWN = DeliveryError("The token was withdrawn", permanent=True, scope="install")
GONE = DeliveryError("It is archived", permanent=True, scope="channel")
ROLE = "discord gateway"


async def passes(world: World, seconds: float) -> None:
    """The worker works, now and then, and so much time passes."""
    end = world.clock.now + seconds
    while world.clock.now < end:
        while await world.worker.deliver_due():
            continue
        world.clock.now += 60


def listens(**silences: float | None) -> Process:
    """A process that has run for long, whose sockets have been silent for so long."""
    silent = {name: (lambda seconds=seconds: seconds) for name, seconds in silences.items()}
    return Process(
        parts=("discord", "feeds"),
        roles={"discord": ROLE},
        silent=silent,
        began=monotonic() - SILENT - 1,
    )
