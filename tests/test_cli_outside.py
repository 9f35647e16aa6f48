"""`fetch` and `extract`: what feeds and pages say, bounded and stored nowhere."""

from __future__ import annotations

import gzip

import pytest

from adapters.feeds.fetch import LIMIT
from adapters.terminal.outside import content
from tests.servers.feeds import FeedServer, Listener
from tests.terminal import Terminal

RSS = """\
<?xml version="1.0"?><rss version="2.0"><channel><title>Harbor news</title>
<item><guid>t2</guid><title>Tern 2 is out</title><link>https://harbor.example/tern-2</link>
<pubDate>Tue, 28 Apr 2026 14:00:00 +0200</pubDate><description>It &lt;b&gt;reads&lt;/b&gt; long
texts.</description></item>
<item><guid>t1</guid><title>Tern \x1b[31m1</title><link>https://harbor.example/tern-1</link></item>
</channel></rss>"""
PAGE = """\
<html><head><title>Tern 2 is out</title><meta name="author" content="Ines Obi">
<meta property="article:published_time" content="2026-04-28T12:00:00Z">
<link rel="alternate" type="application/rss+xml" href="/feed"></head><body><nav>Home About</nav>
<article><h1>Tern 2 is out</h1><p>Harbor Labs released Tern 2, a language model with 27 billion
parameters, on Monday. It reads up to 128,000 tokens at once, and its weights are open to
everybody who wants to run it at home.</p></article></body></html>"""
FIELDS = ["source", "id", "title", "url", "published", "summary"]


def test_a_feed_in_a_file_is_told_entry_by_entry(terminal: Terminal) -> None:
    file = str(terminal.has("harbor.xml", RSS))
    said = terminal.types("fetch", file, "--json")
    assert said.code == 0
    new, old = said.rows
    assert list(new) == FIELDS
    assert new == {
        "source": file,
        "id": "t2",
        "title": "Tern 2 is out",
        "url": "https://harbor.example/tern-2",
        "published": "2026-04-28T12:00:00Z",
        "summary": "It reads long texts.",
    }
    assert (old["id"], old["published"]) == ("t1", None)


def test_without_json_it_is_for_people_and_obeys_nobody(terminal: Terminal) -> None:
    said = terminal.types("fetch", str(terminal.has("harbor.xml", RSS)))
    assert said.out.splitlines()[0] == "2026-04-28  Tern 2 is out  https://harbor.example/tern-2"
    assert "\x1b" not in said.out


def test_entries_that_cannot_be_news_are_told_with_the_reason(terminal: Terminal) -> None:
    """Who misses one finds it here; piped into `import`, it is passed over."""
    item = "<item><title>Tern 2 is out</title><guid>t2</guid></item>"
    other = "<item><title>Tern 2, again</title><guid>t2</guid></item>"
    body = f"<rss version='2.0'><channel>{item}{other}<item/></channel></rss>"
    file = str(terminal.has("harbor.xml", body))
    said = terminal.types("fetch", file, "--json")
    reasons = [row.get("left_out") for row in said.rows]
    assert reasons == [None, "neither title nor link", "the same id and link as another entry"]
    brought = terminal.types("import", str(terminal.has("rows.jsonl", said.out)))
    assert (brought.code, brought.out[:26]) == (0, "1 new, 0 known, 0 broken. ")
    lines = terminal.types("fetch", file).out.splitlines()
    assert lines[1] == "no date     (no title)  (left out: neither title nor link)"


