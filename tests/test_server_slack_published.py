"""The Slack of our tests takes only what Slack's SDKs and its documentation name.

So each call that any test makes is checked against them: a method that does not exist, an argument
that is misspelt, or a field that no block has would make that test fail.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, get_args

import pytest
from slack_sdk.models.blocks import Block, BlockElement
from slack_sdk.models.blocks.basic_components import ConfirmObject, Option, TextObject
from slack_sdk.models.blocks.block_elements import RichTextElementParts
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.api import SCOPES
from tests.servers.slack import SlackServer, elements, published, rich_text
from tests.servers.slack.blocks import CHECKS, ONLY_ON, SHAPES, VIEWS, Surface, wrongs_of_view
from tests.servers.slack.elements import Shape
from tests.servers.slack.raw import Raw, raw
from tests.servers.slack.web_api import METHODS

BLOCKS, ELEMENTS = published.kinds(Block), published.kinds(BlockElement)


@pytest.fixture
async def api() -> AsyncIterator[Raw]:
    async with SlackServer() as slack, raw(slack) as caller:
        yield caller


def strangers(shapes: dict[str, Shape], known: dict[str, frozenset[str]]) -> list[str]:
    """What our tables allow and nobody publishes, as `link.colour`."""
    return [
        f"{kind}.{name}"
        for kind, shape in shapes.items()
        for name in sorted(shape.must | shape.may)
        if name not in known[kind] and name not in published.BESIDES_IN_BLOCKS.get(kind, ())
    ]


def rich_shapes() -> Iterator[tuple[str, Shape]]:
    for kind, may in rich_text.SECTIONS.items():
        yield kind, Shape(frozenset({"type"}), frozenset(may))
    for kind, (must, may) in rich_text.ELEMENTS.items():
        yield kind, Shape(frozenset({"type", *must}), frozenset(may))


@pytest.mark.parametrize(
    ("method", "wrong", "args"),
    [
        ("chat.postMessage", "unfurl_link", {"channel": "C1", "text": "x"}),
        ("chat.postMessage", "kwargs", {"channel": "C1", "text": "x"}),
        ("chat.update", "unfurl_links", {"channel": "C1", "ts": "1.2", "text": "x"}),
        ("chat.postEphemeral", "metadata", {"channel": "C1", "user": "U1", "text": "x"}),
        ("conversations.history", "include_metadata", {"channel": "C1"}),
        ("conversations.replies", "thread_ts", {"channel": "C1", "ts": "1.2"}),
        ("users.conversations", "exclude_archive", {"user": "U1"}),
        ("views.open", "views", {"trigger_id": "1", "view": {}}),
        ("auth.test", "user", {}),
    ],
)
async def test_an_argument_that_nobody_publishes_is_refused_by_its_name(
    api: Raw, method: str, wrong: str, args: dict[str, Any]
) -> None:
    told = await api.call(method, **(args | {wrong: True}))
    assert told["error"] == "invalid_arguments"
    named = f"[ERROR] invalid additional property: {wrong} [json-pointer:/{wrong}]"
    assert told["response_metadata"]["messages"] == [named]
    assert api.slack.ledger == []


async def test_an_argument_of_an_answer_that_nobody_publishes_is_refused(api: Raw) -> None:
    news, ada = api.slack.adds_channel("news"), api.slack.adds_user("Ada")
    replies = api.slack.web_api.answers
    url = replies.url_for(replies.begin(api.slack.team, news, ada))
    async with api.http.post(url, json={"text": "x", "replace_orginal": True}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_arguments")
    async with api.http.post(url, json={"text": "x", "replace_original": True}) as answer:
        assert answer.status == 200


async def test_what_is_documented_though_the_sdk_does_not_name_it_is_taken(api: Raw) -> None:
    news = api.slack.adds_channel("news")
    told = await api.call("chat.postMessage", channel=news, text="x", client_msg_id="u1")
    assert told["ok"]


async def test_a_token_among_the_arguments_is_no_stranger(api: Raw) -> None:
    asked = {"token": api.slack.bot_token}
    async with api.http.get(api.slack.url + "auth.test", params=asked) as answer:
        assert (await answer.json())["ok"]


@pytest.mark.parametrize("method", sorted({*METHODS, *SCOPES}))
def test_each_method_that_we_call_or_answer_is_one_of_the_sdk(method: str) -> None:
    assert published.arguments(method) >= {"token"}
    assert hasattr(AsyncWebClient, method.replace(".", "_"))


def test_the_server_answers_each_method_that_the_adapter_may_call() -> None:
    assert SCOPES.keys() <= METHODS.keys()


def test_what_stands_beside_the_sdk_is_really_not_in_it() -> None:
    """So that a name goes from our tables once the SDK has it."""
    for method, names in published.BESIDES.items():
        call = getattr(AsyncWebClient, method.replace(".", "_"), AsyncWebhookClient.send)
        assert not names & published.named(call)
    for kind, named in published.BESIDES_IN_BLOCKS.items():
        assert not named.keys() & ELEMENTS.get(kind, frozenset())


def test_a_method_that_does_not_exist_is_found_out() -> None:
    with pytest.raises(LookupError):
        published.arguments("chat.postMassage")


def test_the_blocks_we_take_and_their_fields_are_those_of_the_sdk() -> None:
    assert SHAPES.keys() == CHECKS.keys()
    assert SHAPES.keys() <= BLOCKS.keys()
    assert strangers(SHAPES, BLOCKS) == []


def test_the_elements_we_take_and_their_fields_are_those_of_the_sdk() -> None:
    assert elements.ELEMENTS.keys() <= ELEMENTS.keys()
    assert strangers(elements.ELEMENTS, ELEMENTS) == []


def test_what_we_take_of_rich_text_is_of_the_sdk_too() -> None:
    shapes = dict(rich_shapes())
    assert shapes.keys() <= ELEMENTS.keys()
    assert strangers(shapes, ELEMENTS) == []
    styles = published.named(RichTextElementParts.TextStyle)
    assert rich_text.STYLES - styles == published.BESIDES_IN_BLOCKS["style"].keys()


def test_texts_options_and_questions_are_those_of_the_sdk() -> None:
    assert strangers(elements.TEXTS, published.kinds(TextObject)) == []
    # Of these two the SDK publishes no fields, but what one makes them of.
    for shape, made in ((elements.OPTION, Option), (elements.CONFIRM, ConfirmObject)):
        assert shape.must | shape.may <= published.named(made) | {"type"}


def test_modals_and_the_home_have_the_fields_of_the_sdk() -> None:
    known = published.fields(View)
    assert strangers(VIEWS, dict.fromkeys(VIEWS, known)) == []
    assert {*VIEWS, "message"} == set(get_args(Surface)) >= set(ONLY_ON.values())
    wrongs = wrongs_of_view({"type": "home", "blocks": [], "titel": "x"})
    assert wrongs == ["[ERROR] invalid additional property: titel [json-pointer:/view]"]
