"""Foreign text on its way to a page, and the words that a search marks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.web import marks, words
from bot import catalogue
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
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
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


def _colours(dark: bool) -> dict[str, str]:
    css = (Path(words.__file__).parent / "static" / "botbeat.css").read_text()
    light_part, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light_part))
    if dark:
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", rest.partition("\n}\n")[0]))
    return found


def _light(color: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _tinted(color: str, ground: str) -> str:
    """A badge's ground: one tenth of its colour over what is behind it."""
    pairs = ((int(color[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(0.1 * mine + 0.9 * below):02x}" for mine, below in pairs)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_read_in_either_light(dark: bool) -> None:
    given = _colours(dark)
    kinds = ["launch", "open", "research", "industry", "money", "policy", "partner", "update"]
    for ground in ("paper", "card"):
        for text in ("ink", "soft", "accent", "bad", "opinion", *kinds):
            assert _contrast(given[text], given[ground]) >= 4.5, (text, ground)
        for kind in (*kinds, "opinion"):
            badge = _tinted(given[kind], given[ground])
            assert _contrast(given[kind], badge) >= 4.5, (kind, "badge on", ground)
    assert _contrast(given["accent-ink"], given["accent"]) >= 4.5
    assert _contrast(given["accent"], given["accent-soft"]) >= 4.5
    assert _contrast(given["bad"], given["bad-soft"]) >= 4.5
    assert _contrast(given["ink"], given["mark"]) >= 4.5
    assert _contrast(given["soft"], given["raised"]) >= 4.5


def test_the_letters_of_every_companys_tile_stand_out() -> None:
    tiles = {company.slug: words.tile(company.slug) for company in catalogue.companies()}
    pale = [name for name, tile in tiles.items() if _contrast(tile.ink, tile.ground.lower()) < 3]
    assert tiles
    assert pale == []