def test_what_is_no_feed_is_named_with_its_reason_and_the_others_go_on(terminal: Terminal) -> None:
    good = str(terminal.has("good.xml", RSS))
    bad: dict[str, tuple[str | bytes, str]] = {
        "page.html": (PAGE, "it is a web page, not a feed"),
        "list.opml": ("<opml version='2.0'><body/></opml>", "it is a list of feeds (OPML)"),
        "empty.xml": ("", "the answer is empty"),
        "words.txt": ("Dear reader", "it is neither RSS nor Atom nor JSON Feed"),
        "huge.xml": (b"<rss>" + b" " * (6 << 20), "the feed is larger than 5 MiB"),
        "torn.xml.gz": (gzip.compress(RSS.encode())[:40], "it is packed and damaged"),
        "plain.xml.gz": (RSS, "it is packed and damaged"),
    }
    files = [str(terminal.has(name, content)) for name, (content, _) in bad.items()]
    said = terminal.types("fetch", *files, good, str(terminal.folder), "none.xml", "--json")
    assert said.code == 1
    assert {row["source"] for row in said.rows} == {good}
    for file, complaint, (_, reason) in zip(files, said.complaints, bad.values(), strict=False):
        assert complaint.startswith(f"{file}: {reason}")
    assert said.complaints[len(files) :] == [
        f"{terminal.folder}: is a directory",
        "none.xml: no such file or directory",
    ]


def test_a_feed_without_entries_is_named_and_a_failure_only_if_damaged(terminal: Terminal) -> None:
    empty = terminal.has("e.xml", "<rss version='2.0'><channel><title>E</title></channel></rss>")
    said = terminal.types("fetch", str(empty), "--json")
    assert (said.code, said.out) == (0, "")
    assert said.complaints == [f"{empty}: it is a feed without entries"]
    torn = terminal.has("torn.xml", "<rss><channel><item><title>x")
    said = terminal.types("fetch", str(torn), "--json")
    assert (said.code, said.out) == (1, "")
    (line,) = said.complaints
    assert line.startswith(f"{torn}: no entries could be read: the feed is not well-formed")


@pytest.mark.parametrize(
    "body", ['{"html": "<p>Tern 2</p>"}', "[1]", RSS, "%PDF-1.7 \x00 obj", "Dear reader", ""]
)
def test_a_file_that_is_no_page_is_named(terminal: Terminal, body: str) -> None:
    file = terminal.has("page", body)
    said = terminal.types("extract", str(file))
    assert (said.code, said.out) == (1, "")
    assert said.complaints == [f"{file}: it is no web page (HTML)"]


def test_a_page_in_sixteen_bits_is_a_page(terminal: Terminal) -> None:
    said = terminal.types("extract", str(terminal.has("p.html", PAGE.encode("utf-16"))), "--json")
    assert (said.code, said.rows[0]["title"]) == (0, "Tern 2 is out")


def test_a_packed_file_is_unpacked_and_a_bomb_is_not(terminal: Terminal) -> None:
    good = terminal.has("good.xml.gz", gzip.compress(RSS.encode()))
    bomb = terminal.has("bomb.xml.gz", gzip.compress(b"<rss>" + b" " * (64 << 20)))
    said = terminal.types("fetch", str(bomb), str(good), "--json")
    assert said.complaints == [f"{bomb}: the feed is larger than 5 MiB"]
    assert len(said.rows) == 2
    assert len(content(str(bomb))) == LIMIT + 1


async def test_an_address_is_fetched_once(terminal: Terminal, site: FeedServer) -> None:
    url = site.serve("/feed", RSS)
    said = await terminal.types_beside("fetch", "--local", "--json", url)
    assert (said.code, said.err) == (0, "")
    assert [row["source"] for row in said.rows] == [url, url]
    (asked,) = site.ledger.asked
    assert asked.headers["User-Agent"].startswith("BotBeat/")


async def test_what_a_server_does_wrong_is_named(terminal: Terminal, site: FeedServer) -> None:
    page = site.serve("/page", PAGE, content_type="text/html")
    # By another name, as one host is asked once a second.
    cut = site.cut("/cut", b"<rss>").replace("127.0.0.1", "localhost")
    places = [page, cut, "http://127.0.0.1:1/", "https://nowhere.invalid/"]
    said = await terminal.types_beside("fetch", "--local", "--json", *places)
    assert (said.code, said.out) == (1, "")
    assert said.complaints == [
        f"{page}: it is a web page, not a feed; it names {site.url('/feed')} as its feed",
        f"{cut}: localhost broke off in the middle of its answer",
        f"{places[2]}: 127.0.0.1 cannot be reached",
        f"{places[3]}: no server is known under the name nowhere.invalid",
    ]


