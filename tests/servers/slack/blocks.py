"""Which blocks Slack takes: https://docs.slack.dev/reference/block-kit/blocks.

slack_sdk lets most of these mistakes through, so a renderer learns of them here.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from tests.servers.slack import elements, rich_text
from tests.servers.slack.elements import (
    Wrongs,
    shape,
    wrong,
    wrongs_of_element,
    wrongs_of_image,
    wrongs_of_keys,
    wrongs_of_length,
    wrongs_of_text,
)
from tests.servers.slack.ledger import Json

Surface = Literal["message", "modal", "home"]
SHAPES = {
    "section": shape("", "text fields accessory expand block_id"),
    "header": shape("text", "block_id"),
    "context": shape("elements", "block_id"),
    "actions": shape("elements", "block_id"),
    "divider": shape("", "block_id"),
    "image": shape("alt_text", "image_url slack_file title block_id"),
    "rich_text": shape("elements", "block_id"),
    "markdown": shape("text", "block_id"),
    "input": shape("label element", "dispatch_action hint optional block_id"),
}
_VIEW = "private_metadata callback_id external_id"
VIEWS = {
    "modal": shape("title blocks", f"{_VIEW} submit close clear_on_close notify_on_close"),
    "home": shape("blocks", _VIEW),
}
# Slack shows inputs in messages too, but ours only ever belong in a modal.
ONLY_ON: dict[str, Surface] = {"input": "modal", "markdown": "message"}
# Slack publishes no size for a whole message. About 13,200 characters were measured, each
# block taking about a hundred of them: https://github.com/slackapi/bolt-js/issues/2509.
MESSAGE_SIZE = 13_200
BLOCK_SIZE = 100


def wrongs_of_blocks(blocks: list[Json], surface: Surface = "message") -> list[str]:
    """What Slack would say of these blocks, empty when it takes them."""
    most = 50 if surface == "message" else 100
    if len(blocks) > most:
        return [wrong(f"no more than {most} items allowed", "/blocks")]
    found: list[str] = []
    for number, block in enumerate(blocks):
        found += wrongs_of_block(block, surface, f"/blocks/{number}")
    # Ids can only be compared once every block has the right shape.
    return found or list(wrongs_together(blocks))


def size_of_blocks(blocks: list[Json]) -> int:
    """What the blocks count against MESSAGE_SIZE."""
    return sum(BLOCK_SIZE + sum(map(len, texts_of(block))) for block in blocks)


def texts_of(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from texts_of(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("text", "alt_text", "title") and isinstance(value, str):
                yield value
            else:
                yield from texts_of(value)


def wrongs_of_block(block: object, surface: Surface, path: str) -> Wrongs:
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or kind not in SHAPES:
        yield wrong(f"unsupported type: {kind}", f"{path}/type")
        return
    if ONLY_ON.get(kind, surface) != surface:
        yield wrong(f"unsupported type: {kind}", f"{path}/type")
        return
    yield from wrongs_of_keys(block, SHAPES[kind], path)
    yield from wrongs_of_length(block.get("block_id"), 255, f"{path}/block_id")
    yield from CHECKS[kind](block, path)


def wrongs_of_section(block: Json, path: str) -> Wrongs:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield wrong("must provide text or fields", path)
    if "text" in block:
        yield from wrongs_of_text(block["text"], 3000, f"{path}/text")
    if fields is not None:
        if not isinstance(fields, list) or not 1 <= len(fields) <= 10:
            yield wrong("must have between 1 and 10 items", f"{path}/fields")
            return
        for number, text in enumerate(fields):
            yield from wrongs_of_text(text, 2000, f"{path}/fields/{number}")
    if "accessory" in block:
        allowed = elements.ACCESSORIES
        yield from wrongs_of_element(block["accessory"], allowed, f"{path}/accessory")


def wrongs_of_header(block: Json, path: str) -> Wrongs:
    yield from wrongs_of_text(block.get("text"), 150, f"{path}/text", plain=True)


def wrongs_of_context(block: Json, path: str) -> Wrongs:
    parts = block.get("elements")
    if not isinstance(parts, list) or not 1 <= len(parts) <= 10:
        yield wrong("must have between 1 and 10 items", f"{path}/elements")
        return
    for number, part in enumerate(parts):
        place = f"{path}/elements/{number}"
        if isinstance(part, dict) and part.get("type") == "image":
            yield from wrongs_of_element(part, {"image"}, place)
        else:
            yield from wrongs_of_text(part, 3000, place)


def wrongs_of_actions(block: Json, path: str) -> Wrongs:
    parts = block.get("elements")
    if not isinstance(parts, list) or not 1 <= len(parts) <= 25:
        yield wrong("must have between 1 and 25 items", f"{path}/elements")
        return
    for number, part in enumerate(parts):
        yield from wrongs_of_element(part, elements.IN_ACTIONS, f"{path}/elements/{number}")
    ids = Counter(part["action_id"] for part in parts if "action_id" in part)
    for action_id in (name for name, times in ids.items() if times > 1):
        yield wrong(f'`action_id` "{action_id}" already exists in this block', f"{path}/elements")


def wrongs_of_picture(block: Json, path: str) -> Wrongs:
    yield from wrongs_of_image(block, path)
    if "title" in block:
        yield from wrongs_of_text(block["title"], 2000, f"{path}/title", plain=True)


def wrongs_of_markdown(block: Json, path: str) -> Wrongs:
    yield from wrongs_of_length(block.get("text"), 12_000, f"{path}/text")


def wrongs_of_input(block: Json, path: str) -> Wrongs:
    yield from wrongs_of_text(block.get("label"), 2000, f"{path}/label", plain=True)
    yield from wrongs_of_element(block.get("element"), elements.IN_INPUT, f"{path}/element")
    if "hint" in block:
        yield from wrongs_of_text(block["hint"], 2000, f"{path}/hint", plain=True)


def wrongs_together(blocks: list[Json]) -> Wrongs:
    """What only shows in all the blocks: an id twice, too much Markdown."""
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    for block_id in (name for name, times in ids.items() if times > 1):
        yield wrong(f'`block_id` "{block_id}" already exists', "/blocks")
    markdown = sum(len(b["text"]) for b in blocks if b["type"] == "markdown")
    if markdown > 12_000:
        yield wrong("markdown text must be less than 12001 characters in total", "/blocks")


def wrongs_of_view(view: Json) -> list[str]:
    """What Slack would say of a modal or home page: https://docs.slack.dev/reference/views."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [wrong(f"unsupported type: {kind}", "/view/type")]
    parts = view.get("blocks")
    if not isinstance(parts, list):
        return [wrong("missing required field: blocks", "/view")]
    found = [*wrongs_of_keys(view, VIEWS[kind], "/view"), *wrongs_of_blocks(parts, kind)]
    found += wrongs_of_length(view.get("private_metadata"), 3000, "/view/private_metadata", least=0)
    found += wrongs_of_length(view.get("callback_id"), 255, "/view/callback_id", least=0)
    if kind == "modal":
        found += wrongs_of_text(view.get("title"), 24, "/view/title", plain=True)
        for key in {"submit", "close"} & view.keys():
            found += wrongs_of_text(view[key], 24, f"/view/{key}", plain=True)
        if "submit" not in view and any(block.get("type") == "input" for block in parts):
            found.append(wrong("missing required field: submit", "/view"))
    return found


def wrongs_of_nothing(_block: Json, _path: str) -> Wrongs:
    return iter(())


CHECKS = {
    "section": wrongs_of_section,
    "header": wrongs_of_header,
    "context": wrongs_of_context,
    "actions": wrongs_of_actions,
    "divider": wrongs_of_nothing,
    "image": wrongs_of_picture,
    "rich_text": rich_text.wrongs_of_rich_text,
    "markdown": wrongs_of_markdown,
    "input": wrongs_of_input,
}
