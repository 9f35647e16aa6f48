"""Refuses message and modal components that Discord refuses.

Source: docs.discord.com/developers/components/reference. Without the Components V2 flag a message
has at most 5 action rows; with it, at most 40 components in all and 4,000 characters of text.
"""

from collections.abc import Iterator

from tests.servers.discord.refusals import Form, Path
from tests.servers.discord.state import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (STRING_SELECT, 5, 6, 7, 8)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL = 17, 18
IN_LABEL = (TEXT_INPUT, *SELECTS, 19, 21, 22, 23)
TOP_LEVEL = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)

ROWS, BUTTONS, TOTAL, TOTAL_TEXT = 5, 5, 40, 4000
CUSTOM_ID, BUTTON_LABEL, BUTTON_URL = 100, 80, 512
LINK, PREMIUM = 5, 6
OPTIONS, OPTION_TEXT, PLACEHOLDER = 25, 100, 150
MODAL_TITLE, MODAL_ROWS, INPUT_LABEL, INPUT_VALUE = 45, 5, 45, 4000


def validate_components(form: Form, path: Path, value: object, *, v2: bool) -> list[Json]:
    components = form.dictionaries(path, value, TOTAL if v2 else ROWS)
    for place, component in enumerate(components):
        allowed = TOP_LEVEL if v2 else (ROW,)
        _component(form, (*path, place), component, allowed)
    _unique_ids(form, path, components)
    if v2:
        _totals(form, path, components)
    return components


