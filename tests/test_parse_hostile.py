"""What is no feed, and what only looks like one to do harm: refused, with a reason, and soon."""

from __future__ import annotations

import contextlib
import time

import pytest

from adapters.feeds.feed import NotAFeed
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


def refused(body: str | bytes) -> NotAFeed:
    with pytest.raises(NotAFeed) as caught:
        parse(body.encode() if isinstance(body, str) else body, URL)
    return caught.value


def test_what_is_no_feed_says_what_it_is() -> None:
    page = '<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/f">'
    assert refused(page).feeds == ("https://news.example/f",)
    assert "web page" in refused(page).reason
    assert "OPML" in refused('<?xml version="1.0"?><opml version="2.0"><body/></opml>').reason
    assert "empty" in refused(b"\xef\xbb\xbf \n").reason
    assert "not a JSON Feed" in refused('{"a": 1}').reason
    for other in (
        b"hello",
        b"<foo/>",
        b"{",
        b"[" * 100_000,
        b"\x1f\x8b\x08\0",
        b"%PDF-1.4",
        b"<?x?>",
    ):
        assert refused(other).reason


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "a>b" [<!ENTITY e SYSTEM "http://127.0.0.1/">]>',
        '<!DOCTYPE rss [<!ATTLIST a b CDATA "]"> <!ENTITY a "aa">]>',
        '<!-- x --><?y?><!doctype rss [<!entity % a "b">]>',
        '<!ENTITY e "x">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_that_declares_entities_is_refused(head: str, encoding: str) -> None:
    body = rss(f"<title>X&e;Y</title>{LINK}", head=head, encoding=encoding)
    assert "refused" in refused(body.encode(encoding)).reason


def test_a_feed_may_name_a_dtd_and_speak_of_entities() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss.dtd">'
    found = only(rss(f"<title>Caf&eacute; <![CDATA[<!ENTITY & x>]]></title>{LINK}", head=head))
    assert found.title.startswith("Café")


@pytest.mark.parametrize(
    "filling",
    ["<", "<a>", "<![CDATA[", "&", "<!--", "<item/>", "<!DOCTYPE [", "&amp;", "<a b='", "<?", "x "],
)
def test_a_feed_made_to_harm_is_done_with_soon(filling: str) -> None:
    head = rss("<title>A</title><description>").removesuffix("</item></channel></rss>")
    started = time.process_time()
    for body in (head + filling * (4_000_000 // len(filling)), head + filling * 19_000):
        with contextlib.suppress(NotAFeed):
            parse(body.encode(), URL)
    assert time.process_time() - started < 5


def test_a_feed_that_is_too_large_is_refused() -> None:
    assert "larger" in refused(b" " * ((5 << 20) + 1)).reason
    assert "more than 5000 entries" in refused(rss(*["<title>A</title>"] * 5001)).reason


def test_a_feed_that_is_nested_or_broken_beyond_reason_is_refused() -> None:
    deep = "<a>" * 300 + "</a>" * 300
    assert "nests" in refused(rss(f"<title>A</title>{deep}")).reason
    wide = " ".join(f'a{n}="1"' for n in range(300))
    assert "nests" in refused(rss(f"<title>A</title><b {wide}/>")).reason
    assert "broken" in refused(rss("<title>A</title>" + "<b " * 30_000)).reason


def test_a_text_that_is_a_path_is_not_opened() -> None:
    assert refused("/etc/passwd").reason
    assert refused("https://news.example/feed").reason
