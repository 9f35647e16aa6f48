"""Foreign text on its way to a page, and the words that a search marks."""

from __future__ import annotations

import re

import pytest

from adapters.web import marks, words
from bot.model import Article, Takeaway
from bot.query import parse

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](vbscript:msgbox(1))",
    "[a](//evil.example)",
    "[a](/demo/worker)",
    "![a](https://evil.example/x.png)",
    "![a](javascript:alert(1))",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>a</a>",
    "<iframe src=https://evil.example></iframe>",
    "<style>body{display:none}</style>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><button>go</button></form>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    '[a](https://ok.example "onmouseover=alert(1)")',
    'https://ok.example/"onmouseover=alert(1)',
    "https://ok.example/'><script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "{{ 7*7 }}{% raw %}",
    "[x]: javascript:alert(1)\n\n[x]",
    "\u202e<script>\u202calert(1)",
]
_ALLOWED = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_comment_can_act(attack: str) -> None:
    html = str(words.comment_html(attack))
    for tag, attributes in re.findall(r"<([a-z0-9]+)([^>]*)>", html):
        assert tag in _ALLOWED
        if tag == "a":
            assert (
                re.fullmatch(r' href="https?://[^"]*" rel="nofollow noopener ugc"', attributes)
                or attributes == ' rel="nofollow noopener ugc"'
            )
        else:
            assert attributes == ""


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**bold** _em_ ~~gone~~ `code`", "<strong>bold</strong> <em>em</em> <s>gone</s>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("# 1 priority", "# 1 priority"),
        ("> said", "<blockquote>\n<p>said</p>"),
        ("- a\n- b", "<li>a</li>"),
        ("see https://a.example/x_y_z.", '<a href="https://a.example/x_y_z" rel='),
        ("(https://a.example/b)", '(<a href="https://a.example/b" rel='),
        ("[name](https://a.example)", ">name</a>"),
        ("`https://a.example`", "<code>https://a.example</code>"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_a_comments_markdown_is_shown_as_it_was_meant(markdown: str, html: str) -> None:
    assert html in str(words.comment_html(markdown))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x.example", "http:", "ftp://x.example", "https://[", "", "a"]
)
def test_an_address_that_leads_nowhere_good_is_no_link(url: str) -> None:
    assert words.outward(url) == ""


def test_a_quote_is_found_in_the_original() -> None:
    url = words.evidence("https://a.example/b", "Well-known, of course.")
    assert url == "https://a.example/b#:~:text=Well%2Dknown%2C%20of%20course."
    long = words.evidence("https://a.example/b", " ".join("abcdefghijklmn"))
    assert long.endswith("text=a%20b%20c%20d%20e,j%20k%20l%20m%20n")
    assert words.evidence("https://a.example/b#part", "Known.") == "https://a.example/b#part"
    assert words.evidence("javascript:alert(1)", "Known.") == ""


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("ada", "A"), ("阿里", "阿"), ("…", "·")]
)
def test_a_name_has_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_every_company_has_a_tile_that_can_be_read() -> None:
    for name in ("alibaba", "no-such-company", "openai"):
        tile = words.tile(name)
        assert re.fullmatch("#[0-9a-f]{6}", tile.ground.lower())
        assert tile.letters
    assert words.tile("no-such-company") == words.tile("no-such-company")


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("qwen", "Qwen3.6-27B by the Qwen team", ["Qwen", "Qwen"]),
        ("qwen3.6", "Qwen 3.6 and Qwen3.6, not Qwen3", ["Qwen 3.6", "Qwen3.6"]),
        ("ai", "AI training said it", ["AI"]),
        ('"open weights"', "open-weights and open, weights", ["open-weights", "open, weights"]),
        ("quant*", "quantum quantization", ["quantum", "quantization"]),
        ("模型", "新模型发布", ["模型"]),
        ("c++", "C++ and C", ["C++"]),
        ("qwen,gemini -claude", "Claude, Gemini, Qwen", ["Gemini", "Qwen"]),
        ("company:alibaba", "Alibaba", []),
        ("(x", "(x) and x", ["x", "x"]),
    ],
)
def test_the_words_that_were_searched_are_marked(query: str, text: str, marked: list[str]) -> None:
    pieces = marks.marked(text, marks.searched(parse(query, 0)))
    assert [piece.text for piece in pieces if piece.found] == marked
    assert "".join(piece.text for piece in pieces) == text


def test_a_snippet_shows_the_sentence_around_the_word() -> None:
    long = "Nothing of note. " * 30 + "Then Qwen came. " + "Nothing again. " * 30
    article = Article(1, "Title", "", 0, summary=long)
    shown = "".join(
        piece.text for piece in marks.snippet(article, marks.searched(parse("qwen", 0)))
    )
    assert "Then Qwen came." in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 260


def test_a_snippet_without_a_match_is_the_beginning() -> None:
    article = Article(1, "Title", "", 0, takeaways=(Takeaway("First point."),))
    assert [piece.text for piece in marks.snippet(article, None)] == ["First point."]
    assert marks.snippet(Article(1, "Title", "", 0), None) == []
