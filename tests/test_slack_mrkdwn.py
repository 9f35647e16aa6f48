"""What people write in Slack arrives as Markdown that says the same and mentions nobody."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.slack.mrkdwn import command_text, from_mrkdwn, from_rich_text, markdown_of
from adapters.slack.render import rendered
from adapters.slack.richtext import plain, sections
from bot.message import Author, Message
from bot.text import visible
from tests.servers.slack.pings import pings

HTML = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, "style": style}


@pytest.mark.parametrize(
    ("slack", "markdown"),
    [
        ("Impressive!", "Impressive!"),
        ("*bold* _it_ ~gone~ *_both_*", "**bold** *it* ~~gone~~ ***both***"),
        ("`a*b` and 2*3*4, snake_case", "`a*b` and 2\\*3\\*4, snake_case"),
        ("<@U1|ada> <@U2> <@U3>", "@ada @Grace @someone"),
        ("<!channel> <!here|@here> <!subteam^S1|@team>", "@channel @here @team"),
        ("<#C1|general> <#C2>", "#general #channel"),
        ("<!date^1^{date}|today>", "today"),
        ("<https://x.example/a?b=1&amp;c=2>", "<https://x.example/a?b=1&c=2>"),
        ("<https://x.example|see *this*>", "[see \\*this\\*](https://x.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("&lt;!channel&gt; &amp;amp;", "\\<!channel> \\&amp;"),
        ("&gt; said *so*\nand on", "> said **so**\nand on"),
        ("```x = '*'\ny```", "```\nx = '*'\ny\n```"),
        (":tada: :party_parrot: 12:30:45", "🎉 :party_parrot: 12:30:45"),
        ("**not bold**", "\\*\\*not bold\\*\\*"),
        ("# no heading", "\\# no heading"),
    ],
)
def test_slacks_markup_becomes_markdown(slack: str, markdown: str) -> None:
    assert from_mrkdwn(slack, {"U2": "Grace"}.get) == markdown  # type: ignore[arg-type]  # None is falsy too.


def test_rich_text_is_read_as_structure() -> None:
    block = rich(
        text("Hi "),
        {"type": "user", "user_id": "U2"},
        text(" and "),
        {"type": "broadcast", "range": "here"},
        text(" bold ", bold=True, italic=True),
        text("a`b", code=True),
        {"type": "link", "url": "https://x.example/(a)", "text": "there"},
        {"type": "emoji", "name": "tada", "unicode": "1f389"},
        {"type": "emoji", "name": "parrot"},
        {"type": "channel", "channel_id": "C1"},
        text("*literal* <@U1>"),
    )
    assert from_rich_text(block, lambda user: "Grace" if user == "U2" else "") == (
        "Hi @Grace and @here ***bold*** ``a`b``[there](https://x.example/%28a%29)🎉:parrot:#channel"
        "\\*literal\\* \\<@U1>"
    )


def test_lists_quotes_and_code_are_read() -> None:
    items = [{"type": "rich_text_section", "elements": [text(word)]} for word in ("one", "two")]
    block: dict[str, Any] = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_list", "style": "ordered", "offset": 1, "elements": items},
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": items},
            {"type": "rich_text_quote", "elements": [text("a\nb")]},
            {"type": "rich_text_preformatted", "elements": [text("x < y")]},
        ],
    }
    assert from_rich_text(block) == (
        "2. one\n3. two\n\n    - one\n    - two\n\n> a\n> b\n\n\n```\nx < y\n```\n"
    )


def test_blocks_are_preferred_and_files_are_named_with_a_link() -> None:
    message = {
        "text": "old *text*",
        "blocks": [rich(text("new"))],
        "files": [{"name": "a_b.pdf", "permalink": "https://x.example/f"}, {"name": "c"}],
    }
    assert markdown_of(message) == "new\n[file: a_b.pdf](https://x.example/f)\nfile: c"


def test_a_command_is_read_without_slacks_markup() -> None:
    typed = "qwen score:&gt;=7 to:<#C1|lab> by:<@U1|ada> <https://x.example/feed|x> &amp; &lt;b&gt;"
    assert command_text(typed) == "qwen score:>=7 to:#lab by:@ada https://x.example/feed & <b>"


@pytest.mark.parametrize("broken", [None, 7, "x", [None], {"elements": 3}, {"elements": [3, {}]}])
def test_what_is_not_of_slacks_shape_breaks_nothing(broken: object) -> None:
    assert isinstance(markdown_of({"blocks": broken, "files": broken, "text": broken}), str)
    assert isinstance(markdown_of({"blocks": [{"type": "rich_text", "elements": [broken]}]}), str)


words = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), include_characters=" "),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(words)
def test_plain_words_from_slack_are_shown_elsewhere_as_the_same_words(said: str) -> None:
    markdown = from_rich_text(rich(text(said)))
    assert HTML.render(markdown).count("<h") == 0
    assert plain(markdown, 10_000).split() == visible(said).split()


@settings(deadline=None)
@given(words, st.sampled_from(["bold", "italic", "strike"]))
def test_styled_words_keep_their_words(said: str, style: str) -> None:
    markdown = from_rich_text(rich(text("x "), text(f"a{said}z", **{style: True})))
    assert plain(markdown, 10_000).split() == visible(f"x a{said}z").split()


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("*_~`<>&;@#!|:\nab &lt;CU1/"), max_size=120))
def test_no_text_of_slack_makes_a_mention_or_an_error(said: str) -> None:
    shown = rendered(Message(text=from_mrkdwn(said), author=Author("Ada", "slack")))
    assert pings(shown["text"], shown["blocks"], {}) == ()


@pytest.mark.parametrize(
    "part", ["*a ", "_*~", "<http://", "```", "`", ":a", "&lt;", "*_~x~_* ", "[]("]
)
def test_a_hostile_text_is_read_quickly(part: str) -> None:
    began = time.perf_counter()
    sections(from_mrkdwn(part * (40_000 // len(part))), 8000)
    assert time.perf_counter() - began < 3
