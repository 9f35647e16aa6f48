"""What people write in Slack, as Markdown in which nobody is mentioned.

Rich text blocks are read where a message has them, since they need no guessing; else Slack's own
markup is. A mention becomes the plain text of the name. Sources:
https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from adapters.slack.payload import Json, part, parts, word
from bot.markdown import STYLES, code, fenced, link, literal, styled
from bot.text import replaced, visible

Names = Callable[[str], str]
"""The name of a person by id; an empty text where it is not known."""

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("&(?:lt|gt|amp);")
_ANGLE = re.compile(r"<((?:[@#!]|https?://|mailto:|tel:)[^<>]*)>")
_MARKUP = (
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>(?:[@#!]|https?://|mailto:|tel:)[^<>]*)>"
    r"|:(?P<emoji>[a-z0-9_+'-]+):"
)
# The length is bounded so that a hostile text cannot make the search quadratic.
_STYLED = (
    r"|(?<![\w*_~])(?P<mark>[%s])(?!\s|(?P=mark))(?P<inner>[^\n]{0,999}?\S)(?P=mark)(?![\w*_~])"
)
_STYLE = {"*": STYLES["bold"], "_": STYLES["italic"], "~": STYLES["strike"]}
_EMOJI = {
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "smile": "😄",
    "slightly_smiling_face": "🙂",
    "joy": "😂",
    "thinking_face": "🤔",
    "eyes": "👀",
    "fire": "🔥",
    "tada": "🎉",
    "rocket": "🚀",
    "heart": "❤️",
    "clap": "👏",
    "pray": "🙏",
    "100": "💯",
    "warning": "⚠️",
    "white_check_mark": "✅",
}
"""The commonest, for texts without blocks; in rich text Slack names the character itself."""


def _nobody(_person: str) -> str:
    return ""


def markdown_of(message: Mapping[str, Any], names: Names = _nobody) -> str:
    """A Slack message's words and files as Markdown."""
    blocks = parts(message, "blocks")
    rich = (from_rich_text(block, names) for block in blocks if block.get("type") == "rich_text")
    text = "\n\n".join(rich).strip()
    text = text or from_mrkdwn(word(message, "text"), names)
    return "\n".join(part for part in (text, *_files(message)) if part)


def command_text(text: str) -> str:
    """What stands after a slash command, without Slack's markup."""
    return _unescape(_ANGLE.sub(lambda found: _plain_angle(found[1], _nobody), text)).strip()


def from_mrkdwn(text: str, names: Names = _nobody) -> str:
    return "\n".join(_quoted(line, names) for line in _whole_lines(visible(text))).strip()


def _whole_lines(text: str) -> list[str]:
    """The lines, a preformatted block being kept in one piece."""
    lines: list[str] = []
    open_block = False
    for line in text.split("\n"):
        if open_block:
            lines[-1] += "\n" + line
        else:
            lines.append(line)
        open_block ^= line.count("```") % 2 == 1
    return lines


def _quoted(line: str, names: Names) -> str:
    if line.startswith("&gt;"):
        return "> " + _marked(line[4:].lstrip(), names, "*_~")
    return _marked(line, names, "*_~")


@cache
def _markup(marks: str) -> re.Pattern[str]:
    return re.compile(_MARKUP + (_STYLED % marks if marks else ""), re.DOTALL)


def _marked(text: str, names: Names, marks: str) -> str:
    """Slack's markup as Markdown; of the style marks only `marks` count, which ends recursion."""
    return replaced(
        _markup(marks),
        text,
        lambda found: _piece(found, names, marks),
        lambda plain: literal(_unescape(plain)),
    )


def _piece(found: re.Match[str], names: Names, marks: str) -> str:
    group = found.groupdict()
    if group["pre"]:
        return fenced(_unescape(group["pre"]))
    if group["code"]:
        return code(_unescape(group["code"]))
    if group["angle"]:
        return _angle(group["angle"], names)
    if group["emoji"]:
        return _EMOJI.get(group["emoji"], found[0])
    mark = _STYLE[group["mark"]]
    return mark + _marked(group["inner"], names, marks.replace(group["mark"], "")) + mark


def _angle(inside: str, names: Names) -> str:
    """What stands between angle brackets: a link, or a mention that becomes plain text."""
    if inside[0] in "@#!":
        return literal(_plain_angle(inside, names))
    address, _, label = inside.partition("|")
    return link(_unescape(address), _unescape(label))


def _plain_angle(inside: str, names: Names) -> str:
    target, _, label = inside.partition("|")
    label = _unescape(label)
    match inside[0]:
        case "@":
            return "@" + (label.lstrip("@") or names(target[1:]) or "someone")
        case "#":
            return "#" + (label.lstrip("#") or "channel")
        case "!":
            if target.startswith(("!subteam", "!date")):
                return label or ("@group" if target.startswith("!subteam") else "a date")
            return label or "@" + target[1:]
    return _unescape(target)


def from_rich_text(block: Mapping[str, Any], names: Names = _nobody) -> str:
    sections = (_section(section, names) for section in parts(block, "elements"))
    return "\n\n".join(section for section in sections if section)


def _section(section: Json, names: Names) -> str:
    match section.get("type"):
        case "rich_text_list":
            return _list(section, names)
        case "rich_text_preformatted":
            words = (e.get("text") or e.get("url") or "" for e in parts(section, "elements"))
            return fenced(visible("".join(map(str, words))))
        case "rich_text_quote":
            return "\n".join("> " + line for line in _inline(section, names).split("\n"))
    return _inline(section, names)


def _list(section: Json, names: Names) -> str:
    indent, offset = (_number(section.get(key)) for key in ("indent", "offset"))
    ordered = section.get("style") == "ordered"
    lines = []
    for number, item in enumerate(parts(section, "elements"), 1 + offset):
        mark = f"{number}." if ordered else "-"
        words = _inline(item, names).replace("\n", "\n" + " " * 4 * (indent + 1))
        lines.append(f"{' ' * 4 * indent}{mark} {words}")
    return "\n".join(lines)


def _number(value: object) -> int:
    return min(value, 1_000_000) if isinstance(value, int) and value > 0 else 0


def _inline(section: Json, names: Names) -> str:
    return "".join(_element(element, names) for element in parts(section, "elements")).strip("\n")


def _element(element: Json, names: Names) -> str:
    looks = part(element, "style")
    text = visible(word(element, "text"))
    match element.get("type"):
        case "text" if looks.get("code"):
            return code(text)
        case "text":
            return styled(text, looks)
        case "link":
            return link(word(element, "url"), text)
        case "emoji":
            return _emoji(element)
    return literal(_mention(element, names))


def _mention(element: Json, names: Names) -> str:
    match element.get("type"):
        case "user":
            return "@" + (names(str(element.get("user_id"))) or "someone")
        case "broadcast":
            return "@" + str(element.get("range") or "channel")
        case "usergroup":
            return "@group"
        case "channel":
            return "#channel"
    return visible(word(element, "fallback") or word(element, "value"))


def _emoji(element: Json) -> str:
    name, signs = word(element, "name"), word(element, "unicode")
    if re.fullmatch(r"[0-9a-f]{2,5}(?:-[0-9a-f]{2,5}){0,9}", signs):
        return "".join(chr(int(sign, 16)) for sign in signs.split("-"))
    return _EMOJI.get(name) or f":{name}:"


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)


def _files(message: Mapping[str, Any]) -> list[str]:
    """Files are not copied: a copy names them and leads to where they are."""
    return [
        link(word(file, "permalink"), f"file: {file.get('name') or 'unnamed'}")
        for file in parts(message, "files")[:10]
    ]
