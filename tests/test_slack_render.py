"""What BotBeat says in Slack is taken by Slack, says what it should, and mentions nobody."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.limits import linkable, safe
from adapters.slack.render import rendered
from bot.message import Author, Button, Card, Message
from bot.text import clean_name, clip, clusters, units
from tests.servers.slack.blocks import MESSAGE_SIZE, size_of_blocks, wrongs_of_blocks
from tests.servers.slack.pings import pings
from tests.servers.slack.rich_text import plain_text

HOSTILE = (
    "<!channel> <!here|x> <!everyone> <@U1> <@W1|ada> <#C1|general> <!subteam^S1|@t> @channel",
    "<https://evil.example|https://good.example> &lt;!channel&gt; &amp;lt;!here&amp;gt; #general",
    "[@here](<!channel>) `<!channel>` ```<@U1>``` > <!here> **<!everyone>** _<#C1>_ ~<@U1>~",
    "![<!channel>](https://x.example/<@U1>) <https://x.example/|<!channel>> \\<!channel\\>",
    "\u202e<!channel>\u202c \x00<!here>\x1b[0m \ud83d",
)
REPORT = Card(
    title="Qwen 4 released",
    url="https://qwen.example/blog/qwen4",
    article=7,
    byline="Alibaba (Cloud) · OPEN SOURCE · 28 Apr 2026",
    takeaways=("Six sizes", "Apache-2.0", "A million tokens", "a fourth"),
    summary="It is open.",
    via="Qwen blog · Hacker News, 312 points",
    buttons=(
        Button("Read original", url="https://qwen.example/blog/qwen4"),
        Button("Why here?", "why 7", primary=True),
    ),
)

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(HOSTILE),
    st.sampled_from(["&", "<", ">", "👩‍👩‍👧‍👦", "🇳🇱", "e\u0301", "ا", "\n", "*", "a", " "]).flatmap(
        lambda part: st.integers(0, 4000).map(lambda times: part * times)
    ),
)
urls = st.one_of(
    texts, st.builds(lambda tail: f"https://a.example/{tail}", texts), st.just("javascript:x()")
)
buttons = st.lists(st.builds(Button, texts, texts, urls, st.booleans()), max_size=30).map(tuple)
cards = st.builds(
    Card,
    title=texts,
    url=urls,
    article=st.integers(0, 9),
    byline=texts,
    takeaways=st.lists(texts, max_size=5).map(tuple),
    summary=texts,
    via=texts,
    note=texts,
    withdrawn=st.one_of(st.just(""), texts),
    buttons=buttons,
)
authors = st.one_of(st.none(), st.builds(Author, texts, st.sampled_from(["web", "discord"]), urls))
messages = st.builds(
    Message,
    text=texts,
    cards=st.lists(cards, max_size=12).map(tuple),
    buttons=buttons,
    author=authors,
    footer=texts,
)


def seen(message: Message) -> str:
    """All the words of the blocks."""
    return json.dumps(rendered(message)["blocks"], ensure_ascii=False)


def action_ids(part: Any) -> list[str]:
    if isinstance(part, list):
        return [name for item in part for name in action_ids(item)]
    if isinstance(part, dict):
        own = [part["action_id"]] if "action_id" in part else []
        return own + [name for value in part.values() for name in action_ids(value)]
    return []


@settings(max_examples=150, deadline=None)
@given(messages)
def test_slack_takes_whatever_we_render_and_it_mentions_nobody(message: Message) -> None:
    shown = rendered(message)
    assert wrongs_of_blocks(shown["blocks"]) == []
    assert size_of_blocks(shown["blocks"]) <= MESSAGE_SIZE
    assert 0 < len(shown["text"].encode()) <= 3000
    assert pings(shown["text"], shown["blocks"], {"parse": "none"}, updating=True) == ()
    names = action_ids(shown["blocks"])
    assert len(names) == len(set(names))
    json.dumps(shown).encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_mention_nobody_wherever_they_stand(text: str) -> None:
    card = Card(
        text,
        "https://x.example",
        1,
        text,
        (text,),
        text,
        text,
        text,
        buttons=(Button(text, "why 1"),),
    )
    for message in (
        Message(text=text, author=Author(text, "discord", text)),
        Message(text=text, cards=(card,), footer=text),
        Message(text=text, cards=(card, card), buttons=(Button(text, "x"),)),
    ):
        shown = rendered(message)
        assert pings(shown["text"], shown["blocks"], {"parse": "none"}) == ()
        assert wrongs_of_blocks(shown["blocks"]) == []


def test_a_report_is_one_card() -> None:
    shown = rendered(Message(cards=(REPORT,)))
    head, points, summary, small, row = shown["blocks"]
    assert head["text"]["text"] == (
        "*<https://qwen.example/blog/qwen4|Qwen 4 released>*\n"
        "Alibaba (Cloud) · OPEN SOURCE · 28 Apr 2026"
    )
    assert points["text"]["text"] == "• Six sizes\n• Apache-2.0\n• A million tokens"
    assert summary["text"]["text"] == "It is open."
    assert small["elements"][0]["text"] == "Qwen blog · Hacker News, 312 points"
    original, why = row["elements"]
    assert original["url"] == "https://qwen.example/blog/qwen4"
    assert "value" not in original
    assert why["value"] == "why 7"
    assert why["style"] == "primary"
    assert shown["text"] == "Qwen 4 released — Alibaba (Cloud) · OPEN SOURCE · 28 Apr 2026"


def test_a_withdrawn_report_is_struck_through_with_the_reason() -> None:
    card = Card("Wrong", "https://x.example/a", 7, "Acme", ("a",), withdrawn="It was a joke.")
    said = seen(Message(cards=(card,)))
    assert "~*<https://x.example/a|Wrong>*~" in said
    assert "Withdrawn: It was a joke." in said
    assert "• a" not in said


def test_several_cards_are_rows_each_with_its_own_button() -> None:
    card = Card(
        "T", "https://x.example", 1, "B", summary="S", buttons=(Button("Share", "share 1"),)
    )
    message = Message(
        text="**2** reports",
        cards=(card, card),
        buttons=(Button("Older", "q page:2"),),
        footer="`x`",
    )
    heading, one, two, paging, footer = rendered(message)["blocks"]
    assert plain_text(heading) == "2 reports"
    assert one["text"]["text"] == "*<https://x.example|T>*\nB\nS"
    assert (one["accessory"]["value"], two["accessory"]["value"]) == ("share 1", "share 1")
    assert paging["elements"][0]["value"] == "q page:2"
    assert footer["elements"][0]["text"] == "`x`"


def test_more_rows_than_a_message_holds_are_left_out_and_it_says_so() -> None:
    card = Card("T" * 200, "https://x.example", 1, buttons=(Button("a", "a"), Button("b", "b")))
    message = Message(cards=(card,) * 60, buttons=(Button("Older", "page:2"),))
    blocks = rendered(message)["blocks"]
    assert len(blocks) <= 50
    assert "no room" in json.dumps(blocks[-2])
    assert blocks[-1]["elements"][0]["value"] == "page:2"


def test_rows_that_are_too_long_together_are_left_out_too() -> None:
    row = Card("T" * 300, "https://x.example", 1, "B" * 300, summary="S" * 240)
    blocks = rendered(Message(text="w" * 6000, cards=(row,) * 12, footer="f" * 1500))["blocks"]
    assert size_of_blocks(blocks) <= MESSAGE_SIZE
    assert "no room" in json.dumps(blocks[-2])


def test_a_copy_names_its_author_and_where_they_wrote() -> None:
    author = Author("Ada", "discord", "https://b.example/reports/7#c-k")
    message = Message(text="**Nice**, see https://x.example/a_b.", author=author)
    (block,) = rendered(message)["blocks"]
    name, place, bold, _, address, dot = block["elements"][0]["elements"]
    assert name == {
        "type": "link",
        "url": "https://b.example/reports/7#c-k",
        "text": "Ada",
        "style": {"bold": True},
    }
    assert place["text"] == " · from Discord\n"
    assert bold == {"type": "text", "text": "Nice", "style": {"bold": True}}
    assert address["url"] == "https://x.example/a_b"
    assert dot["text"] == "."
    assert rendered(message)["text"] == "Ada (Discord): Nice, see https://x.example/a_b."


def test_lists_quotes_and_code_of_a_comment_keep_their_shape() -> None:
    lists = "- one\n  - inner\n- two\n\n3. x\n4. y"
    text = f"a\n\nb\n\n{lists}\n\n> said *so*\n\n```py\nx = '`'\n```\n# End"
    (block,) = rendered(Message(text=text, author=Author("Ada", "web")))["blocks"]
    kinds = [(part["type"], part.get("indent", 0)) for part in block["elements"]]
    assert kinds == [
        ("rich_text_section", 0),
        ("rich_text_list", 0),
        ("rich_text_list", 1),
        ("rich_text_list", 0),
        ("rich_text_list", 0),
        ("rich_text_quote", 0),
        ("rich_text_preformatted", 0),
        ("rich_text_section", 0),
    ]
    assert plain_text(block).startswith("Ada · from the web\na\n\nb")
    assert block["elements"][4]["offset"] == 2
    assert block["elements"][6]["elements"] == [{"type": "text", "text": "x = '`'"}]
    assert block["elements"][7]["elements"][0]["style"] == {"bold": True}


def test_an_empty_message_still_says_something() -> None:
    for message in (Message(), Message(author=Author("", "web")), Message(cards=(Card("", ""),))):
        shown = rendered(message)
        assert shown["text"]
        assert wrongs_of_blocks(shown["blocks"]) == []


def test_a_link_that_is_not_of_the_web_is_no_link() -> None:
    for address in ("javascript:alert(1)", "file:///etc/passwd", "http://", "x", "http://[::1"):
        assert linkable(address) == ""
        assert "url" not in seen(
            Message(cards=(Card("T", address, buttons=(Button("B", url=address),)),))
        )


def test_a_name_cannot_hide_or_turn_characters_round() -> None:
    assert clean_name("\u202eAda\u200b\n<!here>\x00") == "Ada <!here>"


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(1, 60))
def test_a_cut_never_splits_what_people_see_as_one_character(text: str, limit: int) -> None:
    cut = clip(text, limit)
    assert units(cut) <= limit
    if cut != text:
        whole = list(clusters(text))
        assert any("".join(whole[:n]).rstrip() == cut[:-1] for n in range(len(whole) + 1))


@settings(deadline=None)
@given(texts, st.integers(1, 400))
def test_escaping_comes_after_the_cut_so_that_no_entity_is_torn(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert units(shown) <= limit
    rest = shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(rest) & set("&<>")


def test_joined_emoji_and_flags_stay_together() -> None:
    assert list(clusters("👩‍👩‍👧🇳🇱🇩🇪e\u0301👍🏽")) == ["👩‍👩‍👧", "🇳🇱", "🇩🇪", "e\u0301", "👍🏽"]
