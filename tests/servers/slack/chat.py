"""The methods that post, change and delete messages: https://docs.slack.dev/reference/methods."""

import re

from tests.servers.slack import messages, shapes
from tests.servers.slack.blocks import MESSAGE_SIZE, size_of_blocks, wrongs_of_blocks
from tests.servers.slack.calls import Call
from tests.servers.slack.ledger import Json
from tests.servers.slack.refusals import Refusal, need, visible_channel, writable_channel
from tests.servers.slack.state import Channel, Posted, State

TEXT_KEPT = 40_000
UPDATE_BYTES = 4_000
METADATA_BYTES = 16_000  # Slack publishes no number for `metadata_too_large`.
EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]{1,255}")
CUSTOM = ("username", "icon_url", "icon_emoji")


def post(call: Call) -> Json:
    """chat.postMessage"""
    channel = destination(call)
    writable_channel(call.state, call.token, channel)
    if any(call.args.get(name) for name in CUSTOM):
        need(call.token, "chat:write.customize")
    text, blocks = content(call)
    first = earlier(call, channel)
    if first is not None:
        return posted_answer(call, first)
    message = Posted(
        channel=channel.id,
        ts=call.state.new_ts(),
        team=call.team.id,
        text=text,
        blocks=blocks,
        user=call.token.user,
        bot_id=call.team.bot_id if call.token.kind == "bot" else "",
        username=call.args.get("username") or None,
        icon_url=call.args.get("icon_url") or None,
        metadata=metadata(call),
        thread_ts=thread(call, channel),
    )
    if message.thread_ts and call.flag("reply_broadcast"):
        message.broadcast, message.subtype = True, "thread_broadcast"
    remember(call, message)
    call.happenings += messages.add(call.state, message)
    call.record(message)
    return posted_answer(call, message)


def posted_answer(call: Call, message: Posted) -> Json:
    shown = shapes.message_json(call.state, message, "full")
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def destination(call: Call) -> Channel:
    """The channel of an id or a name; a person's id means the direct messages with them."""
    name = call.text_of("channel")
    user = call.state.users.get(name)
    if user is not None:
        return direct(call.state, call.team.bot_user, user.id, call.team.id)
    for channel in call.state.channels.values():
        if channel.kind == "public" and channel.name == name.removeprefix("#"):
            name = channel.id
    return visible_channel(call.state, call.token, name)


def direct(state: State, bot: str, user: str, team: str) -> Channel:
    """The direct messages of a person with the bot, which are made when first needed."""
    for channel in state.channels.values():
        if channel.kind == "im" and channel.members == {bot, user}:
            return channel
    channel = Channel(state.new_id("D"), "directmessage", team, "im", {bot, user})
    state.channels[channel.id] = channel
    return channel


def content(call: Call) -> tuple[str, list[Json]]:
    """The text, cut where Slack cuts it, and the blocks with their ids."""
    text, markdown = call.text_of("text"), call.text_of("markdown_text")
    blocks = parts(call)
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > 12_000:
        raise Refusal("msg_too_long")
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    if not (text or blocks or call.args.get("attachments")):
        raise Refusal("no_text")
    if wrongs := wrongs_of_blocks(blocks):
        raise Refusal("invalid_blocks", response_metadata={"messages": wrongs})
    if size_of_blocks(blocks) > MESSAGE_SIZE:
        raise Refusal("msg_blocks_too_long")
    if blocks and not text and not markdown:
        call.warnings.append("missing_text_in_message")
    return text[:TEXT_KEPT], messages.with_block_ids(call.state, blocks)


def parts(call: Call) -> list[Json]:
    blocks = call.parsed("blocks", "invalid_blocks_format") or []
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    return blocks


def metadata(call: Call) -> Json | None:
    """The metadata, or nothing with a warning: https://docs.slack.dev/messaging/message-metadata."""
    given = call.parsed("metadata", "invalid_metadata_format")
    if not given:
        return None
    if not isinstance(given, dict):
        raise Refusal("invalid_metadata_format")
    if call.token.kind != "bot":
        raise Refusal("metadata_must_be_sent_from_app")
    if len(str(given).encode()) > METADATA_BYTES:
        raise Refusal("metadata_too_large")
    kind, payload = given.get("event_type"), given.get("event_payload")
    named = isinstance(kind, str) and EVENT_TYPE.fullmatch(kind)
    if call.state.modes.drops_metadata or not named or not isinstance(payload, dict):
        call.warnings.append("invalid_metadata_schema")
        return None
    return {"event_type": kind, "event_payload": payload}


