"""Slack's refusals and failures, told as the one error of the outside world.

The rule: `unsure` whenever Slack may have done what we asked; a refusal it names itself is sure.
Reasons are sentences for people. Source: the errors listed at
https://docs.slack.dev/reference/methods/chat.postMessage and of the other methods we call.
"""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.payload import word
from bot.ports import DeliveryError, Scope, ThreadGone

WAIT = 30.0
"""Seconds to wait where Slack asks for patience without saying how long."""
HOURS = 3600.0

_INVITE = "BotBeat is not in this channel: type /invite @BotBeat there"
_FORBIDDEN = "The workspace does not let BotBeat write in this channel: ask who manages it"
_REINSTALL = "Slack does not accept BotBeat's token any more: install BotBeat again"
_TOO_LONG = "Slack found this message too long or not well formed"
THREAD_GONE = "thread_not_found"
"""What Slack says of the replies to a message that is gone."""
UNUSABLE = "Slack gave no usable answer; BotBeat asks again"
REPORT_GONE = "The report under which this belongs is not in Slack any more"

_MAYBE = {"fatal_error", "internal_error", "service_unavailable", "unknown_error"}
_PATIENCE = {"ratelimited", "rate_limited", "rate_limit"}
_LATER = {
    "message_limit_exceeded": "This workspace has reached its message limit; BotBeat tries later",
    "ekm_access_denied": "The workspace's key management stops messages; BotBeat tries later",
    "org_login_required": "The workspace is being moved into an organisation; BotBeat tries later",
    "team_added_to_org": "The workspace is being moved into an organisation; BotBeat tries later",
}
_CHANNEL = {
    "not_in_channel": _INVITE,
    "user_not_in_channel": _INVITE,
    "channel_not_found": "BotBeat cannot see this channel: it is gone, or private; type"
    " /invite @BotBeat there if it exists",
    "is_archived": "This channel is archived; BotBeat goes on when it is restored",
    "is_inactive": "This channel is frozen; BotBeat goes on when it is restored",
    "messages_tab_disabled": "Direct messages to BotBeat are switched off in this workspace",
    "method_not_supported_for_channel_type": "BotBeat cannot write in this kind of conversation",
    "slack_connect_canvas_sharing_blocked": _FORBIDDEN,
    "cannot_post_in_channel": _FORBIDDEN,
}
_INSTALL = {
    "token_revoked": "BotBeat's token was withdrawn in Slack: install BotBeat again",
    "account_inactive": "BotBeat was removed from this workspace: install it again",
    "token_expired": "BotBeat's token has expired: install BotBeat again",
    "invalid_auth": _REINSTALL,
    "not_authed": _REINSTALL,
    "not_allowed_token_type": "Slack takes another kind of token here: the bot's begins with xoxb,"
    " the app-level one with xapp",
    "missing_scope": "BotBeat lacks a permission (scope) it needs: install it again with the"
    " manifest that comes with it",
    "access_denied": _REINSTALL,
    "no_permission": _REINSTALL,
    "enterprise_is_restricted": _REINSTALL,
}
_UNREAD = {"missing_scope", "not_allowed_token_type", "access_denied", "no_permission"}
"""What Slack may say of reading alone, where writing works."""
_MESSAGE = {
    "msg_too_long": _TOO_LONG,
    "msg_blocks_too_long": _TOO_LONG,
    "invalid_blocks": _TOO_LONG,
    "invalid_blocks_format": _TOO_LONG,
    "no_text": _TOO_LONG,
    "invalid_arguments": _TOO_LONG,
    "metadata_too_large": _TOO_LONG,
    "invalid_metadata_format": _TOO_LONG,
    "block_mismatch": _TOO_LONG,
    "cannot_reply_to_message": REPORT_GONE,
    "restricted_action_thread_locked": "This thread is locked in Slack",
    "message_not_found": "The message is not in Slack any more",
    "cant_update_message": "Slack does not let BotBeat change this message",
    "edit_window_closed": "The workspace does not let messages be changed any more after this time",
    "cant_delete_message": "Slack does not let BotBeat remove this message",
    "compliance_exports_prevent_deletion": "The workspace does not let messages be removed",
    "duplicate_message_not_found": "This was posted, and then removed in Slack; BotBeat does not"
    " post it again",
    "duplicate_channel_not_found": "This was posted in a channel that is not there any more",
}

_UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def refusal(error: BaseException, *, reading: bool = False) -> DeliveryError:
    """What a failed call of the SDK means. While reading, nothing can have been done by it."""
    if isinstance(error, SlackApiError) and isinstance(error.response, AsyncSlackResponse):
        return _of_answer(error.response, reading)
    if isinstance(error, _UNREACHED):
        return DeliveryError("Slack cannot be reached; BotBeat tries again")
    return _silent(reading)


def _silent(reading: bool) -> DeliveryError:
    if reading:
        return DeliveryError(UNUSABLE)
    return DeliveryError("Slack gave no usable answer and may have done it", unsure=True)


def _of_answer(answer: AsyncSlackResponse, reading: bool) -> DeliveryError:
    name = word(answer.data, "error")
    if answer.status_code == 429 or name in _PATIENCE:
        # Slack counts by method and workspace: reading too much says nothing about posting.
        scope: Scope = "message" if reading else "install"
        reason = "Slack asked BotBeat to slow down"
        return DeliveryError(reason, retry_after=_seconds(answer), scope=scope)
    if not name or name in _MAYBE or answer.status_code >= 500:
        return _silent(reading)
    return _named(name, reading)


def _named(name: str, reading: bool) -> DeliveryError:
    if name in _LATER:
        return DeliveryError(_LATER[name], retry_after=HOURS, scope="install")
    if name in _INSTALL and not (reading and name in _UNREAD):
        return DeliveryError(_INSTALL[name], permanent=True, scope="install")
    if name == THREAD_GONE:
        return ThreadGone(REPORT_GONE)
    if name in _MESSAGE:
        return DeliveryError(_MESSAGE[name], permanent=True)
    if reading:
        reason = f"Slack does not let BotBeat look into this channel ({name})"
        return DeliveryError(reason, permanent=True)
    if name in _CHANNEL or name.startswith("restricted_action"):
        reason = _CHANNEL.get(name, _FORBIDDEN)
        return DeliveryError(reason, permanent=True, scope="channel")
    return DeliveryError(f"Slack refused: {name}")


def _seconds(answer: AsyncSlackResponse) -> float:
    """Retry-After in seconds; Slack documents whole seconds, and proxies write what they like."""
    given = {str(key).lower(): value for key, value in dict(answer.headers).items()}
    text = str(given.get("retry-after", ""))
    return float(text) if text.isascii() and text.isdigit() and int(text) else WAIT
