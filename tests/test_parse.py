"""Feeds as they come: each test is a fault that some reader of feeds has got wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from adapters.feeds.feed import Feed
from adapters.feeds.parse import parse
from bot.model import Found

URL = "https://news.example/feed.xml"
LINK = "<link>https://news.example/1</link>"


def rss(*items: str, head: str = "", encoding: str = "utf-8") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>{head}<rss version="2.0"><channel>'
        f"<title>News</title><link>https://news.example/</link>{inside}</channel></rss>"
    )


def only(body: str | bytes, content_type: str = "") -> Found:
    """The one entry of a feed."""
    data = body.encode() if isinstance(body, str) else body
    (found,) = parse(data, URL, content_type).entries
    return found


def titled(title: str) -> str:
    return only(rss(f"<title>{title}</title>{LINK}")).title


def test_an_rss_feed_with_everything_in_it() -> None:
    feed = parse(
        rss(
            "<title>Qwen 4 released</title><link>https://news.example/qwen</link>"
            "<guid isPermaLink='false'>n-1</guid><author>ada@news.example (Ada)</author>"
            "<pubDate>Fri, 24 Apr 2026 03:06:40 GMT</pubDate>"
            "<description>&lt;p&gt;Short.&lt;/p&gt;</description>"
            "<comments>https://talk.example/9</comments>"
        )
        .replace("<title>News", "<language>en-US</language><ttl>30</ttl><title>News")
        .encode(),
        URL,
    )
    found = Found(
        key="n-1",
        url="https://news.example/qwen",
        title="Qwen 4 released",
        published=1_777_000_000,
        text="Short.",
        author="Ada",
        lang="en",
        discussion="https://talk.example/9",
    )
    assert feed == Feed("News", "en", "https://news.example/", (found,), (), ttl=1800)


def test_an_atom_feed_with_relative_links_and_xhtml() -> None:
    found = only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example/b/">'
        '<title>T</title><entry><id>urn:1</id><title type="html">A &amp;amp; &lt;i&gt;B&lt;/i&gt;'
        '</title><link href="p/1"/><updated>2026-04-24T04:06:40+01:00</updated>'
        '<summary>Short.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        "<p>One\nline.</p><p>Two.</p></div></content></entry></feed>"
    )
    assert (found.url, found.title, found.key) == ("https://blog.example/b/p/1", "A & B", "urn:1")
    assert (found.published, found.updated) == (1_777_000_000, 1_777_000_000)
    assert found.text == "One line.\nTwo."


def test_rss_of_the_first_days_and_rdf() -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org'
        '/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title></channel>'
        '<item rdf:about="https://news.example/1"><title>A</title><link>https://news.example/1'
        "</link><dc:date>2026-04-24T03:06:40Z</dc:date></item></rdf:RDF>"
    )
    assert (only(rdf).title, only(rdf).published) == ("A", 1_777_000_000)
    old = (
        '<rss version="0.91"><channel><title>T</title><item><title>A</title></item></channel></rss>'
    )
    assert only(old).title == "A"


def test_a_json_feed() -> None:
    items = [
        {"id": 7, "url": "/a", "title": "A &amp; B", "content_html": "<p>x</p><p>y</p>",
         "date_published": "2026-04-24T03:06:40Z", "authors": [{"name": "Ada"}, {"name": "Bo"}]},
        {"id": "8", "external_url": "https://other.example/", "content_text": "No title. \ud800",
         "date_modified": "2026-04-24T05:06:40+02:00", "author": {"name": "Cy"}},
        {"url": "javascript:alert(1)", "title": 5, "content_html": None, "date_published": [1]},
        "not an item",
    ]  # fmt: skip
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "de",
            "home_page_url": "https://j.example", "items": items}  # fmt: skip
    feed = parse(json.dumps(body).encode(), URL)
    first, second = feed.entries
    assert (first.key, first.url, first.title) == ("7", "https://j.example/a", "A & B")
    assert (first.text, first.author, first.published) == ("x\ny", "Ada, Bo", 1_777_000_000)
    assert (second.url, second.title, second.author) == (
        "https://other.example/", "No title.", "Cy")  # fmt: skip
    assert second.published == 1_777_000_000
    assert (feed.title, feed.lang, feed.link) == ("J", "de", "https://j.example")
    assert [one.reason for one in feed.left_out] == ["neither title nor link"]


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Mon, 23 Nov 2026 13:00:00 GMT", "2026-11-23 13:00"),
        ("Mon, 23 Nov 2026 13:00:00 -0800", "2026-11-23 21:00"),
        ("Mon, 23 Nov 2026 13:00:00 PST", "2026-11-23 21:00"),
        ("Mon, 23 Nov 2026 13:00:00 BST", "2026-11-23 12:00"),
        ("Mon, 23 Nov 2026 13:00 CEST", "2026-11-23 11:00"),
        ("Mon, 23 Nov 2026 13:00:00 AEST", "2026-11-23 03:00"),
        ("Mon, 23 Nov 2026 13:00:00 (JST)", "2026-11-23 04:00"),
        ("Mon, 23 Nov 26 13:00:00 GMT", "2026-11-23 13:00"),
        ("Tue, 23 November 2026 13:00:00 GMT", "2026-11-23 13:00"),
        ("23 Nov 2026 13:00:00 GMT", "2026-11-23 13:00"),
        ("2026-11-23T13:00:00Z", "2026-11-23 13:00"),
        ("2026-11-23 13:00:00", "2026-11-23 13:00"),
        ("next tuesday", ""),
        ("Mon, 23 Nov 2026 24:00:00 GMT", ""),
        ("Mon, 23 Nov 0000 13:00:00 GMT", ""),
        ("Wed, 24 Dec 1930 13:00:00 GMT", ""),
    ],
)
def test_dates_of_every_kind_are_utc(date: str, told: str) -> None:
    found = only(rss(f"<title>A</title>{LINK}<pubDate>{date}</pubDate>"))
    seen = datetime.fromtimestamp(found.published, UTC).strftime("%Y-%m-%d %H:%M")
    assert (seen if found.published else "") == told


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("iso-8859-1", "latin1"), ("windows-1252", "cp1252"), ("utf-16", "utf-16"),
        ("utf-8", "utf-8-sig"), ("utf-8", "latin1"), ("iso-8859-1", "utf-8"), ("utf-16", "utf-8"),
        ("utf-16", "utf-16-le"), ("utf-7", "utf-8"), ("no-such-encoding", "utf-8"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_encoding_may_be_wrong(declared: str, used: str) -> None:
    assert only(rss(f"<title>Café</title>{LINK}", encoding=declared).encode(used)).title == "Café"


@pytest.mark.parametrize("used", ["shift_jis", "iso-2022-jp", "euc-jp", "gb2312", "big5"])
def test_encodings_of_the_east(used: str) -> None:
    assert only(rss(f"<title>日本</title>{LINK}", encoding=used).encode(used)).title == "日本"


def test_the_header_tells_the_encoding_where_the_feed_does_not() -> None:
    body = rss(f"<title>Привет</title>{LINK}").replace(' encoding="utf-8"', "").encode("cp1251")
    assert only(body, "text/xml; charset=windows-1251").title == "Привет"


def test_one_broken_character_does_not_garble_the_others() -> None:
    body = rss(f"<title>Café déjà vu — naïve X</title>{LINK}").encode().replace(b"X", b"\xff")
    assert only(body).title.startswith("Café déjà vu — naïve")


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("AT&T rocks", "AT&T rocks"), ("A&nbsp;B", "A B"), ("R&D&copy", "R&D&copy"),
        ("5 &euro; &bogus; x", "5 € &bogus; x"), ("A &amp;amp; B", "A & B"), ("A\x0bB", "AB"),
        ("A &#0;&#xD800;&#x1F;B", "A B"), ("<![CDATA[A <b>B</b> & C]]>", "A B & C"),
        ("<![CDATA[A &amp; B]]>", "A & B"), ("Vec&lt;T&gt; in Rust", "Vec<T> in Rust"),
        ("if a &lt; b", "if a < b"), ("x\u202ey", "xy"), ("&#128512; 👩‍💻", "😀 👩‍💻"),
        ("The &lt;button&gt; element", "The <button> element"), (" A\n\t B ", "A B"),
        ("&lt;b onclick=x&gt;Hi&lt;/b&gt;", "Hi"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Hi", "Hi"),
        ("How &lt;script&gt; tags work", "How tags work"),
        ("&lt;img src=x onerror=alert(1)&gt;Hi", "Hi"), ("&lt;svg/onload=alert(1)&gt;Hi", "Hi"),
        ("&lt;iframe src='javascript:x'&gt;&lt;/iframe&gt;Hi", "Hi"), ("&lt;!-- x --&gt;Hi", "Hi"),
    ],
)  # fmt: skip
def test_titles_are_plain_text(title: str, plain: str) -> None:
    assert titled(title) == plain


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;script&gt;x&lt;/script&gt;&lt;/p&gt;", "One\nTwo"),
        ("&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt; a &lt; b", "One\na < b"),
        ("Hello<br>world</p>", "Hello\nworld"),
        ("&lt;ul&gt;&lt;li&gt;a&lt;li&gt;b&lt;/ul&gt;&lt;style&gt;p{}&lt;/style&gt;", "a\nb"),
        ("Two\nlines", "Two\nlines"),
    ],
)
def test_descriptions_are_plain_text(markup: str, plain: str) -> None:
    found = only(rss(f"<title>A</title>{LINK}<description>{markup}</description>"))
    assert found.text == plain


def test_the_full_text_is_read_where_there_is_one() -> None:
    full = '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    body = f"<description>Short.</description>{full}&lt;p&gt;All of it.&lt;/p&gt;</content:encoded>"
    assert only(rss(f"<title>A</title>{LINK}{body}")).text == "All of it."


def test_texts_are_cut_between_words() -> None:
    found = only(rss(f"<title>{'word ' * 300}</title><description>{'word ' * 9000}</description>"))
    assert len(found.title) <= 400
    assert found.title.endswith("word…")
    assert 19_900 < len(found.text) <= 20_000


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://a:b@c.example/"],
)
def test_only_web_links_are_links(link: str) -> None:
    assert only(rss(f"<title>A</title><link>{link}</link>")).url == ""


def test_relative_links_start_at_the_feed_and_escaped_ones_are_mended() -> None:
    assert only(rss("<title>A</title><link>\n/rel/1 </link>")).url == "https://news.example/rel/1"
    link = "<link>https://news.example/?a=1&amp;amp;b=2&amp;#038;c=3</link>"
    assert only(rss(f"<title>A</title>{link}")).url == "https://news.example/?a=1&b=2&c=3"


def test_an_entry_without_a_guid_is_known_by_its_link_or_by_its_title() -> None:
    assert only(rss(f"<title>A</title>{LINK}")).key == "https://news.example/1"
    assert only(rss("<guid>https://news.example/g</guid><title>A</title>")).url.endswith("/g")
    keys = {only(rss(f"<title>{title}</title>")).key for title in "AAB"}
    assert len(keys) == 2


def test_an_entry_without_a_title_has_its_first_line() -> None:
    assert only(rss(f"{LINK}<description>First.&lt;br&gt;Then.</description>")).title == "First."


def test_the_comments_of_a_blog_are_no_discussion_elsewhere() -> None:
    comments = "<comments>https://news.example/1#comments</comments>"
    assert only(rss(f"<title>A</title>{LINK}{comments}")).discussion == ""


def test_release_notes_on_one_page_stay_apart() -> None:
    notes = [f"<title>v{n}</title><guid>{n}</guid>{LINK}" for n in range(3)]
    feed = parse(rss(*notes).encode(), URL)
    assert len({found.url for found in feed.entries}) == 3
    assert all(found.url.startswith("https://news.example/1#") for found in feed.entries)


def test_a_guid_that_all_entries_share_is_no_identity() -> None:
    items = [f"<title>{n}</title><guid isPermaLink='false'>x</guid><link>/{n}</link>" for n in "ab"]
    assert len(parse(rss(*items).encode(), URL).entries) == 2
    twice = [f"<title>A</title><guid>x</guid>{LINK}"] * 2
    assert len(parse(rss(*twice).encode(), URL).entries) == 1


def test_a_feed_that_breaks_off_gives_what_is_whole() -> None:
    body = rss("<title>A</title>", "<title>B</title>").encode()
    assert [found.title for found in parse(body[:-40], URL).entries][:1] == ["A"]
