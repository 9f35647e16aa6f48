"""The outbox: what keeps a report from being lost or said twice."""

from __future__ import annotations

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        118,
        "bot/articles.py",
        """        if entry.fresh:
            share(tx, article)
    else:""",
        """        if entry.fresh:
            pass
    else:""",
        "test_a_report_and_its_deliveries_are_there_together_or_not_at_all",
    ),
    Guard(
        119,
        "bot/attempt.py",
        'if delivery.state in ("sending", "unsure"):',
        'if delivery.state == "nothing":',
        "test_a_killed_workers_post_is_looked_for_before_it_is_sent_again",
    ),
    Guard(
        119,
        "bot/outcomes.py",
        "due = tx.now + max(timing.settle * min(times, _MOST_SETTLES), named)",
        "due = tx.now + named",
        "test_nobody_looks_before_a_late_request_had_time_to_arrive",
    ),
    Guard(
        119,
        "bot/outcomes.py",
        'if error.permanent and not held:\n        tx.deliveries.postpone(delivery, "parked"',
        'if False:\n        tx.deliveries.postpone(delivery, "parked"',
        "test_where_one_may_not_look_an_unsure_post_is_parked_and_not_guessed",
    ),
    Guard(
        119,
        "storage/holds.py",
        'd.state == "parked"',
        'd.state == "nothing"',
        "test_what_was_parked_is_looked_for_again_when_the_channel_opens",
    ),
    Guard(
        119,
        "bot/outcomes.py",
        "timing.settle * min(times, _MOST_SETTLES)",
        "timing.settle",
        "test_a_look_that_fails_leaves_all_unsure_and_comes_less_and_less_often",
    ),
    Guard(
        119,
        "bot/outcomes.py",
        "delivery.attempts if looked else 1",
        "delivery.attempts",
        "test_what_is_lost_again_and_again_is_looked_for_one_settle_time_later",
    ),
    Guard(
        119,
        "bot/looking.py",
        "keys = [delivery.key, *(one.key for one in self.beside)]",
        "keys, self.beside = [delivery.key], []",
        "test_one_look_settles_a_channel",
    ),
    Guard(
        119,
        "storage/claims.py",
        "_d.silent < suspect, _d.part == 0",
        "_d.part == 0",
        "test_what_may_kill_whoever_tries_it_is_not_freed_by_anothers_look",
    ),
    Guard(
        119,
        "storage/claims.py",
        "_d.due <= session.now, _d.sent_at.between",
        "_d.sent_at.between",
        "test_what_is_younger_than_its_settle_time_is_left_alone",
    ),
    Guard(
        120,
        "storage/deliveries.py",
        "update(t.delivery).where(_d.id == delivery.id, _d.claims == delivery.claims)",
        "update(t.delivery).where(_d.id == delivery.id)",
        "test_a_look_says_nothing_of_what_was_tried_again_meanwhile",
    ),
    Guard(
        120,
        "storage/deliveries.py",
        "update(t.delivery).where(_d.id == delivery.id, _d.claims == delivery.claims)",
        "update(t.delivery).where(_d.id == delivery.id)",
        "test_a_worker_that_wakes_after_its_lease_cannot_undo_what_another_did",
    ),
    Guard(
        121,
        "bot/outcomes.py",
        "if self.lease <= self.attempt or self.lease < self.settle:",
        "if self.lease < 0:",
        "test_a_lease_that_is_too_short_is_refused_at_the_start",
    ),
    Guard(
        122,
        "storage/claims.py",
        "            due=now + lease,\n",
        "            due=now,\n",
        "test_many_workers_claim_each_delivery_once",
    ),
    Guard(
        123,
        "storage/engine.py",
        'begin = "BEGIN IMMEDIATE" if write else "BEGIN"',
        'begin = "BEGIN"',
        "test_eight_processes_write_in_one_file_and_none_is_turned_away",
    ),
    Guard(
        126,
        "bot/attempt.py",
        "if outcomes.is_suspect(delivery):",
        "if False:",
        "test_what_may_have_killed_its_worker_waits_and_the_others_go_on",
    ),
    Guard(
        127,
        "bot/freshness.py",
        "if tx.calm(self._stale):",
        "if False:",
        "test_old_news_is_worse_than_none",
    ),
    Guard(
        128,
        "storage/claims.py",
        "return allowed.order_by(firsts.c.due).limit(_ROOM)",
        "return allowed.order_by(firsts.c.due)",
        "test_a_worker_takes_no_more_than_it_can_send_at_once",
    ),
    Guard(
        130,
        "storage/rows.py",
        "return or_(moment <= now, moment > now + longest)",
        "return moment <= now",
        "test_a_clock_that_was_a_year_ahead_holds_nothing_back",
    ),
    Guard(
        130,
        "bot/freshness.py",
        "return abs(ahead - known) <= within",
        "return True",
        "test_a_clock_that_jumps_a_year_makes_no_news_old",
    ),
    Guard(
        131,
        "bot/attempt.py",
        "if self.clock() + pause > self.ends:",
        "if True:",
        "test_a_receipt_is_written_as_soon_as_the_database_is_back",
    ),
    Guard(
        32,
        "storage/claims.py",
        "    if pace.install:\n        most =",
        "    if False:\n        most =",
        "test_all_workers_together_keep_the_workspaces_pace",
    ),
    Guard(
        33,
        "storage/claims.py",
        "case((and_(held, waits > 0), 0), (held, 1), else_=most)",
        "case((held, 1000), else_=most)",
        "test_a_workspace_that_asks_for_patience_gets_it",
    ),
    Guard(
        36,
        "bot/outcomes.py",
        "    if held:\n        _hold(tx, delivery, error, timing)",
        "    if held and not error.permanent:\n        _hold(tx, delivery, error, timing)",
        "test_a_channel_that_stays_closed_is_left_alone_and_heals_unannounced",
    ),
    Guard(
        36,
        "bot/holding.py",
        "return not at or tx.channels.heard(channel, at)",
        "return True",
        "test_a_late_word_of_a_closed_channel_changes_nothing",
    ),
    Guard(
        36,
        "bot/holding.py",
        "    tx.deliveries.expire_backlog(channel, BACKLOG, oldest, newest, _MANY)\n",
        "",
        "test_a_channel_that_opens_after_hours_is_not_flooded",
    ),
)
