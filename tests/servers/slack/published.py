"""What Slack's own SDKs publish: the arguments of each method, and the fields of blocks and views.

A client may send any argument, and Slack leaves out one that it does not know without a word, so
that nobody would notice one that is misspelt. The server refuses it. A test compares the tables of
blocks that stand here in `blocks`, `elements` and `rich_text` with the classes of the SDK.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import cache

from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from tests.servers.slack.elements import wrong

RESPONSE_URL = "response_url"
"""Stands for a post to a response_url, which is no method."""
_EVERYWHERE = frozenset({"token", "team_id"})
"""Each method takes a token: https://docs.slack.dev/apis/web-api/. A client of the SDK that is made
with a `team_id`, as Bolt makes them, sends it with each call."""
_NOT_SENT = frozenset({"self", "app_token", "headers"})
"""Parameters that the SDK sends in the headers of a request, if at all."""

BESIDES: dict[str, frozenset[str]] = {
    # Named by its errors `duplicate_message_not_found` and `duplicate_channel_not_found`:
    # https://docs.slack.dev/reference/methods/chat.postMessage#errors.
    "chat.postMessage": frozenset({"client_msg_id"}),
    # `thread_ts`: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses,
    # and `respond` of Bolt. `link_names`:
    # https://docs.slack.dev/tools/node-slack-sdk/reference/webhook/interfaces/IncomingWebhookSendArguments.
    # `parse` is documented for chat.postMessage alone, and here for nobody: it does no harm.
    RESPONSE_URL: frozenset({"thread_ts", "link_names", "parse"}),
}
"""Arguments that we send and the SDK for Python does not name."""

_RICH = "https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"
BESIDES_IN_BLOCKS: dict[str, dict[str, str]] = {
    "rich_text_preformatted": {"language": _RICH},
    "rich_text_quote": {"border": _RICH},
    "link": {"unsafe": _RICH},
    "style": {"highlight": _RICH, "unlink": _RICH},
}
"""Fields of elements that the SDK for Python does not name, with the page that does."""


@cache
def arguments(method: str) -> frozenset[str]:
    """The names that a method's arguments have. Raises LookupError for no method of the SDK."""
    call: Callable[..., object] | None = WebhookClient.send
    if method != RESPONSE_URL:
        call = getattr(WebClient, method.replace(".", "_"), None)
    if call is None:
        raise LookupError(f"the SDK has no method {method}")
    return named(call) - _NOT_SENT | _EVERYWHERE | BESIDES.get(method, frozenset())


def named(call: Callable[..., object]) -> frozenset[str]:
    """The parameters with a name: what `**kwargs` takes is not published."""
    kinds = inspect.signature(call).parameters.values()
    return frozenset(one.name for one in kinds if one.kind is not one.VAR_KEYWORD)


def wrongs_of_arguments(method: str, args: Iterable[str]) -> list[str]:
    """What is said of the arguments that nobody has published."""
    unknown = sorted(set(args) - arguments(method))
    return [wrong(f"invalid additional property: {name}", f"/{name}") for name in unknown]


def fields(kind: type[JsonObject]) -> frozenset[str]:
    """The fields of one class of the SDK's models."""
    # Not made by its constructor, which asks for what they hold.
    return frozenset(kind.__new__(kind).attributes)


def kinds(base: type[JsonObject]) -> dict[str, frozenset[str]]:
    """The fields of each `type` of block or element: all the classes under `base`."""
    found: dict[str, frozenset[str]] = {}
    for kind in base.__subclasses__():
        if isinstance(name := getattr(kind, "type", None), str):
            found[name] = found.get(name, frozenset()) | fields(kind)
        for other, known in kinds(kind).items():
            found[other] = found.get(other, frozenset()) | known
    return found
