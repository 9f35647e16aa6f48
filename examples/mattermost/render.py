"""A message as the text of a post: Markdown, in which nobody is pinged and no picture loads.

Mattermost looks for `@name` in the words as they are read, after `\\@` and `&#64;`, inside of
words too where a dot stands before it; so no `@` keeps its neighbour. Source:
https://github.com/mattermost/mattermost/blob/master/server/channels/app/mention_parser_standard.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from bot.markdown import code, link, literal
from bot.message import Author, Button, Card, Message
from bot.text import clean_name, clip, one_line

LONGEST = 16383
"""Characters of one post: `PostMessageMaxRunesV2` in the server's public/model/post.go."""
WORD = "!botbeat"
"""How a command begins; `/` is Mattermost's own."""
_LOUD = re.compile(r"@|!(?=\[)|&(?=#?\w+;)")
_PIECES = re.compile(rf"(?P<address>https?://[^\s<>]+)|{_LOUD.pattern}", re.IGNORECASE)
_NOTHING = "\u200b"  # A space of no width: it parts what Mattermost would read as one word.


def rendered(message: Message) -> str:
    parts = [
        _head(message.author) if message.author else "",
        message.text,
        *map(_card, message.cards),
        _row(message.buttons),
        message.footer,
    ]
    return clip(quiet("\n\n".join(filter(str.strip, parts))), LONGEST, len) or "BotBeat"


def quiet(markdown: str) -> str:
    """The same to look at, but nothing in it does anything. Addresses still lead where they did."""
    return _PIECES.sub(_quiet, markdown)


def _quiet(found: re.Match[str]) -> str:
    if found["address"]:
        return _LOUD.sub(lambda sign: quote(sign[0], safe=""), found[0])
    return found[0] + _NOTHING


def _head(author: Author) -> str:
    name = link(author.link, clean_name(author.name) or "Somebody")
    return f"**{name}** · from {literal(author.platform.title())}"


def _card(card: Card) -> str:
    return "\n".join(filter(str.strip, _lines(card)))


def _lines(card: Card) -> Iterator[str]:
    title = f"**{link(card.url, card.title)}**"
    yield f"*{_plain(card.heading)}*" if card.heading else ""
    yield f"~~{title}~~" if card.withdrawn else title
    yield _plain(card.byline)
    if card.withdrawn:
        yield f"Withdrawn: {_plain(card.withdrawn)}"
    else:
        yield from (f"- {_plain(point)}" for point in card.takeaways)
        yield _plain(card.summary)
    yield from map(_plain, (card.via, card.note))
    yield _row(card.buttons)


def _row(buttons: Sequence[Button]) -> str:
    """Links to follow, and commands to type."""
    return " · ".join(
        link(one.url, one.label)
        if one.url
        else f"{_plain(one.label)}: {code(f'{WORD} {one.command}')}"
        for one in buttons
    )


def _plain(text: str) -> str:
    return literal(one_line(text))
