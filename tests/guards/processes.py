"""How processes begin, end and share: the lines that keep it."""

from __future__ import annotations

from tests.guards.guard import Guard

_RUNNING = "adapters/terminal/running.py"
_HEALTH = "adapters/web/health.py"

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
    Guard(
        140,
        "adapters/terminal/logs.py",
        '    return _BEHIND.sub(_hidden, _SECRETS.sub("[secret]", text))\n',
        '    return _SECRETS.sub("[secret]", text)\n',
        "test_what_stands_where_secrets_stand_is_replaced",
    ),
    Guard(
        140,
        "adapters/slack/api.py",
        "sdk_log.setLevel(logging.ERROR)\n",
        "",
        "test_nothing_secret_of_slack_is_logged",
    ),
    Guard(
        141,
        _HEALTH,
        "        if self.process.ending():\n",
        "        if self is None:\n",
        "test_told_to_end_it_is_not_ready_and_lives_to_the_last",
    ),
    Guard(
        141,
        _HEALTH,
        "    return _answer(_told(self.process, seen))\n",
        "    told = _told(self.process, seen)\n"
        '        return _answer(told, 503 if told["reasons"] else 200)\n',
        "test_a_platform_that_is_down_leaves_it_ready",
    ),
    Guard(
        141,
        _HEALTH,
        "        async with asyncio.timeout(self._patience):\n",
        "        async with asyncio.timeout(60):\n",
        "test_a_database_that_hangs_is_said_soon",
    ),
)
