"""Slack: what keeps its events from being lost and our messages from being posted twice."""

from __future__ import annotations

from tests.guards.guard import Guard

_API = "adapters/slack/api.py"
_CLIENT = "adapters/slack/client.py"
_EVENTS = "adapters/slack/events.py"
_HISTORY = "adapters/slack/history.py"
_LISTEN = "adapters/slack/listen.py"
_MARKS = "adapters/slack/marks.py"
_MISSED = "bot/missed.py"
_REFUSALS = "adapters/slack/refusals.py"
_SOCKET = "adapters/slack/socket.py"
_SOCKETS = "adapters/slack/sockets.py"

_IN: tuple[Guard, ...] = (
    Guard(
        4,
        _EVENTS,
        "        self._later(self._people.introduce(user))\n",
        "        await self._people.introduce(user)\n",
        "test_each_of_many_events_is_acknowledged_in_time_while_all_else_is_slow",
    ),
    Guard(
        5,
        _LISTEN,
        "process_before_response=True",
        "process_before_response=False",
        "test_the_acknowledgement_waits_for_the_commit",
    ),
    Guard(
        5,
        _SOCKET,
        '            told = await self._take(envelope["payload"])\n',
        '            told = asyncio.ensure_future(self._take(envelope["payload"])) and {}\n',
        "test_a_process_that_ends_before_the_commit_has_acknowledged_nothing",
    ),
    Guard(
        6,
        _LISTEN,
        "return BoltResponse(status=503)",
        "return BoltResponse(status=200)",
        "test_what_the_core_could_not_keep_comes_again",
    ),
    Guard(
        6,
        _LISTEN,
        "exc_info=error)\n        missed()\n",
        "exc_info=error)\n",
        "test_an_event_that_was_never_kept_is_found_when_the_database_is_back",
    ),
    Guard(
        7,
        "storage/comments.py",
        "made.on_conflict_do_nothing()",
        'made.on_conflict_do_update(index_elements=["channel_id", "message"],'
        ' set_={"text": comment.text, "deleted": False})',
        "test_an_event_that_comes_many_times_to_many_workers_has_one_effect",
    ),
    Guard(
        8,
        _SOCKET,
        '        elif isinstance(said.get("payload"), dict)',
        '        elif not said.get("retry_attempt") and isinstance(said.get("payload"), dict)',
        "test_a_repetition_that_is_the_only_delivery_has_its_effect",
    ),
    Guard(
        8,
        _LISTEN,
        "    if app is None:\n",
        '    if "X-Slack-Retry-Num" in request.headers:\n'
        "        return web.Response()\n    if app is None:\n",
        "test_a_repetition_that_is_the_only_delivery_has_its_effect",
    ),
    Guard(
        10,
        "bot/comments.py",
        "    later = known.deleted or known.edited > said.edited\n",
        "    later = False\n",
        "test_in_whatever_order_events_come_the_end_is_the_same",
    ),
    Guard(
        10,
        _EVENTS,
        "author, text, moment(ref.id), gesture)",
        "author, text, -moment(ref.id), gesture)",
        "test_copies_stand_in_the_order_in_which_people_wrote",
    ),
    Guard(
        14,
        _EVENTS,
        '        return is_own(message, word(body, "api_app_id"), _bot_user(body))\n',
        "        return False\n",
        "test_our_echo_is_known_whatever_slack_leaves_of_the_metadata",
    ),
    Guard(
        14,
        _EVENTS,
        "        elsewhere = previous and root is None and not own\n",
        "        elsewhere = previous and root is None\n",
        "test_a_report_deleted_over_its_comments_is_one_deletion",
    ),
    Guard(
        15,
        _EVENTS,
        "            if key := key_of(event):\n",
        "            if key := event.get('key'):\n",
        "test_an_echo_before_the_answer_is_the_receipt",
    ),
    Guard(
        16,
        _MARKS,
        '    return block_id.removeprefix(_BLOCK).partition(".")[0]'
        ' if block_id.startswith(_BLOCK) else ""',
        '    return "" if block_id else ""',
        "test_our_echo_is_known_whatever_slack_leaves_of_the_metadata",
    ),
    Guard(17, _SOCKETS, "SOCKETS = 2\n", "SOCKETS = 1\n", "test_two_sockets_are_held"),
    Guard(
        17,
        _SOCKET,
        "            await self._at_work.finish(patience)\n",
        "            pass\n",
        "test_what_an_old_socket_has_taken_is_acknowledged_before_it_goes",
    ),
    Guard(
        18,
        _SOCKET,
        "left = min(self.heard + silence, self.began + oldest) - monotonic()",
        "left = self.began + oldest - monotonic()",
        "test_a_socket_that_seems_alive_and_carries_nothing_is_replaced",
    ),
    Guard(
        18,
        _SOCKETS,
        "            if socket.over or socket.is_silent(self._times.silence):\n",
        "            if socket:\n",
        "test_the_next_socket_is_open_before_the_old_one_is_closed",
    ),
    Guard(
        18,
        _SOCKETS,
        "            # Those who listen now began after this one had ceased to.\n"
        "            self._missed()\n",
        "            pass\n",
        "test_a_socket_that_seems_alive_and_carries_nothing_is_replaced",
    ),
    Guard(
        19,
        _SOCKETS,
        "        if not self._open:\n            self._missed()\n",
        "",
        "test_what_people_did_while_all_processes_were_down_is_there_after_the_start",
    ),
    Guard(
        19,
        _CLIENT,
        "                self._missed.note()\n",
        "",
        "test_each_start_is_followed_by_a_catch_up",
    ),
)

