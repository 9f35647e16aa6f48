"""What goes wrong in the platforms' calls, and how often: decks of faults, dealt in turn.

Every call draws a card. A deck is shuffled by the seed and made anew when it is empty, so the
shares hold in short runs too. `force` deals only what has never come up.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from tests.chaos.plan import PATIENCE, REAL
from tests.servers import faults
from tests.servers.faults import NONE, Fault

Card = tuple[str, int, Callable[[random.Random], Fault]]

CREATES = ("chat.postMessage", "POST /channels/{channel}/messages")
CHANGES = (
    *("chat.update", "chat.delete"),
    "PATCH /channels/{channel}/messages/{message}",
    "DELETE /channels/{channel}/messages/{message}",
    "POST /channels/{channel}/messages/{message}/threads",
)
READS = (
    *("conversations.history", "conversations.replies", "conversations.info", "users.info"),
    "GET /channels/{channel}/messages",
    "GET /channels/{channel}/messages/{message}",
)
VERY_LATE = 0.05
"""Of what Slack takes late, so much comes when BotBeat has looked for it already."""


def always(fault: Fault) -> Callable[[random.Random], Fault]:
    return lambda _: fault


def writing(platform: str, scale: float) -> list[Card]:
    """For calls that change something; of fifty, twenty go well."""
    settle, patience = REAL.settle * scale, PATIENCE * scale

    def late(chance: random.Random) -> Fault:
        return faults.accept_late(chance.uniform(0, 0.9 * settle))

    cards: list[Card] = [
        ("none", 20, always(NONE)),
        ("accept_then_close", 4, always(faults.accept_then_close())),
        ("accept_then_reset", 2, always(faults.accept_then_reset())),
        ("accept_late", 4, late),
        ("answer_after_timeout", 3, always(faults.slow(1.5 * patience))),
        ("accept_then_5xx", 2, lambda c: faults.accept_then_status(c.choice((500, 502, 504)))),
        ("accept_then_html", 1, always(faults.accept_then_html())),
        ("accept_then_truncated", 1, always(faults.accept_then_truncate())),
        ("refuse_5xx", 4, lambda c: faults.refuse_status(c.choice((500, 503)))),
        ("ratelimited", 4, lambda c: faults.ratelimited(c.choice((1, 1, 3)))),
        ("hang", 1, always(faults.hang())),
        ("hang_accepted", 1, always(faults.hang(accepted=True))),
        ("slow", 2, always(faults.slow(0.4 * patience))),
    ]
    return cards + (slack(settle, patience) if platform == "slack" else DISCORD)


def slack(settle: float, patience: float) -> list[Card]:
    def after(chance: random.Random) -> Fault:
        return faults.accept_late(chance.uniform(1.2 * settle, 2 * settle))

    return [
        ("ratelimited_without_time", 1, always(faults.ratelimited(0))),
        ("ok_false", 1, always(faults.refused("internal_error"))),
        ("ok_false_accepted", 1, always(faults.refused("fatal_error", accepted=True))),
        ("drip", 1, always(faults.drip(patience / 100))),
        ("accept_after_settle", 0, after),
    ]


DISCORD: list[Card] = [
    ("ratelimited_global", 1, always(Fault("ratelimited", seconds=1, error="global"))),
    ("ratelimited_shared", 1, always(Fault("ratelimited", seconds=1, error="shared"))),
    ("overloaded", 1, always(Fault("refused", error="130000", status=503))),
]
READING: list[Card] = [
    ("none", 6, always(NONE)),
    ("read_close", 1, always(Fault("close"))),
    ("read_5xx", 1, always(faults.refuse_status(502))),
    ("read_html", 1, always(Fault("html", status=200))),
    ("read_truncated", 1, always(faults.accept_then_truncate())),
    ("read_ratelimited", 1, always(faults.ratelimited(1))),
]


class Mix:
    """Decides for one platform, and counts what really fired, and how often it was `asked`. `on`
    is false in calm times; while it `refuses`, every change is told to wait; while it is `forced`,
    what never came up comes next."""

    def __init__(self, platform: str, scale: float, chance: random.Random) -> None:
        self._platform, self._chance = platform, chance
        self._decks = {"write": writing(platform, scale), "read": READING}
        self._left: dict[str, list[Card]] = {"write": [], "read": []}
        self.fired: Counter[str] = Counter(
            {self._name(name): 0 for deck in self._decks.values() for name, _, _ in deck}
        )
        del self.fired[self._name("none")]
        self.on, self.refuses, self.forced = True, False, False
        self.asked = 0

    def complete(self) -> bool:
        """Whether each kind has come up."""
        return all(self.fired.values())

    def __call__(self, call: str) -> Fault:
        writes = call in CREATES or call in CHANGES
        if not (writes or call in READS):
            return NONE
        self.asked += 1
        if not self.on:
            return NONE
        if self.refuses and writes:
            return faults.ratelimited(1)
        name, _, make = self._drawn("write" if writes else "read", create=call in CREATES)
        if name != "none":
            self.fired[self._name(name)] += 1
        return make(self._chance)

    def _drawn(self, kind: str, *, create: bool) -> Card:
        if self.forced and (missing := self._missing(kind, create=create)):
            return missing
        if not self._left[kind]:
            self._left[kind] = [card for card in self._decks[kind] for _ in range(card[1])]
            self._chance.shuffle(self._left[kind])
        card = self._left[kind].pop()
        very = 1.0 if self.forced else VERY_LATE
        late = card[0] == "accept_late" and self._chance.random() < very
        return self._rare(card) if late and create else card

    def _missing(self, kind: str, *, create: bool) -> Card | None:
        """A card that never came up. What makes BotBeat look comes as long as looks are missing."""
        never = [card for card in self._decks[kind] if self.fired.get(self._name(card[0])) == 0]
        never = [card for card in never if create or card[0] != "accept_after_settle"]
        if not never and kind == "write" and create and self._missing("read", create=False):
            return next(card for card in self._decks["write"] if card[0] == "accept_then_close")
        return never[0] if never else None

    def _rare(self, card: Card) -> Card:
        after = [one for one in self._decks["write"] if one[0] == "accept_after_settle"]
        return after[0] if after else card

    def _name(self, kind: str) -> str:
        return f"{self._platform}.{kind}"
