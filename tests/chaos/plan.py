"""What one run of the suite does: how much, with which chance, on which database, how fast."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from bot.outcomes import Timing

Database = Literal["sqlite", "postgres"]

REAL = Timing()
PATIENCE = 20.0
"""For how many seconds both adapters wait for an answer, at time scale 1."""
PACE = 1.0
LONGEST_BACK_OFF = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`deliveries` counts reports times channels; copies of comments come on top.

    `scale` shortens every time that BotBeat waits: 1 is as in use, 0.05 is twenty times quicker.
    `only` leaves out all troubles but the named ones, `without` leaves out those.
    `logs` is a folder that stays.
    """

    deliveries: int = 200
    seed: int = 1
    database: Database = "sqlite"
    naive: bool = False
    scale: float = 0.05
    workers: int = 3
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    logs: str = ""

    @property
    def timing(self) -> Timing:
        return Timing(
            lease=REAL.lease * self.scale,
            attempt=REAL.attempt * self.scale,
            settle=REAL.settle * self.scale,
            # The back-off doubles from two seconds at any scale, so it is kept from growing.
            slowest=max(1.0, LONGEST_BACK_OFF * self.scale),
        )

    @property
    def storm(self) -> float:
        """For how many seconds reports are published and things break."""
        return max(10.0, self.deliveries * 0.12)

    @property
    def patience(self) -> float:
        """For how many seconds calm may take until everything is delivered."""
        return 45.0 + 20 * self.timing.lease / 4.5 + self.deliveries * 0.1


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker process is told: where everything is, how fast time runs, and its doom."""

    database: str
    slack_url: str
    bot_token: str
    app_token: str
    discord_url: str
    gateway_url: str
    discord_token: str
    scale: float
    naive: bool
    place: str = ""
    passes: int = 1
    kills: bool = True

    def words(self) -> dict[str, object]:
        return asdict(self)
