"""Our own Markdown (CommonMark, and `~~` strikes through): the form in which words are kept.

Written: what somebody said plainly stays plain, and nothing in it formats, links or opens a block.
Read: it is blocks of spans, which each platform draws in its own way. Parsing it is left to a
library, whose tree comes in as `Node`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal, Protocol

from bot.text import one_line, visible, web_address

STYLES = {"bold": "**", "italic": "*", "strike": "~~"}
"""How words look, and the marks around them."""

# What would be read as more than text. An underscore inside a word means nothing.
_MEANT = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|&(?=#?\w+;)")
# The same at the start of a line: quotes, headings, lists and rules; four spaces would be code.
_STARTS = re.compile(
    r"^( {0,3})[ \t]*(\d{0,9})(>|#{1,6}(?!\S)|[-+.)=](?!\S)|[-=]+$)?", re.MULTILINE
)
_BARE_LINK = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?'\")\]*_~]")


def literal(text: str) -> str:
    """Plain text, so written that it is shown as it is."""
    text = _MEANT.sub(lambda found: "\\" + found[0], text)
    return _STARTS.sub(_escaped_start, text)


def _escaped_start(found: re.Match[str]) -> str:
    return found[1] + found[2] + (f"\\{found[3]}" if found[3] else "")


def code(text: str) -> str:
    fence = "`" * (_longest_ticks(text) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}" if text.strip() else text


def fenced(text: str) -> str:
    """A block of code, with the lines around it that it needs."""
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return f"\n{fence}\n{text.strip(chr(10))}\n{fence}\n"


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def link(url: str, label: str) -> str:
    """A plain label that leads to the address, if that is one of the web."""
    address = web_address(url).replace("(", "%28").replace(")", "%29")
    words = literal(one_line(label))
    if not address:
        return words or literal(visible(url))
    return f"[{words}]({address})" if words else f"<{address}>"


def styled(text: str, looks: Mapping[str, object]) -> str:
    """Plain text in those of the `STYLES` that hold."""
    around = "".join(mark for style, mark in STYLES.items() if looks.get(style))
    return "\n".join(_surrounded(line, around) for line in text.split("\n"))


def _surrounded(line: str, around: str) -> str:
    core = line.strip()
    if not core or not around:
        return literal(line)
    # Markdown takes no mark that stands beside a space, so the spaces stay outside.
    before, after = line.split(core, 1)
    return f"{before}{around}{literal(core)}{around[::-1]}{after}"


class Node(Protocol):
    """A piece of parsed Markdown, as markdown-it's `SyntaxTreeNode` has it."""

    @property
    def type(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def attrs(self) -> Mapping[str, Any]: ...
    @property
    def children(self) -> Sequence[Node]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with one look: some of `STYLES`, or `code`. `url` is the address as written,
    not yet judged."""

    text: str
    styles: frozenset[str] = frozenset()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Of a list the `entries` that follow each other, from the number `first` on, `depth` steps
    in; of all else the one entry there is."""

    kind: Literal["text", "quote", "code", "bullet", "ordered"]
    entries: Sequence[Sequence[Span]]
    depth: int = 0
    first: int = 1


_PARSED = {"strong": "bold", "em": "italic", "s": "strike"}
_HEADING = Span("", frozenset({"bold"}))


def blocks(tree: Node) -> Iterator[Block]:
    """Paragraphs that follow each other are one block, parted by an empty line; addresses that are
    written out are links as well."""
    for kind, run in groupby(_blocks(tree), lambda block: block.kind):
        if kind == "text":
            entries = (block.entries[0] for block in run)
            yield Block("text", [list(_parted(entries, Span("\n\n")))])
        else:
            yield from run


def _blocks(tree: Node) -> Iterator[Block]:
    for node in tree.children:
        match node.type:
            case "bullet_list" | "ordered_list":
                yield from _list(node, 0)
            case "blockquote":
                yield from _block("quote", [_linked(spans(node))])
            case "fence" | "code_block":
                yield from _block("code", [[Span(node.content.rstrip("\n"))]])
            case "heading":
                yield from _block("text", [_linked(spans(node, _HEADING))])
            case _:
                yield from _block("text", [_linked(spans(node))])


def _block(
    kind: Literal["text", "quote", "code", "bullet", "ordered"],
    entries: Iterable[Iterable[Span]],
    depth: int = 0,
    first: int = 1,
) -> Iterator[Block]:
    """The block with what has words in it, if anything has."""
    worded = [[span for span in entry if span.text] for entry in entries]
    if shown := [entry for entry in worded if entry]:
        yield Block(kind, shown, depth, first)


def _list(node: Node, depth: int) -> Iterator[Block]:
    """An inner list stands beside the outer one, one step further in."""
    kind: Literal["ordered", "bullet"] = "ordered" if node.type == "ordered_list" else "bullet"
    first = int(node.attrs.get("start", 1))
    entries: list[Iterator[Span]] = []
    for item in node.children:
        inner = [child for child in item.children if child.type.endswith("_list")]
        outer = [child for child in item.children if child not in inner]
        entries.append(_linked(_lines(outer, Span(""))))
        if inner:
            for block in _block(kind, entries, depth, first):
                first += len(block.entries)
                yield block
            entries = []
            for child in inner:
                yield from _list(child, depth + 1)
    yield from _block(kind, entries, depth, first)


def spans(node: Node, look: Span = Span("")) -> Iterator[Span]:
    """Anything as a run of spans: what stands below each other is parted by line ends."""
    match node.type:
        case "text":
            yield replace(look, text=node.content)
        case "softbreak" | "hardbreak":
            yield replace(look, text="\n")
        case "code_inline" | "fence" | "code_block":
            words = node.content.rstrip("\n")
            yield replace(look, text=words, styles=look.styles | {"code"})
        case "image":
            yield replace(look, text=node.content or "picture", url=str(node.attrs.get("src", "")))
        case "hr":
            yield replace(look, text="—")
        case "inline" | "strong" | "em" | "s" | "link":
            for child in node.children:
                yield from spans(child, _look(node, look))
        case "list_item":
            yield replace(look, text="• ")
            yield from _lines(node.children, look)
        case _:
            yield from _lines(node.children, look)


def _look(node: Node, look: Span) -> Span:
    if node.type == "link":
        return replace(look, url=str(node.attrs.get("href", "")))
    style = _PARSED.get(node.type)
    return replace(look, styles=look.styles | {style}) if style else look


def _lines(nodes: Iterable[Node], look: Span) -> Iterator[Span]:
    return _parted((spans(node, look) for node in nodes), replace(look, text="\n"))


def _parted(runs: Iterable[Iterable[Span]], by: Span) -> Iterator[Span]:
    for place, run in enumerate(runs):
        if place:
            yield by
        yield from run


def _linked(run: Iterable[Span]) -> Iterator[Span]:
    """The same with each address that is written out as a link of its own."""
    for span in run:
        done = 0
        if not span.url and "code" not in span.styles:
            for found in _BARE_LINK.finditer(span.text):
                yield replace(span, text=span.text[done : found.start()])
                yield replace(span, text=found[0], url=found[0])
                done = found.end()
        yield replace(span, text=span.text[done:])