def thread(call: Call, channel: Channel) -> str | None:
    """The parent's ts. Slack puts a reply to a message that is gone into the channel itself,
    without a word: https://github.com/slack-go/slack/issues/1571.
    """
    ts = call.text_of("thread_ts")
    if not ts:
        return None
    parent = channel.messages.get(ts)
    if parent is not None and parent.alive:
        if parent.subtype.startswith("channel_"):
            raise Refusal("cannot_reply_to_message")
        return parent.thread_ts or ts
    if call.state.modes.missing_parent == "refuse":
        raise Refusal("thread_not_found")
    return ts if call.state.modes.missing_parent == "post" else None


def earlier(call: Call, channel: Channel) -> Posted | None:
    """The message first posted with this client_msg_id, where Slack would look for it."""
    mode, key = call.state.modes.client_msg_id, call.text_of("client_msg_id")
    if mode == "ignore" or key not in call.state.client_msg_ids:
        return None
    place, ts = call.state.client_msg_ids[key]
    first = call.state.channels[place].messages[ts]
    if mode == "dedupe_and_refuse":
        if place != channel.id:
            raise Refusal("duplicate_channel_not_found")
        if not first.alive or first.subtype == "tombstone":
            raise Refusal("duplicate_message_not_found")
    return first


def remember(call: Call, message: Posted) -> None:
    if key := call.text_of("client_msg_id"):
        call.state.client_msg_ids.setdefault(key, (message.channel, message.ts))


def own_message(call: Call, error: str) -> Posted:
    """The message of `channel` and `ts`, which only the app that posted it may touch."""
    channel = visible_channel(call.state, call.token, call.must("channel"))
    message = call.state.find(channel.id, call.must("ts"))
    if message is None or message.subtype == "tombstone":
        raise Refusal("message_not_found")
    if message.bot_id != call.team.bot_id or not message.bot_id:
        raise Refusal(error)
    if channel.archived:
        raise Refusal("is_inactive" if call.method == "chat.update" else "is_archived")
    return message


def update(call: Call) -> Json:
    """chat.update: without `metadata` the old one stays, `{}` removes it; text drops blocks."""
    message = own_message(call, "cant_update_message")
    window = call.state.modes.edit_window
    if window is not None and call.state.now() - float(message.ts) > window:
        raise Refusal("edit_window_closed")
    text, blocks = content(call)
    if len(text.encode()) > UPDATE_BYTES:
        # The page says characters; bytes were measured, so bytes are the safe reading.
        raise Refusal("msg_too_long")
    if not text and not blocks:
        text, blocks = message.text, message.blocks
    kept = message.metadata if call.args.get("metadata") is None else metadata(call)
    shown_as_edited = {"user": message.user, "ts": call.state.new_ts()}
    call.happenings += messages.change(
        call.state,
        message,
        text=text,
        blocks=blocks,
        metadata=kept,
        edited=message.edited if blocks else shown_as_edited,
    )
    call.record(message)
    shown = shapes.message_json(call.state, message, "full")
    return {"channel": message.channel, "ts": message.ts, "text": text, "message": shown}


def delete(call: Call) -> Json:
    """chat.delete"""
    message = own_message(call, "cant_delete_message")
    call.happenings += messages.remove(call.state, message)
    call.record(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral"""
    channel = visible_channel(call.state, call.token, call.must("channel"))
    writable_channel(call.state, call.token, channel)
    if call.must("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    text, blocks = content(call)
    message = Posted(
        channel=channel.id,
        ts=call.state.new_ts(),
        team=call.team.id,
        text=text,
        blocks=blocks,
        user=call.token.user,
        bot_id=call.team.bot_id,
        thread_ts=call.text_of("thread_ts") or None,
        visible_to=call.text_of("user"),
    )
    call.state.ephemerals.append(message)
    call.record(message)
    return {"message_ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink"""
    channel = visible_channel(call.state, call.token, call.must("channel"))
    message = call.state.find(channel.id, call.must("message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    place = f"{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
    link = f"https://{call.team.domain}.slack.com/archives/{place}{thread}"
    return {"channel": channel.id, "permalink": link}


METHODS = {
    "chat.postMessage": post,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.getPermalink": permalink,
}
