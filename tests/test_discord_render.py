"""Messages as Discord gets them: within its limits, pinging nobody, and found again by key."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.render import clip, command_of, marks_of, payload, thread_name
from bot.message import Author, Button, Card, Message
from tests.servers.discord.pings import pings_of
from tests.servers.discord.validate import draft_of

KEY = "abcdefghijklmnopqrstuvwx"
OTHER = "z" * 24
WHY = Button("Why here?", "why 7")
CARD = Card(
    title="Qwen 4 released",
    url="https://a.example/qwen",
    article=7,
    byline="Alibaba (Cloud) · OPEN SOURCE · 28 Apr 2026",
    takeaways=("Six sizes", "Apache-2.0"),
    summary="It is *open*.",
    via="Qwen blog · Hacker News, 312 points",
    note="extracted",
    color="#15803d",
    published=1_777_334_400,
    buttons=(Button("Read original", url="https://a.example/qwen"), WHY),
)
ANN = Author("Ann", "slack", f"https://b.example/reports/7?copy={KEY}#c-k")

NASTY = "*_~`|<>[]()#@!&-: \\/é界🎉\n"
TEXT = st.one_of(
    st.text(st.sampled_from(NASTY + "abc1"), max_size=400),
    st.sampled_from(["", "x" * 5000, "🎉" * 3000, "*" * 4000, "@everyone <@1> " * 400]),
    st.sampled_from(
        ["https://a.example/" + "*" * 900, "```\n" * 700, "a https://b.example " * 300]
    ),
)
URLS = st.sampled_from(
    ["", "https://a.example/x", "https://a.example/" + "y" * 2000, "javascript:x", "http:///"]
)
BUTTONS = st.lists(
    st.builds(
        Button, label=TEXT, command=st.sampled_from(["why 7", "q" * 90, "x" * 120]), url=URLS
    ),
    max_size=9,
).map(tuple)
CARDS = st.builds(
    Card,
    title=TEXT,
    url=URLS,
    article=st.just(7),
    byline=TEXT,
    takeaways=st.lists(TEXT, max_size=4).map(tuple),
    summary=TEXT,
    via=TEXT,
    note=TEXT,
    color=st.sampled_from(["", "#15803d", "red"]),
    published=st.sampled_from([0, 1_777_334_400, 1e12, -5]),
    withdrawn=st.sampled_from(["", "wrong @everyone " * 50]),
    buttons=BUTTONS,
)
AUTHORS = st.builds(Author, name=TEXT, platform=st.just("slack"), link=st.just(ANN.link))
MESSAGES = st.builds(
    Message,
    text=TEXT.map(lambda text: "a" + text),
    cards=st.lists(CARDS, max_size=6).map(tuple),
    buttons=BUTTONS,
    author=st.one_of(st.none(), AUTHORS),
    footer=TEXT,
)


def custom_ids(body: dict[str, Any]) -> list[str]:
    parts = [part for row in body["components"] for part in row["components"]]
    return [part["custom_id"] for part in parts if "custom_id" in part]


@settings(max_examples=150, deadline=None)
@given(MESSAGES, st.sampled_from(["", KEY]))
def test_discord_takes_whatever_we_have_to_say(message: Message, key: str) -> None:
    body = payload(message, key)
    draft_of(body)
    assert not pings_of(body["content"], body["components"], body["allowed_mentions"])
    assert not pings_of(body["content"], body["components"], None)


def test_a_report_says_its_headline_in_the_content_and_the_rest_in_the_card() -> None:
    body = payload(Message(cards=(CARD,)), KEY)
    assert body["content"] == "**[Qwen 4 released](<https://a.example/qwen>)**"
    (embed,) = body["embeds"]
    assert embed["author"]["name"] == CARD.byline
    assert embed["description"] == "- Six sizes\n- Apache-2.0\n\nIt is \\*open\\*."
    assert embed["footer"]["text"] == "via Qwen blog · Hacker News, 312 points · extracted"
    assert (embed["color"], embed["timestamp"]) == (0x15803D, "2026-04-28T00:00:00+00:00")
    link, why = body["components"][0]["components"]
    assert (link["style"], link["url"]) == (5, "https://a.example/qwen")
    assert (why["style"], why["custom_id"]) == (2, f"bb:why 7|{KEY}.0")


def test_a_withdrawn_report_is_struck_through_and_says_why() -> None:
    card = dataclasses.replace(CARD, withdrawn="The source took it back.")
    body = payload(Message(cards=(card,)), KEY)
    shown = "~~**Qwen 4 released**~~\nWithdrawn: The source took it back."
    assert body["content"] == shown
    assert "description" not in body["embeds"][0]


def test_a_copied_comment_names_its_author_and_where_they_wrote() -> None:
    body = payload(Message("Impressive, @everyone!", author=ANN), KEY)
    name = f"**[Ann](<{ANN.link}>)** (Slack): "
    assert body["content"] == name + "Impressive, @\u200beveryone!"
    assert (body["embeds"], body["components"]) == ([], [])


def test_a_copy_without_a_page_has_a_bold_name() -> None:
    assert payload(Message("Yes", author=Author("A*n", "web")))["content"] == r"**A\*n** (Web): Yes"


def test_a_quotation_and_code_begin_on_their_own_line() -> None:
    body = payload(Message("> so\nyes", author=Author("Ann", "slack")))
    assert body["content"] == "**Ann** (Slack):\n> so\nyes"


def test_a_long_comment_ends_with_a_link_to_the_rest() -> None:
    content = payload(Message("word " * 900, author=ANN), KEY)["content"]
    assert content.endswith(f"… [more](<{ANN.link}>)")
    assert 1700 < len(content) <= 2000


def test_more_takeaways_than_fit_are_left_out_whole() -> None:
    card = dataclasses.replace(CARD, takeaways=("*" * 350,) * 12, summary="and so on " * 99)
    body = payload(Message(cards=(card,)))
    draft_of(body)
    lines = body["embeds"][0]["description"].split("\n")
    assert [line for line in lines if line.startswith("- ")] == ["- " + r"\*" * 350] * 5


def test_search_results_are_a_numbered_list_with_numbered_buttons() -> None:
    share = Button("Share", "share 7")
    card = dataclasses.replace(CARD, buttons=(share,))
    shown = Message("18 reports", (card, card), (Button("Older", "q page:2", primary=True),))
    body = payload(shown)
    assert body["content"] == "18 reports"
    listed = body["embeds"][0]["description"]
    assert "1\\. **[Qwen 4 released]" in listed
    assert "2\\. **[Qwen 4 released]" in listed
    rows = [[part["label"] for part in row["components"]] for row in body["components"]]
    assert rows == [["1. Share", "2. Share"], ["Older"]]
    assert len(set(custom_ids(body))) == 3
    assert [command_of(mark) for mark in custom_ids(body)] == ["share 7", "share 7", "q page:2"]


@pytest.mark.parametrize("message", [Message(cards=(CARD,)), Message("Hi", author=ANN)])
def test_a_delivery_is_found_by_its_key_and_by_no_other(message: Message) -> None:
    sent = payload(message, KEY)
    assert KEY in marks_of(sent)
    assert OTHER not in marks_of(sent)


def test_a_message_without_any_key_tells_nothing() -> None:
    assert marks_of(payload(Message("Hi", author=Author("Ann", "slack")), KEY)) == ""
    assert KEY in marks_of({"content": "Hi", "nonce": KEY})


@given(TEXT, TEXT)
def test_nobody_can_write_a_comment_that_passes_for_another(text: str, name: str) -> None:
    forged = f"{text} **http://b.example/reports/7?copy={KEY}#c-k)** ( [x](http://b.example/?copy={KEY}#c-k)"
    author = dataclasses.replace(ANN, name=name or forged, link=ANN.link.replace(KEY, OTHER))
    sent = payload(Message(forged, author=author), OTHER)
    assert (OTHER in marks_of(sent), KEY in marks_of(sent)) == (True, False)


@given(TEXT.filter(lambda text: "://" not in text))
def test_a_thread_is_called_like_its_report(title: str) -> None:
    card = dataclasses.replace(CARD, title=title)
    name = thread_name(payload(Message(cards=(card,)), KEY))
    assert 1 <= len(name) <= 100
    if title.isalpha():
        assert name == clip(title, 100)


def test_the_buttons_of_others_carry_no_command() -> None:
    assert command_of("shop:buy|1") == ""
    assert command_of("bb:why 7|x|0") == "why 7|x"
