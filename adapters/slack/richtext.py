"""Markdown as Slack's rich text, which is structure and so cannot mention anybody.

Whatever a comment says ends up as the `text` of an element; only links and styles become more
than text. Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from adapters.slack.limits import link, linkable, safe
from adapters.slack.payload import Json
from bot.markdown import Block, Span, blocks, spans
from bot.text import clip, visible

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_KINDS = {
    "text": "rich_text_section",
    "quote": "rich_text_quote",
    "code": "rich_text_preformatted",
}
_MARKS = {"code": "`", "strike": "~", "italic": "_", "bold": "*"}
_DEEPEST = 8


def sections(markdown: str, limit: int) -> list[Json]:
    """The sections of a rich text block; the Markdown is cut at `limit` units before."""
    return [_section(block) for block in blocks(_parsed(markdown, limit))]


def plain(markdown: str, limit: int) -> str:
    """What a reader sees of the Markdown, without styles; not escaped."""
    return "".join(span.text for span in spans(_parsed(markdown, limit))).strip()


def mrkdwn(markdown: str, limit: int) -> str:
    """The Markdown as one Slack text of at most `limit` units, for where no rich text is taken."""
    written = ""
    for span in spans(_parsed(markdown, limit)):
        piece = _piece(span, limit)
        if len(written) + len(piece) > limit:
            break
        written += piece
    return written.strip()


def _parsed(markdown: str, limit: int) -> SyntaxTreeNode:
    return SyntaxTreeNode(_PARSER.parse(clip(visible(markdown), limit)))


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


def _section(block: Block) -> Json:
    if block.kind not in _KINDS:
        return _list(block)
    return {"type": _KINDS[block.kind], "elements": _elements(block.entries[0])}


def _list(block: Block) -> Json:
    entries = [
        {"type": "rich_text_section", "elements": _elements(entry)} for entry in block.entries
    ]
    shown: Json = {"type": "rich_text_list", "style": block.kind, "elements": entries}
    if block.depth:
        shown["indent"] = min(block.depth, _DEEPEST)
    if block.kind == "ordered" and block.first != 1:
        shown["offset"] = block.first - 1
    return shown


def _elements(run: Sequence[Span]) -> list[Json]:
    return [_element(span) for span in run]


def _element(span: Span) -> Json:
    address = linkable(span.url)
    shown: Json = {"type": "text", "text": span.text}
    if address:
        shown = {"type": "link", "url": address, "text": span.text}
    if span.styles:
        shown["style"] = dict.fromkeys(sorted(span.styles), True)
    return shown