async def test_an_address_that_is_not_there_is_named(terminal: Terminal, site: FeedServer) -> None:
    url = site.url("/none")
    said = await terminal.types_beside("fetch", "--local", url)
    assert (said.code, said.complaints) == (1, [f"{url}: 127.0.0.1 answered with status 404"])


async def test_addresses_inside_a_network_are_read_only_when_asked_for(
    terminal: Terminal, site: FeedServer
) -> None:
    async with Listener() as inside:
        secret = f"http://127.0.0.1:{inside.port}/"
        away = site.redirect("/away", secret)
        plain = await terminal.types_beside("fetch", secret, "file:///etc/passwd")
        asked = await terminal.types_beside("fetch", "--local", away)
        assert inside.dialled == 0
    refusal = "127.0.0.1 is not on the public internet; only public addresses are read"
    assert plain.complaints == [
        f"{secret}: {refusal}",
        "file:///etc/passwd: only http and https addresses are read",
    ]
    assert (asked.code, asked.complaints) == (1, [f"{away}: {refusal}"])


async def test_a_search_of_hacker_news_in_a_file_is_no_feed(terminal: Terminal) -> None:
    file = terminal.has("hn.json", '{"hits": [], "nbPages": 0}')
    said = await terminal.types_beside("fetch", str(file))
    assert (said.code, len(said.complaints)) == (1, 1)


def test_a_page_in_a_file_gives_its_article(terminal: Terminal) -> None:
    for name, body in {
        "p.html": PAGE.encode(),
        "p.html.gz": gzip.compress(PAGE.encode()),
    }.items():
        said = terminal.types("extract", str(terminal.has(name, body)), "--json")
        assert (said.code, said.err) == (0, "")
        (page,) = said.rows
        assert list(page) == ["title", "author", "date", "text"]
        assert (page["title"], page["author"]) == ("Tern 2 is out", "Ines Obi")
        assert page["date"] == "2026-04-28"
        assert "27 billion" in page["text"]
        assert "Home About" not in page["text"]


def test_an_article_is_for_people_without_json(terminal: Terminal) -> None:
    said = terminal.types("extract", str(terminal.has("p.html", PAGE)))
    assert said.out.startswith("Tern 2 is out\nInes Obi\n2026-04-28\n\n")


async def test_a_page_at_an_address_gives_its_article(terminal: Terminal, site: FeedServer) -> None:
    url = site.serve("/tern", PAGE, content_type="text/html; charset=utf-8")
    said = await terminal.types_beside("extract", "--local", "--json", url)
    assert (said.code, said.rows[0]["date"]) == (0, "2026-04-28")


async def test_a_page_that_gives_nothing_is_said(terminal: Terminal, site: FeedServer) -> None:
    empty = terminal.has("empty.html", "<html><head><title>Soon</title></head></html>")
    said = await terminal.types_beside("extract", str(empty), "--json")
    assert (said.code, said.rows[0]["text"], said.rows[0]["date"]) == (1, "", None)
    assert said.complaints == [f"{empty}: the page has no text that looks like an article"]
    site.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    url = site.serve("/tern", PAGE, content_type="text/html")
    refused = await terminal.types_beside("extract", "--local", "--json", url)
    assert (refused.code, refused.out) == (1, "")
    assert refused.complaints == [f"{url}: 127.0.0.1 asks robots not to read this page"]


def test_a_file_that_is_too_large_or_missing_is_no_page(terminal: Terminal) -> None:
    huge = terminal.has("huge.html", b"<html>" + b" " * (6 << 20))
    assert terminal.types("extract", str(huge)).complaints == [f"{huge}: it is larger than 5 MiB"]
    said = terminal.types("extract", "none.html")
    assert (said.code, said.complaints) == (1, ["none.html: no such file or directory"])
