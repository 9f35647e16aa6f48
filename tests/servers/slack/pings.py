"""What in a message would notify or link a person, a group or a channel.

Slack turns `<!channel>`, `<@U1>`, `<!subteam^S1>` and `<#C1>` into mentions wherever markup is
read; with `link_names`, `parse` or without `verbatim` also plain `@here` and `#name`.
Source: https://docs.slack.dev/messaging/formatting-message-text. Where the page is unclear this
counts a mention, since the tests want none.
"""

import re
from collections.abc import Iterator

from tests.servers.slack.ledger import Json

MARKUP = re.compile(
    r"<(?:!(?:channel|here|everyone|group)|!subteam\^\w+|@[UW]\w+|#[CGD]\w+)[^<>]*>"
)
BARE = re.compile(r"(?<![\w@])@(?:channel|here|everyone|group)\b|(?<![\w&#])#[a-z0-9][\w-]*")


def pings(text: str, blocks: list[Json], args: Json, *, updating: bool = False) -> tuple[str, ...]:
    """The mentions of a message in the order found. `chat.update` parses by default."""
    parse = args.get("parse") or ("client" if updating else "none")
    bare = is_true(args.get("link_names")) or parse != "none"
    found = [*mentions(text, bare=bare)]
    for block in blocks:
        found += in_block(block)
    return tuple(found)


def is_true(value: object) -> bool:
    return value in (True, 1, "1", "true", "True")


def mentions(text: str, *, bare: bool) -> Iterator[str]:
    yield from MARKUP.findall(text)
    if bare:
        yield from BARE.findall(MARKUP.sub("", text))


def in_block(part: object) -> Iterator[str]:
    """Mentions anywhere in a block; text objects, Markdown and rich text elements have them."""
    if isinstance(part, list):
        for item in part:
            yield from in_block(item)
    if not isinstance(part, dict):
        return
    match part.get("type"):
        case "mrkdwn":
            yield from mentions(str(part.get("text", "")), bare=part.get("verbatim") is not True)
        case "markdown":
            yield from mentions(str(part.get("text", "")), bare=False)
        case "user":
            yield f"<@{part.get('user_id')}>"
        case "usergroup":
            yield f"<!subteam^{part.get('usergroup_id')}>"
        case "broadcast":
            yield f"<!{part.get('range')}>"
        case "channel":
            yield f"<#{part.get('channel_id')}>"
        case _:
            for value in part.values():
                yield from in_block(value)
