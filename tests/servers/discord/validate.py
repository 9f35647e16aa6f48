"""Refuses message bodies that Discord refuses: lengths, counts, embeds, nonce, mentions.

Lengths are counted in code points after trimming, as the platform does. Sources:
docs.discord.com/developers/resources/message#create-message and #embed-object-embed-limits.
"""

from dataclasses import dataclass
from datetime import datetime

from tests.servers.discord.components import numbered, validate_components
from tests.servers.discord.refusals import Form, Path, Refusal
from tests.servers.discord.state import COMPONENTS_V2, EPHEMERAL, Json, Message

CONTENT, EMBEDS, EMBED_TOTAL, FIELDS = 2000, 10, 6000, 25
TITLE, DESCRIPTION, NAME, VALUE, FOOTER, AUTHOR = 256, 4096, 256, 1024, 2048, 256
NONCE, MENTION_IDS, URL = 25, 100, 2048
SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
MENTION_TYPES = ("users", "roles", "everyone")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message body that passed, as it will be stored."""

    content: str
    embeds: list[Json]
    components: list[Json]
    attachments: list[Json]
    flags: int
    allowed_mentions: Json | None
    nonce: str | int | None = None
    enforce_nonce: bool = False


def draft_of(
    body: Json,
    *,
    files: list[Json] | None = None,
    before: Message | None = None,
    at: Path = (),
) -> Draft:
    """Checks a create (or with `before`, an edit) body. `at` is where in the request it stands.

    Raises Refusal 50035 with every fault found, or 50006 when nothing would be shown.
    """
    form = Form()
    flags = _flags(form, (*at, "flags"), body.get("flags"), before)
    if flags & COMPONENTS_V2:
        _refuse_legacy(form, at, body)
    draft = Draft(
        content=_content(form, (*at, "content"), body, before),
        embeds=_embeds(form, (*at, "embeds"), body, before),
        components=_components(form, (*at, "components"), body, before, flags),
        attachments=_attachments(body, files or [], before),
        flags=flags,
        allowed_mentions=_allowed(form, (*at, "allowed_mentions"), body.get("allowed_mentions")),
        nonce=_nonce(form, (*at, "nonce"), body.get("nonce")),
        enforce_nonce=bool(body.get("enforce_nonce")),
    )
    form.check()
    if not (draft.content or draft.embeds or draft.components or draft.attachments):
        raise Refusal(50006)
    return draft


def _content(form: Form, path: Path, body: Json, before: Message | None) -> str:
    if "content" not in body and before:
        return before.content
    content = body.get("content")
    return form.text(path, content.strip() if isinstance(content, str) else content, CONTENT)


def _components(
    form: Form, path: Path, body: Json, before: Message | None, flags: int
) -> list[Json]:
    if "components" not in body and before:
        return before.components
    found = validate_components(form, path, body.get("components"), v2=bool(flags & COMPONENTS_V2))
    return numbered(found)


def _flags(form: Form, path: Path, value: object, before: Message | None) -> int:
    """The flags afterwards. Components V2, once set, cannot be taken back."""
    kept = before.flags if before else 0
    if value is None:
        return kept
    if isinstance(value, bool) or not isinstance(value, int):
        form.number(path, value, 0, SETTABLE)
        return kept
    if kept & COMPONENTS_V2 and not value & COMPONENTS_V2:
        message = "IS_COMPONENTS_V2 cannot be removed from a message."
        form.add(path, "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", message)
    return (kept & ~(SETTABLE & ~EPHEMERAL)) | (value & SETTABLE)


def _refuse_legacy(form: Form, at: Path, body: Json) -> None:
    for name in ("content", "embeds", "sticker_ids", "poll"):
        if body.get(name):
            form.add(
                (*at, name),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _nonce(form: Form, path: Path, value: object) -> str | int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return form.text(path, value, NONCE)


def _embeds(form: Form, path: Path, body: Json, before: Message | None) -> list[Json]:
    if "embeds" not in body and before:
        return before.embeds
    embeds = form.dictionaries(path, body.get("embeds"), EMBEDS)
    stored = [_embed(form, (*path, place), embed) for place, embed in enumerate(embeds)]
    if sum(_size(embed) for embed in stored) > EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        form.add(path, "MAX_EMBED_SIZE_EXCEEDED", message)
    return stored


def _embed(form: Form, path: Path, embed: Json) -> Json:
    stored = {**_trimmed(embed), "type": "rich"}
    form.text((*path, "title"), stored.get("title"), TITLE)
    form.text((*path, "description"), stored.get("description"), DESCRIPTION)
    form.url((*path, "url"), stored.get("url"), URL)
    _embed_parts(form, path, stored)
    if stored.get("color") is not None:
        form.number((*path, "color"), stored["color"], 0, 0xFFFFFF)
    if stored.get("timestamp") is not None:
        _timestamp(form, (*path, "timestamp"), stored["timestamp"])
    if not any(stored.get(name) for name in _SHOWN):
        form.required((*path, "description"))
    return stored


_SHOWN = ("title", "description", "fields", "footer", "author", "image", "thumbnail")


def _embed_parts(form: Form, path: Path, embed: Json) -> None:
    for place, entry in enumerate(
        form.dictionaries((*path, "fields"), embed.get("fields"), FIELDS)
    ):
        form.text((*path, "fields", place, "name"), entry.get("name"), NAME, 1)
        form.text((*path, "fields", place, "value"), entry.get("value"), VALUE, 1)
    for name, key, most in (("footer", "text", FOOTER), ("author", "name", AUTHOR)):
        part = embed.get(name)
        if part is None:
            continue
        if not isinstance(part, dict):
            form.model((*path, name))
            continue
        form.text((*path, name, key), part.get(key), most, 1)
        form.url((*path, name, "icon_url"), part.get("icon_url"), URL, _IMAGES)
        form.url((*path, name, "url"), part.get("url"), URL)
    for name in ("image", "thumbnail"):
        part = embed.get(name)
        if isinstance(part, dict):
            form.url((*path, name, "url"), part.get("url"), URL, _IMAGES)


_IMAGES = ("http", "https", "attachment")


def _trimmed(value: Json) -> Json:
    """Leading and trailing white space is dropped before anything is counted."""
    return {name: _trimmed_value(part) for name, part in value.items()}


def _trimmed_value(value: object) -> object:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return _trimmed(value)
    return [_trimmed_value(part) for part in value] if isinstance(value, list) else value


def _timestamp(form: Form, path: Path, value: object) -> None:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        message = f'Could not parse "{value}". Should be ISO8601.'
        form.add(path, "DATE_TIME_TYPE_PARSE", message)


def _size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    fields = embed.get("fields")
    for entry in fields if isinstance(fields, list) else []:
        if isinstance(entry, dict):
            texts += [entry.get("name"), entry.get("value")]
    for name, key in (("footer", "text"), ("author", "name")):
        part = embed.get(name)
        if isinstance(part, dict):
            texts.append(part.get(key))
    return sum(len(text) for text in texts if isinstance(text, str))


def _allowed(form: Form, path: Path, value: object) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        form.model(path)
        return None
    parse = value.get("parse") or []
    for place, kind in enumerate(parse):
        if kind not in MENTION_TYPES:
            form.choice((*path, "parse", place), MENTION_TYPES)
    for name in ("users", "roles"):
        ids = value.get(name) or []
        form.length((*path, name), ids, MENTION_IDS)
        if ids and name in parse:
            message = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            form.add(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    return value


def _attachments(body: Json, files: list[Json], before: Message | None) -> list[Json]:
    """New files, after those the edit names to keep; without `attachments` all are kept."""
    if before is None:
        return files
    if body.get("attachments") is None:
        kept = [] if "attachments" in body else before.attachments
        return [*kept, *files]
    names = {str(part.get("id")) for part in body["attachments"] if isinstance(part, dict)}
    return [part for part in before.attachments if part["id"] in names] + files
