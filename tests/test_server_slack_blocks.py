"""The Slack of our tests refuses blocks as Slack does, and sees every mention that would ping.

The limits are those of docs.slack.dev/reference/block-kit, a page for each block and element.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import SlackServer
from tests.servers.slack.raw import Raw, raw

Json = dict[str, Any]


@pytest.fixture
async def api() -> AsyncIterator[Raw]:
    async with SlackServer() as slack, raw(slack) as caller:
        yield caller


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go"} | fields


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


def rich_section(kind: str, **fields: Any) -> Json:
    return {"type": f"rich_text_{kind}", "elements": []} | fields


def fits(length: int) -> list[Json]:
    """Blocks in which each limit is just reached."""
    image = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "A"}
    options = [{"text": plain("x" * 75), "value": "x" * 150}] * 5
    filled = [
        section("x" * 3000),
        {"type": "section", "fields": [mrkdwn("x" * 100)] * 10, "accessory": image},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "context", "elements": [mrkdwn("x"), image] * 5},
        actions(button(text=plain("x" * 75), value="x" * 2000, action_id="x" * 255)),
        actions(button(url="https://x.example/" + "x" * 2982)),
        actions({"type": "overflow", "action_id": "more", "options": options}),
        actions(*[button(action_id=str(number)) for number in range(25)]),
        {**image, "title": plain("A")},
        rich({"type": "text", "text": "Ada", "style": {"bold": True}}),
    ]
    return filled + [{"type": "divider"}] * (length - len(filled))


WRONG = {
    "more than 50 blocks": [{"type": "divider"}] * 51,
    "a block of no known kind": [{"type": "panel"}],
    "a block without kind": [{"text": plain("x")}],
    "an input in a message": [
        {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    ],
    "an unknown field": [{"type": "divider", "colour": "red"}],
    "an empty section": [{"type": "section"}],
    "an empty text": [section("")],
    "a text as a string": [{"type": "section", "text": "x"}],
    "a text of no kind": [{"type": "section", "text": {"text": "x"}}],
    "a long section": [section("x" * 3001)],
    "eleven fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "a long field": [{"type": "section", "fields": [plain("x" * 2001)]}],
    "a long header": [{"type": "header", "text": plain("x" * 151)}],
    "markup in a header": [{"type": "header", "text": mrkdwn("x")}],
    "eleven elements of context": [{"type": "context", "elements": [plain("x")] * 11}],
    "no elements of context": [{"type": "context", "elements": []}],
    "26 buttons": [actions(*[button(action_id=str(n)) for n in range(26)])],
    "no buttons": [actions()],
    "an action twice in a block": [actions(button(), button())],
    "a block_id twice": [{"type": "divider", "block_id": "a"}] * 2,
    "a long block_id": [{"type": "divider", "block_id": "x" * 256}],
    "a long label": [actions(button(text=plain("x" * 76)))],
    "markup in a label": [actions(button(text=mrkdwn("x")))],
    "no label": [actions({"type": "button", "action_id": "go"})],
    "a long value": [actions(button(value="x" * 2001))],
    "an empty value": [actions(button(value=""))],
    "a long action_id": [actions(button(action_id="x" * 256))],
    "a long address": [actions(button(url="https://x.example/" + "x" * 3000))],
    "an address that is none": [actions(button(url="javascript:alert(1)"))],
    "a style that is none": [actions(button(style="loud"))],
    "six entries in a menu": [
        actions({"type": "overflow", "options": [{"text": plain("x"), "value": "x"}] * 6})
    ],
    "an image without words": [{"type": "image", "image_url": "https://x.example/a.png"}],
    "an image without address": [{"type": "image", "alt_text": "x"}],
    "an image in actions": [actions({"type": "image", "alt_text": "x", "image_url": "https://x"})],
    "a long Markdown": [{"type": "markdown", "text": "x" * 12_001}],
    "Markdown too long together": [{"type": "markdown", "text": "x" * 6_001}] * 2,
    "rich text without elements": [{"type": "rich_text", "elements": []}],
    "an unknown rich element": [rich({"type": "blink", "text": "x"})],
    "an empty rich text": [rich({"type": "text", "text": ""})],
    "a rich text with a field too many": [rich({"type": "text", "text": "x", "user_id": "U1"})],
    "a text that is a number": [section(7)],  # type: ignore[arg-type]  # That is the mistake.
    "a menu without options": [actions({"type": "static_select", "action_id": "go"})],
    "an option as a string": [actions({"type": "overflow", "options": ["x"]})],
    "a question as a string": [actions(button(confirm="Sure?"))],
    "a rich section with a field too many": [
        {"type": "rich_text", "elements": [rich_section("section", colour="red")]}
    ],
    "a rich list without style": [{"type": "rich_text", "elements": [rich_section("list")]}],
    "a rich section without elements": [
        {"type": "rich_text", "elements": [{"type": "rich_text_section"}]}
    ],
    "a rich mention of nobody": [rich({"type": "user"})],
    "a rich call to a range that is none": [rich({"type": "broadcast", "range": "all"})],
    "a rich link without address": [rich({"type": "link", "url": ""})],
    "a rich style that is none": [rich({"type": "text", "text": "x", "style": {"loud": True}})],
    "a rich section of no kind": [{"type": "rich_text", "elements": [{"elements": []}]}],
}


async def test_blocks_within_their_limits_are_taken(api: Raw) -> None:
    """docs.slack.dev/reference/block-kit/blocks"""
    news = api.slack.adds_channel("news")
    for block in fits(10):
        told = await api.call("chat.postMessage", channel=news, text="x", blocks=[block])
        assert told["ok"], told
    fifty = [{"type": "divider"}] * 50
    assert (await api.call("chat.postMessage", channel=news, text="x", blocks=fifty))["ok"]


@pytest.mark.parametrize("blocks", WRONG.values(), ids=WRONG.keys())
async def test_wrong_blocks_are_refused_with_the_place(api: Raw, blocks: list[Json]) -> None:
    """docs.slack.dev/reference/block-kit/blocks, M/chat.postMessage (invalid_blocks)"""
    news = api.slack.adds_channel("news")
    told = await api.call("chat.postMessage", channel=news, text="x", blocks=blocks)
    assert told["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks" in told["response_metadata"]["messages"][0]
    assert api.slack.ledger == []


async def test_blocks_that_are_too_much_together_are_refused(api: Raw) -> None:
    """github.com/slackapi/bolt-js/issues/2509 (msg_blocks_too_long)"""
    news = api.slack.adds_channel("news")
    long = [section("x" * 2900)] * 5
    told = await api.call("chat.postMessage", channel=news, text="x", blocks=long)
    assert told["error"] == "msg_blocks_too_long"
    fine = await api.call("chat.postMessage", channel=news, text="x", blocks=long[:4])
    assert fine["ok"]


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "blocks": []},
        {"type": "modal", "title": plain("x" * 25), "blocks": []},
        {"type": "modal", "title": plain("x"), "blocks": [{"type": "markdown", "text": "x"}]},
        {"type": "modal", "title": plain("x"), "blocks": [], "private_metadata": "x" * 3001},
        {
            "type": "modal",
            "title": plain("x"),
            "blocks": [
                {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
            ],
        },
    ],
)
async def test_a_wrong_modal_is_refused(api: Raw, view: Json) -> None:
    """docs.slack.dev/reference/views/modal-views"""
    ada = api.slack.adds_user("Ada")
    gesture = api.slack.slash(api.slack.adds_channel("news"), ada, "")
    trigger = gesture.trigger_id
    assert await api.error("views.open", trigger_id=trigger, view=view) == "invalid_arguments"


@pytest.mark.parametrize(
    ("sent", "pings"),
    [
        ({"text": "<!channel> <!here> <!everyone>"}, ("<!channel>", "<!here>", "<!everyone>")),
        ({"text": "<@U1> <@W2|ada> <#C1|news>"}, ("<@U1>", "<@W2|ada>", "<#C1|news>")),
        ({"text": "<!subteam^S1|@team>"}, ("<!subteam^S1|@team>",)),
        ({"text": "&lt;!channel&gt; @channel <https://a.example|b> a@here.example"}, ()),
        ({"text": "<!date^1^{date}|then>"}, ()),
        ({"text": "ask @here in #news", "link_names": True}, ("@here", "#news")),
        ({"text": "ask @here", "parse": "full"}, ("@here",)),
        ({"text": "x", "blocks": [section("<!here> @here")]}, ("<!here>",)),
        (
            {
                "text": "x",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "@here"}}],
            },
            ("@here",),
        ),
        ({"text": "x", "blocks": [{"type": "header", "text": plain("<!here>")}]}, ()),
        ({"text": "x", "blocks": [rich({"type": "text", "text": "<!channel> <@U1>"})]}, ()),
        (
            {
                "text": "x",
                "blocks": [
                    rich(
                        {"type": "user", "user_id": "U1"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "channel", "channel_id": "C1"},
                    )
                ],
            },
            ("<@U1>", "<!here>", "<!subteam^S1>", "<#C1>"),
        ),
        ({"markdown_text": "hello <!channel>"}, ("<!channel>",)),
    ],
)
async def test_every_live_mention_is_seen(api: Raw, sent: Json, pings: tuple[str, ...]) -> None:
    """docs.slack.dev/messaging/formatting-message-text (contracts 41 and 42)"""
    news = api.slack.adds_channel("news")
    assert (await api.call("chat.postMessage", channel=news, **sent))["ok"]
    assert api.slack.ledger[0].pings == pings


async def test_an_update_parses_bare_names_unless_told_not_to(api: Raw) -> None:
    """M/chat.update (parse defaults to client)"""
    news = api.slack.adds_channel("news")
    ts = (await api.call("chat.postMessage", channel=news, text="@here"))["ts"]
    await api.call("chat.update", channel=news, ts=ts, text="@here")
    await api.call("chat.update", channel=news, ts=ts, text="@here", parse="none")
    assert [write.pings for write in api.slack.ledger] == [(), ("@here",), ()]
