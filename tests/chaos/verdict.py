"""The judge: it knows what was published and written, and reads the platforms' ledgers.

BotBeat's own database is asked for one thing only, which deliveries it calls parked; whether that
was needed is decided by what the platforms would have let it read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.chaos.ledgers import Post, Thing
from tests.chaos.people import VERSION, Crowd, Remark
from tests.chaos.places import COMPANY, Spot

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
    unheard: int = 0
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
    """`reports` is how many were published, `crowd` what people wrote and moderators removed."""

    def __init__(self, spots: list[Spot], reports: int, crowd: Crowd) -> None:
        self._spots = {spot.id: spot for spot in spots}
        self._reports, self._remarks, self._crowd = reports, crowd.remarks, crowd
        self.verdict = Verdict(remarks=len(crowd.remarks))

    def judge(self, made: list[Post], parked: set[Thing]) -> Verdict:
        verdict, by_thing = self.verdict, defaultdict(list)
        for post in sorted(made, key=lambda one: one.at):
            self._belongs(post)
            if post.thing:
                by_thing[post.thing].append(post)
        verdict.accepted = len(made)
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
        if post.thing is None or spot is None:
            self._note("echoes", f"{post.channel} {post.message} has no origin: {post.text[:80]}")
            return
        kind, number, _ = post.thing
        if spot.company != COMPANY or (kind == "remark" and spot.comments == "off"):
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
            if not self._spots[thing[2]].blind and thing[2] not in self._crowd.unreadable:
                self._note("parked_without_need", f"{thing} was parked where reading is allowed")

    def _count_repeats(self, by_thing: dict[Thing, list[Post]]) -> None:
        for thing, made in by_thing.items():
            alive = sum(post.alive for post in made)
            lasting = max(0, alive - 1)
            self.verdict.duplicates_transient += len(made) - 1 - lasting
            if lasting:
                times = [round(post.at - made[0].at, 2) for post in made]
                self._note(
                    "duplicates_lasting", f"{thing} stands {alive} times, at {times}", lasting
                )

    def _count_reports(self, by_thing: dict[Thing, list[Post]], parked: set[Thing]) -> None:
        wanted = [spot.id for spot in self._spots.values() if spot.company == COMPANY]
        for thing in (("report", n, place) for n in range(self._reports) for place in wanted):
            self.verdict.expected += 1
            if not any(post.alive for post in by_thing[thing]) and thing not in parked:
                self._note("lost", f"{thing} is nowhere")

    def _count_remarks(self, by_thing: dict[Thing, list[Post]], parked: set[Thing]) -> None:
        for remark in self._remarks:
            if remark.unheard:
                where = remark.spot.platform
                self._note("unheard", f"remark {remark.number} while nobody listened to {where}")
                continue
            for place in self._readers(remark):
                there = by_thing[("report", remark.report, place)]
                if not any(post.alive for post in there):
                    continue  # The report is missed already.
                copies = by_thing[("remark", remark.number, place)]
                self._compare(remark, place, [one for one in copies if one.alive], parked)

    def _readers(self, remark: Remark) -> list[str]:
        if remark.spot.comments != "share":
            return []
        spots = self._spots.values()
        reading = (s for s in spots if s.comments != "off" and s.company == COMPANY)
        return [spot.id for spot in reading if spot.id != remark.spot.id]

    def _compare(self, remark: Remark, place: str, living: list[Post], parked: set[Thing]) -> None:
        thing: Thing = ("remark", remark.number, place)
        if thing in self._crowd.moderated:
            return
        if remark.deleted:
            if living:
                self._note("undeleted", f"{thing} stands though it was deleted")
            return
        self.verdict.expected += 1
        if not living:
            if thing not in parked:
                self._note("lost", f"{thing} is nowhere ({remark.spot.platform})")
        elif (shown := VERSION.search(living[0].text)) and int(shown[1]) != remark.version:
            self._note("stale", f"{thing} shows {shown[0]} of {remark.version}")

    def _count_inversions(self, by_thing: dict[Thing, list[Post]]) -> None:
        """A comment that BotBeat knew before another was written must stand before it."""
        threads: dict[tuple[str, int], list[tuple[float, Remark]]] = defaultdict(list)
        for (kind, number, place), made in by_thing.items():
            if kind == "remark" and made:
                remark = self._remarks[number]
                threads[(place, remark.report)].append((made[0].at, remark))
        for (place, report), copies in threads.items():
            copies.sort(key=lambda copy: copy[0])
            for index, (_, first) in enumerate(copies):
                for _, second in copies[index + 1 :]:
                    if second.heard and second.heard < first.written:
                        where = f"{place}, report {report}"
                        self._note(
                            "order_inversions", f"{first.number} before {second.number} in {where}"
                        )

    def complain(self, name: str, lines: list[str]) -> None:
        for line in lines:
            self._note(name, line)

    def _note(self, name: str, line: str, count: int = 1) -> None:
        setattr(self.verdict, name, getattr(self.verdict, name) + count)
        self.verdict.details.append(f"{name}: {line}")
