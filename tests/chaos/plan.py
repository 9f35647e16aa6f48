"""What one run of the suite does: how much, with which chance, on which database, how fast."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from bot.outcomes import Timing

Database = Literal["sqlite", "postgres"]
Mode = Literal["ignore", "dedupe", "dedupe_and_refuse"]
MODES: tuple[Mode, ...] = ("ignore", "dedupe", "dedupe_and_refuse")

REAL = Timing()
PATIENCE = 20.0
"""For how many seconds both adapters wait for an answer, at time scale 1."""
PACE = 1.0
LONGEST_BACK_OFF = 60.0
PROBE = 120.0
"""Seconds until a closed channel, or what seems to kill its workers, is tried again. In use it is
longer; here workers are killed so much more often that each run would wait for that alone."""
BUSY = 12.0
"""Seconds: so long a renewal may wait for SQLite's lock while all is sent beside it, so that no
lease of who listens or reads again is shorter."""
WHOLE = 3000
"""So many deliveries make a run that is long enough for all places; a shorter one draws some."""
SELDOM = frozenset(
    {
        *("articles.one", "articles.revise", "channels.choose", "channels.gone"),
        *("channels.known", "channels.meet", "channels.places", "channels.removed"),
        *("comments.by", "deliveries.gather", "deliveries.posting", "deliveries.remove"),
        *("deliveries.second", "deliveries.settle", "deliveries.together", "desk.ration"),
        *("sources.all", "subscriptions.of"),
    }
)
"""Calls that a short run makes no more than a dozen times, by count: it might end before a worker
that is doomed there comes by. They are drawn in whole runs only."""
NONCE_WINDOW = 120.0
"""For how long Discord knows a nonce again: "the past few minutes"."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`deliveries` counts reports times channels; copies of comments come on top.

    `scale` shortens every time that BotBeat waits: 1 is as in use, 0.05 is twenty times quicker.
    `only` leaves out all troubles but the named ones, `without` leaves out those.
    `rate` is how many deliveries are published in a second. `remarks` is how many comments people
    write, 0 for one to twenty deliveries. `logs` is a folder that stays.
    """

    deliveries: int = 250
    seed: int = 1
    database: Database = "sqlite"
    naive: bool = False
    scale: float = 0.05
    workers: int = 3
    rate: float = 12.0
    remarks: int = 0
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
            probe=PROBE * self.scale,
            aside=PROBE * self.scale,
        )

    @property
    def spots(self) -> int:
        """Channels on each platform: more of them in longer runs, as each is sent to in turn."""
        return min(24, max(5, self.deliveries // 100))

    @property
    def storm(self) -> float:
        """For how many seconds reports are published and things break, at least."""
        return max(15.0, self.deliveries / self.rate)

    @property
    def patience(self) -> float:
        """For how many seconds calm may take until everything is delivered."""
        return 90.0 + 20 * self.timing.lease / 4.5 + self.deliveries * 0.02

    @property
    def quiet(self) -> float:
        """After how many seconds without a word nothing more will come. Each lease ends within
        them: whoever slept, or takes over, has more to do."""
        return max(2 * self.timing.settle, BUSY + 2) + 2

    @property
    def client_msg_id(self) -> Mode:
        """What Slack makes of one that it knows, which its documents do not tell."""
        return MODES[self.seed % len(MODES)]

    @property
    def unreached(self) -> set[str]:
        """Calls of the store that nothing leads to here, or too little: PostgreSQL has a clock of
        its own, which no trouble sets; and there are second copies only where Slack takes two with
        one id."""
        clock = {"deliveries.hasten"} if self.database == "postgres" else set()
        # Digests at a time of day are asked for in no run: an hour is longer than most of them. And
        # in none do all sources fall silent, for which a day is too long.
        never = clock | {"subscriptions.one", "subscriptions.channels"}
        copies = set() if self.client_msg_id == "ignore" else {"deliveries.second"}
        return never | copies | (SELDOM if self.deliveries < WHOLE else set())

    @property
    def places(self) -> int:
        """At how many places workers must be struck; all of them in a run of 3,000."""
        return self.deliveries // 20 if self.deliveries < WHOLE else 1000


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker process is told: where everything is, and how fast time runs.

    `diary` is a file in which it notes what strikes it, `feed` the one that it collects.
    """

    database: str
    slack_url: str
    bot_token: str
    app_token: str
    discord_url: str
    gateway_url: str
    discord_token: str
    scale: float
    naive: bool
    feed: str
    diary: str = ""

    def words(self) -> dict[str, object]:
        return asdict(self)
