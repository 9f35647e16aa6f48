"""The judge: it knows what was published and written, and reads the platforms' ledgers.

BotBeat's own database is asked for one thing only, which deliveries it calls parked; whether that
was needed is decided by what the platforms would have let it read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.chaos.ledgers import Post, Thing
from tests.chaos.newsroom import ADDED
from tests.chaos.people import VERSION, Crowd, Remark
from tests.chaos.places import COMPANY, Spot

NOTE = re.compile(r"(\d+) more comments? w")
"""What stands in a thread for comments that were missed and are not copied one by one."""
INVARIANTS = (
    *("lost", "stale", "undeleted", "duplicates_lasting", "parked_without_need"),
    *("order_inversions", "echoes", "leaks", "pings", "retry_after", "after_revoke"),
    *("slow_exits", "bad_exits"),
)
"""What must be 0."""


@dataclass(slots=True)
class Verdict:
    """The counts, and for each broken promise a line that says where."""

    expected: int = 0
    accepted: int = 0
    lost: int = 0
    stale: int = 0
    undeleted: int = 0
    caught_up: int = 0
    summarised: int = 0
    duplicates_lasting: int = 0
    duplicates_transient: int = 0
    parked: int = 0
    parked_without_need: int = 0
    order_inversions: int = 0
    echoes: int = 0
    leaks: int = 0
    pings: int = 0
    retry_after: int = 0
    after_revoke: int = 0
    slow_exits: int = 0
    bad_exits: int = 0
    remarks: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """The invariants that do not hold."""
        return [name for name in INVARIANTS if getattr(self, name)]


class Judge:
    """`reports` is how many were published, `revised` which of them have a new headline, `crowd`
    what people wrote and moderators removed."""

    def __init__(self, spots: list[Spot], reports: int, revised: set[int], crowd: Crowd) -> None:
        self._spots = {spot.id: spot for spot in spots}
        self._reports, self._remarks, self._crowd = reports, crowd.remarks, crowd
        self._revised = revised
        self.verdict = Verdict(remarks=len(crowd.remarks))
        self.lost: list[Remark] = []
        self._counted: Counter[tuple[str, int]] = Counter()

    def judge(self, made: list[Post], parked: set[Thing]) -> Verdict:
        verdict, by_thing = self.verdict, defaultdict(list)
        for post in sorted(made, key=lambda one: one.at):
            self._belongs(post)
            if post.thing:
                by_thing[post.thing].append(post)
            elif post.alive and (note := NOTE.search(post.text)):
                self._counted[(post.channel, post.report)] += int(note[1])
        verdict.accepted = len({(post.channel, post.message) for post in made})
        self._parked(parked)
        self._count_repeats(by_thing)
        self._count_reports(by_thing, parked)
        self._count_remarks(by_thing, parked)
        self._count_inversions(by_thing)
        return verdict

    def _belongs(self, post: Post) -> None:
        """What has no origin is an echo; what its channel should not see is a leak."""
        spot = self._spots.get(post.channel)
        if post.pings:
            self._note("pings", f"{post.thing} pings")
        if spot and NOTE.search(post.text):
            return
        if post.thing and post.thing[0] == "welcome":
            return  # Also in a channel that asked for nothing: the first in which we may write.
        if post.thing is None or spot is None:
            self._note("echoes", f"{post.channel} {post.message} has no origin: {post.text[:80]}")
            return
        kind, number, _ = post.thing
        if kind == "notice":
            if not spot.follows:
                self._note("leaks", f"{spot.id} is told of a source that it does not follow")
        elif spot.company != COMPANY or (kind == "remark" and spot.comments == "off"):
            self._note("leaks", f"{post.thing} is not for this channel")
        elif kind == "remark":
            origin = self._remarks[number].spot
            if origin.id == spot.id:
                self._note("echoes", f"{post.thing} came back to where it was written")
            elif origin.comments != "share":
                self._note("leaks", f"{post.thing} left a channel that only reads")

    def _parked(self, parked: set[Thing]) -> None:
        self.verdict.parked = len(parked)
        for thing in parked:
            if not self._spots[thing[2]].blind:
                self._note("parked_without_need", f"{thing} was parked where reading is allowed")

    def _count_repeats(self, by_thing: dict[Thing, list[Post]]) -> None:
        for thing, made in by_thing.items():
            alive = sum(post.alive for post in made)
            lasting = max(0, alive - 1)
            # A notice goes and comes again.
            if thing[0] != "notice":
                self.verdict.duplicates_transient += len(made) - 1 - lasting
            if lasting:
                times = [
                    f"{post.message} at {post.at - made[0].at:.2f}{'' if post.alive else ' (gone)'}"
                    for post in made
                ]
                self._note(
                    "duplicates_lasting", f"{thing} stands {alive} times, at {times}", lasting
                )

    def _count_reports(self, by_thing: dict[Thing, list[Post]], parked: set[Thing]) -> None:
        wanted = [spot.id for spot in self._spots.values() if spot.company == COMPANY]
        for thing in (("report", n, place) for n in range(self._reports) for place in wanted):
            living = [post for post in by_thing[thing] if post.alive]
            if thing in self._crowd.moderated:
                if living:
                    self._note("undeleted", f"{thing} stands though it was removed")
                continue
            self.verdict.expected += 1
            if thing in parked:
                continue
            if not living:
                self._note("lost", f"{thing} is nowhere")
            elif thing[1] in self._revised and f"zr{thing[1]:05d}z {ADDED}" not in living[0].text:
                self._note("stale", f"{thing} has its old headline")

    def _count_remarks(self, by_thing: dict[Thing, list[Post]], parked: set[Thing]) -> None:
        for remark in self._remarks:
            self.verdict.caught_up += remark.unheard
            for place in self._readers(remark):
                there = by_thing[("report", remark.report, place)]
                if not any(post.alive for post in there):
                    continue  # The report is missed already.
                self._compare(remark, place, by_thing[("remark", remark.number, place)], parked)

    def _readers(self, remark: Remark) -> list[str]:
        if remark.spot.comments != "share":
            return []
        spots = self._spots.values()
        reading = (s for s in spots if s.comments != "off" and s.company == COMPANY)
        return [spot.id for spot in reading if spot.id != remark.spot.id]

    def _compare(self, remark: Remark, place: str, made: list[Post], parked: set[Thing]) -> None:
        thing: Thing = ("remark", remark.number, place)
        living = [one for one in made if one.alive]
        if thing in self._crowd.moderated:
            return
        if remark.deleted:
            if living:
                self._note("undeleted", f"{thing} stands though it was deleted")
            return
        self.verdict.expected += 1
        if not living:
            if remark.unheard and self._counted[(place, remark.report)] > 0:
                self._counted[(place, remark.report)] -= 1
                self.verdict.summarised += 1
            elif thing not in parked:
                self.lost.append(remark)
                self._note("lost", f"{thing} is nowhere, and {len(made)} copies of it went")
        elif (shown := VERSION.search(living[0].text)) and int(shown[1]) != remark.version:
            self._note("stale", f"{thing} shows {shown[0]} of {remark.version}")

    def _count_inversions(self, by_thing: dict[Thing, list[Post]]) -> None:
        """A comment that BotBeat knew before another was written must stand before it.

        It knows nothing of a comment while it does not know what became of the report above it; at
        the latest it does so when something of that thread is copied, or is copied there.
        """
        threads: dict[tuple[str, int], list[tuple[float, Remark]]] = defaultdict(list)
        known = dict[tuple[str, int], float]()
        for (kind, number, place), made in by_thing.items():
            if kind == "remark" and made:
                remark = self._remarks[number]
                threads[(place, remark.report)].append((made[0].at, remark))
                # Both threads are its report's, as BotBeat knows now.
                for spot in (place, remark.spot.id):
                    seen = known.get((spot, remark.report), made[0].at)
                    known[(spot, remark.report)] = min(seen, made[0].at)
        for (place, report), copies in threads.items():
            copies.sort(key=lambda copy: copy[0])
            for index, (_, first) in enumerate(copies):
                for _, second in copies[index + 1 :]:
                    understood = max(second.heard, known[(second.spot.id, report)])
                    if second.heard and understood < first.written:
                        where = f"{place}, report {report}"
                        told = f"{second.number}, heard in {second.spot.platform}"
                        took = f"{second.heard - second.written:.1f} s after it was written"
                        self._note(
                            "order_inversions", f"{first.number} before {told} {took}, in {where}"
                        )

    def complain(self, name: str, lines: list[str]) -> None:
        for line in lines:
            self._note(name, line)

    def _note(self, name: str, line: str, count: int = 1) -> None:
        setattr(self.verdict, name, getattr(self.verdict, name) + count)
        self.verdict.details.append(f"{name}: {line}")
