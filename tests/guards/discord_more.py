"""Discord: what people do there and what they write, and what Discord will not have."""

from __future__ import annotations

from tests.guards.guard import Guard

_EVENTS, _REST = "adapters/discord/events.py", "adapters/discord/rest.py"
_COMMANDS, _GATEWAY = "adapters/discord/commands.py", "adapters/discord/gateway.py"
_MARKDOWN, _RENDER = "adapters/discord/markdown.py", "adapters/discord/render.py"

GUARDS = (
    Guard(
        63,
        "bot/catchup.py",
        "for ref in found.lacking:",
        "for ref in found.lacking[:20]:",
        "test_forty_edits_and_forty_deletions_made_while_nobody_listened_are_made_up_for",
    ),
    Guard(
        56,
        _EVENTS,
        "known = seen if isinstance(seen, KNOWN) else self._client.get_channel(place)",
        "known = self._client.get_channel(place)",
        "test_a_receipt_that_waits_while_we_are_removed_tells_no_other_place",
    ),
    Guard(
        56,
        _EVENTS,
        "if parent != 0:",
        "if True:",
        "test_a_receipt_from_a_thread_that_is_gone_tells_no_other_place",
    ),
    Guard(
        67,
        _EVENTS,
        "if event.message.edited_at and _by_person(event.message):",
        "if event.cached_message and _by_person(event.message):",
        "test_edits_and_deletions_are_heard_of_what_the_library_never_saw_and_previews_are_not",
    ),
    Guard(
        68,
        _EVENTS,
        "for number in sorted(event.message_ids):",
        "for number in sorted(event.message_ids)[:50]:",
        "test_a_hundred_comments_deleted_at_once_are_a_hundred_deletions_at_the_pace_of_discord",
    ),
    *(
        Guard(76, "adapters/discord/servers.py", old, new, test)
        for old, new, test in (
            (
                "if not channel.permissions_for(channel.guild.me).view_channel:",
                "if False:",
                "test_a_channel_that_is_hidden_from_us_keeps_its_name_and_comes_back",
            ),
            (
                "if missing and await self._is_gone(place):",
                "if False:",
                "test_what_went_while_nobody_listened_is_forgotten_too",
            ),
            (
                "place not in here and not any(guild.unavailable for guild in guilds)",
                "place not in here",
                "test_a_server_that_is_out_of_order_at_the_start_is_not_missed",
            ),
            (
                "await self._bot.channels_stand(here)",
                "pass",
                "test_what_is_open_to_few_is_not_taken_for_public_after_a_role_changed",
            ),
        )
    ),
    Guard(
        76,
        "bot/holding.py",
        "seen(tx, channel, *here[channel])",
        "pass",
        "test_what_was_hidden_or_renamed_while_nobody_listened_is_seen_at_the_start",
    ),
    *(
        Guard(69, file, old, new, "test_a_comment_by_form_is_everywhere_once_and_can_be_taken_back")
        for file, old, new in (
            ("bot/comparing.py", "if not comment.origin.id.startswith(FORM)", "if True"),
            ("bot/comments.py", "if comment.origin.id.startswith(FORM):", "if False:"),
            ("adapters/discord/remarks.py", "{FORM}{asked.user.id}:{number}", "{FORM}{number}"),
        )
    ),
    Guard(
        76,
        "storage/leaving.py",
        ".where(here.removed != 0, here.removed < before)",
        ".where(here.removed < before)",
        "test_a_removed_channel_loses_all_that_it_had_after_thirty_days",
    ),
    Guard(
        69,
        _GATEWAY,
        "            content = False\n",
        "            pass\n",
        "test_an_intent_that_is_not_allowed_is_asked_for_once_and_never_again",
    ),
    Guard(
        77,
        _RENDER,
        "while size(made := whole(cut, cut != text)) > limit and cut:",
        "while size(made := whole(cut, cut != text)) < 0:",
        "test_discord_takes_whatever_we_have_to_say",
    ),
    Guard(
        78,
        _RENDER,
        'MENTION_NOBODY: Json = {"parse": [], "replied_user": False}',
        'MENTION_NOBODY: Json = {"parse": ["everyone"], "replied_user": False}',
        "test_hostile_text_pings_nobody_when_posted_and_when_edited",
    ),
    Guard(
        79,
        _MARKDOWN,
        """return re.sub(r"([\\\\*_~|`<\\[\\]#])", r"\\\\\\1", text)""",
        "return text",
        "test_whatever_people_write_discord_shows_the_words_they_wrote",
    ),
    Guard(
        81,
        _EVENTS,
        "    files = [file.filename for file in message.attachments]\n",
        "    files = [file.url for file in message.attachments]\n",
        "test_a_file_is_told_of_by_a_link_to_its_message_and_never_by_its_own_address",
    ),
    Guard(
        82,
        _COMMANDS,
        "            await self._acknowledge(asked, defer)\n"
        "            answer = await safely(self._obey(asked, text), whose(asked))\n",
        "            answer = await safely(self._obey(asked, text), whose(asked))\n"
        "            await self._acknowledge(asked, defer)\n",
        "test_a_command_is_acknowledged_in_a_second_and_answered_once_while_the_database_hangs",
    ),
    Guard(
        83,
        _REST,
        "if _attempts.get().statuses[-1:] == [429]:",
        "if not _attempts.get().statuses:",
        "test_what_discord_puts_off_is_tried_again_at_its_time_and_comes",
    ),
    Guard(
        83,
        _REST,
        "    240000: (",
        "    1: (",
        "test_what_discord_will_not_have_ends_after_one_call_with_its_reason",
    ),
    Guard(
        83,
        _REST,
        "    30046: (",
        "    1: (",
        "test_an_edit_of_an_old_message_that_discord_puts_off_is_made_at_its_time",
    ),
    Guard(
        85,
        _REST,
        "        http.max_ratelimit_timeout = LONGEST_WAIT\n",
        '        http.max_ratelimit_timeout = LONGEST_WAIT\n        http.user_agent = "BotBeat"\n',
        "test_each_request_says_who_we_are",
    ),
)
