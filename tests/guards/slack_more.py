"""Slack: who may tell us something, what it means, and how we write so that nobody is harmed."""

from __future__ import annotations

from tests.guards.guard import Guard

_ANSWERS = "adapters/slack/answers.py"
_CLIENT = "adapters/slack/client.py"
_EVENTS = "adapters/slack/events.py"
_LIMITS = "adapters/slack/limits.py"
_LISTEN = "adapters/slack/listen.py"
_REFUSALS = "adapters/slack/refusals.py"
_RENDER = "adapters/slack/render.py"

_SAID = '_SAID = {"", "thread_broadcast", "file_share", "me_message", "bot_message"}\n'
_KINDS = "test_of_all_kinds_of_messages_those_count_that_people_wrote"

_IN: tuple[Guard, ...] = (
    Guard(
        1,
        _LISTEN,
        "[SignatureVerifier(secret).is_valid for secret in secrets]",
        "[\n"
        "            lambda body, stamp, given, own=SignatureVerifier(secret):\n"
        "            own.generate_signature(timestamp=stamp, body=body) == given\n"
        "            for secret in secrets\n"
        "        ]",
        "test_only_what_slack_has_signed_lately_changes_anything",
    ),
    Guard(
        1,
        _LISTEN,
        "        return any(is_valid(",
        "        return bool(checks) or any(is_valid(",
        "test_only_what_slack_has_signed_lately_changes_anything",
    ),
    Guard(
        2,
        _LISTEN,
        "    except (TypeError, ValueError):\n",
        "    except TypeError:\n",
        "test_only_what_slack_has_signed_lately_changes_anything",
    ),
    Guard(
        9,
        _ANSWERS,
        'if await self._bot.lease(f"asked {ask.channel} {ts}", secrets.token_hex(8), 3600):',
        "if secrets.token_hex(8):",
        "test_who_calls_us_in_a_comment_is_told_of_often_and_answered_once",
    ),
    Guard(
        9,
        "bot/comments.py",
        "    if gesture and not tx.desk.lease(role, said.origin.id, _GESTURE):\n",
        "    if gesture and not role:\n",
        "test_a_gesture_that_slack_tells_of_under_two_times_is_one_comment",
    ),
    Guard(
        9,
        "bot/comparing.py",
        "if said.ref not in known and _gesture(said) in told:",
        "if False:",
        "test_a_gesture_that_stands_under_two_times_is_one_comment_days_later_too",
    ),
    Guard(11, _EVENTS, _SAID, _SAID.replace('"me_message"', '"another"'), _KINDS),
    Guard(11, _EVENTS, _SAID, _SAID.replace("{", '{"channel_topic", '), _KINDS),
    Guard(
        12,
        _EVENTS,
        "        if previous and text == markdown_of(previous, self._people.known):\n",
        "        if not previous:\n",
        "test_a_preview_of_a_link_is_no_edit",
    ),
    Guard(
        13,
        _EVENTS,
        '        if message.get("subtype") == "tombstone":\n',
        '        if message.get("subtype") == "gravestone":\n',
        "test_a_report_deleted_over_its_comments_is_one_deletion",
    ),
    Guard(
        20,
        "adapters/slack/sockets.py",
        "max(min(times.slowest, 2 * self._pause), times.first, least)",
        "max(times.first, least)",
        "test_more_processes_than_slack_has_sockets_for_wait_and_take_over",
    ),
    Guard(
        21,
        _LISTEN,
        "        missed()\n        return BoltResponse(status=200)\n",
        "        return BoltResponse(status=200)\n",
        "test_slack_that_leaves_events_out_is_caught_up_with",
    ),
    Guard(
        22,
        _LISTEN,
        "    if not signed(secrets, body, stamp, signature):\n",
        '    if not signed(secrets, body, stamp, signature) and b"challenge" not in body:\n',
        "test_the_address_is_confirmed_to_slack_only",
    ),
    Guard(
        23,
        _LISTEN,
        "        later(answers.answer(typed(body)))\n",
        "        await answers.answer(typed(body))\n",
        "test_a_command_is_acknowledged_at_once_and_answered_to_the_asker",
    ),
)

