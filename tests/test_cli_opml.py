"""Lists of feeds, as other readers write them, in and out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.terminal import opml
from adapters.terminal.speaking import plain
from bot.model import Channel
from bot.ports import Source
from storage.store import open_store
from tests.terminal import Terminal

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="Labs">
    <outline type="rss" text="Harbor &amp; news" xmlUrl="https://harbor.example/feed"/>
    <outline TEXT="once more" xmlURL="https://harbor.example/feed"/>
    <outline title="\u6e2f\u53e3" xmlUrl=" https://b.example/rss?a=1&amp;b=2 "/>
  </outline>
  <outline text="no address"/>
  <outline text="hostile" xmlUrl="javascript:alert(1)"/>
  <outline text="inside" xmlUrl="file:///etc/passwd"/>
  <outline text="secret" xmlUrl="https://me:word@c.example/feed"/>
</body></opml>"""


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Terminal:
    made = Terminal(tmp_path, monkeypatch)
    made.sets(DATABASE_URL=sqlite_url)
    return made


def imports(terminal: Terminal, text: str) -> tuple[int, str, list[str]]:
    said = terminal.types("sources", "import", str(terminal.has("mine.opml", text)))
    return said.code, said.out.strip(), said.complaints


def test_a_list_is_added_and_what_cannot_be_visited_is_counted(terminal: Terminal) -> None:
    code, out, complaints = imports(terminal, LIST)
    assert (code, out) == (0, "2 sources new, 0 known already.")
    assert complaints == ["3 without an address that can be visited: left out."]
    listed = terminal.types("sources", "list").out
    assert "Harbor & news" in listed
    assert "\u6e2f\u53e3" in listed
    assert imports(terminal, LIST)[1] == "0 sources new, 2 known already."


def test_what_goes_out_comes_in_elsewhere(terminal: Terminal, sqlite_url: str) -> None:
    imports(terminal, LIST)
    store = open_store(sqlite_url)
    with store.write() as tx:
        tx.sources.add(Source(0, "https://hn.example/?q", "Hacker News", "hackernews"))
        tx.sources.add(Source(0, "https://own.example/feed", "Own", channel=Channel("slack", "C1")))
    store.close()
    said = terminal.types("sources", "export")
    assert said.complaints == ["2 sources not in it: searches, or followed by one channel only."]
    found, unusable = opml.read(said.out.encode())
    assert [(one.name, one.url) for one in found] == [
        ("Harbor & news", "https://harbor.example/feed"),
        ("\u6e2f\u53e3", "https://b.example/rss?a=1&b=2"),
    ]
    assert unusable == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not XML (line 1)"),
        ("<opml><body><outline", "it is not XML (line 1)"),
        ("<rss><channel/></rss>", "it is not OPML"),
        ('{"feeds": []}', "it is not XML (line 1)"),
        ('<!DOCTYPE o [<!ENTITY a "b">]><opml/>', "it declares a document type"),
        ("<opml>" + " " * opml.LONGEST, "it is longer than 8 MiB"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(terminal: Terminal, text: str, reason: str) -> None:
    code, out, (complaint,) = imports(terminal, text)
    assert (code, out) == (1, "")
    assert reason in complaint
    assert complaint.endswith("Nothing was added.")


@given(st.text(st.characters(codec="utf-8"), max_size=70))
def test_any_name_survives(name: str) -> None:
    source = Source(0, "https://a.example/feed?x=1&y=%22", name)
    (back,), _ = opml.read(opml.written([source]).encode())
    assert back.url == source.url
    assert back.name == (plain(name) or "a.example")
