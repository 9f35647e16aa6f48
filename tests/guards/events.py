"""Comments that stay in step: one origin, many copies, whatever is told and in whatever order."""

from __future__ import annotations

from tests.guards.guard import Guard

_COMMENTS, _CLAIMS = "bot/comments.py", "storage/claims.py"

GUARDS: tuple[Guard, ...] = (
    Guard(
        86,
        _COMMENTS,
        "    if tx.deliveries.at(said.origin):\n        return\n",
        "",
        "test_our_own_copies_are_no_comments",
    ),
    Guard(
        86,
        _COMMENTS,
        "        if place.channel == here.channel or place.team != here.team:\n",
        "        if place.team != here.team:\n",
        "test_an_echo_of_everything_copies_edits_and_deletes_once",
    ),
    Guard(
        86,
        _COMMENTS,
        "    if not tx.channels.meet(person):\n        return\n",
        "    tx.channels.meet(person)\n",
        "test_two_who_learn_a_name_at_once_correct_a_copy_once",
    ),
    Guard(
        64,
        "storage/cursors.py",
        '.where(_d.kind == "report", _d.message.is_not(None))',
        '.where(_d.kind == "report", _d.message.is_not(None), ~_d.gone)',
        "test_what_is_written_under_a_report_that_a_moderator_removed_is_missed_by_nobody",
    ),
    Guard(
        64,
        _COMMENTS,
        "            tx.cursors.owe(ref)\n",
        "            pass\n",
        "test_what_nobody_heard_under_a_report_that_is_found_long_after_is_read",
    ),
    Guard(
        64,
        "bot/catchup.py",
        "            await self.asks.wait(self.patience)\n",
        "            pass\n",
        "test_a_catch_up_has_patience_with_what_is_just_being_posted",
    ),
    Guard(
        87,
        _COMMENTS,
        '            tx.deliveries.raise_wanted("comment", known.id, changed.revision)\n',
        "            pass\n",
        "test_a_comment_of_ninety_days_ago_is_still_the_same",
    ),
    Guard(
        88,
        _CLAIMS,
        "        and_(there, ~earlier),\n",
        "        there,\n",
        "test_a_hundred_threads_keep_their_order_through_faults",
    ),
    Guard(
        88,
        _CLAIMS,
        "        before.c.article_id == _d.article_id,\n",
        "",
        "test_a_blocked_thread_does_not_delay_the_others",
    ),
    Guard(
        89,
        _COMMENTS,
        "    if known and not known.deleted and moment > known.edited:\n",
        "    if known and not known.deleted:\n",
        "test_an_older_edit_that_comes_late_changes_nothing",
    ),
    Guard(
        89,
        _COMMENTS,
        '        tx.deliveries.raise_wanted("comment", known.id, gone.revision, gone=True)\n',
        "",
        "test_whatever_happens_all_sides_agree_in_the_end",
    ),
    Guard(
        90,
        _COMMENTS,
        "        deleted=known.deleted,\n",
        "        deleted=False,\n",
        "test_events_in_any_order_end_the_same",
    ),
    Guard(
        90,
        _COMMENTS,
        '        known = _remember(tx, ref, reply_to, "", edited=tx.now, deleted=True)\n',
        "        return\n",
        "test_a_deletion_that_came_first_is_remembered",
    ),
)
