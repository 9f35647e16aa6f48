"""Which text objects, buttons, menus and inputs Slack takes inside a block.

Sources: https://docs.slack.dev/reference/block-kit/composition-objects/text-object,
/option-object, /confirmation-dialog-object and https://docs.slack.dev/reference/block-kit/block-elements.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.slack.ledger import Json

Wrongs = Iterator[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one kind of element: those it must have and those it may have."""

    must: frozenset[str]
    may: frozenset[str]


def shape(must: str, may: str = "") -> Shape:
    return Shape(frozenset(must.split()), frozenset(f"{may} type".split()))


MENU = "action_id placeholder confirm focus_on_load"
ELEMENTS = {
    "button": shape("text", "action_id url value style confirm accessibility_label"),
    "overflow": shape("options", "action_id confirm"),
    "static_select": shape("", f"{MENU} options option_groups initial_option"),
    "external_select": shape("", f"{MENU} initial_option min_query_length"),
    "users_select": shape("", f"{MENU} initial_user"),
    "conversations_select": shape(
        "",
        f"{MENU} initial_conversation default_to_current_conversation response_url_enabled filter",
    ),
    "channels_select": shape("", f"{MENU} initial_channel response_url_enabled"),
    "multi_static_select": shape(
        "", f"{MENU} options option_groups initial_options max_selected_items"
    ),
    "radio_buttons": shape("options", "action_id initial_option confirm focus_on_load"),
    "checkboxes": shape("options", "action_id initial_options confirm focus_on_load"),
    "datepicker": shape("", f"{MENU} initial_date"),
    "timepicker": shape("", f"{MENU} initial_time timezone"),
    "plain_text_input": shape(
        "",
        "action_id placeholder initial_value multiline min_length max_length"
        " dispatch_action_config focus_on_load",
    ),
    "image": shape("alt_text", "image_url slack_file"),
}
TEXTS = {"plain_text": shape("text", "emoji"), "mrkdwn": shape("text", "verbatim")}
OPTION = shape("text value", "description url")
CONFIRM = shape("title text confirm deny", "style")
OPTIONS_AT_MOST = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
IN_ACTIONS = ELEMENTS.keys() - {"image", "plain_text_input"}
ACCESSORIES = ELEMENTS.keys() - {"plain_text_input"}
IN_INPUT = ELEMENTS.keys() - {"button", "overflow", "image"}


def wrong(what: str, path: str) -> str:
    return f"[ERROR] {what} [json-pointer:{path}]"


def wrongs_of_keys(part: Json, allowed: Shape, path: str) -> Wrongs:
    for key in sorted(allowed.must - part.keys()):
        yield wrong(f"missing required field: {key}", path)
    for key in sorted(part.keys() - allowed.must - allowed.may):
        yield wrong(f"invalid additional property: {key}", path)


def wrongs_of_length(value: object, most: int, path: str, *, least: int = 1) -> Wrongs:
    """A length counts characters; an absent value (None) is fine."""
    if value is None:
        return
    if not isinstance(value, str):
        yield wrong("must be a string", path)
    elif len(value) < least:
        yield wrong(f"must be more than {least - 1} characters", path)
    elif len(value) > most:
        yield wrong(f"must be less than {most + 1} characters", path)


def wrongs_of_text(text: object, most: int, path: str, *, plain: bool = False) -> Wrongs:
    if not isinstance(text, dict):
        yield wrong("must provide an object", path)
        return
    kind = str(text.get("type"))
    if kind not in TEXTS or (plain and kind != "plain_text"):
        yield wrong(f"unsupported type: {kind}", f"{path}/type")
        return
    yield from wrongs_of_keys(text, TEXTS[kind], path)
    yield from wrongs_of_length(text.get("text", None), most, f"{path}/text")


def wrongs_of_url(url: object, path: str) -> Wrongs:
    yield from wrongs_of_length(url, 3000, path)
    if isinstance(url, str) and not url.startswith(("https://", "http://", "mailto:", "slack://")):
        yield wrong("must be a valid URL", path)


def wrongs_of_image(image: Json, path: str) -> Wrongs:
    yield from wrongs_of_length(image.get("alt_text"), 2000, f"{path}/alt_text")
    if "image_url" in image:
        yield from wrongs_of_url(image["image_url"], f"{path}/image_url")
    elif "slack_file" not in image:
        yield wrong("missing required field: image_url", path)


def wrongs_of_element(element: object, allowed: set[str], path: str) -> Wrongs:
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(element, dict) or kind not in allowed:
        yield wrong(f"unsupported type: {kind}", f"{path}/type")
        return
    yield from wrongs_of_keys(element, ELEMENTS[kind], path)
    yield from wrongs_of_length(element.get("action_id"), 255, f"{path}/action_id")
    if "placeholder" in element:
        yield from wrongs_of_text(element["placeholder"], 150, f"{path}/placeholder", plain=True)
    if "confirm" in element:
        yield from wrongs_of_confirm(element["confirm"], f"{path}/confirm")
    if kind == "button":
        yield from wrongs_of_button(element, path)
    elif kind == "image":
        yield from wrongs_of_image(element, path)
    elif "options" in element or kind in OPTIONS_AT_MOST:
        yield from wrongs_of_options(element, OPTIONS_AT_MOST.get(kind, 100), path)
    elif kind in ("static_select", "multi_static_select") and "option_groups" not in element:
        yield wrong("missing required field: options", path)


def wrongs_of_button(button: Json, path: str) -> Wrongs:
    if "text" in button:
        yield from wrongs_of_text(button["text"], 75, f"{path}/text", plain=True)
    yield from wrongs_of_length(button.get("value"), 2000, f"{path}/value")
    label = button.get("accessibility_label")
    yield from wrongs_of_length(label, 75, f"{path}/accessibility_label")
    if "url" in button:
        yield from wrongs_of_url(button["url"], f"{path}/url")
    if button.get("style", "primary") not in ("primary", "danger"):
        yield wrong("must be a valid enum value", f"{path}/style")


def wrongs_of_options(element: Json, most: int, path: str) -> Wrongs:
    options = element.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        yield wrong(f"must have between 1 and {most} items", f"{path}/options")
        return
    plain = element["type"] not in ("checkboxes", "radio_buttons")
    for number, option in enumerate(options):
        place = f"{path}/options/{number}"
        if not isinstance(option, dict):
            yield wrong("must provide an object", place)
            continue
        yield from wrongs_of_keys(option, OPTION, place)
        yield from wrongs_of_text(option.get("text"), 75, f"{place}/text", plain=plain)
        yield from wrongs_of_length(option.get("value"), 150, f"{place}/value")


def wrongs_of_confirm(confirm: object, path: str) -> Wrongs:
    if not isinstance(confirm, dict):
        yield wrong("must provide an object", path)
        return
    yield from wrongs_of_keys(confirm, CONFIRM, path)
    limits = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    for key in limits.keys() & confirm.keys():
        plain = key != "text"
        yield from wrongs_of_text(confirm[key], limits[key], f"{path}/{key}", plain=plain)