def every(components: list[Json], path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every component with its path, parents before children, as Discord numbers them."""
    for place, component in enumerate(components):
        here = (*path, place)
        yield here, component
        children = component.get("components")
        if isinstance(children, list):
            inner = [child for child in children if isinstance(child, dict)]
            yield from every(inner, (*here, "components"))
        for name in ("accessory", "component"):
            if isinstance(component.get(name), dict):
                yield (*here, name), component[name]


def numbered(components: list[Json]) -> list[Json]:
    """A copy in which every component without an `id` has one: 1, 2, 3 …"""
    taken = {part.get("id") for _, part in every(components) if part.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)

    def copy(component: Json) -> Json:
        made = {**component, "id": component.get("id") or next(free)}
        if isinstance(component.get("components"), list):
            made["components"] = [copy(child) for child in component["components"]]
        for name in ("accessory", "component"):
            if isinstance(component.get(name), dict):
                made[name] = copy(component[name])
        return made

    return [copy(component) for component in components if isinstance(component, dict)]


def validate_modal(form: Form, path: Path, data: Json) -> list[Json]:
    """Checks the data of a modal answer and returns its components."""
    form.text((*path, "title"), data.get("title"), MODAL_TITLE, 1)
    form.text((*path, "custom_id"), data.get("custom_id"), CUSTOM_ID, 1)
    here = (*path, "components")
    components = form.dictionaries(here, data.get("components"), MODAL_ROWS)
    if not components:
        form.length(here, [], MODAL_ROWS, 1)
    for place, component in enumerate(components):
        _modal_part(form, (*here, place), component)
    _unique_ids(form, here, components)
    return components


def _component(form: Form, path: Path, component: Json, allowed: tuple[int, ...]) -> None:
    kind = component.get("type")
    if kind not in allowed:
        form.choice((*path, "type"), allowed)
        return
    check = {
        ROW: _row,
        BUTTON: _button,
        SECTION: _section,
        TEXT: _text,
        GALLERY: _gallery,
        CONTAINER: _container,
        **dict.fromkeys(SELECTS, _select),
    }.get(kind)
    if check:
        check(form, path, component)


def _row(form: Form, path: Path, row: Json) -> None:
    here = (*path, "components")
    children = form.dictionaries(here, row.get("components"), BUTTONS)
    if not children:
        form.length(here, [], BUTTONS, 1)
    selects = [child for child in children if child.get("type") in SELECTS]
    if selects and len(children) > 1:
        message = "The specified component exceeds the maximum width"
        form.add(here, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
    for place, child in enumerate(children):
        _component(form, (*here, place), child, (BUTTON, *SELECTS))


def _button(form: Form, path: Path, button: Json) -> None:
    form.text((*path, "label"), button.get("label"), BUTTON_LABEL)
    if not button.get("label") and not button.get("emoji") and button.get("style") != PREMIUM:
        form.add(path, "BUTTON_COMPONENT_EMPTY", "A button must have a label or emoji")
    if button.get("style") not in range(1, PREMIUM + 1):
        form.choice((*path, "style"), range(1, PREMIUM + 1))
    elif button["style"] == LINK:
        _link(form, path, button)
    elif button["style"] != PREMIUM:
        form.text((*path, "custom_id"), button.get("custom_id"), CUSTOM_ID, 1)
        if button.get("url"):
            form.add(path, "BUTTON_URL_NOT_ALLOWED", "Only a link button may have a url")


def _link(form: Form, path: Path, button: Json) -> None:
    if button.get("custom_id"):
        message = "A custom id and url cannot both be specified"
        form.add(path, "BUTTON_CUSTOM_ID_AND_URL", message)
    if not button.get("url"):
        form.required((*path, "url"))
    form.url((*path, "url"), button.get("url"), BUTTON_URL)


def _select(form: Form, path: Path, select: Json) -> None:
    form.text((*path, "custom_id"), select.get("custom_id"), CUSTOM_ID, 1)
    form.text((*path, "placeholder"), select.get("placeholder"), PLACEHOLDER)
    form.number((*path, "min_values"), select.get("min_values", 1), 0, OPTIONS)
    form.number((*path, "max_values"), select.get("max_values", 1), 1, OPTIONS)
    if select["type"] == STRING_SELECT:
        _options(form, (*path, "options"), select.get("options"))


def _options(form: Form, path: Path, value: object) -> None:
    options = form.dictionaries(path, value, OPTIONS)
    if not options:
        form.length(path, [], OPTIONS, 1)
    seen: set[object] = set()
    for place, option in enumerate(options):
        form.text((*path, place, "label"), option.get("label"), OPTION_TEXT, 1)
        form.text((*path, place, "value"), option.get("value"), OPTION_TEXT, 1)
        form.text((*path, place, "description"), option.get("description"), OPTION_TEXT)
        if option.get("value") in seen:
            message = "The specified option value is already used"
            form.add((*path, place, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(option.get("value"))


def _section(form: Form, path: Path, section: Json) -> None:
    here = (*path, "components")
    texts = form.dictionaries(here, section.get("components"), 3)
    if not texts:
        form.length(here, [], 3, 1)
    for place, text in enumerate(texts):
        _component(form, (*here, place), text, (TEXT,))
    accessory = section.get("accessory")
    if not isinstance(accessory, dict):
        form.required((*path, "accessory"))
    else:
        _component(form, (*path, "accessory"), accessory, (BUTTON, THUMBNAIL))


def _text(form: Form, path: Path, text: Json) -> None:
    form.text((*path, "content"), text.get("content"), TOTAL_TEXT, 1)


def _gallery(form: Form, path: Path, gallery: Json) -> None:
    items = form.dictionaries((*path, "items"), gallery.get("items"), 10)
    if not items:
        form.length((*path, "items"), [], 10, 1)


def _container(form: Form, path: Path, container: Json) -> None:
    here = (*path, "components")
    children = form.dictionaries(here, container.get("components"), TOTAL)
    if not children:
        form.length(here, [], TOTAL, 1)
    for place, child in enumerate(children):
        _component(form, (*here, place), child, IN_CONTAINER)


def _unique_ids(form: Form, path: Path, components: list[Json]) -> None:
    seen: set[str] = set()
    for here, component in every(components, path):
        custom_id = component.get("custom_id")
        if not isinstance(custom_id, str):
            continue
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            form.add((*here, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _totals(form: Form, path: Path, components: list[Json]) -> None:
    found = [component for _, component in every(components)]
    if len(found) > TOTAL:
        message = f"The total number of components cannot exceed {TOTAL}"
        form.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [part.get("content") for part in found if part.get("type") == TEXT]
    if sum(len(text) for text in texts if isinstance(text, str)) > TOTAL_TEXT:
        message = f"The total text of all components cannot exceed {TOTAL_TEXT}"
        form.add(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _modal_part(form: Form, path: Path, part: Json) -> None:
    kind = part.get("type")
    if kind == ROW:
        here = (*path, "components")
        inputs = form.dictionaries(here, part.get("components"), 1)
        if not inputs:
            form.length(here, [], 1, 1)
        for place, child in enumerate(inputs):
            _input(form, (*here, place), child, labelled=True)
    elif kind == LABEL:
        form.text((*path, "label"), part.get("label"), INPUT_LABEL, 1)
        form.text((*path, "description"), part.get("description"), OPTION_TEXT)
        labelled = part.get("component")
        if isinstance(labelled, dict):
            _input(form, (*path, "component"), labelled, labelled=False)
        else:
            form.required((*path, "component"))
    elif kind != TEXT:
        form.choice((*path, "type"), (ROW, TEXT, LABEL))


def _input(form: Form, path: Path, part: Json, *, labelled: bool) -> None:
    kind = part.get("type")
    if kind not in ((TEXT_INPUT,) if labelled else IN_LABEL):
        form.choice((*path, "type"), (TEXT_INPUT,) if labelled else IN_LABEL)
        return
    form.text((*path, "custom_id"), part.get("custom_id"), CUSTOM_ID, 1)
    if "disabled" in part:
        form.add(path, "MODAL_COMPONENT_DISABLED", "Modals cannot have disabled components")
    if kind in SELECTS:
        _select_in_modal(form, path, part)
    if kind != TEXT_INPUT:
        return
    form.number((*path, "min_length"), part.get("min_length", 0), 0, INPUT_VALUE)
    form.number((*path, "max_length"), part.get("max_length", INPUT_VALUE), 1, INPUT_VALUE)
    if labelled:
        form.text((*path, "label"), part.get("label"), INPUT_LABEL, 1)
    form.text((*path, "value"), part.get("value"), INPUT_VALUE)
    form.text((*path, "placeholder"), part.get("placeholder"), OPTION_TEXT)
    if part.get("style") not in (1, 2):
        form.choice((*path, "style"), (1, 2))


def _select_in_modal(form: Form, path: Path, part: Json) -> None:
    """`min_values` is left out or at least 1 where an answer is required, which is usual."""
    _select(form, path, part)
    if part.get("required", True) and part.get("min_values", 1) == 0:
        message = "int value should be greater than or equal to 1."
        form.add((*path, "min_values"), "NUMBER_TYPE_MIN", message)
