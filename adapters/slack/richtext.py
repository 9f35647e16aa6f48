"""Markdown as Slack's rich text, which is structure and so cannot mention anybody.

Whatever a comment says ends up as the `text` of an element; only links and styles become more
than text. Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from adapters.slack.limits import clean, clip, link, safe, web_address

Json = dict[str, Any]

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
_MARKS = {"code": "`", "strike": "~", "italic": "_", "bold": "*"}
_BARE_LINK = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?'\")\]*_~]")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with one look; `url` is the address as written, not yet judged."""

    text: str
    styles: frozenset[str] = frozenset()
    url: str = ""


_HEADING = Span("", frozenset({"bold"}))


def sections(markdown: str, limit: int) -> list[Json]:
    """The sections of a rich text block; the Markdown is cut at `limit` units before."""
    tree = SyntaxTreeNode(_PARSER.parse(clip(clean(markdown), limit)))
    return list(_joined(_blocks(tree)))


def plain(markdown: str, limit: int) -> str:
    """What a reader sees of the Markdown, without styles; not escaped."""
    return "".join(span.text for span in _spans_of(markdown, limit)).strip()


def mrkdwn(markdown: str, limit: int) -> str:
    """The Markdown as one Slack text of at most `limit` units, for where no rich text is taken."""
    written = ""
    for span in _spans_of(markdown, limit):
        piece = _piece(span, limit)
        if len(written) + len(piece) > limit:
            break
        written += piece
    return written.strip()


def _spans_of(markdown: str, limit: int) -> list[Span]:
    return list(_flat(SyntaxTreeNode(_PARSER.parse(clip(clean(markdown), limit)))))


def _piece(span: Span, limit: int) -> str:
    core = span.text.strip()
    if not core:
        return span.text
    before, after = span.text.split(core, 1)
    words = link(span.url, core, limit) if span.url else safe(core, limit)
    for style, mark in _MARKS.items():
        if style in span.styles and "\n" not in core:
            words = f"{mark}{words}{mark}"
    return before + words + after


def _blocks(node: SyntaxTreeNode) -> Iterator[Json]:
    for child in node.children:
        match child.type:
            case "bullet_list" | "ordered_list":
                yield from _list(child, 0)
            case "blockquote":
                yield from _section("rich_text_quote", _flat(child))
            case "fence" | "code_block":
                code = Span(child.content.rstrip("\n"))
                yield from _section("rich_text_preformatted", [code], links=False)
            case "heading":
                yield from _section("rich_text_section", _flat(child, _HEADING))
            case _:
                yield from _section("rich_text_section", _flat(child))


def _section(kind: str, spans: Iterable[Span], *, links: bool = True) -> Iterator[Json]:
    shown = [element for span in spans for element in _elements(span, links)]
    if shown:
        yield {"type": kind, "elements": shown}


def _joined(blocks: Iterable[Json]) -> Iterator[Json]:
    """Paragraphs that follow each other become one section with an empty line between."""
    held: Json | None = None
    for block in blocks:
        if held and held["type"] == block["type"] == "rich_text_section":
            held["elements"] += [{"type": "text", "text": "\n\n"}, *block["elements"]]
            continue
        if held:
            yield held
        held = block
    if held:
        yield held


def _list(node: SyntaxTreeNode, indent: int) -> Iterator[Json]:
    """Slack keeps an inner list beside the outer one, one step further in."""
    ordered = node.type == "ordered_list"
    number = int(node.attrs.get("start", 1)) - 1 if ordered else 0
    items: list[Json] = []
    for item in node.children:
        inner = [child for child in item.children if child.type.endswith("_list")]
        outer = [child for child in item.children if child not in inner]
        items += _section("rich_text_section", _lines(outer, Span("")))
        if inner:
            yield from _items(items, indent, ordered, number)
            number, items = number + len(items), []
            for child in inner:
                yield from _list(child, indent + 1)
    yield from _items(items, indent, ordered, number)


def _items(items: list[Json], indent: int, ordered: bool, offset: int) -> Iterator[Json]:
    if not items:
        return
    style = "ordered" if ordered else "bullet"
    shown: Json = {"type": "rich_text_list", "style": style, "elements": list(items)}
    if indent:
        shown["indent"] = min(indent, _DEEPEST)
    if ordered and offset:
        shown["offset"] = offset
    yield shown


def _flat(node: SyntaxTreeNode, look: Span = Span("")) -> Iterator[Span]:
    """Anything as a run of spans: what stands below each other is parted by line ends."""
    match node.type:
        case "text":
            yield replace(look, text=node.content)
        case "softbreak" | "hardbreak":
            yield replace(look, text="\n")
        case "code_inline" | "fence" | "code_block":
            code = node.content.rstrip("\n")
            yield replace(look, text=code, styles=look.styles | {"code"})
        case "image":
            yield replace(look, text=node.content or "picture", url=str(node.attrs.get("src", "")))
        case "hr":
            yield replace(look, text="—")
        case "inline" | "strong" | "em" | "s" | "link":
            for child in node.children:
                yield from _flat(child, _look(node, look))
        case "list_item":
            yield replace(look, text="• ")
            yield from _lines(node.children, look)
        case _:
            yield from _lines(node.children, look)


def _look(node: SyntaxTreeNode, look: Span) -> Span:
    if node.type == "link":
        return replace(look, url=str(node.attrs.get("href", "")))
    style = _STYLES.get(node.type)
    return replace(look, styles=look.styles | {style}) if style else look


def _lines(nodes: Iterable[SyntaxTreeNode], look: Span) -> Iterator[Span]:
    for place, node in enumerate(nodes):
        if place:
            yield replace(look, text="\n")
        yield from _flat(node, look)


def _elements(span: Span, links: bool) -> Iterator[Json]:
    """The span as elements of Slack; addresses written out become links as well."""
    if not span.text:
        return
    if not links or span.url or "code" in span.styles:
        yield _element(span)
        return
    done = 0
    for found in _BARE_LINK.finditer(span.text):
        yield from (_element(replace(span, text=t)) for t in [span.text[done : found.start()]] if t)
        yield _element(replace(span, text=found[0], url=found[0]))
        done = found.end()
    if span.text[done:]:
        yield _element(replace(span, text=span.text[done:]))


def _element(span: Span) -> Json:
    address = web_address(span.url) if span.url else ""
    shown: Json = {"type": "text", "text": span.text}
    if address:
        shown = {"type": "link", "url": address, "text": span.text}
    if span.styles:
        shown["style"] = dict.fromkeys(sorted(span.styles), True)
    return shown
