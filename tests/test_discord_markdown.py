"""Discord Markdown: what people wrote shows as written, and nothing in it does anything."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord.markdown import escape, from_discord, masked, quiet, size, to_discord

NAMES = {"@7": "Ada", "&8": "editors", "#9": "news"}
PIECES = [
    *("@everyone", "@here", "<@1>", "<@!2>", "<@&3>", "<#4>", "<:a:5>", "<a:b:6>", "<t:1>"),
    *("</go:7>", "[x](http://evil.example)", "[x](javascript:y)", "![i](http://i.example)"),
    *("```", "`", "``", "~~~", "**", "*", "__", "_", "~~", "||", "#", "##", "-#", "-", ">", ">>>"),
    *("1.", "\\", "http://a.example/*@everyone*", "<http://b.example>", "@", "every", "one", "a"),
    *("(", ")", "[", "]", "<", "everyone", "1", " ", "\n", "```\n", "# "),
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def live(shown: str) -> str:
    """What Discord would give a meaning: without code and without escaped characters."""
    kept: list[str] = []
    place = 0
    while place < len(shown):
        block = re.compile(r"```.*?```|(`+)(?!`)[^`\n]+?\1(?!`)", re.S).match(shown, place)
        if shown[place] == "\\" and place + 1 < len(shown):
            kept.append("¤")
            place += 2
        elif block:
            kept.append("¤")
            place = block.end()
        else:
            kept.append(shown[place])
            place += 1
    return "".join(kept)


def assert_inert(shown: str) -> None:
    assert not re.search(r"@(everyone|here|[!&]?\d)", shown, re.I)
    read = live(shown)
    assert not re.search(r"<(?!https?://)", read)
    assert "](" not in read
    assert "|" not in re.sub(r"<[^>]*>", "", read)
    assert not re.search(r"^\s*(> )*\s*(#|-#|>>>)", read, re.M)


@given(HOSTILE)
@example("@[everyone](ftp://x)")
@example("```\n``` @everyone ```\n# x")
@example("```\na ``` [x](http://evil.example)\n```")
@example("> # x\n1. # y\n- -# z")
@example("`` `@everyone `` <@1>")
def test_nothing_that_people_wrote_pings_links_or_shouts(text: str) -> None:
    assert_inert(to_discord(text))


@given(HOSTILE)
def test_a_headline_is_one_inert_line(text: str) -> None:
    assert "\n" not in escape(text)
    assert_inert(escape(text))


@given(st.text(st.sampled_from("*_~`|<>[]()#@!&-: \\1ahe/.é界"), max_size=60))
def test_a_headline_reads_as_it_was_written(text: str) -> None:
    read = re.sub(r"\\([\\*_~|`<\[\]#>-])", r"\1", escape(text)).replace("\u200b", "")
    assert read == " ".join(text.split())


@given(HOSTILE)
def test_our_own_words_do_not_ping_either(text: str) -> None:
    assert not re.search(r"@(everyone|here|[!&]?\d)", to_discord(text, own=True), re.I)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and *it* and ~~gone~~", "**bold** and *it* and ~~gone~~"),
        ("__bold__ and _it_ in snake_case_name", r"**bold** and *it* in snake\_case\_name"),
        ("see [the post](https://a.example/b)", "see the post <https://a.example/b>"),
        ("see https://a.example/b_c.", "see <https://a.example/b_c>."),
        ("(https://a.example/x_(y))", "(<https://a.example/x_(y)>)"),
        ("# not a heading", r"\# not a heading"),
        ("> quoted\n>>> deeper", "> quoted\n> deeper"),
        ("`x < y` and 1 < 2", r"`x < y` and 1 \< 2"),
        ("```py\n@tool\n```", "```\n@tool\n```"),
        (r"\*stars\*", r"\*stars\*"),
        ("||secret||", r"\|\|secret\|\|"),
    ],
)
def test_comments_keep_their_shape(text: str, shown: str) -> None:
    assert to_discord(text) == shown


def test_formatting_inside_formatting_ends_somewhere() -> None:
    assert_inert(to_discord("*_" * 1000 + "x" + "_*" * 1000))


def test_only_our_own_words_may_hide_an_address() -> None:
    text = "[all reports](https://a.example/)"
    assert to_discord(text, own=True) == "[all reports](<https://a.example/>)"
    assert "](" not in live(to_discord(text))


def test_a_headline_links_without_a_preview_and_never_to_a_script() -> None:
    assert masked("Qwen [4]", "https://a.example/") == r"**[Qwen \[4\]](<https://a.example/>)**"
    assert masked("Qwen", "javascript:alert(1)") == "**Qwen**"
    both = masked("see https://x.example", "https://a.example/")
    assert both == "**see <https://x.example>** <https://a.example/>"


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("hi <@7>, <@!7>, <@&8> in <#9>", "hi @Ada, @Ada, @editors in #news"),
        ("<@1> <@&2> <#3>", "@someone @role #channel"),
        ("<:wave:123> <a:dance:456>", ":wave: :dance:"),
        ("at <t:1700000000:R>", "at 14 Nov 2023 22:13 UTC"),
        ("try </botbeat:99>", "try /botbeat"),
        ("__under__ **bold** snake_case", "*under* **bold** snake_case"),
        ("a <b> c <https://a.example/>", "a \\<b> c <https://a.example/>"),
        ("one\n>>> two\nthree", "one\n> two\n> three"),
        ("-# small", "small"),
        ("`<@7>`", "`<@7>`"),
        ("look ```py\nx = '<@7>'\n``` ok", "look \n```py\nx = '<@7>'\n```\n ok"),
        ("https://a.example/__init__", "https://a.example/__init__"),
    ],
)
def test_what_discord_means_is_said_in_plain_words(text: str, neutral: str) -> None:
    assert from_discord(text, NAMES) == neutral


def test_a_name_cannot_bring_formatting_with_it() -> None:
    assert from_discord("<@7>", {"@7": "**x** [y](z)"}) == r"@\*\*x\*\* \[y\](z)"
    assert quiet("a\nb`c") == "a b\\`c"


@given(st.text(st.sampled_from("abc DEF é界,.!?'\n"), max_size=80))
def test_plain_words_come_back_as_they_were(text: str) -> None:
    assert to_discord(from_discord(text, {})) == text.strip()


def test_length_is_counted_as_discord_clients_count_it() -> None:
    assert (size("abc"), size("🎉")) == (3, 2)
