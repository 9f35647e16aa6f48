"""How processes begin, end and share: the lines that keep it."""

from __future__ import annotations

from tests.guards.guard import Guard

_RUNNING = "adapters/terminal/running.py"

GUARDS: tuple[Guard, ...] = (
    Guard(
        124,
        "adapters/terminal/opening.py",
        "    if lasting and vanishes(url):\n",
        "    if lasting and not url:\n",
        "test_nothing_runs_where_the_disk_vanishes",
    ),
    Guard(
        125,
        _RUNNING,
        "        last.start()\n",
        "",
        "test_it_ends_in_time_whatever_hangs_and_loses_nothing",
    ),
    Guard(
        125,
        _RUNNING,
        "    await asyncio.wait([delivering], timeout=_DRAIN)\n",
        "    await asyncio.wait([delivering], timeout=0)\n",
        "test_what_is_on_its_way_is_finished_and_another_process_does_the_rest",
    ),
    Guard(
        129,
        "storage/engine.py",
        '"SELECT pg_advisory_xact_lock(:key)"',
        '"SELECT CAST(:key AS bigint)"',
        "test_several_processes_may_upgrade_an_empty_database_at_once",
    ),
    Guard(
        132,
        _RUNNING,
        '        if await bot.ration("forget", _HOUR, 1):\n',
        "        if bot is None:\n",
        "test_what_is_done_each_hour_is_done_once_over_all_processes",
    ),
)
