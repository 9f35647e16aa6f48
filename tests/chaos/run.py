"""One run: platforms that fail, processes that die, people who talk; then calm, then judgement."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import asdict

from bot.store import StoreAway
from tests.chaos.ledgers import posts
from tests.chaos.outbox import known, left, parked, stuck
from tests.chaos.places import COMPANY
from tests.chaos.plan import Plan
from tests.chaos.stage import Stage, stage
from tests.chaos.verdict import Judge, Verdict

Result = dict[str, object]


async def run(plan: Plan, database: str) -> tuple[Result, Verdict]:
    """The figures of the last line, and the verdict with its details."""
    began = time.monotonic()
    async with stage(plan, database) as place:
        await storm(place)
        calm = time.time()
        settled, last = await until_quiet(place)
        judged = judgement(place)
        return asdict_without_details(judged) | {
            "kills": place.workers.kills,
            "faults": dict(sorted(faults(place).items())),
            "recovery_seconds": round(max(0.0, last - calm), 1),
            "quiet": settled,
            "time_scale": plan.scale,
            "seed": plan.seed,
            "database": plan.database,
            "sender": "naive" if plan.naive else "botbeat",
            "client_msg_id": place.slack.modes.client_msg_id,
            "seconds": round(time.monotonic() - began),
        }, judged


def judgement(place: Stage) -> Verdict:
    made = list(posts(place.slack, place.discord, time.time() - time.monotonic()))
    articles = place.newsroom.articles()
    newsroom = place.newsroom
    judge = Judge(place.spots, newsroom.offered, newsroom.revised, place.crowd)
    verdict = judge.judge(made, parked(place.store, articles))
    excuses = place.nemesis.away(), place.workers.absences
    judge.complain("retry_after", place.calls.too_early(*excuses))
    judge.complain("after_revoke", place.calls.revoked(*excuses))
    verdict.slow_exits, verdict.bad_exits = place.workers.slow_exits, place.workers.bad_exits
    verdict.details += [*known(place.store, judge.lost), *stuck(place.store, articles)]
    return verdict


def asdict_without_details(verdict: Verdict) -> Result:
    return {name: value for name, value in asdict(verdict).items() if name != "details"}


def faults(place: Stage) -> Counter[str]:
    """How often each kind really fired; 0 of what was planned and never came."""
    fired = Counter[str]()
    for counted in (*(mix.fired for mix in place.mixes), place.nemesis.fired, place.workers.fired):
        fired.update(counted)
    del fired[""]  # Killed before it could note anything, by a trouble that is counted itself.
    return fired


async def storm(place: Stage) -> None:
    """Publish and talk while everything breaks, until all that can go wrong has gone wrong."""
    plan, done = place.plan, asyncio.Event()
    watches = (
        place.workers.watch(),
        place.workers.doom(plan.storm),
        place.crowd.listen(),
    )
    place.watching = [asyncio.create_task(watch) for watch in watches]
    breaking = asyncio.create_task(place.nemesis.rage(done.is_set))
    await asyncio.gather(publishing(place), talking(place))
    await exhausting(place)
    done.set()
    await breaking
    place.workers.calm = True
    for mix in place.mixes:
        mix.on = False
    await place.newsroom.finish(plan.patience)


async def publishing(place: Stage) -> None:
    reading = sum(spot.company == COMPANY for spot in place.spots)
    articles = -(-place.plan.deliveries // reading)
    began = time.monotonic()
    for number in range(articles):
        place.newsroom.publish()
        due = began + (number + 1) * place.plan.storm / articles
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def talking(place: Stage) -> None:
    """Every fourth comment is edited, every sixth deleted; of every tenth a copy is removed,
    and of every thirtieth a report."""
    wanted = place.plan.remarks or max(12, place.plan.deliveries // 20)
    pause = place.plan.storm / wanted
    deadline = time.monotonic() + place.plan.storm * 1.5
    while len(place.crowd.remarks) < wanted and time.monotonic() < deadline:
        await asyncio.sleep(pause)
        talk(place)


def talk(place: Stage) -> None:
    if place.crowd.comment():
        count = len(place.crowd.remarks)
        if count % 4 == 0:
            place.crowd.edit()
        if count % 6 == 0:
            place.crowd.delete()
        if count % 10 == 0:
            place.crowd.moderate()
        if count % 30 == 0:
            place.crowd.close()


async def exhausting(place: Stage) -> None:
    """Go on with a little of everything while something has never come up, but not for ever."""
    deadline = time.monotonic() + 120 + min(480.0, 0.4 * place.plan.storm)
    while not place.complete() and time.monotonic() < deadline:
        for mix in place.mixes:
            mix.forced = not mix.complete()
        if place.plan.spots < 8 or int(time.monotonic()) % 6 == 0:
            place.newsroom.publish()
        talk(place)
        if len(place.crowd.remarks) % 2:  # More often than else: these calls are the rarest.
            place.crowd.edit()
            place.crowd.delete()
            place.crowd.moderate()
            place.crowd.close()
        await asyncio.sleep(1.0)


async def until_quiet(place: Stage) -> tuple[bool, float]:
    """Wait until nothing is left to do, both platforms are listened to, and nothing was accepted or
    read for so long that nobody still reads what was missed.

    False if that never came; and when the last thing was accepted.
    """
    deadline = time.time() + place.plan.patience
    seen, last = place.ledger(), time.time()
    asked, busy = place.asked(), last
    while time.time() < deadline:
        await asyncio.sleep(0.2)
        if place.ledger() != seen:
            seen, last = place.ledger(), time.time()
        if place.asked() != asked or not (place.plan.naive or place.is_heard()):
            asked, busy = place.asked(), time.time()
        if time.time() - max(last, busy) > place.plan.quiet and not await waiting(place):
            return True, last
    return False, last


async def waiting(place: Stage) -> bool:
    """The naive sender leaves work behind for ever, so of it only silence can be expected."""
    try:
        return not place.plan.naive and bool(await asyncio.to_thread(left, place.store))
    except StoreAway:
        return True