_OUT: tuple[Guard, ...] = (
    Guard(
        30,
        "adapters/slack/people.py",
        '        if info.get("is_member") is False and visibility(info) != "direct":\n',
        "        if not info:\n",
        "test_where_botbeat_is_no_member_it_says_so_and_posts_nothing_twice",
    ),
    Guard(
        31,
        "bot/looking.py",
        "        self.beside = await asyncio.to_thread(self._beside, store)\n",
        "",
        "test_one_reading_of_a_channel_settles_sixty_posts_of_which_nobody_knows",
    ),
    Guard(
        35,
        _REFUSALS,
        'DeliveryError(_LATER[name], retry_after=HOURS, scope="install")',
        "DeliveryError(_LATER[name], permanent=True)",
        "test_what_a_workspace_does_not_allow_for_now_is_tried_now_and_then_and_comes",
    ),
    Guard(
        35,
        _REFUSALS,
        "HOURS = 3600.0\n",
        "HOURS = 0.0\n",
        "test_what_a_workspace_does_not_allow_for_now_is_tried_now_and_then_and_comes",
    ),
    Guard(
        37,
        _REFUSALS,
        'DeliveryError(_INSTALL[name], permanent=True, scope="install")',
        'DeliveryError(_INSTALL[name], permanent=True, scope="channel")',
        "test_a_refused_token_stops_all_workers_at_the_first_refusal",
    ),
    Guard(
        39,
        _RENDER,
        "clip(one_line(button.label), LABEL)",
        "one_line(button.label)",
        "test_however_much_is_said_slack_takes_it_and_does_not_split_it",
    ),
    Guard(
        39,
        _LIMITS,
        "WHOLE = 13_200\n",
        "WHOLE = 132_000\n",
        "test_however_much_is_said_slack_takes_it_and_does_not_split_it",
    ),
    Guard(
        39,
        _LIMITS,
        "    return escape(clip(visible(text), limit, _escaped_units))\n",
        "    return clip(escape(visible(text)), limit, units)\n",
        "test_escaping_comes_after_the_cut_so_that_no_entity_is_torn",
    ),
    Guard(
        40,
        _LIMITS,
        "FALLBACK = 2900\n",
        "FALLBACK = 29_000\n",
        "test_however_much_is_said_slack_takes_it_and_does_not_split_it",
    ),
    Guard(
        41,
        _LIMITS,
        "    shown = safe(one_line(text), limit) or",
        "    shown = one_line(text) or",
        "test_sixty_texts_that_are_made_to_call_people_call_nobody",
    ),
    Guard(
        42,
        _RENDER,
        'PLAIN: Json = {"link_names": False, "parse": "none"}\n',
        'PLAIN: Json = {"link_names": False}\n',
        "test_in_all_that_is_posted_and_changed_plain_names_stay_plain",
    ),
    Guard(
        42,
        _RENDER,
        ', "verbatim": True}}\n',
        "}}\n",
        "test_in_all_that_is_posted_and_changed_plain_names_stay_plain",
    ),
    Guard(
        43,
        _RENDER,
        'BARE: Json = {"unfurl_links": False, "unfurl_media": False}\n',
        'BARE: Json = {"unfurl_links": False}\n',
        "test_slack_is_asked_for_no_previews",
    ),
    Guard(
        44,
        "bot/text.py",
        'return one_line(_ZERO_WIDTH.sub("", name))',
        "return name",
        "test_a_name_is_safe_and_never_that_of_anybody_here",
    ),
    Guard(
        44,
        _CLIENT,
        "        if author is None or author.platform == self.platform:\n",
        "        if author is None:\n",
        "test_a_name_is_safe_and_never_that_of_anybody_here",
    ),
    Guard(
        45,
        _REFUSALS,
        '    "edit_window_closed": "',
        '    "edit_window": "',
        "test_an_edit_that_slack_does_not_take_ends_after_one_call",
    ),
    Guard(
        45,
        _REFUSALS,
        '    "is_inactive": "',
        '    "inactive": "',
        "test_an_edit_in_a_channel_that_was_archived_waits_until_it_is_restored",
    ),
    Guard(
        46,
        _CLIENT,
        '        gone = {"message_not_found"}\n',
        "        gone = set[str]()\n",
        "test_deleting_twice_is_success_both_times",
    ),
)

_HARM: tuple[Guard, ...] = (
    Guard(
        49,
        "bot/comments.py",
        '    if default == "share" and settings.visibility != "public":\n',
        '    if default == "shared":\n',
        "test_a_deployment_that_shares_does_not_share_private_channels",
    ),
    Guard(
        50,
        "adapters/slack/manifest.py",
        "{scope for scopes in SCOPES.values() for scope in scopes}",
        "{scope for scopes in SCOPES.values() for scope in scopes[:1]}",
        "test_everything_works_with_the_manifests_scopes_and_not_with_less",
    ),
    Guard(
        51,
        "bot/ports.py",
        "found: Found, page: Page, judgement: Judgement)",
        "found: Found, page: Page, judgement: Judgement, said: Said)",
        "test_no_language_model_is_ever_given_a_comment",
    ),
    Guard(
        51,
        "storage/desk.py",
        "                touched < old,\n",
        "",
        "test_what_was_said_is_kept_for_half_a_year_and_then_forgotten",
    ),
)

GUARDS = _IN + _OUT + _HARM
