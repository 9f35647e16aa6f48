"""From the first word of a process to its last, whatever the world around it does.

A database that is away is waited for. The first signal to end is the only one that counts: what
is being sent is finished if it can be, and the process is gone in less than 25 seconds even if
something hangs; what was cut off is looked for by whoever comes next.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.bot import Bot
from bot.delivery import Worker
from bot.store import StoreAway
from storage.engine import StoreError
from storage.store import SqlStore, open_store

log = logging.getLogger(__name__)

# Hosts kill what has not ended after 30 s. These are counted from the first signal.
_DRAIN = 20.0
_LEAVE = 2.5
_LAST = 24.0
_SLOWEST = 60.0
_HOUR = 3600.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def told_to_end() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; further ones change nothing."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            # Also when the loop is closed, another signal must not cut short what is written.
            signal.signal(number, signal.SIG_IGN)
        last = threading.Timer(_LAST, _end)
        last.daemon = True
        last.start()
        told.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, hear)
    return told


def _end() -> None:
    """Nothing that hangs is waited for any longer, be it a thread or another program."""
    log.warning("something hangs, and is left; the database knows what was being sent")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def opened_store(
    address: str, told: asyncio.Event, tell: Callable[[str], None]
) -> SqlStore | None:
    """The database, as soon as it answers; None if the process was told to end before.

    Raises StoreError for what waiting does not mend.
    """
    wait = 1.0
    said = ""
    while not told.is_set():
        try:
            return await asyncio.to_thread(open_store, address)
        except StoreError as error:
            if not error.passes:
                raise
            if str(error) != said:
                said = str(error)
                tell(f"{said} BotBeat waits for it.")
        await _unless(told, wait)
        wait = min(wait * 2, _SLOWEST)
    return None


async def _unless(told: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await told.wait()
    except TimeoutError:
        return


async def keep(name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run one part: what fails is started again, less and less often.

    A part that returns has said why in the log, and that starting it again cannot help.
    """
    wait = 1.0
    while True:
        try:
            await job()
            log.error("%s has ended; the other parts go on", name)
            return
        except Exception:
            log.exception("%s failed; it starts again in %.0f s", name, wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _SLOWEST)


async def run_until_told(
    told: asyncio.Event, worker: Worker, bot: Bot, jobs: Sequence[Awaitable[None]]
) -> None:
    """Deliver and do the jobs. The end: nothing new is taken, what is on its way is finished,
    and then the jobs are cancelled, in which they give back what only one process may have."""
    delivering = asyncio.create_task(worker.run(bot.changed), name="worker")
    tasks = [delivering, *(asyncio.ensure_future(job) for job in jobs)]
    await told.wait()
    worker.stop()
    await asyncio.wait([delivering], timeout=_DRAIN)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_LEAVE)


@contextmanager
def ticking(bot: Bot) -> Iterator[None]:
    """What is done by the clock. The scheduler only ticks; the database says what is due."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(tidy, "interval", [bot], seconds=_HOUR / 6, jitter=_HOUR / 12)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def tidy(bot: Bot) -> bool:
    """Once an hour, however many processes tick, remove what is kept no longer and look whether
    any source answers; whether it did."""
    try:
        if await bot.ration("forget", _HOUR, 1):
            return False
        await bot.forget()
        await bot.look_whether_quiet()
    except StoreAway as error:
        log.warning("the hourly tidying is put off: %s", error)
        return False
    return True