_OUT: tuple[Guard, ...] = (
    Guard(
        24,
        _API,
        "                logger=sdk_log,\n                retry_handlers=[],\n",
        "                logger=sdk_log,\n",
        "test_a_broken_answer_is_unsure_and_never_posted_again_by_itself",
    ),
    Guard(
        25,
        _CLIENT,
        "            client_msg_id=client_msg_id(key),\n",
        "",
        "test_slacks_word_that_a_message_was_removed_is_the_last_one",
    ),
    Guard(
        25,
        _REFUSALS,
        '    "duplicate_message_not_found": "',
        '    "duplicate": "',
        "test_slacks_word_that_a_message_was_removed_is_the_last_one",
    ),
    Guard(
        26,
        _CLIENT,
        '    if any("metadata" in warning for warning in warnings):\n',
        "    if not key:\n",
        "test_dropped_metadata_is_warned_of",
    ),
    Guard(
        26,
        _MARKS,
        '"event_payload": {"key": key}}',
        '"event_payload": {"key": key, "text": str(shown.get("text"))}}',
        "test_metadata_holds_a_key_and_nothing_else",
    ),
    Guard(
        27,
        _REFUSALS,
        "    if not name or name in _MAYBE or answer.status_code >= 500:\n",
        "    if not name or answer.status_code >= 500:\n",
        "test_an_unclear_answer_is_neither_a_loss_nor_a_second_post",
    ),
    Guard(
        28,
        _REFUSALS,
        "    if isinstance(error, _UNREACHED):\n",
        "    if reading and isinstance(error, _UNREACHED):\n",
        "test_what_never_reached_slack_is_sent_again_without_a_look",
    ),
    Guard(
        29,
        _CLIENT,
        '        more: Json = {"ts": thread.id} if thread else {}\n'
        "        pages = self._api.pages(\n"
        '            "conversations.replies" if thread else "conversations.history",\n',
        "        more: Json = {}\n"
        "        pages = self._api.pages(\n"
        '            "conversations.history",\n',
        "test_where_replies_may_not_be_read_a_copy_is_parked_and_its_echo_settles_it",
    ),
    Guard(
        29,
        _CLIENT,
        "                await self.delete(stray)\n",
        "                pass\n",
        "test_a_copy_of_unknown_outcome_whose_report_is_gone_is_not_sent_again",
    ),
    Guard(
        29,
        _CLIENT,
        "                await self.delete(stray)\n            raise\n",
        "                await self.delete(stray)\n",
        "test_a_copy_of_unknown_outcome_whose_report_is_gone_is_not_sent_again",
    ),
    Guard(
        33,
        _REFUSALS,
        "retry_after=_seconds(answer)",
        "retry_after=0",
        "test_while_slack_asks_for_patience_hardly_anything_is_asked_of_it",
    ),
    Guard(
        34,
        _REFUSALS,
        "answer.status_code == 429 or name in _PATIENCE",
        "answer.status_code == 429",
        "test_every_shape_of_slow_down_says_how_long_to_wait",
    ),
    Guard(
        36,
        _EVENTS,
        '        elif what == "unarchive":\n',
        '        elif what == "unarchived":\n',
        "test_a_channel_that_refuses_us_is_tried_once_and_goes_on_when_it_heals",
    ),
    Guard(
        64,
        _HISTORY,
        '        moment(edited.get("ts")) if isinstance(edited, dict) else 0,\n',
        "        0,\n",
        "test_what_people_did_while_all_processes_were_down_is_there_after_the_start",
    ),
    Guard(
        64,
        _MISSED,
        "            await bot.catch_up(history, late=late)\n",
        "            pass\n",
        "test_the_reads_keep_slacks_budget_and_live_comments_do_not_wait",
    ),
)

GUARDS = _IN + _OUT
