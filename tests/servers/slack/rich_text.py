"""Which rich text Slack takes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.

Each check returns what is wrong in Slack's words, with the place as a JSON pointer.
"""

from collections.abc import Iterator

from tests.servers.slack.ledger import Json

SECTIONS = {
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "rich_text_preformatted": {"elements", "border", "language"},
    "rich_text_quote": {"elements", "border"},
}
# The fields an element must have, then those it may have.
ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "unsafe", "style"}),
    "emoji": ({"name"}, {"unicode", "skin_tone", "style"}),
    "user": ({"user_id"}, {"style"}),
    "usergroup": ({"usergroup_id"}, {"style"}),
    "channel": ({"channel_id"}, {"style"}),
    "broadcast": ({"range"}, {"style"}),
    "date": ({"timestamp", "format"}, {"url", "fallback", "style"}),
    "color": ({"value"}, {"style"}),
}
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "unlink"}
RANGES = {"here", "channel", "everyone"}


def wrongs_of_rich_text(block: Json, path: str) -> Iterator[str]:
    sections = block.get("elements")
    if not isinstance(sections, list) or not sections:
        yield f"[ERROR] missing required field: elements [json-pointer:{path}]"
        return
    for number, section in enumerate(sections):
        yield from wrongs_of_section(section, f"{path}/elements/{number}")


def wrongs_of_section(section: object, path: str) -> Iterator[str]:
    kind = section.get("type") if isinstance(section, dict) else None
    if not isinstance(section, dict) or kind not in SECTIONS:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{path}/type]"
        return
    for key in section.keys() - SECTIONS[kind] - {"type"}:
        yield f"[ERROR] invalid additional property: {key} [json-pointer:{path}]"
    if kind == "rich_text_list" and section.get("style") not in ("bullet", "ordered"):
        yield f"[ERROR] must be a valid enum value [json-pointer:{path}/style]"
    elements = section.get("elements")
    if not isinstance(elements, list):
        yield f"[ERROR] missing required field: elements [json-pointer:{path}]"
        return
    for number, element in enumerate(elements):
        place = f"{path}/elements/{number}"
        if kind == "rich_text_list":
            yield from wrongs_of_section(element, place)
        else:
            yield from wrongs_of_element(element, place)


def wrongs_of_element(element: object, path: str) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(element, dict) or kind not in ELEMENTS:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{path}/type]"
        return
    must, may = ELEMENTS[kind]
    for key in sorted(must - element.keys()):
        yield f"[ERROR] missing required field: {key} [json-pointer:{path}]"
    for key in sorted(element.keys() - must - may - {"type"}):
        yield f"[ERROR] invalid additional property: {key} [json-pointer:{path}]"
    if kind in ("text", "link") and element.get("text", "absent") == "":
        yield f"[ERROR] must be more than 0 characters [json-pointer:{path}/text]"
    if kind == "broadcast" and element.get("range") not in RANGES:
        yield f"[ERROR] must be a valid enum value [json-pointer:{path}/range]"
    if kind == "link" and not str(element.get("url", "")):
        yield f"[ERROR] must be more than 0 characters [json-pointer:{path}/url]"
    style = element.get("style", {})
    if not isinstance(style, dict) or not style.keys() <= STYLES:
        yield f"[ERROR] invalid style [json-pointer:{path}/style]"


def plain_text(block: Json) -> str:
    """What a reader sees of a rich text block, without styles."""
    parts: list[str] = []
    for section in block.get("elements", []):
        for element in section.get("elements", []):
            if "elements" in element:
                parts.append(plain_text({"elements": [element]}))
            else:
                parts.append(str(element.get("text") or element.get("url") or ""))
    return "".join(parts)
